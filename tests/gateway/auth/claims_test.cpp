#include "gateway/auth/claims.h"

#include <gtest/gtest.h>

namespace gateway::auth {
namespace {

constexpr std::int64_t kNowSeconds = 1'764'000'000;
const ingest::WallTime kNow = ingest::wall_from_ms(kNowSeconds * 1000);
const std::string kReader = R"("weir":{"role":"reader"})";

std::string at(std::int64_t offset_seconds) {
  return std::to_string(kNowSeconds + offset_seconds);
}

ingest::Result<Rights, Refusal> read(const std::string& members, const ClaimRules& rules = {}) {
  return read_claims("{" + members + "}", rules, kNow);
}
/// "ok", or the kind and why.
std::string verdict(const std::string& members, const ClaimRules& rules = {}) {
  const auto rights = read(members, rules);
  if (rights) return "ok";
  switch (rights.error().kind) {
    case Refusal::Kind::Invalid:
      return "invalid: " + rights.error().why;
    case Refusal::Kind::Expired:
      return "expired";
    case Refusal::Kind::Forbidden:
      return "forbidden: " + rights.error().why;
    case Refusal::Kind::Unread:
      return "unread";
  }
  return {};
}

TEST(Claims, GiveARoleAndCanonicalMatchers) {
  const auto rights = read(
      R"("sub":"ops","weir":{"role":"reader","where":[["env","in",["prod"]],["app","=~","web.*"],["env","=","prod"]]})");
  ASSERT_TRUE(rights) << rights.error().why;
  EXPECT_EQ(rights->name, "ops");
  EXPECT_EQ(rights->role, Role::Reader);
  EXPECT_EQ(rights->until, std::nullopt);
  using ingest::query::Matcher;
  using ingest::query::Op;
  const std::vector<Matcher> where{{"app", Op::Matches, {"web.*"}}, {"env", Op::Equal, {"prod"}}};
  EXPECT_EQ(rights->where, where);
}

TEST(Claims, MakeAReaderOfWhoNamesNoRole) {
  const auto rights = read(R"("weir":{"where":[["env","=","prod"]]})");
  ASSERT_TRUE(rights) << rights.error().why;
  EXPECT_EQ(rights->role, Role::Reader);
  EXPECT_EQ(rights->name, "jwt");
}

TEST(Claims, KeepRolesApart) {
  const auto writer = read(R"("weir":{"role":"writer"})");
  const auto reader = read(kReader);
  const auto admin = read(R"("weir":{"role":"admin"})");
  ASSERT_TRUE(writer && reader && admin);
  EXPECT_TRUE(writer->may_write() && !writer->may_read());
  EXPECT_TRUE(reader->may_read() && !reader->may_write());
  EXPECT_TRUE(admin->may_read() && admin->may_write());
}

TEST(Claims, GiveNoRightThatTheyDoNotName) {
  EXPECT_EQ(verdict(R"("sub":"x")"), "forbidden: there is no claim weir: {\"role\":\"reader\"}");
  EXPECT_EQ(verdict(R"("weir":true)"), "forbidden: there is no claim weir: {\"role\":\"reader\"}");
  for (const char* role : {R"("root")", "7", "null", R"(["reader"])", R"("Reader")"}) {
    EXPECT_EQ(verdict(std::string{R"("weir":{"role":)"} + role + "}"),
              "forbidden: weir.role is not reader, writer or admin")
        << role;
  }
  EXPECT_EQ(verdict(R"("weir":{"role":"reader","where":[["env","~","x"]]})"),
            "forbidden: weir.where[0]: unknown operator \"~\"; known are = != =~ !~ in nin exists");
  EXPECT_EQ(verdict(R"("weir":{"where":{}})"), "forbidden: weir.where: want a list of matchers");
  EXPECT_EQ(verdict(R"("weir":{"role":"reader","where":[]})"),
            "forbidden: weir.where is empty; leave it out to see everything");
  EXPECT_EQ(verdict(R"("weir":{"role":"reader","were":[["env","=","prod"]]})"),
            "forbidden: weir has a member that is not known");
  EXPECT_EQ(verdict(R"("exp":253402300799,)" + kReader), "ok");
  EXPECT_EQ(verdict(R"("weir":{"role":"writer","where":[["env","=","prod"]]})"),
            "forbidden: weir.where is for readers alone");
  EXPECT_EQ(verdict(R"("weir":{"role":"admin","where":[["env","=","prod"]]})"),
            "forbidden: weir.where is for readers alone");
}

TEST(Claims, EndAtExpAndTheLeeway) {
  EXPECT_EQ(verdict(R"("exp":)" + at(1) + "," + kReader), "ok");
  EXPECT_EQ(verdict(R"("exp":)" + at(-29) + "," + kReader), "ok");
  EXPECT_EQ(verdict(R"("exp":)" + at(-30) + "," + kReader), "expired");
  EXPECT_EQ(verdict(R"("exp":0,)" + kReader), "expired");
  const auto rights = read(R"("exp":)" + at(60) + ".5," + kReader);
  ASSERT_TRUE(rights);
  EXPECT_EQ(rights->until, kNow + ingest::Millis{90'500});
}

TEST(Claims, BeginAtNbfLessTheLeeway) {
  EXPECT_EQ(verdict(R"("nbf":)" + at(30) + "," + kReader), "ok");
  EXPECT_EQ(verdict(R"("nbf":)" + at(31) + "," + kReader), "invalid: nbf is still to come");
}

TEST(Claims, WantTimesThatAreSeconds) {
  for (const char* time : {"-1", "1e300", R"("1764000000")", "null", "{}", "253402300801"}) {
    EXPECT_EQ(verdict(std::string{R"("exp":)"} + time + "," + kReader),
              "invalid: exp is no number of seconds since 1970")
        << time;
    EXPECT_EQ(verdict(std::string{R"("nbf":)"} + time + "," + kReader),
              "invalid: nbf is no number of seconds since 1970")
        << time;
  }
}

TEST(Claims, AreOnlyThoseOfTheIssuer) {
  const ClaimRules rules{.issuer = "https://id.example", .audience = {}, .limits = {}};
  EXPECT_EQ(verdict(R"("iss":"https://id.example",)" + kReader, rules), "ok");
  for (const char* other :
       {R"("iss":"https://id.example/",)", R"("iss":["https://id.example"],)", ""})
    EXPECT_EQ(verdict(other + kReader, rules), "invalid: iss is not auth.jwt.issuer") << other;
  EXPECT_EQ(verdict(R"("iss":"anybody",)" + kReader), "ok");
}

TEST(Claims, AreOnlyThoseForUs) {
  const std::string why = "invalid: aud does not name auth.jwt.audience";
  const ClaimRules rules{.issuer = {}, .audience = "weir", .limits = {}};
  EXPECT_EQ(verdict(R"("aud":"weir",)" + kReader, rules), "ok");
  EXPECT_EQ(verdict(R"("aud":["other","weir"],)" + kReader, rules), "ok");
  for (const char* other :
       {R"("aud":"other",)", R"("aud":[],)", R"("aud":[7],)", R"("aud":7,)", ""})
    EXPECT_EQ(verdict(other + kReader, rules), why) << other;
  EXPECT_EQ(verdict(R"("aud":"weir",)" + kReader), why);  // RFC 7519 section 4.1.3
}

TEST(Claims, AreAnObject) {
  for (const char* bad : {"", "[]", "7", "null", "{", "\xff"}) {
    const auto rights = read_claims(bad, {}, kNow);
    ASSERT_FALSE(rights) << bad;
    EXPECT_EQ(rights.error().kind, Refusal::Kind::Invalid);
  }
}

TEST(Claims, CutALongName) {
  const auto rights = read(R"("sub":")" + std::string(100, 'x') + "\"," + kReader);
  ASSERT_TRUE(rights);
  EXPECT_EQ(rights->name, std::string(kNameBytesMax, 'x'));
  // Never inside a character.
  const auto foreign = read(R"("sub":")" + std::string(63, 'a') + "\xc3\xa9\"," + kReader);
  ASSERT_TRUE(foreign);
  EXPECT_EQ(foreign->name, std::string(63, 'a'));
}

}  // namespace
}  // namespace gateway::auth
