#include "ingest/base/network.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace ingest {
namespace {

constexpr int kBitsOfIpv6 = 128;
constexpr int kBitsOfIpv4 = 32;

}  // namespace

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  const auto ip = parse_ip(address);
  if (!ip) return std::nullopt;
  const bool four = address.find(':') == std::string_view::npos;
  Network network;
  network.ip_ = *ip;
  network.bits_ = kBitsOfIpv6;
  if (slash == std::string_view::npos) return network;
  const std::string_view bits = text.substr(slash + 1);
  int count = 0;
  const auto [stop, fault] = std::from_chars(bits.data(), bits.data() + bits.size(), count);
  if (fault != std::errc{} || stop != bits.data() + bits.size()) return std::nullopt;
  if (count < 0 || count > (four ? kBitsOfIpv4 : kBitsOfIpv6)) return std::nullopt;
  network.bits_ = four ? kBitsOfIpv6 - kBitsOfIpv4 + count : count;
  return network;
}

bool Network::contains(const IpAddress& ip) const {
  // "::/0" has no bit in common with an IPv4 address but those that say that it is one.
  if (is_ipv4(ip) != is_ipv4(ip_)) return false;
  constexpr int kByte = 8;
  const auto whole = static_cast<std::ptrdiff_t>(bits_ / kByte);
  if (!std::equal(ip_.begin(), ip_.begin() + whole, ip.begin())) return false;
  const int rest = bits_ % kByte;
  if (rest == 0) return true;
  const int shift = kByte - rest;
  const auto at = static_cast<std::size_t>(whole);
  return ip_[at] >> shift == ip[at] >> shift;
}

bool any_contains(std::span<const Network> networks, const IpAddress& ip) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return network.contains(ip); });
}

}  // namespace ingest
