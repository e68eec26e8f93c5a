#include "ingest/timeline/kept_rows.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "tests/ingest/timeline/given.h"

namespace ingest::timeline {
namespace {

using model::Kind;
using model::SeriesKey;

const double kNan = std::nan("");

// ---- the table of what was said ----

Evaluated said(std::initializer_list<double> values, query::Marks marks) {
  Evaluated evaluated;
  evaluated.values = {-1, -1};  // of another row, which stands before it
  evaluated.values.insert(evaluated.values.end(), values);
  evaluated.marks = {0, marks};
  return evaluated;
}

TEST(KeptRows, KnowsNothingOfARowUntilItIsKeptNorAfterItIsForgotten) {
  KeptRows rows{2};
  rows.forget(3);
  EXPECT_EQ(rows.end(0), KeptRows::kNone);
  rows.keep(1, 7, said({1, 2}, 0));
  EXPECT_EQ(rows.end(0), KeptRows::kNone);
  EXPECT_EQ(rows.end(1), 7);
  EXPECT_EQ(rows.end(2), KeptRows::kNone);
  rows.forget(1);
  EXPECT_EQ(rows.end(1), KeptRows::kNone);
}

TEST(KeptRows, GivesEachRowItsOwnColumnsHoweverManyCameAfterIt) {
  KeptRows rows{2};
  rows.keep(0, 7, said({1, 2}, query::kStale));
  rows.keep(9, 8, said({3, kNan}, query::kOverflowed));
  rows.keep(4, 8, said({5, 6}, 0));
  Evaluated to;
  for (const query::RowSlot slot : {9U, 0U, 4U})
    rows.append(slot, 20, to);
  ASSERT_EQ(to.values.size(), 6U);
  EXPECT_TRUE(std::ranges::equal(to.values, std::vector<double>{3, kNan, 1, 2, 5, 6}, same));
  EXPECT_EQ(to.marks, (std::vector<query::Marks>{query::kOverflowed, query::kStale, 0}));
  EXPECT_EQ(rows.end(0), 20);
  EXPECT_EQ(rows.end(9), 20);
}

TEST(KeptRows, SaysTheLastThingThatWasKept) {
  KeptRows rows{2};
  rows.keep(2, 7, said({1, 2}, query::kStale));
  rows.keep(2, 9, said({3, 4}, 0));
  Evaluated to;
  rows.append(2, 10, to);
  EXPECT_EQ(to.values, (std::vector<double>{3, 4}));
  EXPECT_EQ(to.marks, (std::vector<query::Marks>{0}));
}

// ---- where a row says another thing than in the window before ----

/// A stream of windows of 4 s that slide by 1 s. `count`: what the one row says of the newest.
class Silent {
 public:
  explicit Silent(Kind kind, Timeline::Options time = {})
      : given(time),
        key{kind, "m", {{"host", "a"}}},
        id(given.watch(std::string{R"({"metric":"m","stats":[")"} +
                       (kind == Kind::Set ? "distinct" : "count") +
                       R"("],"window":"4s","slide":"1s"})")) {}

  void send(std::int64_t ms) { given.send(key, ms, {5}); }
  double count(std::int64_t now) {
    given.tick(now);
    return given.reader.tables[id].of({}).front();
  }

  Given given;
  SeriesKey key;
  query::StreamId id;
};

constexpr std::array kKinds{Kind::Counter, Kind::Timer, Kind::Set};

/// What one sample of this kind counts.
double one(Kind kind) {
  return kind == Kind::Counter ? 5 : 1;
}

// The sample's pane is [101, 102) s: in the windows that end at 102 to 105 s.
TEST(KeptRowsOfAStream, ASampleIsInAllWindowsOfItsPaneAndInNoOther) {
  for (const Kind kind : kKinds) {
    for (const std::int64_t sent : {101'000, 101'999}) {
      SCOPED_TRACE(sent);
      Silent row{kind};
      row.send(sent);
      for (const std::int64_t end : {102'000, 103'000, 104'000, 105'000})
        EXPECT_EQ(row.count(end), one(kind)) << end;
      for (const std::int64_t end : {106'000, 107'000, 108'000})
        EXPECT_EQ(row.count(end), 0) << end;
    }
  }
}

TEST(KeptRowsOfAStream, OneLeavesWhileAnotherStays) {
  for (const Kind kind : kKinds) {
    Silent row{kind};
    row.given.send(row.key, 101'500, {5});
    row.given.send(row.key, 103'500, {5});
    const double both = kind == Kind::Set ? 1 : 2 * one(kind);
    EXPECT_EQ(row.count(104'000), both);
    EXPECT_EQ(row.count(105'000), both);
    EXPECT_EQ(row.count(106'000), one(kind));
    EXPECT_EQ(row.count(107'000), one(kind));
    EXPECT_EQ(row.count(108'000), 0);
  }
}

TEST(KeptRowsOfAStream, TheOpenWindowIsNotTheOneThatClosed) {
  Silent row{Kind::Counter};
  row.send(101'500);
  EXPECT_EQ(row.count(102'000), 5);
  EXPECT_EQ(row.count(105'000), 5);
  EXPECT_EQ(row.count(105'250), 0) << "the window that ends at 106 s began without it";
}

TEST(KeptRowsOfAStream, ALateSampleCountsThoughTheRowHadNothingNewToSay) {
  for (const Kind kind : kKinds) {
    Silent row{kind, {.allowed_lateness = Millis{10'000}}};
    row.given.send(row.key, 101'500, {5});
    EXPECT_EQ(row.count(103'000), one(kind));
    row.given.send(row.key, 100'500, {7});  // the oldest pane of the window that ends at 104 s
    EXPECT_EQ(row.count(104'000), kind == Kind::Counter ? 12 : 2);
    EXPECT_EQ(row.count(105'000), one(kind)) << "it has left";
    row.given.send(row.key, 100'600, {7});  // of a window that is gone
    EXPECT_EQ(row.count(105'500), 0);
    row.given.send(row.key, 102'000, {9});  // the oldest of the window that ends at 106 s
    EXPECT_EQ(row.count(106'000), kind == Kind::Counter ? 9 : 1);
    EXPECT_EQ(row.count(107'000), 0);
  }
}

TEST(KeptRowsOfAStream, ALeapOfTimeIsNotTheSameWindow) {
  for (const Kind kind : kKinds) {
    Silent row{kind};
    row.send(101'500);
    EXPECT_EQ(row.count(102'000), one(kind));
    EXPECT_EQ(row.count(400'000), 0);
    row.send(400'500);
    EXPECT_EQ(row.count(401'000), one(kind));
    EXPECT_EQ(row.count(404'000), one(kind));
    EXPECT_EQ(row.count(405'000), 0);
  }
}

TEST(KeptRowsOfAStream, ASampleAheadOfTimeComesInWithItsPane) {
  for (const Kind kind : kKinds) {
    Silent row{kind};
    row.given.send(row.key, 100'100, {5});
    row.given.send(row.key, 101'200, {7});  // of the pane that is not open yet
    row.given.tick(100'250);
    row.given.send(row.key, 100'300, {5});
    const double now = row.count(100'500);
    EXPECT_EQ(now, kind == Kind::Set ? 1 : 2 * one(kind));
    EXPECT_EQ(row.count(101'250), now + (kind == Kind::Counter ? 7 : 1));
  }
}

// It was not told for so long that what it said then has left the panes that are kept.
TEST(KeptRowsOfAStream, ARowThatComesBackAmongTheFirstSaysWhatItIsNow) {
  Given given;
  const auto id =
      given.watch(R"({"metric":"m","by":["host"],"stats":["count"],"window":"4s","slide":"1s",)"
                  R"("order":"count:desc","limit":1})");
  const SeriesKey small{Kind::Counter, "m", {{"host", "small"}}};
  const SeriesKey large{Kind::Counter, "m", {{"host", "large"}}};
  const Table& table = given.reader.tables[id];
  given.send(small, 101'500, {5});
  given.tick(102'000);
  EXPECT_EQ(table.of({"small"}).front(), 5);
  for (std::int64_t now = 103'000; now <= 130'000; now += 1'000) {
    given.send(large, now - 500, {100});
    given.tick(now);
  }
  ASSERT_EQ(table.keys.size(), 1U);
  EXPECT_EQ(table.of({"large"}).front(), 400);
  given.expire(0, large);
  for (std::int64_t now = 131'000; now <= 140'000; now += 1'000)
    given.tick(now);
  ASSERT_EQ(table.keys.size(), 1U);
  EXPECT_EQ(table.of({"small"}).front(), 0);
}

TEST(KeptRowsOfAStream, ASlotThatIsTakenAgainSaysNothingOfWhoHadIt) {
  Given given{{.series_ttl = Millis{3'000}}};
  const auto id =
      given.watch(R"({"metric":"m","by":["host"],"stats":["count"],"window":"10s","slide":"1s"})");
  const SeriesKey first{Kind::Counter, "m", {{"host", "a"}}};
  const SeriesKey second{Kind::Counter, "m", {{"host", "b"}}};
  given.send(first, 100'500, {5});
  given.tick(101'000);
  EXPECT_EQ(given.reader.tables[id].of({"a"}).front(), 5);
  given.expire(0, first);
  for (std::int64_t now = 102'000; now <= 115'000; now += 1'000)
    given.tick(now);
  ASSERT_TRUE(given.reader.tables[id].keys.empty());
  given.send(second, 115'500, {7});
  given.tick(116'000);
  given.tick(117'000);
  ASSERT_EQ(given.reader.tables[id].keys.size(), 1U);
  EXPECT_EQ(given.reader.tables[id].of({"b"}).front(), 7);
}

// Gauges grow old, so they are never taken to say the same.
TEST(KeptRowsOfAStream, AGaugeBecomesStaleWithTheWindowThatNoLongerHoldsItsSample) {
  Given given;
  const auto id =
      given.watch(R"({"metric":"m","stats":["count","last"],"window":"4s","slide":"1s"})");
  given.send(SeriesKey{Kind::Gauge, "m", {}}, 101'500, {5});
  Table& table = given.reader.tables[id];
  const auto stale = [&](std::int64_t now) {
    given.tick(now);
    return (table.marks.at(table.keys.begin()->first) & query::kStale) != 0;
  };
  EXPECT_FALSE(stale(102'000));
  EXPECT_FALSE(stale(105'000));
  EXPECT_TRUE(stale(106'000));
  EXPECT_TRUE(stale(107'000));
  EXPECT_EQ(table.of({}).back(), 5);
}

}  // namespace
}  // namespace ingest::timeline
