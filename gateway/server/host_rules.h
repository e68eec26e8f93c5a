#pragma once
// HostRules: by which names we may be asked (against DNS rebinding) and from which pages (against
// cross-site requests): DESIGN section 7. Knows only text. Immutable, read by all workers.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/server/settings.h"

namespace gateway::server {

class HostRules {
 public:
  explicit HostRules(const Settings& settings);

  /// `host` as it stands in the request, in lower case, with or without port: "localhost:8080",
  /// "[::1]". Loopback names and literals, the listen addresses and http.hosts are ours; where we
  /// listen on every address of the machine, so is every literal address, which no DNS answer can
  /// forge. Empty (HTTP/1.0) is allowed: no browser sends it.
  bool allows_host(std::string_view host) const;

  /// `origin` as the browser sent it: "https://a.example:8443" or "null". Allowed when its host and
  /// port equal `host`, or when http.origins holds it.
  bool allows_origin(std::string_view origin, std::string_view host) const;
  /// Only http.origins.
  bool lists_origin(std::string_view origin) const;

 private:
  std::vector<std::string> hosts_;    // lower case, with a port where only that port is allowed
  std::vector<std::string> origins_;  // lower case
  bool every_literal_ = false;
};

/// "[::1]:80" -> "[::1]" and "80"; the port is empty where there is none.
struct HostAndPort {
  std::string_view host;
  std::string_view port;
};
HostAndPort split_host(std::string_view text);

}  // namespace gateway::server
