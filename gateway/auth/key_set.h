#pragma once
// KeySet: the keys of a JWKS document (RFC 7517), of those kinds that we verify with (RFC 7518
// section 3): HS256, RS256, ES256. Immutable, read by all workers.
//
//   {"keys":[{"kty":"EC","crv":"P-256","kid":"2026-11","use":"sig","x":"...","y":"..."}]}

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/auth/token_hash.h"
#include "ingest/base/result.h"

namespace gateway::auth {

enum class Algorithm : std::uint8_t { Hs256, Rs256, Es256 };
/// "HS256" and so on; nothing for every other, "none" among them.
std::optional<Algorithm> read_algorithm(std::string_view name);

struct Signed {
  Algorithm algorithm = Algorithm::Hs256;
  std::optional<std::string> kid;
  std::string_view text;       // what was signed
  std::string_view signature;  // its bytes
};

class KeySet {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{256} * 1024;
  static constexpr std::size_t kKeysMax = 64;
  /// Keys tried for a token that names none; where more fit, tokens must name theirs.
  static constexpr std::size_t kTriesMax = 4;
  static constexpr std::size_t kSecretBytesMin = 32;  // RFC 7518 section 3.2
  static constexpr int kRsaBitsMin = 2048;            // and section 3.3
  static constexpr int kRsaBitsMax = 8192;            // a verification must not take long

  KeySet() = default;
  /// Keys of other kinds or for another use are left out (RFC 7517 section 5). A sentence where the
  /// document is none, a key is too weak or broken, or none of its keys is of use. An empty list
  /// is one: nobody's signature counts then.
  static ingest::Result<KeySet, std::string> read(std::string_view jwks);

  bool empty() const { return keys_.empty(); }
  std::size_t size() const { return keys_.size(); }
  /// Which of the keys made that signature; nothing where none did. A key serves one algorithm
  /// alone.
  std::optional<Proof> verifies(const Signed& message) const;
  /// Whether the key is one of these.
  bool has(const Proof& key) const;

 private:
  struct Key {
    Algorithm algorithm = Algorithm::Hs256;
    std::optional<std::string> kid;
    std::string secret;                      // Hs256
    std::shared_ptr<EVP_PKEY> public_key{};  // the others
    Proof proof{};                           // the hash of what makes it this key
  };
  struct Reading;
  static bool verifies(const Key& key, std::string_view text, std::string_view signature);

  std::vector<Key> keys_;
};

}  // namespace gateway::auth
