#include "gateway/server/proxy_rules.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string>

namespace gateway::server {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Result;

constexpr int kBitsOfIpv6 = 128;
constexpr int kBitsOfIpv4 = 32;

/// Without a port, and without brackets.
Result<Peer> parse_ip(std::string_view text) {
  const bool v6 = text.find(':') != std::string_view::npos;
  const std::string with_port = v6 ? "[" + std::string{text} + "]:0" : std::string{text} + ":0";
  return Peer::of(TRY(ingest::io::Address::parse(with_port)));
}

}  // namespace

Result<Network> Network::parse(std::string_view text) {
  Network network;
  if (text == "unix") {
    network.kind_ = Peer::Kind::Unix;
    return network;
  }
  const auto bad = Failure{Error{
      EINVAL, "bad network '" + std::string{text} + "'; write it as 10.0.0.0/8 or 192.0.2.1"}};
  const std::size_t slash = text.find('/');
  const auto ip = parse_ip(text.substr(0, slash));
  if (!ip || text.empty() || slash == 0) return bad;
  network.ip_ = ip->ip;
  const int before = ip->is_ipv4() ? kBitsOfIpv6 - kBitsOfIpv4 : 0;
  network.bits_ = kBitsOfIpv6;
  if (slash == std::string_view::npos) return network;
  const std::string_view bits = text.substr(slash + 1);
  int count = 0;
  const auto [stop, fault] = std::from_chars(bits.data(), bits.data() + bits.size(), count);
  if (fault != std::errc{} || stop != bits.data() + bits.size()) return bad;
  if (count < 0 || before + count > kBitsOfIpv6) return bad;
  network.bits_ = before + count;
  return network;
}

bool Network::contains(const Peer& peer) const {
  if (peer.kind != kind_) return false;
  if (kind_ == Peer::Kind::Unix) return true;
  constexpr int kByte = 8;
  const auto whole = static_cast<std::size_t>(bits_ / kByte);
  if (!std::equal(ip_.begin(), ip_.begin() + static_cast<std::ptrdiff_t>(whole), peer.ip.begin()))
    return false;
  const int rest = bits_ % kByte;
  if (rest == 0) return true;
  const int shift = kByte - rest;
  return ip_[whole] >> shift == peer.ip[whole] >> shift;
}

bool ProxyRules::trusts(const Peer& peer) const {
  return std::any_of(trusted.begin(), trusted.end(),
                     [&](const Network& network) { return network.contains(peer); });
}

}  // namespace gateway::server
