#include "gateway/server/framing.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace gateway::server {
namespace {

using http::Request;
using http::Response;

/// Sec-Fetch-Dest and Sec-Fetch-Site (Fetch Metadata, sections 2.1 and 2.3): told by the browser,
/// no page can forge them.
bool is_framed_from_elsewhere(const Request& request) {
  constexpr std::array<std::string_view, 4> kFrames{"iframe", "frame", "embed", "object"};
  const std::string_view dest = request.header("sec-fetch-dest").value_or("");
  const std::string_view site = request.header("sec-fetch-site").value_or("");
  return std::find(kFrames.begin(), kFrames.end(), dest) != kFrames.end() &&
         (site == "cross-site" || site == "same-site");
}

/// "https://wall.example/a?b" -> "https://wall.example".
std::string_view origin_of(std::string_view url) {
  constexpr std::string_view kSign = "://";
  const std::size_t host = url.find(kSign);
  if (host == std::string_view::npos) return {};
  return url.substr(0, url.find_first_of("/?#", host + kSign.size()));
}

}  // namespace

std::optional<Response> refuse_framing(const Request& request, const Site& site) {
  if (!is_framed_from_elsewhere(request)) return std::nullopt;
  const std::string origin{origin_of(request.header("referer").value_or(""))};
  if (origin.empty() || site.host_rules.lists_origin(origin)) return std::nullopt;
  Response response = http::error_response(
      403,
      "Pages of " + origin +
          " may not show this Weir within them. To allow it, add the origin to http.origins: "
          "--set http.origins=" +
          origin,
      request.path);
  for (http::Header& header : response.headers)
    if (header.name == "Content-Security-Policy")
      header.value = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *";
  return response;
}

}  // namespace gateway::server
