#pragma once
// ProxyRules: which peers are proxies of ours, and whether they speak the PROXY protocol. Values,
// immutable after the start.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/server/peer.h"
#include "ingest/base/result.h"

namespace gateway::server {

/// A run of addresses, as "10.0.0.0/8", "2001:db8::/32", "192.0.2.1"; or "unix", every Unix socket.
class Network {
 public:
  static ingest::Result<Network> parse(std::string_view text);
  bool contains(const Peer& peer) const;

 private:
  std::array<std::uint8_t, 16> ip_{};
  int bits_ = 0;  // of ip_ that count, IPv4's 96 in front included
  Peer::Kind kind_ = Peer::Kind::Ip;
};

struct ProxyRules {
  enum class Protocol : std::uint8_t { Off, Required };
  std::vector<Network> trusted;
  Protocol protocol = Protocol::Off;

  bool trusts(const Peer& peer) const;
  /// Its first bytes must be a PROXY protocol header.
  bool expects_header(const Peer& peer) const {
    return protocol == Protocol::Required && trusts(peer);
  }
};

}  // namespace gateway::server
