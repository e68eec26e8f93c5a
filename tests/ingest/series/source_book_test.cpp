#include "ingest/series/source_book.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace ingest::series {
namespace {

using Index = SourceBook::Index;

IpAddress ip(const std::string& text) {
  return *parse_ip(text);
}

IpAddress numbered(std::uint32_t number) {
  return ip_of_v4({10, static_cast<std::uint8_t>(number >> 16U),
                   static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)});
}

struct Desk {
  explicit Desk(SourceRule rule = {}, SourceBook::Options options = {})
      : book(options), feed(book.add_rule(std::move(rule))) {}
  Index index_of(const std::string& address) { return book.index_of(feed, ip(address), now); }
  /// How many of `count` pass.
  std::size_t send(const std::string& address, std::size_t count) {
    return book.admit(index_of(address), count, now).count;
  }

  SourceBook book;
  SourceBook::RuleIndex feed;
  MonoTime now{std::chrono::seconds{100}};
};

TEST(TokenBucket, GivesItsBurstAndThenItsRate) {
  const TokenBucket::Rule rule{.per_second = 10, .burst = 30};
  MonoTime now{std::chrono::seconds{5}};
  TokenBucket bucket{rule, now};
  EXPECT_EQ(bucket.take(25, rule, now), 25U);
  EXPECT_EQ(bucket.take(25, rule, now), 5U);
  EXPECT_EQ(bucket.take(1, rule, now + Millis{99}), 0U);
  EXPECT_EQ(bucket.take(9, rule, now + Millis{100}), 1U);
  EXPECT_EQ(bucket.take(100, rule, now + Millis{3'600'000}), 30U);  // full, and no more than that
  EXPECT_EQ(bucket.take(1, rule, now), 0U);                         // time does not go back
}

TEST(TokenBucket, LosesNothingHoweverOftenItIsAsked) {
  std::mt19937_64 random{3};
  for (int round = 0; round < 200; ++round) {
    const TokenBucket::Rule rule{.per_second = 1 + random() % 100'000, .burst = 2 + random() % 50};
    MonoTime now{};
    TokenBucket bucket{rule, now};
    std::uint64_t taken = bucket.take(rule.burst, rule, now);
    const std::uint64_t step_ns =
        1 + random() % (1'000'000'000 * (rule.burst - 1) / rule.per_second);
    std::uint64_t passed_ns = 0;
    for (int i = 0; i < 1'000; ++i) {
      passed_ns += step_ns;
      taken += bucket.take(~std::uint64_t{0}, rule, now + std::chrono::nanoseconds{passed_ns});
    }
    ASSERT_EQ(taken, rule.burst + passed_ns * rule.per_second / 1'000'000'000);
  }
}

TEST(TokenBucket, HoldsTheLargestOfRules) {
  const TokenBucket::Rule rule{.per_second = TokenBucket::kTokensMax,
                               .burst = TokenBucket::kTokensMax};
  TokenBucket bucket{rule, {}};
  EXPECT_EQ(bucket.take(rule.burst, rule, {}), rule.burst);
  EXPECT_EQ(bucket.take(rule.burst, rule, MonoTime{std::chrono::hours{100'000}}), rule.burst);
  const TokenBucket::Rule slow{.per_second = 1, .burst = TokenBucket::kTokensMax};
  EXPECT_EQ(bucket.take(rule.burst, slow, MonoTime{std::chrono::hours{200'000}}), 360'000'000U);
}

TEST(TokenBucket, WhatIsOwedIsPaidBeforeMoreComes) {
  const TokenBucket::Rule rule{.per_second = 10, .burst = 10};
  MonoTime now{std::chrono::seconds{5}};
  TokenBucket bucket{rule, now};
  EXPECT_EQ(bucket.wait(rule, now).count(), 0);
  bucket.owe(30, TokenBucket::kTokensMax, rule, now);
  EXPECT_EQ(bucket.wait(rule, now), Millis{2'100});  // 20, and one to spend
  EXPECT_EQ(bucket.take(1, rule, now), 0U);
  EXPECT_EQ(bucket.wait(rule, now + Millis{2'099}), Millis{1});
  EXPECT_EQ(bucket.wait(rule, now + Millis{2'100}).count(), 0);
  EXPECT_EQ(bucket.take(100, rule, now + Millis{60'000}), 10U);  // full, and no more than that
}

TEST(TokenBucket, OwesNoMoreThanTheLargestRule) {
  const TokenBucket::Rule rule{.per_second = 1, .burst = 1};
  TokenBucket bucket{rule, {}};
  for (int i = 0; i < 20; ++i)
    bucket.owe(~std::uint64_t{0}, TokenBucket::kTokensMax, rule, {});
  EXPECT_EQ(bucket.wait(rule, {}), std::chrono::seconds{TokenBucket::kTokensMax + 1});
  EXPECT_EQ(bucket.take(5, rule, MonoTime{std::chrono::hours{1'000'000}}), 1U);
}

TEST(TokenBucket, OwesNoMoreThanItIsLet) {
  const TokenBucket::Rule rule{.per_second = 10, .burst = 10};
  const MonoTime now{std::chrono::seconds{5}};
  TokenBucket bucket{rule, now};
  bucket.owe(1'000, 20, rule, now);
  EXPECT_EQ(bucket.wait(rule, now), Millis{2'100});
}

TEST(SourceBook, AGreedyOneOfTheCrowdLocksItsNeighboursOutForASecondAtMost) {
  Desk desk{{.rate = 100, .past_rate = PastRate::Owed}};
  for (std::size_t i = 0; i < SourceBook::kSourcesMax; ++i)  // all places are taken
    desk.index_of("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
  EXPECT_EQ(desk.send("192.0.2.1", 1'000'000), 1'000'000U);
  const Index stranger = desk.index_of("192.0.2.2");
  ASSERT_TRUE(desk.book.source(stranger).crowd);
  EXPECT_GT(desk.book.wait(stranger, desk.now), Millis{500});
  EXPECT_LE(desk.book.wait(stranger, desk.now), Millis{1'010});
  desk.now += Millis{1'010};
  EXPECT_EQ(desk.book.wait(desk.index_of("192.0.2.2"), desk.now).count(), 0);
  // Who has a place of its own pays all of its debt.
  desk.send("10.0.0.1", 1'000);
  EXPECT_GT(desk.book.wait(desk.index_of("10.0.0.1"), desk.now), Millis{5'000});
}

TEST(SourceBook, WhatComesWholeCountsWholeAndIsWaitedFor) {
  Desk desk{{.rate = 100, .past_rate = PastRate::Owed}};
  EXPECT_EQ(desk.send("192.0.2.1", 300), 300U);
  EXPECT_EQ(desk.book.wait(desk.index_of("192.0.2.1"), desk.now), Millis{2'010});
  EXPECT_EQ(desk.book.wait(desk.index_of("192.0.2.2"), desk.now).count(), 0);
  EXPECT_EQ(desk.book.source(desk.index_of("192.0.2.1")).limited, 0U);
  desk.now += Millis{2'010};
  EXPECT_EQ(desk.book.wait(desk.index_of("192.0.2.1"), desk.now).count(), 0);

  Desk dropping{{.rate = 100}};
  EXPECT_EQ(dropping.send("192.0.2.1", 300), 100U);
  EXPECT_EQ(dropping.book.wait(dropping.index_of("192.0.2.1"), dropping.now).count(), 0);
}

TEST(SourceBook, KnowsAHostAgain) {
  Desk desk;
  const Index first = desk.index_of("192.0.2.1");
  EXPECT_NE(first, SourceBook::kFeedItself);
  EXPECT_NE(desk.index_of("192.0.2.2"), first);
  EXPECT_EQ(desk.index_of("192.0.2.1"), first);
  const Index six = desk.index_of("2001:db8::1");
  EXPECT_EQ(desk.index_of("2001:db8::2:3"), six);
  EXPECT_NE(desk.index_of("2001:db8:0:1::1"), six);
  EXPECT_EQ(desk.book.counts().sources, 4U);
  EXPECT_EQ(desk.book.source(six).host, ip("2001:db8::"));
}

TEST(SourceBook, AHostIsAnotherSourceOfAnotherFeed) {
  Desk desk{{.rate = 10}};
  const auto other = desk.book.add_rule({.rate = 20});
  const Index here = desk.index_of("192.0.2.1");
  const Index there = desk.book.index_of(other, ip("192.0.2.1"), desk.now);
  EXPECT_NE(here, there);
  EXPECT_EQ(desk.book.admit(here, 100, desk.now).count, 10U);
  EXPECT_EQ(desk.book.admit(there, 100, desk.now).count, 20U);
}

TEST(SourceBook, ASourceOverItsRateLosesOnlyItsOwn) {
  Desk desk{{.rate = 100}};
  EXPECT_EQ(desk.send("192.0.2.1", 80), 80U);
  const auto admitted = desk.book.admit(desk.index_of("192.0.2.1"), 80, desk.now);
  EXPECT_EQ(admitted.count, 20U);
  EXPECT_EQ(admitted.limit, SourceBook::Limit::Rate);
  EXPECT_EQ(desk.send("192.0.2.2", 80), 80U);
  desk.now += Millis{500};
  EXPECT_EQ(desk.send("192.0.2.1", 80), 50U);
  const SourceBook::Source& loud = desk.book.source(desk.index_of("192.0.2.1"));
  EXPECT_EQ(loud.samples, 240U);
  EXPECT_EQ(loud.limited, 90U);
  EXPECT_EQ(loud.heard, desk.now);
  EXPECT_EQ(desk.book.source(desk.index_of("192.0.2.2")).limited, 0U);
}

TEST(SourceBook, NothingOfAStrangerPasses) {
  Desk desk{{.allow = {*Network::parse("10.0.0.0/8"), *Network::parse("2001:db8::/127")}}};
  EXPECT_EQ(desk.send("10.1.2.3", 5), 5U);
  const auto admitted = desk.book.admit(desk.index_of("11.1.2.3"), 5, desk.now);
  EXPECT_EQ(admitted.count, 0U);
  EXPECT_EQ(admitted.limit, SourceBook::Limit::Source);
  EXPECT_TRUE(desk.book.allows(desk.feed, ip("10.9.9.9")));
  EXPECT_FALSE(desk.book.allows(desk.feed, ip("192.0.2.1")));
  // One host, and yet not the same to an allow-list.
  EXPECT_EQ(desk.send("2001:db8::1", 5), 5U);
  EXPECT_EQ(desk.send("2001:db8::2", 5), 0U);
  EXPECT_EQ(desk.send("2001:db8::1", 5), 5U);
}

TEST(SourceBook, WhoHasNoAddressIsOneSourceAndAllowed) {
  Desk desk{{.rate = 10, .allow = {*Network::parse("10.0.0.0/8")}}};
  const Index local = desk.book.index_of(desk.feed, {}, desk.now);
  EXPECT_NE(local, SourceBook::kFeedItself);
  EXPECT_EQ(desk.book.admit(local, 15, desk.now).count, 10U);
}

TEST(SourceBook, TheFeedItselfHasNoLimits) {
  Desk desk{{.rate = 1}, {.new_series_per_source = 1}};
  EXPECT_EQ(desk.book.admit(SourceBook::kFeedItself, 1'000'000, desk.now).count, 1'000'000U);
  for (int i = 0; i < 5'000; ++i)
    ASSERT_TRUE(desk.book.admit_series(SourceBook::kFeedItself));
}

// What a normal start-up looks like: all its series at once.
TEST(SourceBook, AStartWith100000SeriesDoesNotSufferAndEndlessChurnDoes) {
  Desk desk;
  const Index busy = desk.index_of("192.0.2.1");
  desk.book.admit(busy, 1, desk.now);
  for (int i = 0; i < 100'000; ++i)
    ASSERT_TRUE(desk.book.admit_series(busy)) << i;
  std::uint64_t more = 0;
  for (int second = 0; second < 600; ++second) {  // as long as series_ttl
    desk.now += Millis{1'000};
    desk.book.admit(busy, 1, desk.now);
    for (int i = 0; i < 1'000; ++i)
      more += desk.book.admit_series(busy) ? 1U : 0U;
  }
  EXPECT_EQ(more, 60'000U);  // with the start, less than limits.series
  EXPECT_EQ(desk.book.source(busy).new_series, 160'000U);
  const Index quiet = desk.index_of("192.0.2.2");
  EXPECT_TRUE(desk.book.admit_series(quiet));
}

TEST(SourceBook, ZeroIsNoLimitOfNewSeries) {
  Desk desk{{}, {.new_series_per_source = 0}};
  const Index busy = desk.index_of("192.0.2.1");
  for (int i = 0; i < 200'000; ++i)
    ASSERT_TRUE(desk.book.admit_series(busy));
}

TEST(SourceBook, TheLongestSilentMakesRoomOnceItIsSilentForLong) {
  Desk desk;
  std::vector<Index> indexes;
  for (std::uint32_t i = 0; i < SourceBook::kSourcesMax; ++i) {
    indexes.push_back(desk.book.index_of(desk.feed, numbered(i), desk.now));
    desk.now += Millis{1};
  }
  // All were heard lately: the next ones share a place.
  const Index crowd = desk.index_of("192.0.2.1");
  EXPECT_EQ(desk.index_of("192.0.2.2"), crowd);
  EXPECT_TRUE(desk.book.source(crowd).crowd);
  EXPECT_EQ(desk.book.counts().crowded, 2U);
  EXPECT_EQ(desk.book.counts().sources, SourceBook::kSourcesMax);
  // The first is heard again, so the second is the one that goes.
  desk.now += SourceBook::kSilence;
  EXPECT_EQ(desk.book.index_of(desk.feed, numbered(0), desk.now), indexes[0]);
  EXPECT_EQ(desk.index_of("192.0.2.1"), indexes[1]);
  EXPECT_EQ(desk.index_of("192.0.2.2"), indexes[2]);
  EXPECT_EQ(desk.book.counts().forgotten, 2U);
  EXPECT_EQ(desk.book.counts().sources, SourceBook::kSourcesMax);
  EXPECT_EQ(desk.book.source(indexes[1]).host, ip("192.0.2.1"));
  EXPECT_EQ(desk.book.source(indexes[1]).samples, 0U);
}

TEST(SourceBook, StrangersCrowdOutNobody) {
  Desk desk{{.allow = {*Network::parse("192.0.2.0/24")}}};
  for (std::uint32_t i = 0; i < 10 * SourceBook::kStrangersMax; ++i) {
    const Index stranger = desk.book.index_of(desk.feed, numbered(i), desk.now);
    EXPECT_EQ(desk.book.admit(stranger, 1, desk.now).limit, SourceBook::Limit::Source);
  }
  EXPECT_EQ(desk.book.counts().sources, SourceBook::kStrangersMax);
  const Index known = desk.index_of("192.0.2.1");
  EXPECT_FALSE(desk.book.source(known).crowd);
  EXPECT_EQ(desk.book.admit(known, 7, desk.now).count, 7U);
}

TEST(SourceBook, TheSharedPlaceOfAFeedHasTheFeedsRate) {
  Desk desk{{.rate = 10}};
  for (std::uint32_t i = 0; i < SourceBook::kSourcesMax; ++i)
    desk.book.index_of(desk.feed, numbered(i), desk.now);
  EXPECT_EQ(desk.send("192.0.2.1", 8), 8U);
  EXPECT_EQ(desk.send("192.0.2.2", 8), 2U);
}

// An index that was given in this turn is nobody else's before time moves on, whatever comes: so a
// batch that is flushed within the turn mixes nobody.
TEST(SourceBook, NoIndexIsReusedWithinATurn) {
  std::mt19937 random{11};
  Desk desk;
  for (int turn = 0; turn < 60; ++turn) {
    std::map<Index, IpAddress> given;
    for (int i = 0; i < 600; ++i) {
      const IpAddress host = numbered(static_cast<std::uint32_t>(random() % 20'000));
      const Index index = desk.book.index_of(desk.feed, host, desk.now);
      if (desk.book.source(index).crowd) continue;
      const auto [held, is_new] = given.emplace(index, host);
      ASSERT_EQ(held->second, host);
    }
    for (const auto& [index, host] : given)
      ASSERT_EQ(desk.book.source(index).host, host);
    desk.now += Millis{random() % 4'000};
  }
  EXPECT_GT(desk.book.counts().forgotten, 1'000U);
}

}  // namespace
}  // namespace ingest::series
