#pragma once
// Url: where a WebSocket is (RFC 6455 section 3), read from what a person typed. A value; does no
// I/O and looks no name up.
//
//   ws://host[:80]/path?query   wss://host[:443]/path?query   ws://[::1]:8080/v1/ws
//   ws+unix:///run/weir.sock:/v1/ws       the socket's path, a colon, the target

#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/base/result.h"

namespace gateway::ws_client {

enum class Security : std::uint8_t { Plain, Tls };

struct Url {
  Security security = Security::Plain;
  std::string host;  // a name, an IPv4 address, or an IPv6 address without its brackets
  std::uint16_t port = 80;
  std::string unix_path;     // of a Unix socket; "" for TCP
  std::string target = "/";  // path and query as they stand in the request line

  /// The error is one sentence that says what is allowed, and shows nothing before an @. A fragment
  /// and user names are refused (RFC 6455 section 3; a password on a command line would be shown by
  /// `ps`).
  static ingest::Result<Url> parse(std::string_view text);

  bool is_unix() const { return !unix_path.empty(); }
  /// For the Host header: without the port where it is the scheme's own. "localhost" for Unix.
  std::string authority() const;
  /// The form that parse() reads.
  std::string text() const;
};

}  // namespace gateway::ws_client
