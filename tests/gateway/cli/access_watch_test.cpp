#include "gateway/cli/access_watch.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "gateway/auth/token_hash.h"

namespace gateway::cli {
namespace {

const ingest::WallTime kNow = ingest::wall_from_ms(1'764'000'000'000);

config::AuthToken entry(const std::string& token) {
  static constexpr const char* kDigits = "0123456789abcdef";
  std::string hash = "sha256:";
  for (const std::uint8_t byte : auth::hash_token(token)) {
    hash += kDigits[byte >> 4U];
    hash += kDigits[byte & 0xFU];
  }
  return {.name = token, .hash = hash};
}
config::Config::Auth listed(std::vector<std::string> readers,
                            std::vector<std::string> writers = {}) {
  config::Config::Auth auth;
  for (const std::string& token : readers)
    auth.readers.push_back(entry(token));
  for (const std::string& token : writers)
    auth.writers.push_back(entry(token));
  return auth;
}
config::Config with(config::Config::Auth auth) {
  config::Config config;
  config.auth = std::move(auth);
  return config;
}

struct House {
  /// Once `reread` was asked, and the thread is over.
  void reload(const config::Config::Auth& first, config::Loaded next) {
    AccessWatch watch{first, {.reread = [&] { return next; }}, access, log};
    ASSERT_TRUE(watch.begin());
    ASSERT_TRUE(watch.can_reload());
    before = access.now();
    watch.reload();
  }
  bool lets_in(const char* token) const { return access.now()->identify(token, kNow).has_value(); }

  server::Access access;
  ingest::io::Logger log{ingest::io::LogLevel::Error};
  server::AuthenticatorPtr before;
};

TEST(AccessWatch, TokensOfTheFileAreReadAgain) {
  House house;
  house.reload(listed({"old", "both"}, {"agent"}), with(listed({"new", "both"}, {"other"})));
  EXPECT_TRUE(house.lets_in("new"));
  EXPECT_TRUE(house.lets_in("both"));
  EXPECT_TRUE(house.lets_in("other"));
  EXPECT_FALSE(house.lets_in("old"));
  EXPECT_FALSE(house.lets_in("agent"));
  const auto old = house.before->identify("old", kNow);
  const auto both = house.before->identify("both", kNow);
  ASSERT_TRUE(old && both);
  EXPECT_FALSE(house.access.now()->still_gives(**old, kNow));
  EXPECT_TRUE(house.access.now()->still_gives(**both, kNow));
}

TEST(AccessWatch, AFileThatCannotBeReadChangesNothing) {
  House house;
  house.reload(listed({"old"}),
               ingest::Failure{std::vector<config::Fault>{{"weir.yaml:3", "auth", "no list"}}});
  EXPECT_TRUE(house.lets_in("old"));
  EXPECT_EQ(house.access.now(), house.before);
}

TEST(AccessWatch, AListThatWasEmptiedDoesNotOpenTheHouse) {
  for (const auto& next : {listed({}, {"agent"}), listed({"old"}, {}), listed({})}) {
    House house;
    house.reload(listed({"old"}, {"agent"}), with(next));
    EXPECT_TRUE(house.access.now()->guards_reading());
    EXPECT_TRUE(house.access.now()->guards_writing());
    EXPECT_TRUE(house.lets_in("old"));
    EXPECT_TRUE(house.lets_in("agent"));
  }
}

TEST(AccessWatch, ASideThatWasOpenMayBeShut) {
  House house;
  house.reload(listed({"old"}), with(listed({"old"}, {"agent"})));
  EXPECT_TRUE(house.access.now()->guards_writing());
}

TEST(AccessWatch, WithoutAFileThereIsNothingToReadAgain) {
  server::Access access;
  const ingest::io::Logger log{ingest::io::LogLevel::Error};
  AccessWatch fileless{listed({"old"}), {}, access, log};
  ASSERT_TRUE(fileless.begin());
  EXPECT_FALSE(fileless.can_reload()) << "a terminal that goes ends it";
}

TEST(AccessWatch, WhatWasReadIsToldToOthersToo) {
  server::Access access;
  const ingest::io::Logger log{ingest::io::LogLevel::Error};
  config::Config next;
  next.log.level = config::LogLevel::Debug;
  config::Config told;
  {
    AccessWatch open{listed({}),
                     {.reread = [&] { return config::Loaded{next}; },
                      .told = [&](const config::Config& config) { told = config; }},
                     access,
                     log};
    ASSERT_TRUE(open.begin());
    ASSERT_TRUE(open.can_reload());
    open.reload();
  }
  EXPECT_EQ(told, next);
}

}  // namespace
}  // namespace gateway::cli
