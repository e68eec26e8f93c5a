#include "gateway/server/proxy_rules.h"

#include <algorithm>
#include <cerrno>
#include <string>

namespace gateway::server {

using ingest::Error;
using ingest::Failure;
using ingest::Result;

Result<PeerNetwork> PeerNetwork::parse(std::string_view text) {
  PeerNetwork peers;
  if (text == "unix") {
    peers.kind_ = Peer::Kind::Unix;
    return peers;
  }
  const auto network = ingest::Network::parse(text);
  if (!network) {
    return Failure{Error{
        EINVAL, "bad network '" + std::string{text} + "'; write it as 10.0.0.0/8 or 192.0.2.1"}};
  }
  peers.network_ = *network;
  return peers;
}

bool PeerNetwork::contains(const Peer& peer) const {
  if (peer.kind != kind_) return false;
  return kind_ == Peer::Kind::Unix || network_.contains(peer.ip);
}

bool ProxyRules::trusts(const Peer& peer) const {
  return std::any_of(trusted.begin(), trusted.end(),
                     [&](const PeerNetwork& network) { return network.contains(peer); });
}

}  // namespace gateway::server
