// Consumption credit: a page that does not run any more gets no frames, whatever TCP says.

#include "gateway/publish/credit.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/gateway/publish/house.h"

namespace gateway::publish {
namespace {

using ingest::Millis;
using ingest::MonoTime;
using test::Client;
using test::House;
using test::Told;

constexpr const char* kSub =
    R"({"t":"sub","id":1,"rate":250,"q":{"metric":"m","by":["k"],"stats":["count"]}})";
constexpr const char* kSeen = R"({"t":"seen","a":[[1,1]]})";

TEST(Credit, NobodyIsHeldToItWhoNeverSaidIt) {
  Credit credit;
  credit.frame_sent(MonoTime{});
  EXPECT_FALSE(credit.is_spent(MonoTime{Millis{1'000'000}}));
}

TEST(Credit, IsSpentTenSecondsAfterTheLastWordWhileFramesFlow) {
  Credit credit;
  credit.seen(MonoTime{});
  for (Millis at{250}; at < Millis{10'000}; at += Millis{250}) {
    EXPECT_FALSE(credit.is_spent(MonoTime{at})) << at.count();
    credit.frame_sent(MonoTime{at});
  }
  EXPECT_TRUE(credit.is_spent(MonoTime{Millis{10'000}}));
  credit.seen(MonoTime{Millis{10'000}});
  EXPECT_FALSE(credit.is_spent(MonoTime{Millis{10'000}}));
}

TEST(Credit, AFrameRightAfterTheLastWordNeedsNoAnswer) {
  Credit credit;
  credit.seen(MonoTime{});
  credit.frame_sent(MonoTime{Millis{1'999}});
  EXPECT_FALSE(credit.is_spent(MonoTime{Millis{60'000}})) << "nothing else came";
  credit.frame_sent(MonoTime{Millis{60'000}});
  EXPECT_FALSE(credit.is_spent(MonoTime{Millis{67'999}}));
  EXPECT_TRUE(credit.is_spent(MonoTime{Millis{68'000}}));
}

/// A client that reads channel 1 of stream 1, and what the stream tells.
struct Scene {
  Scene() {
    house.say(client, kSub);
    tick(1);
  }
  void tick(int count = 1) {
    for (int i = 0; i < count; ++i) {
      Told told;
      told.window = test::window_at(house.now + Millis{250}, Millis{10'000}, Millis{1'000});
      if (ticks == 0) told.added = {{0, {"a"}}};
      told.rows = {0};
      told.values = {static_cast<double>(++ticks)};
      house.tick({{1, told}});
    }
  }
  House house;
  Client& client = house.connect();
  int ticks = 0;
};

TEST(Credit, AClientThatStopsSayingSeenIsPausedAndItsNextWordBringsOneSnapshot) {
  Scene scene;
  scene.house.say(scene.client, kSeen);
  scene.tick(41);
  ASSERT_NE(scene.client.model.last("paused"), nullptr);
  EXPECT_EQ(*scene.client.model.last("paused"),
            (test::json{{"t", "paused"}, {"id", 1}, {"why", "unseen"}}));
  const std::size_t updates = scene.client.model.count("u");
  EXPECT_LE(updates, 40U);
  EXPECT_GE(updates, 38U);
  scene.tick(20);
  EXPECT_EQ(scene.client.model.count("u"), updates);
  EXPECT_EQ(scene.client.model.count("paused"), 1U);
  EXPECT_EQ(scene.house.desk_of(scene.client).unseen, 1U);

  scene.house.say(scene.client, kSeen);
  EXPECT_EQ(scene.client.model.count("snap"), 2U);
  scene.house.say(scene.client, kSeen);
  EXPECT_EQ(scene.client.model.count("snap"), 2U) << "one";
  scene.tick();
  EXPECT_EQ(scene.client.model.count("u"), updates + 1);
  EXPECT_EQ(scene.client.model.tables[1].rows.at(0).values[0], 63.0);
  EXPECT_EQ(scene.client.model.gaps, 0U);
}

TEST(Credit, AClientThatNeverSaidSeenIsNeverPaused) {
  Scene scene;
  scene.tick(400);
  EXPECT_EQ(scene.client.model.count("u"), 400U);
}

TEST(Credit, AClientThatSaysItEveryTwoSecondsIsNeverPaused) {
  Scene scene;
  for (int i = 0; i < 50; ++i) {
    scene.house.say(scene.client, kSeen);
    scene.tick(8);
  }
  EXPECT_EQ(scene.client.model.count("u"), 400U);
}

TEST(Credit, WhatASubscriptionAskedForWhileStoppedWaitsForTheNextWordToo) {
  Scene scene;
  scene.house.say(scene.client, kSeen);
  scene.tick(41);
  std::string second = kSub;
  second.replace(second.find(R"("id":1)"), 6, R"("id":2)");
  second.replace(second.find("250"), 3, "500");
  scene.house.say(scene.client, second);
  const auto& order = scene.client.model.order;
  EXPECT_EQ((std::vector<std::string>{order.end() - 2, order.end()}),
            (std::vector<std::string>{"subd", "paused"}));
  scene.house.say(scene.client, kSeen);
  EXPECT_EQ(scene.client.model.count("snap"), 3U) << "one for each channel";
}

TEST(Credit, ASubscriptionThatIsPausedByWishStaysSoWhenTheClientIsBack) {
  Scene scene;
  scene.house.say(scene.client, kSeen);
  scene.tick(41);
  scene.house.say(scene.client, R"({"t":"mod","id":1,"pause":true})");
  scene.house.say(scene.client, kSeen);
  scene.tick(4);
  EXPECT_EQ(scene.client.model.count("snap"), 1U);
  scene.house.say(scene.client, R"({"t":"mod","id":1,"pause":false})");
  EXPECT_EQ(scene.client.model.count("snap"), 2U);
}

}  // namespace
}  // namespace gateway::publish
