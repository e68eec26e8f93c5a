#pragma once
// TokenHash: a static token as the configuration knows it. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gateway::auth {

using TokenHash = std::array<std::uint8_t, 32>;  // SHA-256

/// Reads "sha256:<64 hex digits>".
std::optional<TokenHash> read_token_hash(std::string_view text);
TokenHash hash_token(std::string_view token);
/// Of a key as of a token: what proves rights, without being it.
using Proof = TokenHash;
/// In a time that tells nothing of where they differ.
bool same_hash(const TokenHash& a, const TokenHash& b);

}  // namespace gateway::auth
