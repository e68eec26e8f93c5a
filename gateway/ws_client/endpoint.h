#pragma once
// Endpoint: one address that can be dialed, IPv4, IPv6 or a Unix socket, and how a person calls it.
// A value.

#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

#include "gateway/ws_client/url.h"
#include "ingest/io/socket.h"

namespace gateway::ws_client {

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string text;

  static Endpoint of(const ingest::io::Address& address);
  /// `path` is at most 107 bytes, which Url sees to.
  static Endpoint of_unix(const std::string& path);
};

/// What needs no name service: numbers, Unix sockets, and "localhost", which is 127.0.0.1, then
/// [::1] (RFC 6761 section 6.3). nullopt: a name.
std::optional<std::vector<Endpoint>> known_endpoints(const Url& url);

}  // namespace gateway::ws_client
