#include "gateway/auth/key_set.h"

#include <gtest/gtest.h>

#include "tests/gateway/auth/signer.h"

namespace gateway::auth {
namespace {

std::string fault_of(std::string_view document) {
  const auto set = KeySet::read(document);
  return set ? "none" : set.error();
}

TEST(KeySet, LeavesOutWhatIsForOthers) {
  const Signer ours = Signer::p256("a");
  const auto set = KeySet::read(jwks({
      ours.jwk(R"("use":"sig","alg":"ES256","key_ops":["verify"],"x5t":"ignored")"),
      ours.jwk(R"("use":"enc")"),
      ours.jwk(R"("alg":"ES384")"),
      ours.jwk(R"("key_ops":["sign"])"),
      R"({"kty":"OKP","crv":"Ed25519","x":"AA"})",
      R"({"kty":"EC","crv":"P-521","x":"AA","y":"AA"})",
      R"({"kty":"RSA","alg":"PS256","n":"AA","e":"AQAB"})",
      R"({})",
      "7",
  }));
  ASSERT_TRUE(set) << set.error();
  EXPECT_EQ(set->size(), 1U);
}

TEST(KeySet, SaysWhichKeyIsWrong) {
  const std::string good = Signer::secret("", std::string(32, 's')).jwk();
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"kty":"oct"})", "keys[1]: a secret wants k in base64url"},
      {R"({"kty":"oct","k":"!"})", "keys[1]: a secret wants k in base64url"},
      {Signer::secret("", std::string(31, 's')).jwk(),
       "keys[1]: a secret of fewer than 32 bytes is too weak for HS256"},
      {R"({"kty":"RSA","n":"AQAB"})", "keys[1]: an RSA key wants n and e in base64url"},
      {Signer::rsa("", 1024).jwk(), "keys[1]: an RSA key of fewer than 2048 bits is too weak"},
      {R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})", "keys[1]: x and y are no point of P-256"},
      {R"({"kty":"EC","crv":"P-256","x":")" + base64url(std::string(32, 'x')) + R"(","y":")" +
           base64url(std::string(32, 'y')) + "\"}",
       "keys[1]: x and y are no point of P-256"},
      {R"({"kty":"RSA","n":")" + base64url(std::string(1025, 'n')) + R"(","e":"AQAB"})",
       "keys[1]: an RSA key longer than 8192 bits, or with a long exponent"},
  };
  for (const auto& [key, why] : cases)
    EXPECT_EQ(fault_of(jwks({good, key})), why) << key;
}

TEST(KeySet, SaysWhatADocumentLacks) {
  EXPECT_EQ(fault_of(""), "not JSON");
  EXPECT_EQ(fault_of("{"), "not JSON");
  for (const char* none : {"[]", "7", "null", "{}", R"({"keys":{}})", R"({"keys":null})"})
    EXPECT_EQ(fault_of(none), "no JWKS: want {\"keys\":[...]}") << none;
  EXPECT_EQ(fault_of(jwks({"{}"})), "no key for HS256, RS256 or ES256 in it");
  EXPECT_EQ(fault_of(jwks({})), "none");
  EXPECT_EQ(fault_of(jwks(std::vector<std::string>(65, "{}"))), "more than 64 keys");
  EXPECT_EQ(fault_of(std::string(KeySet::kBytesMax + 1, ' ')), "longer than 256 KiB");
}

}  // namespace
}  // namespace gateway::auth
