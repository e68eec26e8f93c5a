#include "gateway/server/wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace gateway::server {
namespace {

using namespace std::chrono_literals;

constexpr ingest::MonoTime kStart{std::chrono::seconds{1'000}};

TEST(Wheel, CallsEachEntryNotBeforeItsTimeAndWithinOneTick) {
  Wheel wheel(kStart);
  std::map<std::uint32_t, ingest::MonoTime> called;
  for (std::uint32_t i = 0; i < 1'000; ++i)
    wheel.add({.slot = i, .generation = 1, .when = kStart + i * 37ms});
  for (ingest::MonoTime now = kStart; now < kStart + 40s; now += 10ms)
    wheel.advance(now, [&](const Wheel::Entry& entry) {
      EXPECT_TRUE(called.emplace(entry.slot, now).second);
      EXPECT_GE(now, entry.when);
      EXPECT_LE(now, entry.when + Wheel::kTick + 10ms);
    });
  EXPECT_EQ(called.size(), 1'000U);
  EXPECT_EQ(wheel.size(), 0U);
}

TEST(Wheel, KeepsWhatIsFurtherThanOneRound) {
  Wheel wheel(kStart);
  wheel.add({.slot = 1, .generation = 1, .when = kStart + 10min});
  int calls = 0;
  for (ingest::MonoTime now = kStart; now < kStart + 599s; now += 250ms)
    wheel.advance(now, [&](const Wheel::Entry&) { ++calls; });
  EXPECT_EQ(calls, 0);
  wheel.advance(kStart + 601s, [&](const Wheel::Entry&) { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(Wheel, VisitsEverybodyAfterALongSleep) {
  Wheel wheel(kStart);
  for (std::uint32_t i = 0; i < 600; ++i)
    wheel.add({.slot = i, .generation = 1, .when = kStart + i * 1s});
  std::size_t calls = 0;
  wheel.advance(kStart + 1h, [&](const Wheel::Entry&) { ++calls; });
  EXPECT_EQ(calls, 600U);
}

TEST(Wheel, TakesNewEntriesFromACall) {
  Wheel wheel(kStart);
  wheel.add({.slot = 1, .generation = 1, .when = kStart});
  int calls = 0;
  for (ingest::MonoTime now = kStart; now < kStart + 10s; now += 250ms)
    wheel.advance(now, [&](const Wheel::Entry& entry) {
      ++calls;
      wheel.add({.slot = entry.slot, .generation = 1, .when = now + 1s});
    });
  EXPECT_GE(calls, 7);
  EXPECT_LE(calls, 10);
  EXPECT_EQ(wheel.size(), 1U);
}

TEST(Wheel, WhatIsPastIsDueAtTheNextTick) {
  Wheel wheel(kStart);
  wheel.add({.slot = 1, .generation = 1, .when = kStart - 1h});
  int calls = 0;
  wheel.advance(kStart + Wheel::kTick, [&](const Wheel::Entry&) { ++calls; });
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace gateway::server
