#include "gateway/server/writer_tokens.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>

#include "gateway/http/characters.h"
#include "ingest/base/bytes.h"
#include "ingest/base/check.h"

namespace gateway::server {
namespace {

constexpr std::string_view kHashPrefix = "sha256:";

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

}  // namespace

std::optional<TokenHash> read_token_hash(std::string_view text) {
  TokenHash hash{};
  if (!text.starts_with(kHashPrefix)) return std::nullopt;
  text.remove_prefix(kHashPrefix.size());
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const int high = http::hex_value(text[2 * i]);
    const int low = http::hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    hash[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return hash;
}

TokenHash hash_token(std::string_view token) {
  TokenHash hash{};
  static_assert(sizeof hash == SHA256_DIGEST_LENGTH);
  const auto bytes = ingest::as_bytes(token);
  CHECK(SHA256(bytes.data(), bytes.size(), hash.data()) != nullptr);
  return hash;
}

std::optional<ShownToken> shown_token(const http::Request& request, TokenInQuery query) {
  const auto values = request.header_values("authorization");
  if (values.size() > 1) return malformed();
  if (!values.empty()) {
    std::string_view rest = values.front();
    const std::string_view scheme = http::cut(rest, ' ');
    rest = http::trim(rest);
    if (http::equals_ignoring_case(scheme, "basic")) return of_basic(rest);
    const bool known =
        http::equals_ignoring_case(scheme, "bearer") || http::equals_ignoring_case(scheme, "token");
    if (!known || rest.empty()) return malformed();
    return ShownToken{.token = std::string{rest}};
  }
  if (query == TokenInQuery::No) return std::nullopt;
  auto password = request.query_parameter("p");
  if (!password || password->empty()) return std::nullopt;
  return ShownToken{.token = *std::move(password)};
}

/// Every writer is looked at, whoever it is.
const Writer* WriterTokens::find(std::string_view token) const {
  if (token.empty() || token.size() > kTokenBytesMax) return nullptr;
  const TokenHash hash = hash_token(token);
  const Writer* found = nullptr;
  for (const Writer& writer : writers_) {
    if (CRYPTO_memcmp(writer.hash.data(), hash.data(), hash.size()) == 0) found = &writer;
  }
  return found;
}

}  // namespace gateway::server
