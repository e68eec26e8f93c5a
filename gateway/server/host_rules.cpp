#include "gateway/server/host_rules.h"

#include <algorithm>

#include "ingest/base/ip_literal.h"

namespace gateway::server {
namespace {

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

/// What no resolver is asked for.
bool is_ipv4_literal(std::string_view host) {
  return ingest::parse_ipv4(host).has_value();
}

bool is_literal(std::string_view host) {
  return is_ipv4_literal(host) || (host.starts_with('[') && host.ends_with(']'));
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && is_ipv4_literal(host));
}

bool is_every_address(std::string_view host) {
  return host == "0.0.0.0" || host == "[::]" || host.empty();
}

/// Of an origin; Unknown where it is neither.
Scheme scheme_of(std::string_view name) {
  if (name == "https") return Scheme::Https;
  return name == "http" ? Scheme::Http : Scheme::Unknown;
}

}  // namespace

HostAndPort split_host(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.ends_with(']')) return {.host = text, .port = {}};
  return {.host = text.substr(0, colon), .port = text.substr(colon + 1)};
}

HostRules::HostRules(const Settings& settings) {
  for (const std::string& host : settings.hosts)
    hosts_.push_back(lower(host));
  for (const std::string& origin : settings.origins)
    origins_.push_back(lower(origin));
  for (const ListenerInfo& listener : settings.listeners) {
    if (listener.what != "http" && listener.what != "https") continue;
    if (listener.address.starts_with("unix:")) continue;  // a path is no name to ask for
    const std::string_view host = split_host(listener.address).host;
    every_literal_ = every_literal_ || is_every_address(host);
    hosts_.push_back(lower(host));
  }
}

bool HostRules::allows_host(std::string_view host) const {
  if (host.empty()) return true;
  const std::string_view name = split_host(host).host;
  if (is_loopback(name) || (every_literal_ && is_literal(name))) return true;
  return std::any_of(hosts_.begin(), hosts_.end(),
                     [&](const std::string& ours) { return ours == name || ours == host; });
}

bool HostRules::lists_origin(std::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), lower(origin)) != origins_.end();
}

bool HostRules::allows_origin(std::string_view origin, const Asked& asked) const {
  if (lists_origin(origin)) return true;
  const std::string theirs = lower(origin);
  const std::size_t scheme_end = theirs.find("://");
  if (scheme_end == std::string::npos || asked.host.empty()) return false;
  const Scheme scheme = scheme_of(std::string_view{theirs}.substr(0, scheme_end));
  if (scheme == Scheme::Unknown) return false;
  if (asked.scheme != Scheme::Unknown && asked.scheme != scheme) return false;
  // A browser leaves out of Host what is usual for the scheme of the page.
  const std::string_view usual = scheme == Scheme::Https ? "443" : "80";
  HostAndPort from = split_host(std::string_view{theirs}.substr(scheme_end + 3));
  HostAndPort ours = split_host(asked.host);
  if (from.port.empty()) from.port = usual;
  if (ours.port.empty()) ours.port = usual;
  return !from.host.empty() && from.host == ours.host && from.port == ours.port;
}

}  // namespace gateway::server
