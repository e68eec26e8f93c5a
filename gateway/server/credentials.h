#pragma once
// Credentials: the token that a request shows, wherever it stands. Not whose it is. Pure; any
// thread.
//
//   Authorization: Bearer T | Token T | Basic user:T      RFC 6750, clients of Influx 2, RFC 7617
//   Cookie: weir_session=t.T                              a browser that has signed in; over https
//           __Host-weir_session=t.T                       this one alone
//   ?u=&p=T                                               Influx 1 alone

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/server/host_rules.h"

namespace gateway::server {

/// One that a request shows.
struct ShownToken {
  std::string token;
  bool malformed = false;  // credentials that cannot be read, or several
};

/// Whether `?u=&p=` counts: Influx 1 alone, whose clients have no other way.
enum class TokenInQuery : std::uint8_t { No, Yes };
/// The cookie of a session is the token itself, in characters that a cookie may have: so it ends
/// when the token does, and outlives a restart. A token that makes a longer one is refused.
/// Over https browsers take it from this very host alone (RFC 6265bis section 4.1.3.2): another one
/// of the same domain cannot put its own in its place.
constexpr std::string_view kSessionCookie = "weir_session";
constexpr std::string_view kHostSessionCookie = "__Host-weir_session";
constexpr std::string_view session_cookie(Scheme scheme) {
  return scheme == Scheme::Https ? kHostSessionCookie : kSessionCookie;
}
constexpr std::size_t kCookieBytesMax = 3'800;  // browsers keep 4096 with name and attributes
std::string cookie_of(std::string_view token);

/// The header counts first, then the cookie of that scheme, then the query. Nothing where none is
/// shown.
std::optional<ShownToken> shown_token(const http::Request& request, TokenInQuery query,
                                      Scheme scheme = Scheme::Unknown);

}  // namespace gateway::server
