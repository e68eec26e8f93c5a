#include "gateway/server/credentials.h"

#include <openssl/evp.h>

#include <algorithm>
#include <vector>

#include "gateway/auth/base64url.h"
#include "gateway/http/characters.h"
#include "ingest/base/bytes.h"

namespace gateway::server {
namespace {

// How the rest of a cookie is to be read.
constexpr std::string_view kAsItIs = "t.";
constexpr std::string_view kEncoded = "b.";

/// RFC 4648 section 4, with its padding. Nothing for what is not base64.
std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::size_t kGroup = 4;
  constexpr std::size_t kGroupBytes = 3;
  const auto fits = [](char c) {
    return http::is_alpha(c) || http::is_digit(c) || c == '+' || c == '/';
  };
  std::string_view digits = text;
  std::size_t padding = 0;
  for (; padding < 2 && digits.ends_with('='); ++padding)
    digits.remove_suffix(1);
  if (text.empty() || text.size() % kGroup != 0 || !http::all_of_text(digits, fits))
    return std::nullopt;
  std::vector<unsigned char> bytes(text.size() / kGroup * kGroupBytes);
  const auto from = ingest::as_bytes(text);
  const int count = EVP_DecodeBlock(bytes.data(), from.data(), static_cast<int>(from.size()));
  if (count < 0) return std::nullopt;
  return std::string{ingest::as_text({bytes.data(), static_cast<std::size_t>(count) - padding})};
}

ShownToken malformed() {
  return {.token = {}, .malformed = true};
}

/// "user:password": the user's name is anything.
ShownToken of_basic(std::string_view credentials) {
  const auto decoded = decode_base64(credentials);
  const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos) return malformed();
  return {.token = decoded->substr(colon + 1)};
}

/// RFC 6265 section 4.1.1: cookie-octet.
bool fits_a_cookie(char c) {
  return c > ' ' && c < '\x7f' && c != '"' && c != ',' && c != ';' && c != '\\';
}

ShownToken of_cookie(std::string_view value) {
  if (value.starts_with(kAsItIs)) return {.token = std::string{value.substr(kAsItIs.size())}};
  if (!value.starts_with(kEncoded)) return malformed();
  auto token = auth::decode_base64url(value.substr(kEncoded.size()));
  return token ? ShownToken{.token = *std::move(token)} : malformed();
}

/// Several of that name: somebody next to us has set one, and nobody knows which is ours.
std::optional<ShownToken> shown_cookie(const http::Request& request, std::string_view wanted) {
  std::optional<ShownToken> shown;
  for (std::string_view rest : request.header_values("cookie")) {
    while (!rest.empty()) {
      std::string_view pair = http::cut(rest, ';');
      const std::string_view name = http::trim(http::cut(pair, '='));
      if (name != wanted) continue;
      if (shown) return malformed();
      shown = of_cookie(http::trim(pair));
    }
  }
  return shown;
}

}  // namespace

std::string cookie_of(std::string_view token) {
  const bool fits = http::all_of_text(token, fits_a_cookie);
  return fits ? std::string{kAsItIs}.append(token)
              : std::string{kEncoded} + auth::encode_base64url(token);
}

std::optional<ShownToken> shown_token(const http::Request& request, TokenInQuery query,
                                      Scheme scheme) {
  const auto values = request.header_values("authorization");
  if (values.size() > 1) return malformed();
  if (!values.empty()) {
    std::string_view rest = values.front();
    const std::string_view kind = http::cut(rest, ' ');
    rest = http::trim(rest);
    if (http::equals_ignoring_case(kind, "basic")) return of_basic(rest);
    const bool known =
        http::equals_ignoring_case(kind, "bearer") || http::equals_ignoring_case(kind, "token");
    if (!known || rest.empty()) return malformed();
    return ShownToken{.token = std::string{rest}};
  }
  if (auto cookie = shown_cookie(request, session_cookie(scheme))) return cookie;
  if (query == TokenInQuery::No) return std::nullopt;
  auto password = request.query_parameter("p");
  if (!password || password->empty()) return std::nullopt;
  return ShownToken{.token = *std::move(password)};
}

}  // namespace gateway::server
