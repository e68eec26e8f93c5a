#include "gateway/publish/message.h"

#include <gtest/gtest.h>

#include <string>

#include "gateway/publish/protocol.h"

namespace gateway::publish {
namespace {

using ingest::Millis;

TEST(Message, WelcomeNamesEpochRatesAndLimits) {
  const auto rates = rate_tiers(Millis{250});
  EXPECT_EQ(
      welcome_text(
          {"01JDX8Q3", "c9f2a1", ingest::wall_from_ms(1'764'000'000'123), rates, 64, 65'536}),
      R"({"t":"welcome","v":1,"epoch":"01JDX8Q3","session":"c9f2a1","now":1764000000123,)"
      R"("rates":[250,500,1000,2000,5000,10000,30000,60000],"limits":{"subs":64,"message":65536}})");
}

TEST(Message, SubdCarriesTheCanonicalShape) {
  const auto query = ingest::query::parse_query(
      R"({"metric":"a","window":"10s","slide":"1s","stats":["p99","count"],"by":["route"]})", {});
  ASSERT_TRUE(query);
  EXPECT_EQ(subd_text({1, 17, "01JDX8Q3", Start::New, Millis{1'000}, *query}),
            R"({"t":"subd","id":1,"ch":17,"epoch":"01JDX8Q3","mode":"snapshot","why":"new",)"
            R"("rate":1000,"window":10000,"slide":1000,"fields":["count","p99"],"by":["route"]})");
  EXPECT_NE(subd_text({1, 17, "e", Start::Replay, Millis{250}, *query}).find(R"("mode":"replay")"),
            std::string::npos);
}

TEST(Message, ErrorsCarryNameNumberAndSentence) {
  EXPECT_EQ(err_text(3, {ingest::query::Code::QueryBadMatcher, "where[1]: \"x\" is\nlong", false}),
            R"({"t":"err","id":3,"code":"query.bad_matcher","n":2003,)"
            R"("msg":"where[1]: \"x\" is\nlong","retry":false})");
  EXPECT_EQ(err_text({}, {ingest::query::Code::LimitStreams, "full", true}),
            R"({"t":"err","code":"limit.streams","n":3006,"msg":"full","retry":true})");
}

TEST(Message, TheSmallOnes) {
  EXPECT_EQ(gap_text({17, 48'215, 48'231}),
            R"({"t":"gap","ch":17,"from":48215,"to":48231,"why":"slow","next":"snap"})");
  EXPECT_EQ(unsubd_text(1), R"({"t":"unsubd","id":1})");
  EXPECT_EQ(unsubd_text(1, ingest::query::Code::AuthRevoked),
            R"({"t":"unsubd","id":1,"code":"auth.revoked"})");
  EXPECT_EQ(paused_text(1, "asked"), R"({"t":"paused","id":1,"why":"asked"})");
  EXPECT_EQ(hb_text(ingest::wall_from_ms(1'764'000'010'123)), R"({"t":"hb","now":1764000010123})");
  EXPECT_EQ(pong_text(-7), R"({"t":"pong","n":-7})");
  EXPECT_EQ(bye_text("drain", Millis{250}, Millis{8'000}),
            R"({"t":"bye","why":"drain","after":[250,8000]})");
}

TEST(Protocol, AWantedRateIsRoundedUpToATier) {
  EXPECT_EQ(rate_tier(Millis{100}, Millis{250}), Millis{250});
  EXPECT_EQ(rate_tier(Millis{250}, Millis{250}), Millis{250});
  EXPECT_EQ(rate_tier(Millis{251}, Millis{250}), Millis{500});
  EXPECT_EQ(rate_tier(Millis{3'000}, Millis{250}), Millis{5'000});
  EXPECT_EQ(rate_tier(Millis{3'600'000}, Millis{250}), Millis{60'000});
}

TEST(Protocol, TheTickIsTheFastestTier) {
  EXPECT_EQ(rate_tiers(Millis{100}).front(), Millis{100});
  EXPECT_EQ(rate_tier(Millis{50}, Millis{100}), Millis{100});
  EXPECT_EQ(rate_tier(Millis{101}, Millis{100}), Millis{300});
  EXPECT_EQ(rate_tiers(Millis{250}).front(), Millis{250});
  EXPECT_EQ(rate_tiers(Millis{250}).size(), 8U);
}

TEST(Protocol, TiersAreMultiplesOfTheTick) {
  for (const int tick_ms : {50, 100, 250, 300, 1'000, 7'000}) {
    const Millis tick{tick_ms};
    const auto tiers = rate_tiers(tick);
    Millis before{0};
    for (const Millis tier : tiers) {
      EXPECT_EQ(tier % tick, Millis{0}) << tick_ms;
      EXPECT_GT(tier, before);
      EXPECT_EQ(rate_tier(tier, tick), tier);
      EXPECT_EQ(rate_tier(before + Millis{1}, tick), tier);
      before = tier;
    }
  }
}

}  // namespace
}  // namespace gateway::publish
