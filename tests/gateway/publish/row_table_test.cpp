#include "gateway/publish/row_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "tests/gateway/publish/house.h"

namespace gateway::publish {
namespace {

using test::Told;
using test::window_at;

const test::Query kQuery =
    test::parsed(R"({"metric":"m","by":["route"],"stats":["count","p50"],"window":"10s"})");

test::Window window(int tick_s) {
  return window_at(test::kStart + std::chrono::seconds{tick_s}, kQuery.window, kQuery.slide);
}
Told newest(int tick_s) {
  Told told;
  told.window = window(tick_s);
  return told;
}
Told with_row(Told told, RowIndex slot, double count, double median) {
  told.rows.push_back(slot);
  told.values.insert(told.values.end(), {count, median});
  return told;
}
Told with_new(Told told, RowIndex slot, std::string key) {
  told.added.push_back({slot, {std::move(key)}});
  return told;
}
void apply(RowTable& table, const Told& told) {
  table.apply(told.view(1));
}
std::string text(const RowTable& table, RowIndex row) {
  return std::string{table.cells().at(row, 0).view()} + " " +
         std::string{table.cells().at(row, 1).view()};
}

TEST(RowTable, GivesIndexesInOrderAndKeysAsJson) {
  RowTable table{kQuery, {}};
  EXPECT_FALSE(table.is_ready());
  apply(table, with_row(with_row(with_new(with_new(newest(1), 7, "/a"), 3, "/\"b\""), 7, 1, 2), 3,
                        4, std::nan("")));
  table.seal();
  EXPECT_TRUE(table.is_ready());
  EXPECT_EQ(table.live(), 2U);
  EXPECT_EQ(table.keys()[0], R"(["/a"])");
  EXPECT_EQ(table.keys()[1], R"(["/\"b\""])");
  EXPECT_EQ(text(table, 0), "1 2");
  EXPECT_EQ(text(table, 1), "4 null");
}

TEST(RowTable, ARowIsTouchedWhenItsPrintedTextChanges) {
  RowTable table{kQuery, {}};
  apply(table, with_row(with_new(newest(1), 0, "/a"), 0, 1, 12.3456));
  table.seal();
  EXPECT_EQ(table.touched(0), 1U);
  apply(table, with_row(newest(1), 0, 1, 12.34561));  // 5 digits: still 12.346
  table.seal();
  EXPECT_EQ(table.touched(0), 1U);
  apply(table, with_row(newest(1), 0, 1, 12.3465));
  table.seal();
  EXPECT_EQ(table.touched(0), 3U);
  EXPECT_EQ(table.version(), 3U);
}

TEST(RowTable, ARowIsTouchedWhenItsMarksChange) {
  RowTable table{kQuery, {}};
  Told told = with_row(with_new(newest(1), 0, "/a"), 0, 1, 12);
  told.marks = {0};
  apply(table, told);
  table.seal();
  told = with_row(newest(1), 0, 1, 12);
  told.marks = {ingest::query::kStale};
  apply(table, told);
  table.seal();
  EXPECT_EQ(table.touched(0), 2U);
  EXPECT_EQ(table.cells().mark(0), ingest::query::kStale);
  apply(table, told);
  table.seal();
  EXPECT_EQ(table.touched(0), 2U);
}

TEST(RowTable, ARowIsTouchedWhenItsListChanges) {
  RowTable table{
      test::parsed(R"({"metric":"m","by":["route"],"stats":["count","buckets"],"window":"10s"})"),
      {}};
  const auto told_with = [](Told told, double weight) {
    told = with_row(std::move(told), 0, 1, 1);
    told.lists = {-1, 4, 6, 0, 9, weight, 0};  // its list begins at 1
    return told;
  };
  apply(table, told_with(with_new(newest(1), 0, "/a"), 2));
  table.seal();
  EXPECT_EQ(table.cells().text(0, 1), "[6,0,9,2]");
  apply(table, told_with(newest(1), 2));
  table.seal();
  EXPECT_EQ(table.touched(0), 1U);
  apply(table, told_with(newest(1), 3));
  table.seal();
  EXPECT_EQ(table.touched(0), 3U);
  EXPECT_EQ(table.cells().text(0, 1), "[6,0,9,3]");
  apply(table, with_row(newest(1), 0, 1, std::nan("")));
  table.seal();
  EXPECT_EQ(table.cells().text(0, 1), "null");
}

TEST(RowTable, AReusedSlotIsANewIndex) {
  RowTable table{kQuery, {}};
  apply(table, with_row(with_new(newest(1), 0, "/a"), 0, 1, 1));
  table.seal();
  Told told = with_row(with_new(newest(1), 0, "/b"), 0, 2, 2);
  told.removed = {0};
  apply(table, told);
  table.seal();
  EXPECT_FALSE(table.is_live(0));
  EXPECT_TRUE(table.is_live(1));
  EXPECT_EQ(table.live(), 1U);
  EXPECT_EQ(table.touched(0), 2U);
  EXPECT_EQ(text(table, 1), "2 2");
}

TEST(RowTable, EarlierWindowsAreKeptUntilTheirLastWordIsSaid) {
  RowTable table{kQuery, {}};
  table.keep(RowTable::Corrections::Kept);
  apply(table, with_row(with_new(newest(1), 0, "/a"), 0, 1, 1));
  table.seal();
  apply(table, with_row(newest(2), 0, 5, 5));
  table.seal();
  ASSERT_EQ(table.earlier().size(), 1U);
  EXPECT_EQ(table.earlier()[0].window, window(1));
  EXPECT_EQ(table.earlier()[0].sheet.cells().text(0, 0), "1");

  Told last = with_row(newest(1), 0, 2, 1);
  last.revision = test::Revision::Final;
  apply(table, last);
  table.seal();
  EXPECT_EQ(text(table, 0), "5 5") << "the table is its newest window";
  EXPECT_EQ(table.earlier()[0].sheet.cells().text(0, 0), "2");
  EXPECT_EQ(table.earlier()[0].changed, 3U);
  table.settle(2);
  EXPECT_EQ(table.earlier().size(), 1U);
  table.settle(3);
  EXPECT_TRUE(table.earlier().empty());
}

TEST(RowTable, AWordOnTheNewestWindowBeforeItMovesChangesTheTable) {
  RowTable table{kQuery, {}};
  table.keep(RowTable::Corrections::Kept);
  apply(table, with_row(with_new(newest(1), 0, "/a"), 0, 1, 1));
  table.seal();
  Told restated = with_row(newest(1), 0, 2, 1);
  restated.revision = test::Revision::Restated;
  apply(table, restated);
  EXPECT_EQ(text(table, 0), "2 1");
  apply(table, with_row(newest(2), 0, 5, 5));
  table.seal();
  EXPECT_EQ(table.earlier()[0].touched[0], 2U);
  EXPECT_EQ(table.earlier()[0].sheet.cells().text(0, 0), "2");
}

TEST(RowTable, ARestatementOfARowThatCameLaterIsKept) {
  RowTable table{kQuery, {}};
  table.keep(RowTable::Corrections::Kept);
  apply(table, with_row(with_new(newest(1), 0, "/a"), 0, 1, 1));
  table.seal();
  apply(table, with_row(with_row(with_new(newest(2), 1, "/b"), 0, 1, 1), 1, 3, 3));
  Told restated = with_row(newest(1), 1, 2, 2);
  restated.revision = test::Revision::Restated;
  apply(table, restated);
  table.seal();
  ASSERT_EQ(table.earlier()[0].touched.size(), 2U);
  EXPECT_EQ(table.earlier()[0].sheet.cells().text(1, 0), "2");
  EXPECT_EQ(table.earlier()[0].touched[1], 2U);
}

TEST(RowTable, EarlierWindowsHaveAMaximumOfBytesAndNumber) {
  RowTable table{kQuery, {100'000, 3}};
  table.keep(RowTable::Corrections::Kept);
  apply(table, with_row(with_new(newest(0), 0, "/a"), 0, 1, 1));
  for (int tick = 1; tick < 10; ++tick)
    apply(table, with_row(newest(tick), 0, tick, 1));
  EXPECT_EQ(table.earlier().size(), 3U);
  EXPECT_EQ(table.corrections_dropped(), 6U);
  RowTable small{kQuery, {100, 100}};
  small.keep(RowTable::Corrections::Kept);
  apply(small, with_row(with_new(newest(0), 0, "/a"), 0, 1, 1));
  apply(small, with_row(newest(1), 0, 1, 1));
  EXPECT_TRUE(small.earlier().empty());
}

// A restated heatmap's list grows: bytes that were never added to the sum must not be taken from
// it.
TEST(RowTable, AnEarlierWindowThatGrewLeavesTheSumAsItWas) {
  RowTable table{test::parsed(R"({"metric":"m","stats":["count","buckets"],"window":"10s"})"), {}};
  table.keep(RowTable::Corrections::Kept);
  const auto with_list = [](Told told, std::size_t buckets) {
    told = with_row(std::move(told), 0, 1, 1);
    told.lists = {-1, static_cast<double>(buckets), 6};  // its list begins at 1
    told.lists.resize(2 + buckets, 100'000);
    told.lists.push_back(0);  // and nothing below zero
    return told;
  };
  Told first = newest(1);
  first.added.push_back({0, {}});
  apply(table, with_list(first, 2));
  const std::size_t with_none = table.bytes();
  for (int tick = 2; tick < 12; ++tick) {
    apply(table, with_list(newest(tick), 2));
    Told last = with_list(newest(tick - 1), 400);
    last.revision = test::Revision::Final;
    apply(table, last);
    table.seal();
    EXPECT_GT(table.bytes(), with_none + 2'000) << "what it grew by counts";
    table.settle(table.version());
    ASSERT_TRUE(table.earlier().empty());
    EXPECT_EQ(table.bytes(), with_none);
  }
}

TEST(RowTable, NobodyWhoCorrectsMeansNothingIsKept) {
  RowTable table{kQuery, {}};
  apply(table, with_row(with_new(newest(1), 0, "/a"), 0, 1, 1));
  apply(table, with_row(newest(2), 0, 5, 5));
  EXPECT_TRUE(table.earlier().empty());
}

TEST(RowTable, ARebaseNumbersTheLiveRowsAfresh) {
  RowTable table{kQuery, {}};
  table.keep(RowTable::Corrections::Kept);
  Told first = newest(1);
  for (RowIndex slot = 0; slot < 2'000; ++slot) {
    first = with_row(with_new(std::move(first), slot, std::to_string(slot)), slot, slot, 1);
  }
  apply(table, first);
  table.seal();
  apply(table, newest(2));
  EXPECT_FALSE(table.wants_rebase());
  Told gone = newest(2);
  for (RowIndex slot = 0; slot < 2'000; ++slot) {
    if (slot % 5 != 4) gone.removed.push_back(slot);
  }
  apply(table, gone);
  table.seal();
  ASSERT_TRUE(table.wants_rebase());
  table.rebase();
  EXPECT_FALSE(table.wants_rebase());
  EXPECT_EQ(table.size(), 400U);
  EXPECT_EQ(table.keys()[399], R"(["1999"])");
  EXPECT_EQ(text(table, 399), "1999 1");
  EXPECT_EQ(table.earlier()[0].sheet.cells().text(1, 0), "9");
  apply(table, with_row(newest(2), 9, 70, 1));  // the hub's slots stay
  EXPECT_EQ(text(table, 1), "70 1");
}

}  // namespace
}  // namespace gateway::publish
