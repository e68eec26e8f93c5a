// What the archive keeps when segments are filed twice, late, or after a restart.

#include "ingest/archive/filing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "ingest/archive/segment.h"
#include "tests/ingest/archive/house.h"
#include "tests/ingest/archive/refused_read.h"

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

TEST_F(FilingTest, ByEventTimeTheDataSaysWhatIsTooOld) {
  constexpr std::int64_t kYears = 5 * 365 * 24 * 3'600;
  const PaneNumber first = kFirst - kYears / 60 * 60;
  const WallTime begins = kMinute - std::chrono::seconds{kYears / 60 * 60};
  house.time_by = TimeBy::Event;
  house.start();
  for (int minute = 0; minute < 20; ++minute) {
    const WallTime end = begins + Millis{60'000} * (minute + 1);
    house.send(first + minute * 60, first + minute * 60 + 60, 2, end, end);
  }
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 20; }));
  EXPECT_EQ(house.archive->ledger().parts_expired, 0U);
  EXPECT_EQ(house.read(Rollup::Base).size(), 20 * 60U);
  house.archive.reset();
  house.open();
  EXPECT_EQ(house.archive->restores_from(), begins + std::chrono::minutes{10});
  EXPECT_EQ(house.restored(), 10 * 120);
  // And two hours later in the data's own time.
  ASSERT_TRUE(house.archive->start().has_value());
  const PaneNumber later = first + PaneNumber{60} * 180;
  house.send(later, later + 60, 3, begins, begins + std::chrono::minutes{181});
  ASSERT_TRUE(until([&] { return house.archive->ledger().parts_expired > 0; }));
  EXPECT_EQ(house.read(Rollup::Base).begin()->first, later);
  EXPECT_EQ(house.read(Rollup::Sixty).size(), 21U);
}

// A segment that cannot be read: a folder of its name, whatever rights a test has.
TEST_F(FilingTest, ASegmentThatCannotBeReadAtTheStartLeavesTheOthers) {
  house.start();
  house.send(kFirst, kFirst + 60, 2, kMinute + Millis{61'000}, WallTime::min());
  house.archive->stop();
  house.archive.reset();
  const SegmentName unreadable{house.pane, kMinute, 1};
  const std::string path = house.path + '/' + unreadable.text();
  fs::create_directory(path);
  house.open();
  EXPECT_FALSE(house.archive->ledger().degraded);
  EXPECT_EQ(house.restored(), 120);
  ASSERT_TRUE(house.archive->start().has_value());
  house.send(kFirst, kFirst + 1, 5, kMinute + Millis{62'000}, kMinute + Millis{60'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 1; }));
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60, 125}}));
  EXPECT_TRUE(fs::exists(path));  // for a start that can read it
}

TEST_F(FilingTest, ASegmentThatCannotBeReadHoldsNothingUp) {
  house.start();
  house.send(kFirst, kFirst + 120, 2, kMinute + Millis{121'000}, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->durable_until() > kMinute; }));
  auto segments = house.segments();
  std::ranges::sort(segments);
  ASSERT_EQ(segments.size(), 2U);
  fs::rename(segments.front(), house.folder.path("kept"));
  fs::create_directory(segments.front());
  house.send(0, 0, 0, kMinute + Millis{122'000}, kMinute + Millis{120'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 1; }));
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60 + 1, 120}}));
  EXPECT_TRUE(until([&] { return house.archive->ledger().segments_aside == 1; }));
  EXPECT_FALSE(house.archive->ledger().degraded);
  fs::remove(segments.front());
  fs::rename(house.folder.path("kept"), segments.front());
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 2; }));
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60, 120}, {kFirst / 60 + 1, 120}}));
  EXPECT_TRUE(until([&] { return house.archive->ledger().segments_aside == 0; }));
  EXPECT_EQ(house.archive->ledger().deltas_lost, 0U);
}

// A first part of it can be read, and what follows not yet.
TEST_F(FilingTest, ASegmentThatCannotBeReadToItsEndHoldsNothingUp) {
  constexpr std::size_t kLength = std::size_t{5} << 20U;
  constexpr std::size_t kMore = std::size_t{64} << 10U;
  house.open();
  bool refuses = false;
  std::thread{[&] {
    refuses = ::tests::refuse_reads(kLength - SegmentFile::kBytesAtOnce + kMore, ESTALE);
    ASSERT_TRUE(house.archive->start().has_value());
  }}.join();
  if (!refuses) GTEST_SKIP() << "no filters of system calls here";
  house.send(kFirst, kFirst + 120, 2, kMinute + Millis{121'000}, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->durable_until() > kMinute; }));
  auto segments = house.segments();
  std::ranges::sort(segments);
  ASSERT_EQ(segments.size(), 2U);
  fs::resize_file(segments.front(), kLength);
  house.send(0, 0, 0, kMinute + Millis{122'000}, kMinute + Millis{120'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 1; }));
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60 + 1, 120}}));
  EXPECT_TRUE(until([&] { return house.archive->ledger().segments_aside == 1; }));
  EXPECT_EQ(house.holes(), (std::vector<Gap>{{kMinute, kMinute + Millis{60'000}}}));
  EXPECT_FALSE(house.archive->ledger().degraded);
  fs::resize_file(segments.front(), kLength + kMore);
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 2; }));
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60, 120}, {kFirst / 60 + 1, 120}}));
  EXPECT_TRUE(house.holes().empty());
}

TEST_F(FilingTest, WhatIsSetAsideGivesWayToTheNextAtOnce) {
  house.start();
  house.send(kFirst, kFirst + 120, 2, kMinute + Millis{121'000}, WallTime::min());
  house.archive->stop();
  house.archive.reset();
  auto segments = house.segments();
  std::ranges::sort(segments);
  const auto disk = Disk::open({house.path, Levels{house.pane}, 1, kMinute}, house.log);
  ASSERT_TRUE(disk.has_value()) << disk.error().what;
  fs::remove(segments.front());
  fs::create_directory(segments.front());
  ArchiveLedger ledger;
  Filing filing{std::uint64_t{1} << 30U, house.log, ledger, {}};
  const Filing::Times times{kMinute, kMinute + Millis{120'000}, MonoTime{Millis{1'000}}};
  constexpr int kStepsMax = 100;
  int steps = 0;
  while (filing.work(**disk, times) && steps < kStepsMax)
    ++steps;
  EXPECT_LT(steps, kStepsMax);
  EXPECT_EQ(ledger.periods_filed, 1U);
  EXPECT_EQ(ledger.segments_aside, 1U);
}

// A process' own memory: its first page gives EIO.
TEST_F(FilingTest, WhatTheDeviceDoesNotGiveIsCountedAndTheRestIsKept) {
  house.start();
  house.send(kFirst, kFirst + 60, 2, kMinute + Millis{61'000}, WallTime::min());
  house.archive->stop();
  house.archive.reset();
  const SegmentName broken{house.pane, kMinute, 1};
  fs::create_symlink("/proc/self/mem", house.path + '/' + broken.text());
  house.open();
  EXPECT_FALSE(house.archive->ledger().degraded);
  EXPECT_GT(house.archive->ledger().damaged_bytes, 0U);
  EXPECT_EQ(house.restored(), 120);
  ASSERT_TRUE(house.archive->start().has_value());
  house.send(0, 0, 0, kMinute + Millis{62'000}, kMinute + Millis{60'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 2; }));
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60, 120}}));
  EXPECT_EQ(house.holes(), (std::vector<Gap>{{kMinute, kMinute + Millis{60'000}}}));
}

TEST_F(FilingTest, TheOldestSegmentsGoWhileTheStoreFails) {
  house.max_bytes = 24'000;
  house.start();
  const std::string blocks = house.path + "/blocks";
  house.file_a_minute();
  fs::rename(blocks, house.folder.path("blocks"));
  std::ofstream{blocks} << "a file in the way";
  constexpr int kMinutes = 80;
  for (int minute = 1; minute <= kMinutes; ++minute) {
    const WallTime end = kMinute + Millis{60'000} * (minute + 1);
    const PaneNumber first = kFirst + PaneNumber{60} * minute;
    house.send(first, first + 60, 3, end + Millis{1'000}, end);
    ASSERT_TRUE(until([&] { return house.archive->durable_until() == end + Millis{1'000}; }));
  }
  ASSERT_TRUE(until([&] { return house.archive->ledger().segments_shed > 0; }));
  const ArchiveLedger full = house.archive->ledger();
  EXPECT_TRUE(full.degraded);
  EXPECT_LE(full.checkpoint_bytes, house.max_bytes);
  EXPECT_EQ(full.deltas_lost, 60 * full.segments_shed);
  EXPECT_EQ(house.archive->losses(), full.deltas_lost);
  fs::remove(blocks);
  fs::rename(house.folder.path("blocks"), blocks);
  ASSERT_TRUE(until([&] {
    const ArchiveLedger ledger = house.archive->ledger();
    return ledger.periods_filed + ledger.segments_shed == 1 + kMinutes;
  }));
  ASSERT_TRUE(until([&] { return !house.archive->ledger().degraded; }));
  const Totals sixty = house.read(Rollup::Sixty);
  EXPECT_EQ(sixty.rbegin()->first, kFirst / 60 + kMinutes);  // the newest is never given up
  EXPECT_EQ(sixty.rbegin()->second, 180);
  // What went unfiled is a hole of each minute, and nothing else is.
  std::int64_t lost = 0;
  for (const Gap& each : house.holes()) {
    for (WallTime minute = each.from; minute < each.until; minute += Millis{60'000}, ++lost)
      EXPECT_FALSE(sixty.contains(to_ms(minute) / 60'000)) << to_ms(minute);
  }
  EXPECT_EQ(lost, static_cast<std::int64_t>(house.archive->ledger().segments_shed));
}

TEST_F(FilingTest, AStoreThatHasNoRoomToGiveIsNotAskedForItAtEachTurn) {
  const Levels levels{house.pane};
  const auto disk = Disk::open({house.path, levels, 1, kMinute}, house.log);
  ASSERT_TRUE(disk.has_value()) << disk.error().what;
  BlockStore& store = (*disk)->store();
  ASSERT_TRUE(store.append(levels, {Rollup::Base, 1, kFirst / 60}, {}).has_value());
  ASSERT_TRUE(store.commit(kMinute + Millis{60'000}).has_value());
  ArchiveLedger ledger;
  ledger.disk_bytes = store.bytes();
  Filing filing{1, house.log, ledger, {}};
  MonoTime mono{Millis{1'000}};
  const auto work = [&](WallTime now) { filing.work(**disk, {now, WallTime::min(), mono}); };
  work(kMinute);  // its only part is being written
  ASSERT_EQ(store.counts().parts_expired, 0U);
  const WallTime later = kMinute + std::chrono::hours{72};
  mono += Filing::kRetry / 2;
  work(later);
  EXPECT_EQ(store.counts().parts_expired, 0U) << "asked again before kRetry";
  mono += Filing::kRetry / 2;
  work(later);
  EXPECT_EQ(store.counts().parts_expired, 1U);
}

}  // namespace
}  // namespace ingest::archive
