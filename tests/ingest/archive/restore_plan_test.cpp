// How much memory a start takes is guessed from the bytes on disk: the guess is held to what a
// timeline takes.
#include "ingest/archive/restore_plan.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "ingest/archive/restorer.h"
#include "ingest/timeline/timeline.h"
#include "tests/ingest/archive/house.h"

namespace ingest::archive {
namespace {

constexpr int kMinutes = 4;

/// What the series of an archive are like.
struct Mix {
  Kind kind;
  std::uint32_t series;
  PaneNumber every;  // of so many panes one holds something
  int values;        // in a pane
  TimeBy time_by = TimeBy::Wall;
};

void PrintTo(const Mix& mix, std::ostream* out) {
  *out << model::kind_name(mix.kind) << "s: " << mix.series << " series, a pane of " << mix.every
       << " with " << mix.values << " values, " << (mix.time_by == TimeBy::Event ? "event" : "wall")
       << " time";
}

struct RestorePlanTest : testing::TestWithParam<Mix> {
  /// Some minutes of all series; the last is not filed.
  void live() {
    house.start();
    for (int minute = 0; minute < kMinutes; ++minute) {
      const WallTime end = kMinute + Millis{60'000} * (minute + 1);
      auto batch = std::make_unique<Batch>();
      for (std::uint32_t series = 0; series < GetParam().series; ++series)
        write(*batch, series, kFirst + PaneNumber{60} * minute);
      batch->whole = end;
      batch->closed = minute + 1 == kMinutes ? end - Millis{60'000} : end;
      ASSERT_TRUE(house.archive->try_send(batch));
    }
    ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == kMinutes - 1; }));
    house.archive.reset();
  }
  void write(Batch& batch, std::uint32_t series, PaneNumber first) const {
    const auto& [kind, all, every, values, time_by] = GetParam();
    const SeriesKey key{kind, "http.request.time", {{"host", "web-" + std::to_string(series)}}};
    write_born(batch.entries, series, kind, key.bytes());
    std::vector<std::byte> packed;
    for (PaneNumber pane = first + series % every; pane < first + 60; pane += every) {
      Partial partial{kind};
      for (int i = 0; i < values; ++i)
        partial.fold({.kind = kind, .value = 0.001 * (i + 1) * static_cast<double>(pane % 977)},
                     kMinute);
      packed.clear();
      model::pack(partial, packed);
      write_delta(batch.entries, series, pane, packed);
    }
  }
  struct Taken {
    bool is_cut = false;
    std::size_t bytes = 0;
  };
  Taken take(std::size_t bytes_max) {
    const Levels levels{house.pane};
    const auto disk = Disk::open({house.path, levels, 1, kMinute}, house.log);
    EXPECT_TRUE(disk.has_value());
    const auto plan = plan_restore(
        **disk, levels, {.oldest = kMinute, .bytes_max = bytes_max, .time_by = GetParam().time_by});
    EXPECT_TRUE(plan.has_value());
    // By event time nothing is known of the time before the first sample.
    const WallTime now =
        GetParam().time_by == TimeBy::Event ? WallTime{} : kMinute + Millis{60'000} * kMinutes;
    timeline::Timeline timeline{{}, 2, now};
    const std::size_t before = timeline.held_bytes();
    timeline.restore_from(plan->from);
    const Archive::Restore to{
        .born =
            [&](std::uint32_t local, const SeriesKey& key) {
              timeline.born(1, {.series = {local, 0}, .key = key});
            },
        .panes =
            [&](std::uint32_t local, std::span<const timeline::PackedPane> panes) {
              timeline.restore(1, {local, 0}, panes);
            }};
    Restorer{**disk, levels, to}.all(*plan);
    timeline.leave(1);
    timeline.resume();
    return {plan->is_cut, timeline.held_bytes() - before};
  }
  House house;
};

TEST_P(RestorePlanTest, WhatATimelineTakesIsNoMoreThanItsRoomAndNotFarBelow) {
  live();
  const Taken all = take(std::numeric_limits<std::size_t>::max());
  ASSERT_FALSE(all.is_cut);
  ASSERT_GT(all.bytes, 0U);
  // What an open pane takes beside its bytes is known less well.
  const std::size_t at_most = GetParam().time_by == TimeBy::Event ? 4 : 3;
  EXPECT_FALSE(take(all.bytes * at_most).is_cut) << "of " << all.bytes;
  const Taken some = take(all.bytes * 3 / 4);
  EXPECT_TRUE(some.is_cut);
  EXPECT_LE(some.bytes, all.bytes * 3 / 4) << "of " << all.bytes;
}

INSTANTIATE_TEST_SUITE_P(Mixes, RestorePlanTest,
                         testing::Values(Mix{Kind::Counter, 500, 1, 3},
                                         Mix{Kind::Timer, 200, 1, 10}, Mix{Kind::Timer, 20, 1, 400},
                                         Mix{Kind::Gauge, 2'000, 20, 1},
                                         Mix{Kind::Counter, 500, 1, 3, TimeBy::Event},
                                         Mix{Kind::Timer, 200, 1, 10, TimeBy::Event},
                                         Mix{Kind::Timer, 20, 1, 400, TimeBy::Event},
                                         Mix{Kind::Gauge, 2'000, 20, 1, TimeBy::Event}));

}  // namespace
}  // namespace ingest::archive
