#include "ingest/worker/outbox.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace ingest::worker {
namespace {

using model::Kind;
using model::Sample;
using Pane = series::Pane;

constexpr WallTime kStart = wall_from_ms(1'700'000'000'000);
constexpr Millis kTick{250};

/// The series and panes of a worker, an outbox, and a hub that adds up what it is told.
struct Stage {
  using Totals = std::map<std::pair<std::string, std::int64_t>, double>;  // by key and pane

  explicit Stage(Millis flush_every = Millis{0}) : flush(flush_every) {}

  void fold(const std::string& name, const std::string& tags, WallTime time, double value = 1) {
    const model::RawKey raw{name, tags};
    const Sample sample{.kind = Kind::Counter, .key = raw, .value = value};
    const auto hash = series::SeriesTable::hash_of(Kind::Counter, raw);
    const auto found = table.find(Kind::Counter, raw, hash, now);
    panes.fold(found.series, found.watched ? Pane::Watched::Yes : Pane::Watched::No, time, sample,
               now);
    outbox.relieve();
  }
  void collect() {
    while (auto popped = link.to_hub.try_pop()) {
      model::Handover& slice = **popped;
      ++slices;
      looked_at_most = std::max(looked_at_most, slice.moved.size());
      born_most = std::max(born_most, slice.born.size());
      EXPECT_GE(slice.tick, whole);
      whole = slice.tick;
      EXPECT_GE(slice.flushed, flushed);
      flushed = slice.flushed;
      for (const auto& born : slice.born)
        keys[born.series.index] = {born.series, std::string{born.key.bytes()}};
      for (const auto& moved : slice.moved) {
        const auto key = keys.find(moved.series.index);
        ASSERT_TRUE(key != keys.end() && key->second.first == moved.series);
        totals[{key->second.second, to_ms(moved.pane)}] += moved.partial.counter().total();
      }
      for (const auto& gone : slice.expired)
        keys.erase(gone.index);
      outbox.keep(std::move(*popped));
    }
  }
  /// Until the tick has left; how many slices it took.
  int finish(WallTime tick) {
    outbox.begin({tick, tick});
    const int before = slices;
    while (outbox.step(now) != Outbox::Step::Done)
      collect();
    collect();
    return slices - before;
  }

  Millis flush;
  WallTime now = kStart;
  series::SeriesTable table{{.series_max = 1'000'000, .series_per_name_max = 1'000'000}};
  series::OpenPanes panes{{.tick = kTick}};
  model::HubLink link;
  Outbox outbox{{.table = &table, .panes = &panes, .link = &link, .wake_hub = {}, .flush = flush},
                kStart};
  int slices = 0;
  std::size_t looked_at_most = 0;
  std::size_t born_most = 0;
  WallTime whole = kStart;
  WallTime flushed = kStart;
  std::map<std::uint32_t, std::pair<model::LocalSeries, std::string>> keys;
  Totals totals;
};

TEST(Outbox, SlicesShrinkWhileTheyTakeLongAndGrowAgain) {
  Stage stage;
  auto longest_of_a_tick = [&, tick = kStart](Millis slice_takes) mutable {
    for (int i = 0; i < 5'000; ++i)
      stage.fold("m", "a:" + std::to_string(i), tick);
    tick += Millis{10'000};
    stage.looked_at_most = 0;
    stage.outbox.begin({tick, tick});
    while (stage.outbox.step(stage.now) != Outbox::Step::Done) {
      stage.outbox.took(slice_takes);
      stage.collect();
    }
    stage.collect();
    return stage.looked_at_most;
  };
  EXPECT_EQ(longest_of_a_tick(Millis{0}), Outbox::kSeriesASlice);
  EXPECT_EQ(longest_of_a_tick(Millis{5}), Outbox::kSeriesASlice);  // the first one
  EXPECT_EQ(stage.outbox.series_a_slice(), Outbox::kSeriesASliceLeast);
  EXPECT_EQ(longest_of_a_tick(Millis{5}), Outbox::kSeriesASliceLeast);
  longest_of_a_tick(Millis{0});
  EXPECT_EQ(stage.outbox.series_a_slice(), Outbox::kSeriesASlice);
  double all = 0;
  for (const auto& [key, total] : stage.totals)
    all += total;
  EXPECT_EQ(all, 4 * 5'000);
}

TEST(Outbox, ATickWithLittleToSayIsOneSlice) {
  Stage stage;
  stage.fold("m", "a:1", kStart);
  EXPECT_EQ(stage.finish(kStart + kTick), 1);
  EXPECT_EQ(stage.whole, kStart + kTick);
}

TEST(Outbox, AFlushMovesWhatNobodyWatchesBeforeItsPaneEnds) {
  Stage stage{2 * kTick};
  stage.fold("m", "a:1", kStart);
  stage.finish(kStart + kTick);
  EXPECT_TRUE(stage.totals.empty());  // none is due
  EXPECT_EQ(stage.flushed, kStart);
  stage.finish(kStart + 2 * kTick);
  EXPECT_EQ(stage.totals.size(), 1U);
  EXPECT_EQ(stage.flushed, kStart + 2 * kTick);
}

TEST(Outbox, AFlushIsOfArrivalsHoweverTimeStands) {
  Stage stage{2 * kTick};
  const auto go_on = [&](WallTime arrival) {
    stage.outbox.begin({kStart + kTick, arrival});  // event time stands
    while (stage.outbox.step(stage.now) != Outbox::Step::Done)
      stage.collect();
    stage.collect();
  };
  stage.fold("m", "a:1", kStart);
  go_on(kStart + kTick);
  EXPECT_EQ(stage.flushed, kStart);
  go_on(kStart + 2 * kTick);
  EXPECT_EQ(stage.totals.size(), 1U);
  EXPECT_EQ(stage.flushed, kStart + 2 * kTick);
  go_on(kStart + 3 * kTick);
  EXPECT_EQ(stage.flushed, kStart + 2 * kTick);
}

TEST(Outbox, WhatIsDrainedHasBeenFlushed) {
  Stage stage{2 * kTick};
  stage.fold("m", "a:1", kStart);
  ASSERT_TRUE(stage.outbox.drain({kStart + kTick, kStart + kTick + Millis{3}}));
  stage.collect();
  EXPECT_EQ(stage.whole, kStart + kTick);
  EXPECT_GT(stage.flushed, kStart + kTick + Millis{3});  // the last one came then
}

TEST(Outbox, AFlushOfManyIsWholeWithItsLastSliceAndHoldsUpNoTick) {
  Stage stage{2 * kTick};
  for (int i = 0; i < 5'000; ++i)
    stage.fold("m", "i:" + std::to_string(i), kStart);
  stage.finish(kStart + kTick);
  stage.outbox.begin({kStart + 2 * kTick, kStart + 2 * kTick});
  while (stage.whole < kStart + 2 * kTick) {
    ASSERT_EQ(stage.outbox.step(stage.now), Outbox::Step::More);
    stage.collect();
  }
  EXPECT_EQ(stage.flushed, kStart);
  stage.finish(kStart + 3 * kTick);
  EXPECT_EQ(stage.flushed, kStart + 2 * kTick);
  EXPECT_EQ(stage.totals.size(), 5'000U);
}

TEST(Outbox, APaneLeavesInSlicesAndTheTickIsWholeWithTheLast) {
  Stage stage;
  for (int i = 0; i < 20'000; ++i)
    stage.fold("m", "i:" + std::to_string(i), kStart);
  const WallTime end = kStart + Millis{1'000};
  stage.now = end;
  stage.outbox.begin({end, end});
  EXPECT_EQ(stage.outbox.step(stage.now), Outbox::Step::More);
  stage.collect();
  EXPECT_LT(stage.whole, end);
  EXPECT_GE(stage.finish(end), 5);
  EXPECT_EQ(stage.whole, end);
  EXPECT_LE(stage.looked_at_most, Outbox::kSeriesASlice);
  EXPECT_LE(stage.born_most, Outbox::kBornMax);
  stage.finish(end + Millis{750});
  EXPECT_EQ(stage.totals.size(), 20'000U);
}

TEST(Outbox, WatchedSeriesLeaveInSlicesWithoutMixingTicks) {
  Stage stage;
  stage.outbox.watch({{"m"}});
  for (int i = 0; i < 5'000; ++i)
    stage.fold("m", "i:" + std::to_string(i), kStart);
  stage.outbox.begin({kStart + kTick, kStart + kTick});
  ASSERT_EQ(stage.outbox.step(stage.now), Outbox::Step::More);
  stage.fold("m", "i:0", kStart + kTick);  // after the tick: it may leave with the next
  EXPECT_GE(stage.finish(kStart + kTick), 3);
  double sum = 0;
  for (const auto& [key, total] : stage.totals)
    sum += total;
  EXPECT_GE(sum, 5'000);
  EXPECT_EQ(stage.whole, kStart + kTick);
}

TEST(Outbox, ATickThatComesMeanwhileIsTheNext) {
  Stage stage;
  stage.outbox.watch({{"m"}});
  for (int i = 0; i < 5'000; ++i)
    stage.fold("m", "i:" + std::to_string(i), kStart);
  stage.outbox.begin({kStart + kTick, kStart + kTick});
  ASSERT_EQ(stage.outbox.step(stage.now), Outbox::Step::More);
  stage.finish(kStart + 2 * kTick);
  EXPECT_EQ(stage.whole, kStart + 2 * kTick);
  EXPECT_EQ(stage.totals.size(), 5'000U);
}

TEST(Outbox, AWatchOfManySeriesIsAppliedInSlices) {
  Stage stage;
  for (int i = 0; i < 20'000; ++i)
    stage.fold("n" + std::to_string(i % 3'000), "i:" + std::to_string(i), kStart);
  stage.outbox.watch({{"n1*"}});
  int turns = 0;
  while (stage.outbox.step(stage.now) == Outbox::Step::More)
    ++turns;
  EXPECT_GE(turns, 5);
  stage.finish(kStart + kTick);
  for (const auto& [key, total] : stage.totals)
    EXPECT_TRUE(key.first.starts_with("n1"));
  EXPECT_GT(stage.totals.size(), 5'000U);
}

TEST(Outbox, AFullRingDefersSlicesAndLosesNothing) {
  Stage stage;
  const int count = static_cast<int>(Outbox::kSeriesASlice * (model::HubLink::kHandoversMax + 9));
  for (int i = 0; i < count; ++i)
    stage.fold("m", "i:" + std::to_string(i), kStart);
  const WallTime late = kStart + Millis{1'750};  // the rest of the pane is due
  stage.now = late;
  stage.outbox.begin({late, late});
  Outbox::Step step = Outbox::Step::More;
  while (step == Outbox::Step::More)
    step = stage.outbox.step(stage.now);
  EXPECT_EQ(step, Outbox::Step::Full);
  EXPECT_TRUE(stage.outbox.waits());
  stage.collect();
  stage.finish(late);
  EXPECT_EQ(stage.totals.size(), static_cast<std::size_t>(count));
}

TEST(Outbox, SeriesExpireInSlices) {
  Stage stage;
  for (int i = 0; i < 30'000; ++i)
    stage.fold("m", "i:" + std::to_string(i), kStart);
  stage.now = kStart + Millis{2'000};
  stage.finish(stage.now);
  stage.now += Millis{600'000};
  for (std::size_t i = 0; i <= series::SeriesTable::kExpireRounds; ++i)
    stage.finish(stage.now += kTick);
  EXPECT_EQ(stage.table.counts().series, 0U);
  EXPECT_TRUE(stage.keys.empty());
}

// ---- against plain sums ----

TEST(Outbox, EqualsPlainTotalsWhateverTheSlicesAndWatches) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    std::mt19937_64 random{seed};
    Stage stage;
    Stage::Totals plain;
    for (int step = 0; step < 30'000; ++step) {
      const std::string name = "n" + std::to_string(random() % 5);
      const std::string tags = "i:" + std::to_string(random() % 4'000);
      const WallTime time = stage.now - Millis{static_cast<int>(random() % 2'500)};
      if (!stage.panes.closed(time, stage.now)) {
        const auto value = static_cast<double>(random() % 100);
        stage.fold(name, tags, time, value);
        const model::SeriesKey key{Kind::Counter, name, {{"i", std::string_view{tags}.substr(2)}}};
        plain[{std::string{key.bytes()}, to_ms(stage.panes.start_of(time))}] += value;
      }
      if (random() % 200 == 0) stage.now += Millis{static_cast<int>(random() % 120)};
      if (random() % 400 == 0)
        stage.outbox.begin({stage.now - stage.now.time_since_epoch() % kTick,
                            stage.now - stage.now.time_since_epoch() % kTick});
      if (random() % 150 == 0) stage.outbox.step(stage.now);
      if (random() % 3'000 == 0) {
        stage.outbox.watch({random() % 2 == 0 ? std::vector<std::string>{"n1", "n3"}
                                              : std::vector<std::string>{"*"}});
      }
      if (random() % 300 == 0) stage.collect();
    }
    while (!stage.outbox.drain({stage.now, stage.now}))
      stage.collect();
    stage.collect();
    ASSERT_EQ(stage.totals.size(), plain.size());
    ASSERT_TRUE(stage.totals == plain);
  }
}

TEST(Outbox, TellsTheTableInSlicesWhatTheHubFolded) {
  Stage stage;
  constexpr std::size_t kMany = 2 * Outbox::kFoldedASlice + 1;
  auto home = std::make_unique<model::Handover>();
  for (std::size_t i = 0; i < kMany; ++i) {
    const std::string tags = "user:" + std::to_string(i);
    stage.fold("m", tags, stage.now);
    home->folded.push_back(
        {.series = {static_cast<std::uint32_t>(i), 0}, .cap = model::Cap::Series});
  }
  const auto overflowed = [&] {
    std::size_t count = 0;
    for (std::size_t i = 0; i < kMany; ++i) {
      const std::string tags = "user:" + std::to_string(i);
      const model::RawKey raw{"m", tags};
      const auto hash = series::SeriesTable::hash_of(Kind::Counter, raw);
      count += stage.table.find(Kind::Counter, raw, hash, stage.now).overflow ? 1 : 0;
    }
    return count;
  };
  stage.outbox.keep(std::move(home));
  EXPECT_EQ(overflowed(), 0U);
  EXPECT_EQ(stage.outbox.step(stage.now), Outbox::Step::More);
  EXPECT_EQ(overflowed(), Outbox::kFoldedASlice);
  EXPECT_EQ(stage.outbox.step(stage.now), Outbox::Step::More);
  EXPECT_EQ(stage.outbox.step(stage.now), Outbox::Step::Done);
  EXPECT_EQ(overflowed(), kMany);
}

}  // namespace
}  // namespace ingest::worker
