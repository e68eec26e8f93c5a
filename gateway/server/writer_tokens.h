#pragma once
// WriterTokens: who may write (auth.writers). Only the SHA-256 of each token is known here, and a
// token that comes is compared as its own, in a time that tells nothing. Immutable after the start,
// read by all workers.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/request.h"

namespace gateway::server {

using TokenHash = std::array<std::uint8_t, 32>;  // SHA-256

/// Reads "sha256:<64 hex digits>".
std::optional<TokenHash> read_token_hash(std::string_view text);
TokenHash hash_token(std::string_view token);

struct Writer {
  std::string name;
  TokenHash hash{};
};

/// One that a request shows.
struct ShownToken {
  std::string token;
  bool malformed = false;  // credentials that cannot be read, or several
};

/// Whether `?u=&p=` counts: Influx 1 alone, whose clients have no other way.
enum class TokenInQuery : std::uint8_t { No, Yes };
/// What stands in `Authorization: Bearer T`, `Token T` (RFC 6750, and clients of Influx 2) or
/// `Basic` with T as its password (RFC 7617). Nothing where none is shown.
std::optional<ShownToken> shown_token(const http::Request& request, TokenInQuery query);

class WriterTokens {
 public:
  /// A token longer than this is none.
  static constexpr std::size_t kTokenBytesMax = 1024;

  WriterTokens() = default;
  explicit WriterTokens(std::vector<Writer> writers) : writers_(std::move(writers)) {}

  /// Nobody is configured: anybody may write.
  bool open() const { return writers_.empty(); }
  /// Whose token it is; null for nobody's.
  const Writer* find(std::string_view token) const;

 private:
  std::vector<Writer> writers_;
};

}  // namespace gateway::server
