#pragma once
// Peer: who is at the other end of a connection, as far as addresses tell: an IP address and port,
// or a Unix socket. Small, because each connection has one. A value.

#include <cstdint>
#include <string>

#include "gateway/http/proxy_header.h"
#include "ingest/base/ip_address.h"
#include "ingest/io/socket.h"

namespace gateway::server {

struct Peer {
  enum class Kind : std::uint8_t { Unix, Ip };
  /// IPv4 as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so that one form serves all.
  ingest::IpAddress ip{};
  std::uint16_t port = 0;
  Kind kind = Kind::Unix;

  /// As accept() gave it.
  static Peer of(const ingest::io::Address& address);
  /// As a proxy told it.
  static Peer of(const http::ProxyEndpoint& endpoint);

  bool is_ipv4() const;
  bool is_loopback() const;
  /// "192.0.2.1:443", "[2001:db8::1]:443", "unix".
  std::string text() const;
  bool operator==(const Peer&) const = default;
};

}  // namespace gateway::server
