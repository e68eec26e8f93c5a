#pragma once
// Signatures of JOSE (RFC 7518 section 3) and the public keys that check them, by OpenSSL. Pure.

#include <openssl/types.h>

#include <memory>
#include <string_view>

namespace gateway::auth {

using PublicKey = std::shared_ptr<EVP_PKEY>;

/// Of modulus and exponent, big-endian bytes (RFC 7518 section 6.3.1); null where they make no key.
PublicKey rsa_key(std::string_view n, std::string_view e);
/// A point of P-256, 32 bytes each (RFC 7518 section 6.2.1); null where it is not on the curve.
PublicKey p256_key(std::string_view x, std::string_view y);
int key_bits(const PublicKey& key);

/// HMAC with SHA-256, compared in a time that tells nothing.
bool verifies_hs256(std::string_view secret, std::string_view text, std::string_view signature);
/// RSASSA-PKCS1-v1_5 with SHA-256.
bool verifies_rs256(const PublicKey& key, std::string_view text, std::string_view signature);
/// ECDSA with SHA-256; the signature is r and s, 32 bytes each (RFC 7518 section 3.4).
bool verifies_es256(const PublicKey& key, std::string_view text, std::string_view signature);

}  // namespace gateway::auth
