#include "gateway/auth/signature.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

#include <array>
#include <string>

#include "ingest/base/bytes.h"
#include "ingest/base/check.h"
#include "ingest/base/freed.h"

namespace gateway::auth {
namespace {

constexpr std::size_t kCoordinateBytes = 32;  // of P-256

using ingest::Freed;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

Number number_of(std::string_view big_endian) {
  const auto bytes = ingest::as_bytes(big_endian);
  return Number{BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)};
}

/// `kind` "RSA" or "EC". What OpenSSL refuses is a fault of the document, not of ours.
PublicKey make_key(const char* kind, OSSL_PARAM_BLD* builder) {
  const Params params{OSSL_PARAM_BLD_to_param(builder)};
  const KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr)};
  EVP_PKEY* key = nullptr;
  const bool made = params != nullptr && context != nullptr &&
                    EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) == 1;
  if (!made) ERR_clear_error();
  return PublicKey{made ? key : nullptr, Freed<EVP_PKEY_free>{}};
}

bool verifies_sha256(const PublicKey& key, std::string_view text, ingest::ByteView signature) {
  const Digest digest{EVP_MD_CTX_new()};
  CHECK(digest != nullptr);
  const auto bytes = ingest::as_bytes(text);
  const bool right =
      EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestVerify(digest.get(), signature.data(), signature.size(), bytes.data(),
                       bytes.size()) == 1;
  if (!right) ERR_clear_error();
  return right;
}

}  // namespace

PublicKey rsa_key(std::string_view n, std::string_view e) {
  const Number modulus = number_of(n);
  const Number exponent = number_of(e);
  const Builder builder{OSSL_PARAM_BLD_new()};
  CHECK(modulus != nullptr && exponent != nullptr && builder != nullptr);
  CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1);
  CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1);
  return make_key("RSA", builder.get());
}

PublicKey p256_key(std::string_view x, std::string_view y) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) return nullptr;
  std::string point{'\x04'};  // uncompressed (SEC 1 section 2.3.3)
  point.append(x).append(y);
  const Builder builder{OSSL_PARAM_BLD_new()};
  CHECK(builder != nullptr);
  CHECK(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                        0) == 1);
  CHECK(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) == 1);
  return make_key("EC", builder.get());
}

int key_bits(const PublicKey& key) {
  return EVP_PKEY_get_bits(key.get());
}

bool verifies_hs256(std::string_view secret, std::string_view text, std::string_view signature) {
  std::array<std::uint8_t, 32> made{};
  unsigned int size = 0;
  const auto bytes = ingest::as_bytes(text);
  CHECK(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes.data(),
             bytes.size(), made.data(), &size) != nullptr);
  return signature.size() == size && CRYPTO_memcmp(made.data(), signature.data(), size) == 0;
}

bool verifies_rs256(const PublicKey& key, std::string_view text, std::string_view signature) {
  return verifies_sha256(key, text, ingest::as_bytes(signature));
}

bool verifies_es256(const PublicKey& key, std::string_view text, std::string_view signature) {
  if (signature.size() != 2 * kCoordinateBytes) return false;
  Number r = number_of(signature.substr(0, kCoordinateBytes));
  Number s = number_of(signature.substr(kCoordinateBytes));
  const EcdsaSignature pair{ECDSA_SIG_new()};
  CHECK(r != nullptr && s != nullptr && pair != nullptr);
  CHECK(ECDSA_SIG_set0(pair.get(), r.release(), s.release()) == 1);  // takes both
  std::uint8_t* made = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &made);
  CHECK(size > 0);
  const bool right = verifies_sha256(key, text, {made, static_cast<std::size_t>(size)});
  OPENSSL_free(made);
  return right;
}

}  // namespace gateway::auth
