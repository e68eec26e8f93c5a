#include "gateway/cli/feed_tokens.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "gateway/auth/token_hash.h"

namespace gateway::cli {
namespace {

const ingest::IpAddress kSender = *ingest::parse_ip("192.0.2.1");
const ingest::IpAddress kOther = *ingest::parse_ip("192.0.2.2");
const ingest::IpAddress kLoopback = *ingest::parse_ip("127.0.0.1");

auth::StaticToken token(const char* text, auth::Role role) {
  return {.hash = auth::hash_token(text), .rights = {.name = text, .role = role}};
}

struct Desk {
  explicit Desk(std::uint64_t failures = 60) {
    settings.limits.token_failures_per_minute = failures;
    settings.tokens = {token("agent", auth::Role::Writer), token("page", auth::Role::Reader)};
    site = std::make_unique<server::Site>(settings, metrics, dealer, log);
    check = writer_check(*site, clock);
  }
  void reload(const std::vector<auth::StaticToken>& tokens) {
    site->access.replace(
        std::make_shared<const auth::Authenticator>(tokens, std::nullopt, auth::ClaimRules{}));
  }

  ingest::ManualClock clock;
  server::Settings settings;
  server::Metrics metrics{"0.1.0"};
  server::Dealer dealer{1, 10};
  ingest::io::Logger log{ingest::io::LogLevel::Error};
  std::unique_ptr<server::Site> site;
  WriterCheck check;
};

TEST(FeedTokens, AWriterIsLetInUntilHisTokenIsTakenAway) {
  Desk desk;
  EXPECT_FALSE(desk.check("page", kSender));
  EXPECT_FALSE(desk.check("nobody", kSender));
  const StillWrites still = desk.check("agent", kSender);
  ASSERT_TRUE(still);
  EXPECT_TRUE(still());
  desk.reload({token("agent", auth::Role::Writer), token("another", auth::Role::Writer)});
  EXPECT_TRUE(still()) << "it stands as it stood";
  desk.reload({token("another", auth::Role::Writer)});
  EXPECT_FALSE(still());
  EXPECT_FALSE(desk.check("agent", kSender));
}

TEST(FeedTokens, OneWhoMayOnlyReadFromNowOnMayNotWrite) {
  Desk desk;
  const StillWrites still = desk.check("agent", kSender);
  desk.reload({token("agent", auth::Role::Reader)});
  EXPECT_FALSE(still());
}

TEST(FeedTokens, AnAddressThatGuessesIsNotListenedTo) {
  Desk desk{2};
  EXPECT_FALSE(desk.check("guess", kSender));
  EXPECT_FALSE(desk.check("guess", kSender));
  EXPECT_FALSE(desk.check("agent", kSender));
  EXPECT_EQ(desk.site->token_failures->refused(), 1U);
  EXPECT_TRUE(desk.check("agent", kOther));
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(desk.check("guess", kLoopback));
  EXPECT_TRUE(desk.check("agent", kLoopback)) << "loopback is not counted";
  desk.clock.advance(std::chrono::seconds{31});
  EXPECT_TRUE(desk.check("agent", kSender));
}

}  // namespace
}  // namespace gateway::cli
