#pragma once
// The server's half of ws_echo: gateway/server's own listener, worker and connections with a
// responder that gives every message back. No hub behind it and no rules about Host or Origin.

#include <cstddef>
#include <cstdint>

#include "gateway/ws/extension.h"

namespace tests {

struct EchoOptions {
  std::uint16_t port = 0;                                 // 0: a free one
  std::size_t message_bytes_max = std::size_t{16} << 20;  // above: 1009
  std::uint32_t fragments_max = 1'000;                    // above: 1009
  gateway::ws::Compression compression = gateway::ws::Compression::Deflate;
};

/// Serves until SIGTERM or SIGINT, on this thread. Prints one line when it listens:
///   event=listening what=http address=127.0.0.1:40123
/// Returns the exit status.
int serve_echo(const EchoOptions& options);

}  // namespace tests
