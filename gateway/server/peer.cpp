#include "gateway/server/peer.h"

#include <sys/socket.h>

#include <string>

namespace gateway::server {

Peer Peer::of(const ingest::io::Address& address) {
  const bool ip = address.family() == AF_INET || address.family() == AF_INET6;
  if (!ip) return {};
  return {.ip = address.ip(), .port = address.port(), .kind = Kind::Ip};
}

Peer Peer::of(const http::ProxyEndpoint& endpoint) {
  const bool v4 = endpoint.family == http::ProxyEndpoint::Family::Ipv4;
  const auto& bytes = endpoint.address;
  return {.ip = v4 ? ingest::ip_of_v4({bytes[0], bytes[1], bytes[2], bytes[3]}) : bytes,
          .port = endpoint.port,
          .kind = Kind::Ip};
}

bool Peer::is_ipv4() const {
  return kind == Kind::Ip && ingest::is_ipv4(ip);
}

bool Peer::is_loopback() const {
  if (is_ipv4()) return ip[ingest::kIpv4Prefix.size()] == 127;
  constexpr ingest::IpAddress kOne{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return kind == Kind::Ip && ip == kOne;
}

std::string Peer::text() const {
  if (kind == Kind::Unix) return "unix";
  const std::string host = ingest::ip_text(ip);
  return (is_ipv4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

}  // namespace gateway::server
