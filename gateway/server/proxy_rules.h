#pragma once
// ProxyRules: which peers are proxies of ours, and whether they speak the PROXY protocol. Values,
// immutable after the start.

#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/server/peer.h"
#include "ingest/base/network.h"
#include "ingest/base/result.h"

namespace gateway::server {

/// Peers of a network, as "10.0.0.0/8"; or "unix", those of every Unix socket.
class PeerNetwork {
 public:
  static ingest::Result<PeerNetwork> parse(std::string_view text);
  bool contains(const Peer& peer) const;

 private:
  ingest::Network network_;
  Peer::Kind kind_ = Peer::Kind::Ip;
};

struct ProxyRules {
  enum class Protocol : std::uint8_t { Off, Required };
  std::vector<PeerNetwork> trusted;
  Protocol protocol = Protocol::Off;

  bool trusts(const Peer& peer) const;
  /// Its first bytes must be a PROXY protocol header.
  bool expects_header(const Peer& peer) const {
    return protocol == Protocol::Required && trusts(peer);
  }
};

}  // namespace gateway::server
