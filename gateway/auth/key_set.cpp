#include "gateway/auth/key_set.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "gateway/auth/base64url.h"
#include "gateway/auth/signature.h"

namespace gateway::auth {
namespace {

using Json = nlohmann::json;

/// The member's text; nothing where there is none.
const std::string* text_of(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

std::optional<std::string> bytes_of(const Json& object, const char* member) {
  const std::string* text = text_of(object, member);
  return text == nullptr ? std::nullopt : decode_base64url(*text);
}

std::optional<Algorithm> algorithm_of(const Json& key) {
  const std::string* kty = text_of(key, "kty");
  if (kty == nullptr) return std::nullopt;
  if (*kty == "oct") return Algorithm::Hs256;
  if (*kty == "RSA") return Algorithm::Rs256;
  const std::string* crv = text_of(key, "crv");
  if (*kty == "EC" && crv != nullptr && *crv == "P-256") return Algorithm::Es256;
  return std::nullopt;
}

/// Meant for what we do: `use`, `key_ops` and `alg` are optional, and bind where they stand.
bool is_for_us(const Json& key, Algorithm algorithm) {
  const std::string* use = text_of(key, "use");
  if (use != nullptr && *use != "sig") return false;
  const auto operations = key.find("key_ops");
  if (operations != key.end() && operations->is_array() &&
      std::ranges::find(*operations, Json("verify")) == operations->end())
    return false;
  const std::string* alg = text_of(key, "alg");
  return alg == nullptr || read_algorithm(*alg) == algorithm;
}

ingest::Failure<std::string> fault(std::size_t index, std::string_view what) {
  return ingest::Failure{"keys[" + std::to_string(index) + "]: " + std::string{what}};
}

ingest::Result<PublicKey, std::string> read_rsa(const Json& json, std::size_t index) {
  const auto n = bytes_of(json, "n");
  const auto e = bytes_of(json, "e");
  if (!n || !e || n->empty() || e->empty())
    return fault(index, "an RSA key wants n and e in base64url");
  if (n->size() > KeySet::kRsaBitsMax / 8 || e->size() > sizeof(std::uint64_t))
    return fault(index, "an RSA key longer than 8192 bits, or with a long exponent");
  PublicKey key = rsa_key(*n, *e);
  if (key == nullptr) return fault(index, "n and e make no RSA key");
  if (key_bits(key) < KeySet::kRsaBitsMin)
    return fault(index, "an RSA key of fewer than 2048 bits is too weak");
  return key;
}

ingest::Result<PublicKey, std::string> read_p256(const Json& json, std::size_t index) {
  const auto x = bytes_of(json, "x");
  const auto y = bytes_of(json, "y");
  PublicKey key = x && y ? p256_key(*x, *y) : nullptr;
  if (key == nullptr) return fault(index, "x and y are no point of P-256");
  return key;
}

/// As RFC 7638 has it, of the members that make a key this one: another `kid` or `use` changes
/// nothing.
Proof proof_of(const Json& key) {
  Json essence = Json::object();
  for (const char* member : {"kty", "crv", "x", "y", "n", "e", "k"}) {
    if (const auto found = key.find(member); found != key.end()) essence[member] = *found;
  }
  return hash_token(essence.dump());
}

ingest::Result<std::string, std::string> read_secret(const Json& json, std::size_t index) {
  auto secret = bytes_of(json, "k");
  if (!secret) return fault(index, "a secret wants k in base64url");
  if (secret->size() < KeySet::kSecretBytesMin)
    return fault(index, "a secret of fewer than 32 bytes is too weak for HS256");
  return *std::move(secret);
}

}  // namespace

std::optional<Algorithm> read_algorithm(std::string_view name) {
  if (name == "HS256") return Algorithm::Hs256;
  if (name == "RS256") return Algorithm::Rs256;
  if (name == "ES256") return Algorithm::Es256;
  return std::nullopt;
}

struct KeySet::Reading {
  static ingest::Result<Key, std::string> read(const Json& json, Algorithm algorithm,
                                               std::size_t index) {
    Key key{.algorithm = algorithm, .kid = std::nullopt, .secret = {}};
    if (const std::string* kid = text_of(json, "kid")) key.kid = *kid;
    key.proof = proof_of(json);
    switch (algorithm) {
      case Algorithm::Hs256:
        key.secret = TRY(read_secret(json, index));
        break;
      case Algorithm::Rs256:
        key.public_key = TRY(read_rsa(json, index));
        break;
      case Algorithm::Es256:
        key.public_key = TRY(read_p256(json, index));
        break;
    }
    return key;
  }
};

ingest::Result<KeySet, std::string> KeySet::read(std::string_view jwks) {
  if (jwks.size() > kBytesMax) return ingest::Failure{std::string{"longer than 256 KiB"}};
  const Json document = Json::parse(jwks, nullptr, false);
  if (document.is_discarded()) return ingest::Failure{std::string{"not JSON"}};
  const auto keys = document.is_object() ? document.find("keys") : document.end();
  if (keys == document.end() || !keys->is_array())
    return ingest::Failure{std::string{"no JWKS: want {\"keys\":[...]}"}};
  if (keys->size() > kKeysMax) return ingest::Failure{std::string{"more than 64 keys"}};
  KeySet set;
  for (std::size_t i = 0; i < keys->size(); ++i) {
    const Json& json = (*keys)[i];
    const auto algorithm = json.is_object() ? algorithm_of(json) : std::nullopt;
    if (!algorithm || !is_for_us(json, *algorithm)) continue;
    set.keys_.push_back(TRY(Reading::read(json, *algorithm, i)));
  }
  if (set.keys_.empty() && !keys->empty())
    return ingest::Failure{std::string{"no key for HS256, RS256 or ES256 in it"}};
  return set;
}

bool KeySet::verifies(const Key& key, std::string_view text, std::string_view signature) {
  switch (key.algorithm) {
    case Algorithm::Hs256:
      return verifies_hs256(key.secret, text, signature);
    case Algorithm::Rs256:
      return verifies_rs256(key.public_key, text, signature);
    case Algorithm::Es256:
      return verifies_es256(key.public_key, text, signature);
  }
  return false;
}

std::optional<Proof> KeySet::verifies(const Signed& message) const {
  std::size_t tries = 0;
  for (const Key& key : keys_) {
    if (key.algorithm != message.algorithm) continue;
    if (message.kid && key.kid != message.kid) continue;
    if (tries++ == kTriesMax) return std::nullopt;
    if (verifies(key, message.text, message.signature)) return key.proof;
  }
  return std::nullopt;
}

bool KeySet::has(const Proof& key) const {
  return std::ranges::any_of(keys_, [&](const Key& one) { return same_hash(one.proof, key); });
}

}  // namespace gateway::auth
