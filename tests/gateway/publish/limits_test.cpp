// What one connection may do in a second, and what it gets.

#include <gtest/gtest.h>

#include <string>

#include "tests/gateway/publish/house.h"

namespace gateway::publish {
namespace {

using test::Client;
using test::House;
using test::Told;
using Millis = ingest::Millis;

constexpr const char* kSub =
    R"({"t":"sub","id":1,"q":{"metric":"m","by":["k"],"stats":["last"]},"rate":"250ms"})";

/// A row of some bytes, newly told at each tick.
Told row(const House& house, int tick, std::size_t key_bytes) {
  Told told;
  told.window = test::window_at(house.now + Millis{250}, Millis{10'000}, Millis{1'000});
  if (tick == 0) told.added.push_back({0, {std::string(key_bytes, 'k')}});
  told.rows.push_back(0);
  told.values.push_back(static_cast<double>(tick));
  return told;
}

TEST(Limits, CommandsAboveTheirRateAreToWaitAndNoneIsRefused) {
  House house;
  Client& client = house.connect();
  Desk& desk = house.desk_of(client);
  desk.rules.commands_per_second = 2;
  int said = 0;
  for (; !client.subs.must_rest(desk, house.mono) && said < 1'000; ++said)
    house.say(client, said % 2 == 0 ? kSub : R"({"t":"unsub","id":1})");
  EXPECT_EQ(said, 20) << "ten seconds' worth at once";
  EXPECT_TRUE(client.subs.must_rest(desk, house.mono));
  EXPECT_EQ(desk.commands_deferred, 1U) << "one rest, however often somebody looks";
  const ingest::MonoTime until = client.subs.rests_until();
  EXPECT_GT(until, house.mono);
  EXPECT_LE(until, house.mono + Millis{501});
  EXPECT_FALSE(client.subs.must_rest(desk, until));
  house.advance(Millis{1'000});
  house.say(client, kSub);
  EXPECT_FALSE(client.subs.must_rest(desk, house.mono));
  house.say(client, R"({"t":"unsub","id":1})");
  EXPECT_TRUE(client.subs.must_rest(desk, house.mono));
  EXPECT_EQ(desk.commands_deferred, 2U);
  EXPECT_EQ(client.model.count("err"), 0U);
  EXPECT_EQ(client.subs.close_code(), std::nullopt);
}

TEST(Limits, WhatMaySucceedLaterIsNoFaultOfTheClients) {
  House house;
  house.streams.refusal = ingest::query::Fault{ingest::query::Code::LimitStreams, "full", true};
  Client& client = house.connect();
  for (int i = 0; i < 30; ++i)
    house.say(client, kSub);
  EXPECT_EQ(client.model.count("err"), 30U);
  EXPECT_EQ((*client.model.last("err"))["id"], 1);
  EXPECT_EQ(client.subs.close_code(), std::nullopt);
  house.streams.refusal->retry = false;
  for (int i = 0; i < 10; ++i)
    house.say(client, kSub);
  EXPECT_EQ(client.subs.close_code(), CloseCode::TooManyErrors);
}

TEST(Limits, APageThatAsksAnewForAllThatItShowsNeedNotWait) {
  constexpr std::size_t kShown = 64;
  House house;
  Client& client = house.connect();
  house.desk_of(client).rules.commands_per_second = 100;
  for (int change = 0; change < 5; ++change) {
    for (std::size_t i = 0; i < kShown; ++i) {
      const std::string id = std::to_string(i);
      if (change > 0) house.say(client, R"({"t":"unsub","id":)" + id + "}");
      house.say(client, R"({"t":"sub","id":)" + id + R"(,"q":{"metric":"m"}})");
      EXPECT_FALSE(client.subs.must_rest(house.desk_of(client), house.mono));
    }
  }
  EXPECT_EQ(house.desk_of(client).commands_deferred, 0U);
  EXPECT_EQ(client.model.count("err"), 0U);
}

TEST(Limits, WhoKeepsToTheRateNeverWaits) {
  House house;
  Client& client = house.connect();
  house.desk_of(client).rules.commands_per_second = 20;
  house.say(client, kSub);
  for (int i = 0; i < 200; ++i) {
    house.advance(Millis{50});
    house.say(client, R"({"t":"ping","n":1})");
    EXPECT_FALSE(client.subs.must_rest(house.desk_of(client), house.mono));
  }
  EXPECT_EQ(house.desk_of(client).commands_deferred, 0U);
  EXPECT_EQ(client.model.count("pong"), 200U);
}

TEST(Limits, OutputAboveItsRateWaitsAndIsNeverCut) {
  House house;
  Client& client = house.connect(0);
  Client& free = house.connect(1);
  house.desk_of(client).rules.output_per_second = 1'000;
  for (Client* one : {&client, &free})
    house.say(*one, kSub);
  house.tick({{1, row(house, 0, 5'000)}});  // the snapshot: worth five seconds
  EXPECT_EQ(client.model.count("snap"), 1U);
  for (int tick = 1; tick <= 16; ++tick)
    house.tick({{1, row(house, tick, 0)}});
  EXPECT_EQ(free.model.count("u"), 16U);
  EXPECT_EQ(client.model.count("u"), 0U) << "four seconds: still to be waited for";
  EXPECT_EQ(house.desk_of(client).output_held, 1U);
  ASSERT_TRUE(client.subs.held_until());
  house.say(client, R"({"t":"ping","n":7})");
  EXPECT_EQ(client.model.count("pong"), 1U) << "words go on";
  house.advance(Millis{2'000});
  house.settle();
  EXPECT_EQ(client.model.count("u"), 16U) << "all of them, in order";
  EXPECT_EQ(client.model.tables, free.model.tables);
  EXPECT_EQ(client.model.gaps, 0U);
  EXPECT_EQ(client.subs.close_code(), std::nullopt);
}

TEST(Limits, WhoFallsBehindItsRateGetsTheNewestState) {
  House house{{}, {Millis{0}, 1, 1'000'000, 8}};  // rings of eight frames
  Client& client = house.connect();
  house.desk_of(client).rules.output_per_second = 1'000;
  house.say(client, kSub);
  house.tick({{1, row(house, 0, 5'000)}});
  for (int tick = 1; tick <= 40; ++tick)
    house.tick({{1, row(house, tick, 0)}});
  EXPECT_GE(client.model.gaps, 1U);
  house.advance(Millis{30'000});
  house.settle();
  house.tick();
  house.advance(Millis{30'000});
  house.settle();
  const std::uint64_t ch = client.model.channels.at(1);  // of a slower rate by now
  EXPECT_EQ(client.model.tables.at(ch).rows.at(0).values[0], 40);
  EXPECT_EQ(client.subs.close_code(), std::nullopt);
}

}  // namespace
}  // namespace gateway::publish
