#include "gateway/auth/token_hash.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "gateway/http/characters.h"
#include "ingest/base/bytes.h"
#include "ingest/base/check.h"

namespace gateway::auth {

std::optional<TokenHash> read_token_hash(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  TokenHash hash{};
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
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

bool same_hash(const TokenHash& a, const TokenHash& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace gateway::auth
