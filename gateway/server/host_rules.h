#pragma once
// HostRules: by which names we may be asked (against DNS rebinding) and from which pages (against
// cross-site requests): DESIGN section 7. Knows only text. Immutable, read by all workers.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/server/settings.h"

namespace gateway::server {

/// How the client asks. Unknown: in plain text, perhaps through a proxy that ended its TLS; nobody
/// whom we trust says so.
enum class Scheme : std::uint8_t { Unknown, Http, Https };

class HostRules {
 public:
  explicit HostRules(const Settings& settings);

  /// `host` as it stands in the request, in lower case, with or without port: "localhost:8080",
  /// "[::1]". Loopback names and literals, the listen addresses and http.hosts are ours; where we
  /// listen on every address of the machine, so is every literal address, which no DNS answer can
  /// forge. Empty (HTTP/1.0) is allowed: no browser sends it.
  bool allows_host(std::string_view host) const;

  /// What a request asks for.
  struct Asked {
    Scheme scheme = Scheme::Unknown;
    std::string_view host;  // as in allows_host()
  };
  /// `origin` as the browser sent it: "https://a.example:8443" or "null". Allowed when http.origins
  /// holds it, or when host and port equal what is asked for, and the scheme too where it is known
  /// (RFC 6454 section 5): a page that came in plain text may have been changed on its way and must
  /// not speak to us over TLS.
  bool allows_origin(std::string_view origin, const Asked& asked) const;
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
