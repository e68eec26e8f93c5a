// How a timeline goes on where one before it stood.

#include <gtest/gtest.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "ingest/model/packed_partial.h"
#include "ingest/timeline/catalogue_builder.h"
#include "tests/ingest/timeline/given.h"

namespace ingest::timeline {
namespace {

using model::Kind;
using model::Partial;
using model::SeriesKey;

constexpr std::int64_t kNow = 1'000;  // seconds; panes are of one
constexpr model::LocalSeries kSeries{0, 0};

/// A counter's panes, and one call that brings some of them.
class Restored : public ::testing::Test {
 protected:
  Restored() {
    timeline_.restore_from(at(400'000));
    timeline_.born(1, {.series = kSeries, .key = SeriesKey{Kind::Counter, "m", {}}});
  }
  void bring(PaneNumber first, PaneNumber last, double value) {
    std::vector<std::byte> packed;
    model::pack(folded(Kind::Counter, {value}, at(first * 1'000)), packed);
    std::vector<PackedPane> panes;
    for (PaneNumber pane = first; pane < last; ++pane)
      panes.push_back({pane, packed});
    timeline_.restore(1, kSeries, panes);
  }
  std::map<PaneNumber, double> totals(Rollup level) const {
    std::map<PaneNumber, double> totals;
    timeline_.panes(0).each(level, 0, SeriesPanes::kNever,
                            [&](PaneNumber pane, const Partial& partial) {
                              EXPECT_TRUE(totals.empty() || totals.rbegin()->first < pane);
                              totals[pane] = partial.counter().total();
                            });
    return totals;
  }
  /// Every series is visited at least twice.
  void pass(Millis time) {
    for (Millis passed{0}; passed < time; passed += Millis{250})
      timeline_.finish(timeline_.finished() + Millis{250});
  }

  Timeline timeline_{{.series_ttl = Millis{300'000}}, 2, at(kNow * 1'000)};
};

TEST_F(Restored, ClosedPanesAreThereAndTakeNothingMore) {
  bring(400, 997, 2);
  bring(997, 1'000, 3);
  timeline_.resume();
  EXPECT_EQ(timeline_.panes_held(), 600U);
  EXPECT_EQ(totals(Rollup::Base).size(), 600U);
  EXPECT_EQ(timeline_.finished(), at(kNow * 1'000));
  EXPECT_TRUE(timeline_.closed(997));
  EXPECT_FALSE(timeline_.closed(998));
  timeline_.merge(1, {kSeries, at(500'000), folded(Kind::Counter, {7}, at(500'000))});
  EXPECT_EQ(timeline_.counters().late, 1U);
  EXPECT_EQ(totals(Rollup::Base).at(500), 2);
  EXPECT_EQ(totals(Rollup::Base).at(998), 10);
}

TEST_F(Restored, ClosedPanesNeverBecomeOpenOnes) {
  const std::size_t before = timeline_.held_bytes();
  bring(400, 998, 2);
  timeline_.resume();
  // An open pane takes chunks of some ten KiB, a packed one a few bytes.
  EXPECT_LT(timeline_.held_bytes() - before, std::size_t{64} << 10U);
}

TEST_F(Restored, RollUpsAreMadeOfThemInTheRoundsThatFollow) {
  bring(400, 997, 2);
  timeline_.resume();
  EXPECT_TRUE(totals(Rollup::Ten).empty());
  pass(Timeline::kRound * 3);
  const auto ten = totals(Rollup::Ten);
  EXPECT_EQ(ten.begin()->first, 40);
  EXPECT_EQ(ten.at(40), 20);
  EXPECT_EQ(ten.at(99), 14);
  EXPECT_EQ(totals(Rollup::Sixty).at(7), 120);
}

TEST_F(Restored, WhatComesForAPaneASecondTimeIsMerged) {
  bring(500, 600, 2);
  bring(590, 610, 3);  // around the end of a segment
  bring(450, 452, 5);  // late
  const auto all = totals(Rollup::Base);
  EXPECT_EQ(all.size(), 112U);
  EXPECT_EQ(timeline_.panes_held(), 112U);
  EXPECT_EQ(all.begin()->first, 450);
  EXPECT_EQ(all.at(451), 5);
  EXPECT_EQ(all.at(589), 2);
  EXPECT_EQ(all.at(590), 5);
  EXPECT_EQ(all.at(609), 3);
  timeline_.resume();
  pass(Timeline::kRound * 3);
  EXPECT_EQ(totals(Rollup::Ten).at(59), 50);
}

TEST_F(Restored, ASeriesThatWasIdleExpiresWhenItWouldHave) {
  bring(400, 720, 2);
  timeline_.resume();
  ASSERT_EQ(timeline_.live(), 1U);
  pass(Timeline::kRound);
  EXPECT_EQ(timeline_.live(), 1U);
  pass(Timeline::kRound * 3);
  EXPECT_EQ(timeline_.live(), 0U);
}

TEST_F(Restored, ASeriesStandsInTheCatalogueBeforeAnythingComesForIt) {
  bring(900, 990, 2);
  timeline_.leave(1);
  timeline_.resume();
  CatalogueBuilder builder{timeline_};
  builder.begin();
  const auto made = builder.build(1'000);
  ASSERT_TRUE(made != nullptr);
  ASSERT_EQ(made->metrics.size(), 1U);
  EXPECT_EQ(made->metrics.front().name, "m");
  EXPECT_EQ(made->metrics.front().series, 1U);
  EXPECT_EQ(made->metrics.front().last_seen, at(990'000));
}

TEST_F(Restored, PanesOfASeriesThatWasNeverBornAreCounted) {
  const std::vector<PackedPane> panes{{500, {}}, {501, {}}};
  timeline_.restore(1, {3, 0}, panes);
  EXPECT_EQ(timeline_.counters().unknown, 2U);
}

TEST(OpenPaneMemory, GoesBackAfterAFlood) {
  constexpr SeriesIndex kMany = 50'000;
  OpenPane::Memory memory;
  for (PaneNumber number = 0; number < 3; ++number) {
    OpenPane pane{number, memory};
    for (SeriesIndex series = 0; series < kMany; ++series)
      pane.merge(series, Partial{Kind::Counter});
  }
  const std::size_t flood = kMany * sizeof(OpenPane::Entry);
  EXPECT_LT(memory.held_bytes(), flood / 8);
  OpenPane pane{3, memory};
  EXPECT_TRUE(pane.merge(kMany - 1, Partial{Kind::Counter}));
  EXPECT_EQ(pane.find(0), nullptr);
}

/// Counts what is packed.
class Packed final : public PackedSink {
 public:
  void packed(SeriesIndex, Rollup level, PaneNumber, std::span<const std::byte>) override {
    if (level == Rollup::Base) ++count;
  }
  std::size_t count = 0;
};

// By event time a start does not know how far time had come: all panes are open until the first
// sample says so, and then they close at once. No turn is as long as that would take.
TEST(RestoredByEventTime, PanesThatCloseAtOnceArePackedInSteps) {
  constexpr PaneNumber kPanes = 300;
  constexpr std::uint32_t kAll = 200;
  Timeline timeline{{}, 2, at(0)};
  Packed sink;
  timeline.tell_packed(sink);
  timeline.restore_from(at(400'000));
  std::vector<std::byte> packed;
  model::pack(folded(Kind::Counter, {2}, at(400'000)), packed);
  std::vector<PackedPane> panes;
  for (PaneNumber pane = 400; pane < 400 + kPanes; ++pane)
    panes.push_back({pane, packed});
  for (std::uint32_t i = 0; i < kAll; ++i) {
    timeline.born(
        1, {.series = {i, 0}, .key = SeriesKey{Kind::Counter, "m", {{"i", std::to_string(i)}}}});
    timeline.restore(1, {i, 0}, panes);
  }
  timeline.resume();
  WallTime now = at(400'000 + kPanes * 1'000 + 2'000);
  std::size_t calls = 0;
  for (std::size_t before = 0; sink.count < kPanes * kAll; before = sink.count, ++calls) {
    ASSERT_LT(calls, kPanes);
    timeline.finish(now);
    now += Millis{1'000};
    EXPECT_GT(sink.count, before);
    EXPECT_LE(sink.count - before, PaneStore::kPackedAtOnce);
    double total = 0;  // however far it is, all is there
    timeline.panes(7).each(
        Rollup::Base, 0, SeriesPanes::kNever,
        [&](PaneNumber, const Partial& each) { total += each.counter().total(); });
    EXPECT_EQ(total, 2.0 * kPanes);
  }
  EXPECT_GE(calls, kPanes * kAll / PaneStore::kPackedAtOnce);
}

}  // namespace
}  // namespace ingest::timeline
