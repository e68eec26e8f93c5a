#pragma once
// IpAddress: an address of either family in one form, so that one compare and one table serve both.
// A value; pure: who asks the kernel for addresses is ingest/io.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ingest {

/// In the order of the wire; IPv4 as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2). All zero, "::" of
/// RFC 4291 section 2.5.2, is nobody's: who has no address, as the peer of a Unix socket.
using IpAddress = std::array<std::uint8_t, 16>;

constexpr std::array<std::uint8_t, 12> kIpv4Prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

/// `four` are the bytes of an IPv4 address in the order of the wire.
constexpr IpAddress ip_of_v4(const std::array<std::uint8_t, 4>& four) {
  IpAddress ip{};
  std::copy(kIpv4Prefix.begin(), kIpv4Prefix.end(), ip.begin());
  std::copy(four.begin(), four.end(), ip.begin() + kIpv4Prefix.size());
  return ip;
}

constexpr bool is_ipv4(const IpAddress& ip) {
  return std::equal(kIpv4Prefix.begin(), kIpv4Prefix.end(), ip.begin());
}

/// What counts as one host: an IPv4 address, or the /64 of an IPv6 address, as a host usually owns
/// one (RFC 6177).
constexpr IpAddress host_of(const IpAddress& ip) {
  constexpr std::ptrdiff_t kPrefix = 8;  // bytes of a /64
  IpAddress host = ip;
  if (!is_ipv4(ip)) std::fill(host.begin() + kPrefix, host.end(), std::uint8_t{0});
  return host;
}

/// "192.0.2.1" or "2001:db8::1", without brackets or zone.
std::optional<IpAddress> parse_ip(std::string_view text);
/// The form of RFC 5952: "192.0.2.1", "2001:db8::1".
std::string ip_text(const IpAddress& ip);

}  // namespace ingest
