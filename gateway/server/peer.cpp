#include "gateway/server/peer.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace gateway::server {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

std::array<std::uint8_t, 16> mapped(const std::uint8_t* four) {
  std::array<std::uint8_t, 16> ip{};
  std::copy(kMapped.begin(), kMapped.end(), ip.begin());
  std::copy_n(four, 4, ip.begin() + kMapped.size());
  return ip;
}

}  // namespace

Peer Peer::of(const ingest::io::Address& address) {
  Peer peer;
  if (address.family() == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address.data(), sizeof v4);
    std::array<std::uint8_t, 4> four{};
    std::memcpy(four.data(), &v4.sin_addr, four.size());
    peer = {.ip = mapped(four.data()), .port = address.port(), .kind = Kind::Ip};
  } else if (address.family() == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address.data(), sizeof v6);
    peer = {.ip = {}, .port = address.port(), .kind = Kind::Ip};
    std::memcpy(peer.ip.data(), &v6.sin6_addr, peer.ip.size());
  }
  return peer;
}

Peer Peer::of(const http::ProxyEndpoint& endpoint) {
  const bool v4 = endpoint.family == http::ProxyEndpoint::Family::Ipv4;
  return {.ip = v4 ? mapped(endpoint.address.data()) : endpoint.address,
          .port = endpoint.port,
          .kind = Kind::Ip};
}

bool Peer::is_ipv4() const {
  return kind == Kind::Ip && std::equal(kMapped.begin(), kMapped.end(), ip.begin());
}

bool Peer::is_loopback() const {
  if (is_ipv4()) return ip[kMapped.size()] == 127;
  constexpr std::array<std::uint8_t, 16> kOne{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return kind == Kind::Ip && ip == kOne;
}

std::string Peer::text() const {
  if (kind == Kind::Unix) return "unix";
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (is_ipv4()) {
    inet_ntop(AF_INET, ip.data() + kMapped.size(), host.data(), host.size());
    return std::string{host.data()} + ":" + std::to_string(port);
  }
  inet_ntop(AF_INET6, ip.data(), host.data(), host.size());
  return "[" + std::string{host.data()} + "]:" + std::to_string(port);
}

}  // namespace gateway::server
