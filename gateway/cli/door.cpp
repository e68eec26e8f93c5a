#include "gateway/cli/door.h"

#include <string>
#include <utility>
#include <vector>

#include "ingest/base/check.h"

namespace gateway::cli {

using ingest::Error;
using ingest::Failure;
using ingest::Result;

Result<std::unique_ptr<tls::ServerContext>> open_tls(const config::Config& config) {
  const config::Config::Tls& files = config.http.tls;
  CHECK(files.cert.size() == files.key.size());
  std::vector<tls::CertificateFiles> pairs;
  for (std::size_t i = 0; i < files.cert.size(); ++i)
    pairs.push_back({.cert = files.cert[i], .key = files.key[i]});
  if (pairs.empty()) return std::unique_ptr<tls::ServerContext>{};
  auto context = tls::ServerContext::open(std::move(pairs));
  if (!context) return Failure{Error{context.error().code, "http.tls: " + context.error().what}};
  return context;
}

Result<Door> open_door(const config::Config& config) {
  Door door{.tls = TRY(open_tls(config)), .listener = nullptr};
  using Wire = server::Arrival::Wire;
  using Protocol = server::ProxyRules::Protocol;
  const bool required = config.http.proxy_protocol == config::ProxyProtocol::Required;
  server::ListenerOptions options{
      .wire = door.tls ? Wire::Tls : Wire::Plain,
      .unix_mode = static_cast<mode_t>(config.http.socket_mode),
      .proxies = {.trusted = {}, .protocol = required ? Protocol::Required : Protocol::Off},
      .handshakes_per_second = config.limits.handshakes_per_second};
  for (const std::string& network : config.http.trusted_proxies)
    options.proxies.trusted.push_back(TRY(server::PeerNetwork::parse(network)));
  std::vector<std::string> addresses;
  for (const config::Address& address : config.http.listen)
    addresses.push_back(to_text(address));
  door.listener = TRY(server::Listener::open(addresses, options));
  return door;
}

}  // namespace gateway::cli
