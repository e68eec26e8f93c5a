// What the archive keeps when segments are filed twice, late, or after a restart.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/ingest/archive/house.h"

namespace ingest::archive {
namespace {

namespace fs = std::filesystem;

struct FilingTest : ::testing::Test {
  House house;
};

TEST_F(FilingTest, FilingTwiceCountsOnce) {
  house.start();
  house.send(kFirst, kFirst + 60, 2, kMinute + Millis{61'000}, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->durable_until() > kMinute; }));
  const std::string segment = house.segments().front();
  fs::copy(segment, house.folder.path("kept"));
  house.send(0, 0, 0, kMinute + Millis{62'000}, kMinute + Millis{60'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 1; }));
  house.archive.reset();
  // A crash after the blocks were written and before the segment went.
  fs::copy(house.folder.path("kept"), segment);
  house.start();
  house.send(0, 0, 0, kMinute + Millis{63'000}, kMinute + Millis{60'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 1; }));
  EXPECT_EQ(house.read(Rollup::Base).begin()->second, 2);
  EXPECT_EQ(house.read(Rollup::Ten).begin()->second, 20);
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60, 120}}));
}

TEST_F(FilingTest, WhatACrashLeftFiledAndUnfiledIsRestoredOnce) {
  house.start();
  house.send(kFirst, kFirst + 60, 2, kMinute + Millis{61'000}, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->durable_until() > kMinute; }));
  const std::string segment = house.segments().front();
  fs::copy(segment, house.folder.path("kept"));
  house.send(0, 0, 0, kMinute + Millis{62'000}, kMinute + Millis{60'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 1; }));
  house.send(kFirst + 60, kFirst + 120, 3, kMinute + Millis{122'000}, kMinute + Millis{120'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 2; }));
  house.archive.reset();
  fs::copy(house.folder.path("kept"), segment);
  house.open();
  EXPECT_EQ(house.restored(), 120 + 180);
}

TEST_F(FilingTest, WhatComesLateForAFiledPeriodIsAdded) {
  house.start();
  house.file_a_minute();
  const WallTime closed = kMinute + Millis{60'000};
  house.send(kFirst + 7, kFirst + 8, 5, kMinute + Millis{62'000}, closed);
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 2; }));
  house.archive.reset();
  house.start();
  house.send(kFirst + 7, kFirst + 9, 10, kMinute + Millis{63'000}, closed);
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 1; }));
  const Totals base = house.read(Rollup::Base);
  EXPECT_EQ(base.size(), 60U);
  EXPECT_EQ(base.at(kFirst + 6), 2);
  EXPECT_EQ(base.at(kFirst + 7), 17);
  EXPECT_EQ(base.at(kFirst + 8), 12);
  EXPECT_EQ(house.read(Rollup::Ten).at(kFirst / 10), 45);
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60, 145}}));
  EXPECT_EQ(house.archive->ledger().deltas_lost, 0U);
  house.archive.reset();
  house.open();
  EXPECT_EQ(house.restored(), 145);
}

TEST_F(FilingTest, WhatCameLateBeforeACrashIsRestoredOnceAndFiledOnce) {
  house.start();
  house.file_a_minute();
  house.send(kFirst + 7, kFirst + 8, 5, kMinute + Millis{62'000}, kMinute);
  house.archive.reset();
  house.open();
  EXPECT_EQ(house.restored(), 125);
  ASSERT_TRUE(house.archive->start().has_value());
  EXPECT_EQ(house.read(Rollup::Base).size(), 60U);
  house.send(0, 0, 0, kMinute + Millis{63'000}, kMinute + Millis{60'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 1; }));
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60, 125}}));
}

TEST_F(FilingTest, AMinuteInWhichThePaneChangedKeepsBothInItsRollUps) {
  house.start();
  house.send(kFirst, kFirst + 30, 2, kMinute + Millis{30'000}, WallTime::min());
  house.archive->stop();
  house.archive.reset();
  house.pane = Millis{500};
  house.start();
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 1; }));
  house.send(kFirst * 2 + 50, kFirst * 2 + 120, 3, kMinute + Millis{61'000},
             kMinute + Millis{60'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 2; }));
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60, 60 + 210}}));
  EXPECT_EQ(house.read(Rollup::Ten).at(kFirst / 10 + 2), 20 + 30);
  EXPECT_EQ(house.read(Rollup::Base).size(), 70U);
}

}  // namespace
}  // namespace ingest::archive
