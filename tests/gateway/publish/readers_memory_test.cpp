// What is kept for readers has a maximum for all of them together: tables, rings and snapshots.

#include <gtest/gtest.h>

#include <string>

#include "tests/gateway/publish/house.h"

namespace gateway::publish {
namespace {

using test::Client;
using test::House;
using test::Told;

constexpr std::size_t kKiB = 1'024;

std::string sub(const std::string& metric) {
  return R"({"t":"sub","id":1,"q":{"metric":")" + metric +
         R"(","by":["route"],"stats":["count"]},"rate":250})";
}

/// The one row of a stream, whose frames are a little above 100 bytes.
Told row(const House& house, int value) {
  Told told;
  told.window = test::window_at(house.tick_time() + ingest::Millis{250}, ingest::Millis{10'000},
                                ingest::Millis{1'000});
  told.rows = {0};
  told.values = {static_cast<double>(value)};
  if (value == 0) told.added = {{0, {std::string(50, 'r')}}};
  return told;
}

Publisher::Options at_most(std::size_t bytes) {
  Publisher::Options options;
  options.bytes_max = bytes;
  return options;
}

TEST(ReadersMemory, PastItsMaximumRingsShrinkHereAndAtTheWorkersAndNewQueriesWait) {
  constexpr std::size_t kMax = 48 * kKiB;
  House house{at_most(kMax)};
  house.say(house.connect(), sub("old"));
  const std::size_t bare = kKiB;
  std::size_t most = 0;
  bool refused = false;
  for (int i = 0; i < 1'000; ++i) {
    house.tick({{1, row(house, i)}});
    most = std::max<std::size_t>(most, house.ledger().bytes);
    if (house.ledger().bytes <= kMax || refused) continue;
    refused = true;
    Client& late = house.connect();
    house.say(late, sub("new"));
    const std::string said = late.model.last("err")->dump();
    EXPECT_NE(said.find("limits.memory: what is kept for readers"), std::string::npos) << said;
    Client& same = house.connect();
    house.say(same, sub("old"));
    EXPECT_NE(same.model.last("subd"), nullptr) << "a query that is kept already costs nothing";
  }
  EXPECT_TRUE(refused);
  EXPECT_LE(most, kMax + bare) << "but for the frame that went past it";
  EXPECT_EQ(house.publisher->held_bytes(), house.ledger().bytes);
  const ChannelReplica* replica = house.desks[0]->replicas.find(1);
  ASSERT_NE(replica, nullptr);
  EXPECT_LE(replica->ring().bytes(), kMax);
  Client& later = house.connect();
  house.say(later, sub("new"));
  EXPECT_NE(later.model.last("subd"), nullptr) << "there is room again";
}

TEST(ReadersMemory, WhatNobodyReadsGoesFirst) {
  House house{at_most(64 * kKiB)};
  Client& gone = house.connect();
  house.say(gone, sub("idle"));
  house.say(house.connect(), sub("read"));
  for (int i = 0; i < 200; ++i)
    house.tick({{1, row(house, i)}, {2, row(house, i)}});
  house.leave(gone);
  EXPECT_EQ(house.streams.watched.size(), 2U) << "it lingers";
  for (int i = 200; i < 400; ++i)  // 50 s: less than it would linger
    house.tick({{2, row(house, i)}});
  EXPECT_EQ(house.streams.watched.size(), 1U);
  EXPECT_EQ(house.ledger().lingering, 0U);
  Client& late = house.connect();
  house.say(late, sub("new"));
  EXPECT_NE(late.model.last("subd"), nullptr) << "and so nobody was refused";
}

}  // namespace
}  // namespace gateway::publish
