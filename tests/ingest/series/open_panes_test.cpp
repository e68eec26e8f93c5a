#include "ingest/series/open_panes.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace ingest::series {
namespace {

using model::Kind;
using model::LocalSeries;
using Moved = std::vector<model::PartialMoved>;

constexpr WallTime kStart = wall_from_ms(1'700'000'000'000);
WallTime at(int ms) {
  return kStart + Millis{ms};
}

model::Sample one(double value = 1) {
  return {.kind = Kind::Counter, .value = value};
}

void fold(OpenPanes& panes, std::uint32_t series, int ms,
          Pane::Watched watched = Pane::Watched::No) {
  panes.fold({series, 0}, watched, at(ms), one(), at(ms));
}

Moved due(OpenPanes& panes, int tick_ms) {
  Moved out;
  panes.take_due(at(tick_ms), out);
  return out;
}

double total(const Moved& moved) {
  double sum = 0;
  for (const auto& each : moved)
    sum += each.partial.counter().total();
  return sum;
}

TEST(OpenPanes, ASampleAtTheEndBelongsToTheNextPane) {
  OpenPanes panes{{}};
  fold(panes, 1, 999);
  fold(panes, 1, 1000);
  Moved all;
  panes.take_all(all);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].pane, at(0));
  EXPECT_EQ(all[1].pane, at(1000));
}

TEST(OpenPanes, PanesAlignToTheEpochBeforeItToo) {
  const OpenPanes panes{{}};
  EXPECT_EQ(panes.start_of(wall_from_ms(1'234)), wall_from_ms(1'000));
  EXPECT_EQ(panes.start_of(wall_from_ms(-1)), wall_from_ms(-1'000));
  EXPECT_EQ(panes.start_of(wall_from_ms(-1'000)), wall_from_ms(-1'000));
}

TEST(OpenPanes, WatchedSeriesLeaveAtEachTickAndStartAfresh) {
  OpenPanes panes{{}};
  fold(panes, 1, 10, Pane::Watched::Yes);
  fold(panes, 1, 20, Pane::Watched::Yes);
  fold(panes, 2, 30);
  const Moved first = due(panes, 250);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].series, (LocalSeries{1, 0}));
  EXPECT_EQ(first[0].partial.counter().total(), 2);
  EXPECT_TRUE(due(panes, 500).empty());  // nothing new
  fold(panes, 1, 600, Pane::Watched::Yes);
  EXPECT_EQ(total(due(panes, 750)), 1);
}

TEST(OpenPanes, UnwatchedSeriesLeaveAfterTheEndSpreadOverTheTicks) {
  OpenPanes panes{{}};
  for (std::uint32_t i = 0; i < 100; ++i)
    fold(panes, i, 500);
  EXPECT_TRUE(due(panes, 750).empty());
  for (const int tick : {1000, 1250, 1500, 1750})
    EXPECT_EQ(due(panes, tick).size(), 25U) << tick;
  EXPECT_EQ(panes.size(), 1U);  // still open for late samples
}

TEST(OpenPanes, AMissedTickIsCaughtUp) {
  OpenPanes panes{{}};
  for (std::uint32_t i = 0; i < 100; ++i)
    fold(panes, i, 500);
  EXPECT_EQ(due(panes, 1000).size(), 25U);
  EXPECT_EQ(due(panes, 1750).size(), 75U);
}

TEST(OpenPanes, WithoutLatenessAllLeaveAtOnce) {
  OpenPanes panes{{.allowed_lateness = Millis{0}}};
  for (std::uint32_t i = 0; i < 100; ++i)
    fold(panes, i, 500);
  EXPECT_EQ(due(panes, 1000).size(), 100U);
  EXPECT_EQ(panes.size(), 0U);
}

TEST(OpenPanes, ALateSampleLeavesWithTheNextTick) {
  OpenPanes panes{{}};
  fold(panes, 1, 500);
  due(panes, 1000);
  due(panes, 2000);
  ASSERT_FALSE(panes.closed(at(500), at(2100)));
  fold(panes, 1, 500);
  EXPECT_EQ(total(due(panes, 2250)), 1);
}

TEST(OpenPanes, APaneClosesAtItsEndAndTheLateness) {
  OpenPanes panes{{}};
  EXPECT_FALSE(panes.closed(at(999), at(2999)));
  EXPECT_TRUE(panes.closed(at(999), at(3000)));
  EXPECT_FALSE(panes.closed(at(1000), at(3000)));
  fold(panes, 1, 500);
  due(panes, 2750);
  EXPECT_EQ(panes.size(), 1U);
  due(panes, 3000);
  EXPECT_EQ(panes.size(), 0U);
}

TEST(OpenPanes, AWatchThatComesLaterFindsWhatIsThere) {
  OpenPanes panes{{}};
  fold(panes, 1, 10);
  fold(panes, 2, 10);
  panes.watch([](LocalSeries series) { return series.index == 2; });
  const Moved moved = due(panes, 250);
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].series.index, 2U);
  panes.watch([](LocalSeries) { return false; });
  fold(panes, 2, 300);
  EXPECT_TRUE(due(panes, 500).empty());
}

TEST(OpenPanes, AReusedSlotIsNeverAnotherSeries) {
  OpenPanes panes{{}};
  panes.fold({7, 0}, Pane::Watched::No, at(1), one(1), at(1));
  panes.fold({7, 1}, Pane::Watched::No, at(2), one(10), at(2));
  EXPECT_FALSE(panes.holds({7, 0}));
  EXPECT_TRUE(panes.holds({7, 1}));
  Moved all;
  panes.take_all(all);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].series.generation, 0U);
  EXPECT_EQ(all[0].partial.counter().total(), 1);
  EXPECT_EQ(all[1].partial.counter().total(), 10);
}

TEST(OpenPanes, HoldsWhatHasNotLeft) {
  OpenPanes panes{{}};
  EXPECT_FALSE(panes.holds({1, 0}));
  fold(panes, 1, 10, Pane::Watched::Yes);
  EXPECT_TRUE(panes.holds({1, 0}));
  due(panes, 250);
  EXPECT_FALSE(panes.holds({1, 0}));
}

TEST(OpenPanes, TooManyPanesBlurTheTimeAndLoseNothing) {
  OpenPanes panes{{}};
  const int extra = 5;
  const int count = static_cast<int>(panes.panes_max()) + extra;
  for (int i = 0; i < count; ++i)
    fold(panes, 1, i * 1000);
  EXPECT_EQ(panes.size(), panes.panes_max());
  EXPECT_EQ(panes.misplaced(), static_cast<std::uint64_t>(extra));
  Moved all;
  panes.take_all(all);
  EXPECT_EQ(total(all), count);
}

TEST(OpenPanes, WhatABurstNeededGoesBack) {
  OpenPanes panes{{}};
  for (std::uint32_t series = 0; series < 50'000; ++series)
    fold(panes, series, 0);
  Moved all;
  panes.take_all(all);
  const std::size_t after_burst = panes.free_bytes();
  EXPECT_GT(after_burst, 50'000 * sizeof(PaneEntry));
  for (int second = 1; second < 60; ++second) {
    for (std::uint32_t series = 0; series < 1'000; ++series)
      fold(panes, series, second * 1'000);
    all.clear();
    panes.take_all(all);
    EXPECT_EQ(total(all), 1'000);
  }
  EXPECT_LT(panes.free_bytes(), after_burst / 20);
}

TEST(OpenPanes, NoSampleIsLostOrDoubledWhateverTheTicks) {
  std::mt19937_64 random{4};
  for (int trial = 0; trial < 20; ++trial) {
    OpenPanes panes{{.pane = Millis{100 * (1 + static_cast<int>(random() % 20))}}};
    double folded = 0;
    double moved = 0;
    for (int tick = 0; tick < 20'000; tick += 250) {
      for (int i = 0; i < 30; ++i) {
        const int time = tick + static_cast<int>(random() % 1000) - 500;
        if (time < 0 || panes.closed(at(time), at(tick))) continue;
        const auto series = static_cast<std::uint32_t>(random() % 50);
        fold(panes, series, time, series % 3 == 0 ? Pane::Watched::Yes : Pane::Watched::No);
        ++folded;
      }
      if (random() % 10 == 0) panes.watch([](LocalSeries series) { return series.index % 3 == 0; });
      if (random() % 5 != 0) moved += total(due(panes, tick + 250));
    }
    Moved all;
    panes.take_all(all);
    EXPECT_EQ(moved + total(all), folded);
  }
}

}  // namespace
}  // namespace ingest::series
