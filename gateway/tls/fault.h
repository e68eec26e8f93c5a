#pragma once
// Faults of OpenSSL as sentences. Knows no socket; reads and empties OpenSSL's queue of errors,
// which belongs to the calling thread. Part of this room's inside.

#include <cstdint>
#include <string>

namespace gateway::tls {

struct Fault {
  std::string sentence;     // without a final stop: "no shared cipher"
  bool plain_http = false;  // a request without TLS came
};

/// What OpenSSL complained about in the end; empties its queue. `otherwise` when it said nothing.
Fault take_fault(const char* otherwise);

}  // namespace gateway::tls
