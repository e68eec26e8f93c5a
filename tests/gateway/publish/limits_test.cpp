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

TEST(Limits, CommandsAboveTheirRateAreRefusedAndTheConnectionGoesOn) {
  House house;
  Client& client = house.connect();
  house.desk_of(client).rules.commands_per_second = 2;
  house.say(client, kSub);
  for (int i = 1; i < 25; ++i)
    house.say(client, R"({"t":"ping","n":1})");
  EXPECT_EQ(client.model.count("pong"), 19U);
  EXPECT_EQ(client.model.count("err"), 5U);
  EXPECT_EQ(client.subs.close_code(), std::nullopt);
  house.advance(Millis{1'000});
  house.say(client, R"({"t":"ping","n":2})");
  EXPECT_EQ(client.model.count("pong"), 20U);
}

TEST(Limits, ASubAndUnsubStormEndsWith4009) {
  House house;
  Client& client = house.connect();
  house.desk_of(client).rules.commands_per_second = 2;
  house.say(client, kSub);
  int said = 1;
  for (; !client.subs.close_code() && said < 1'000; ++said)
    house.say(client, said % 2 == 1 ? R"({"t":"unsub","id":1})" : kSub);
  EXPECT_EQ(said, 30) << "ten seconds' worth at once, and ten too many";
  EXPECT_EQ(client.subs.close_code(), CloseCode::TooManyErrors);
  EXPECT_EQ(house.desk_of(client).commands_limited, 10U);
  ASSERT_NE(client.model.last("err"), nullptr);
  EXPECT_EQ((*client.model.last("err"))["code"], "limit.rate");
  EXPECT_EQ((*client.model.last("err"))["retry"], true);
}

TEST(Limits, APageThatAsksAnewForAllThatItShowsIsNotRefused) {
  constexpr std::size_t kShown = 64;
  House house;
  Client& client = house.connect();
  house.desk_of(client).rules.commands_per_second = 100;
  for (int change = 0; change < 5; ++change) {
    for (std::size_t i = 0; i < kShown; ++i) {
      const std::string id = std::to_string(i);
      if (change > 0) house.say(client, R"({"t":"unsub","id":)" + id + "}");
      house.say(client, R"({"t":"sub","id":)" + id + R"(,"q":{"metric":"m"}})");
    }
  }
  EXPECT_EQ(house.desk_of(client).commands_limited, 0U);
  EXPECT_EQ(client.model.count("err"), 0U);
}

TEST(Limits, WhoKeepsToTheRateIsNeverRefused) {
  House house;
  Client& client = house.connect();
  house.desk_of(client).rules.commands_per_second = 20;
  house.say(client, kSub);
  for (int i = 0; i < 200; ++i) {
    house.advance(Millis{50});
    house.say(client, R"({"t":"ping","n":1})");
  }
  EXPECT_EQ(house.desk_of(client).commands_limited, 0U);
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
