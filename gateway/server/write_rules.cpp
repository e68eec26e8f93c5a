#include "gateway/server/write_rules.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/base/ip_address.h"

namespace gateway::server {
namespace {

std::vector<PeerNetwork> networks(const std::vector<std::string>& texts) {
  std::vector<PeerNetwork> all;
  for (const std::string& text : texts) {
    auto network = PeerNetwork::parse(text);
    CHECK(network.has_value());
    all.push_back(*network);
  }
  return all;
}

bool any_contains(const std::vector<PeerNetwork>& networks, const Peer& peer) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const PeerNetwork& network) { return network.contains(peer); });
}

/// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1" or "[2001:db8::1]:4711".
std::optional<Peer> parse_peer(std::string_view text) {
  const std::size_t end = text.find(']');
  if (text.starts_with('[') && end != std::string_view::npos) {
    text = text.substr(1, end - 1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  const auto ip = ingest::parse_ip(text);
  if (!ip) return std::nullopt;
  return Peer{.ip = *ip, .port = 0, .kind = Peer::Kind::Ip};
}

}  // namespace

WriteRules::WriteRules(const Settings& settings)
    : allowed_(networks(settings.writers_allow)), proxies_(networks(settings.trusted_proxies)) {}

bool WriteRules::allows(const Peer& client) const {
  return allow_everybody() || any_contains(allowed_, client);
}

bool WriteRules::trusts(const Peer& peer) const {
  return any_contains(proxies_, peer);
}

std::optional<Peer> WriteRules::client_of(const http::Request& request, const Peer& peer) const {
  if (!trusts(peer)) return peer;
  const std::vector<std::string_view> told = request.header_list("x-forwarded-for");
  Peer client = peer;
  for (auto at = told.rbegin(); at != told.rend() && trusts(client); ++at) {
    const auto next = parse_peer(*at);
    if (!next) return std::nullopt;
    client = *next;
  }
  return client;
}

}  // namespace gateway::server
