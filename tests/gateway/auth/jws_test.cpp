#include "gateway/auth/jws.h"

#include <gtest/gtest.h>

#include "tests/gateway/auth/signer.h"

namespace gateway::auth {
namespace {

const std::string kSecret(32, 's');
const std::string kClaims = R"({"sub":"ops"})";

KeySet keys_of(const std::vector<std::string>& keys) {
  auto set = KeySet::read(jwks(keys));
  EXPECT_TRUE(set) << set.error();
  return set ? *std::move(set) : KeySet{};
}

/// The payload, or the fault's text.
std::string open(const std::string& token, const KeySet& keys) {
  auto opened = open_jws(token, keys);
  return opened ? opened->payload : std::string{jws_fault_text(opened.error())};
}
const std::string kMalformed{jws_fault_text(JwsFault::Malformed)};
const std::string kUnknown{jws_fault_text(JwsFault::UnknownAlgorithm)};
const std::string kBad{jws_fault_text(JwsFault::BadSignature)};

// Keys and tokens of RFC 7515 appendix A: another's arithmetic than OpenSSL's in this very test.
const std::string kRfcText =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";
constexpr const char* kRfcPayload =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

TEST(Jws, OpensTheRfcsHmacExample) {
  const KeySet keys = keys_of(
      {R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})"});
  EXPECT_EQ(open("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + kRfcText +
                     ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                 keys),
            kRfcPayload);
}

TEST(Jws, OpensTheRfcsCurveExample) {
  const KeySet keys = keys_of(
      {R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"});
  EXPECT_EQ(
      open("eyJhbGciOiJFUzI1NiJ9." + kRfcText +
               ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-"
               "Kg6NU1Q",
           keys),
      kRfcPayload);
}

TEST(Jws, OpensWhatEachKindOfKeySigned) {
  for (const Signer& signer :
       {Signer::rsa("r"), Signer::p256("e"), Signer::secret("s", kSecret), Signer::p256("")}) {
    const KeySet keys = keys_of({signer.jwk()});
    const std::string token = signer.token(kClaims);
    EXPECT_EQ(open(token, keys), kClaims);
  }
}

TEST(Jws, RefusesEveryOtherByte) {
  const Signer signer = Signer::secret("", kSecret);
  const KeySet keys = keys_of({signer.jwk()});
  const std::string token = signer.token(kClaims);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(open_jws(changed, keys)) << i;
    EXPECT_FALSE(open_jws(token.substr(0, i), keys)) << i;
  }
}

TEST(Jws, RefusesAnotherKeysSignature) {
  const KeySet keys = keys_of(
      {Signer::rsa("a").jwk(), Signer::p256("a").jwk(), Signer::secret("a", kSecret).jwk()});
  EXPECT_EQ(open(Signer::rsa("a").token(kClaims), keys), kBad);
  EXPECT_EQ(open(Signer::p256("a").token(kClaims), keys), kBad);
  EXPECT_EQ(open(Signer::secret("a", std::string(32, 't')).token(kClaims), keys), kBad);
}

/// RFC 8725 section 2.1: the token must not choose how it is verified.
TEST(Jws, NeverTakesAPublicKeyForASecret) {
  const Signer rsa = Signer::rsa("a");
  const KeySet keys = keys_of({rsa.jwk()});
  const Signer forger = Signer::secret("a", rsa.jwk());
  EXPECT_EQ(open(forger.token(kClaims), keys), kBad);
  EXPECT_EQ(open(rsa.signed_as(R"({"alg":"HS256","kid":"a"})", kClaims), keys), kBad);
  EXPECT_EQ(open(rsa.signed_as(R"({"alg":"ES256","kid":"a"})", kClaims), keys), kBad);
}

TEST(Jws, KnowsNoneOfTheOtherAlgorithms) {
  const Signer signer = Signer::secret("", kSecret);
  const KeySet keys = keys_of({signer.jwk()});
  for (const char* alg : {"none", "None", "", "HS384", "RS512", "PS256", "EdDSA", "hs256"}) {
    const std::string header = std::string{R"({"alg":")"} + alg + "\"}";
    EXPECT_EQ(open(signer.signed_as(header, kClaims), keys), kUnknown) << alg;
  }
  EXPECT_EQ(open(base64url(R"({"alg":"none"})") + "." + base64url(kClaims) + ".", keys), kUnknown);
  EXPECT_EQ(open(signer.signed_as(R"({"alg":"HS256","crit":["exp"]})", kClaims), keys), kUnknown);
}

TEST(Jws, RefusesWhatIsNoToken) {
  const KeySet keys = keys_of({Signer::secret("", kSecret).jwk()});
  const Signer signer = Signer::secret("", kSecret);
  for (const std::string& bad :
       {std::string{}, std::string{"."}, std::string{".."}, std::string{"a.b"}, std::string{"..."},
        signer.token(kClaims) + ".", signer.token(kClaims) + "=", signer.signed_as("[]", kClaims),
        signer.signed_as("{}", kClaims), signer.signed_as(R"({"alg":7})", kClaims),
        signer.signed_as(R"({"alg":"HS256","kid":7})", kClaims), signer.signed_as("{", kClaims),
        signer.token(std::string(kTokenBytesMax, ' '))}) {
    EXPECT_EQ(open(bad, keys), kMalformed) << bad.substr(0, 100);
  }
}

TEST(Jws, LetsAnOldAndANewKeyStandSideBySide) {
  const Signer before = Signer::p256("2026-10");
  const Signer after = Signer::p256("2026-11");
  const KeySet both = keys_of({before.jwk(), after.jwk()});
  const KeySet one = keys_of({after.jwk()});
  EXPECT_EQ(open(before.token(kClaims), both), kClaims);
  EXPECT_EQ(open(after.token(kClaims), both), kClaims);
  EXPECT_EQ(open(before.token(kClaims), one), kBad);
}

TEST(Jws, TriesOnlyAFewKeysForATokenThatNamesNone) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < KeySet::kTriesMax; ++i)
    keys.push_back(
        Signer::secret("k" + std::to_string(i), std::string(32, static_cast<char>('a' + i))).jwk());
  const Signer last = Signer::secret("last", kSecret);
  keys.push_back(last.jwk());
  const KeySet set = keys_of(keys);
  EXPECT_EQ(open(last.token(kClaims), set), kClaims);
  EXPECT_EQ(open(last.signed_as(R"({"alg":"HS256"})", kClaims), set), kBad);
}

}  // namespace
}  // namespace gateway::auth
