#include "gateway/auth/authenticator.h"

#include <gtest/gtest.h>

#include "gateway/auth/jws.h"
#include "tests/gateway/auth/signer.h"

namespace gateway::auth {
namespace {

const ingest::WallTime kNow = ingest::wall_from_ms(1'764'000'000'000);
const std::string kSecret(32, 's');

StaticToken known(const std::string& token, Role role) {
  return {.hash = hash_token(token),
          .rights = {.name = std::string{role_name(role)}, .role = role, .where = {}, .until = {}}};
}
KeySet key_of_the_issuer() {
  auto set = KeySet::read(jwks({Signer::secret("", kSecret).jwk()}));
  return set ? *std::move(set) : KeySet{};
}

TEST(Authenticator, GuardsNothingWhereNobodyIsConfigured) {
  const Authenticator nobody;
  EXPECT_FALSE(nobody.guards_reading() || nobody.guards_writing());
  EXPECT_FALSE(nobody.identify("anything", kNow));
}

TEST(Authenticator, GuardsEachSideByItsOwnTokens) {
  const Authenticator readers{{known("r", Role::Reader)}, {}, {}};
  EXPECT_TRUE(readers.guards_reading() && !readers.guards_writing());
  const Authenticator writers{{known("w", Role::Writer)}, {}, {}};
  EXPECT_TRUE(!writers.guards_reading() && writers.guards_writing());
  const Authenticator admins{{known("a", Role::Admin)}, {}, {}};
  EXPECT_FALSE(admins.guards_reading() || admins.guards_writing());
  const Authenticator issuer{{}, key_of_the_issuer(), {}};
  EXPECT_TRUE(issuer.guards_reading() && issuer.guards_writing());
  const Authenticator without_keys{{}, KeySet{}, {}};
  EXPECT_TRUE(without_keys.guards_reading() && without_keys.guards_writing());
}

TEST(Authenticator, KnowsAStaticTokenByItsHash) {
  const Authenticator all{
      {known("r", Role::Reader), known("a.b.c", Role::Admin)}, key_of_the_issuer(), {}};
  const auto reader = all.identify("r", kNow);
  const auto admin = all.identify("a.b.c", kNow);
  ASSERT_TRUE(reader && admin);
  EXPECT_EQ((*reader)->role, Role::Reader);
  EXPECT_EQ((*admin)->role, Role::Admin);
  for (const std::string& other :
       {std::string{}, std::string{"R"}, std::string{"rr"}, std::string(kTokenBytesMax + 1, 'r')}) {
    const auto refused = all.identify(other, kNow);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Refusal::Kind::Invalid);
  }
}

TEST(Authenticator, KnowsASignedTokenWhileItHolds) {
  const Authenticator issuer{{}, key_of_the_issuer(), {}};
  const std::string token =
      Signer::secret("", kSecret).token(R"({"exp":1764000060,"weir":{"role":"writer"}})");
  const auto rights = issuer.identify(token, kNow);
  ASSERT_TRUE(rights) << rights.error().why;
  EXPECT_EQ((*rights)->role, Role::Writer);
  const auto later = issuer.identify(token, kNow + std::chrono::minutes{2});
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().kind, Refusal::Kind::Expired);
}

TEST(Authenticator, GivesTheSameRightsAgainWhileTokenAndKeyStand) {
  const Authenticator before{
      {known("r", Role::Reader), known("w", Role::Writer)}, key_of_the_issuer(), {}};
  const std::string token =
      Signer::secret("", kSecret).token(R"({"exp":1764000060,"weir":{"role":"reader"}})");
  const auto reader = before.identify("r", kNow);
  const auto writer = before.identify("w", kNow);
  const auto issued = before.identify(token, kNow);
  ASSERT_TRUE(reader && writer && issued);
  EXPECT_TRUE(before.still_gives(**issued, kNow));
  EXPECT_FALSE(before.still_gives(**issued, kNow + std::chrono::minutes{2}));

  StaticToken narrower = known("r", Role::Reader);
  narrower.rights.where = {{"env", ingest::query::Op::Equal, {"prod"}}};
  const Authenticator after{{narrower, known("w", Role::Writer)}, {}, {}};
  EXPECT_FALSE(after.still_gives(**reader, kNow));
  EXPECT_TRUE(after.still_gives(**writer, kNow));
  EXPECT_FALSE(after.still_gives(**issued, kNow));
}

}  // namespace
}  // namespace gateway::auth
