#pragma once
// Signer: makes keys and signed tokens with OpenSSL, as an issuer would.

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/base/check.h"

namespace gateway::auth {

inline std::string base64url(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  const auto from = ingest::as_bytes(bytes);
  out.resize(
      static_cast<std::size_t>(EVP_EncodeBlock(to, from.data(), static_cast<int>(from.size()))));
  while (out.ends_with('='))
    out.pop_back();
  for (char& c : out) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return out;
}

/// Of one key; `kid` stands in its JWK and in the headers of its tokens, empty in neither.
class Signer {
 public:
  static Signer rsa(std::string kid, unsigned bits = 2048) {
    return {EVP_RSA_gen(bits), "RS256", std::move(kid)};
  }
  static Signer p256(std::string kid) { return {EVP_EC_gen("P-256"), "ES256", std::move(kid)}; }
  static Signer secret(std::string kid, std::string bytes) {
    Signer signer{nullptr, "HS256", std::move(kid)};
    signer.secret_ = std::move(bytes);
    return signer;
  }

  /// The public half as a JWK (the whole of a secret), with more members as `"use":"enc"`.
  std::string jwk(const std::string& more = {}) const {
    std::string members = more.empty() ? "" : "," + more;
    if (!kid_.empty()) members += R"(,"kid":")" + kid_ + '"';
    if (algorithm_ == "HS256")
      return R"({"kty":"oct","k":")" + base64url(secret_) + '"' + members + '}';
    if (algorithm_ == "RS256") {
      return R"({"kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
             number(OSSL_PKEY_PARAM_RSA_E) + '"' + members + '}';
    }
    return R"({"kty":"EC","crv":"P-256","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X, 32) +
           R"(","y":")" + number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + '"' + members + '}';
  }

  std::string token(const std::string& claims) const {
    std::string header = R"({"alg":")" + algorithm_ + '"';
    if (!kid_.empty()) header += R"(,"kid":")" + kid_ + '"';
    return signed_as(header + "}", claims);
  }
  /// With any header: the signature is this key's all the same.
  std::string signed_as(const std::string& header, const std::string& claims) const {
    const std::string text = base64url(header) + "." + base64url(claims);
    return text + "." + base64url(sign(text));
  }

 private:
  Signer(EVP_PKEY* key, std::string algorithm, std::string kid)
      : key_(key, EVP_PKEY_free), algorithm_(std::move(algorithm)), kid_(std::move(kid)) {}

  std::string number(const char* which, int width = 0) const {
    BIGNUM* made = nullptr;
    CHECK(EVP_PKEY_get_bn_param(key_.get(), which, &made) == 1);
    const int size = width > 0 ? width : BN_num_bytes(made);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
    CHECK(BN_bn2binpad(made, bytes.data(), size) == size);
    BN_free(made);
    return base64url(ingest::as_text(bytes));
  }

  std::string sign(const std::string& text) const {
    const auto bytes = ingest::as_bytes(text);
    std::vector<std::uint8_t> made(EVP_MAX_MD_SIZE);
    if (key_ == nullptr) {
      unsigned int size = 0;
      CHECK(HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), bytes.data(),
                 bytes.size(), made.data(), &size) != nullptr);
      return std::string{ingest::as_text({made.data(), size})};
    }
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    CHECK(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    std::size_t size = 0;
    CHECK(EVP_DigestSign(context, nullptr, &size, bytes.data(), bytes.size()) == 1);
    made.resize(size);
    CHECK(EVP_DigestSign(context, made.data(), &size, bytes.data(), bytes.size()) == 1);
    EVP_MD_CTX_free(context);
    made.resize(size);
    return algorithm_ == "ES256" ? raw_pair(made) : std::string{ingest::as_text(made)};
  }

  /// DER -> r and s of 32 bytes each.
  static std::string raw_pair(const std::vector<std::uint8_t>& der) {
    const std::uint8_t* at = der.data();
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    CHECK(pair != nullptr);
    std::vector<std::uint8_t> raw(64);
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw.data(), 32) == 32);
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw.data() + 32, 32) == 32);
    ECDSA_SIG_free(pair);
    return std::string{ingest::as_text(raw)};
  }

  std::shared_ptr<EVP_PKEY> key_;
  std::string algorithm_;
  std::string kid_;
  std::string secret_;
};

inline std::string jwks(const std::vector<std::string>& keys) {
  std::string all;
  for (const std::string& key : keys)
    all += (all.empty() ? "" : ",") + key;
  return R"({"keys":[)" + all + "]}";
}

}  // namespace gateway::auth
