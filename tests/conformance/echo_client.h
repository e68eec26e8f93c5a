#pragma once
// The client's half of ws_echo: gateway/ws_client with nothing behind it but an echo, so that a
// suite which plays the server can be pointed at it.

#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway/ws/extension.h"

namespace tests {

struct EchoClientOptions {
  std::string url;
  std::uint64_t messages_max = 0;                         // then close with 1000; 0: never
  std::size_t message_bytes_max = std::size_t{16} << 20;  // above: 1009
  gateway::ws::Compression compression = gateway::ws::Compression::Deflate;
  std::string ca_file;  // PEM, trusted for wss://; empty: the system's authorities
};

/// Connects once, gives each text and binary message back until the connection ends, and prints one
/// line that says why it did:
///   event=closed messages=3 code=1000 clean=true why="the server closed with 1000 (done)"
/// Returns 0 when both Closes went, 1 for every other end, 2 for a URL or file that is none.
int run_echo_client(const EchoClientOptions& options);

}  // namespace tests
