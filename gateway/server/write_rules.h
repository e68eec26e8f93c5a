#pragma once
// WriteRules: from which addresses somebody may write over HTTP (http.writers_allow), and
// which proxies' word on a client's address counts (http.trusted_proxies). Immutable after the
// start, read by all workers.

#include <optional>
#include <vector>

#include "gateway/http/request.h"
#include "gateway/server/peer.h"
#include "gateway/server/proxy_rules.h"
#include "gateway/server/settings.h"

namespace gateway::server {

class WriteRules {
 public:
  /// The configuration has checked its texts.
  explicit WriteRules(const Settings& settings);

  /// No list does.
  bool allow_everybody() const { return allowed_.empty(); }
  bool allows(const Peer& client) const;
  /// Who asks: `peer`, or, where that is a proxy of ours, the last address of X-Forwarded-For that
  /// is none: what stands before it anybody may have written. A proxy that tells nobody asks for
  /// itself. Nothing where it tells what is no address.
  std::optional<Peer> client_of(const http::Request& request, const Peer& peer) const;

 private:
  bool trusts(const Peer& peer) const;

  std::vector<PeerNetwork> allowed_;
  std::vector<PeerNetwork> proxies_;
};

}  // namespace gateway::server
