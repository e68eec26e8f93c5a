// Which segments are filed, and what leaves when there is no room: by hand, with time as told.
#include "ingest/archive/checkpoint.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ingest/archive/filing.h"
#include "ingest/model/packed_partial.h"
#include "tests/support/temporary_folder.h"

namespace ingest::archive {
namespace {

namespace fs = std::filesystem;

constexpr Millis kPeriod{60'000};
constexpr std::int64_t kStartMs = 1'700'000'040'000;
const WallTime kStart = wall_from_ms(kStartMs);  // NOLINT(readability-identifier-naming)
static_assert(kStartMs % kPeriod.count() == 0);

std::vector<std::byte> packed_counter() {
  model::Partial partial{model::Kind::Counter};
  partial.fold({.kind = model::Kind::Counter, .value = 2}, kStart);
  std::vector<std::byte> packed;
  model::pack(partial, packed);
  return packed;
}

/// A disk, and what files it, without a thread.
struct Cellar {
  void open(std::uint64_t bytes_max = std::uint64_t{1} << 30U) {
    auto opened =
        Disk::open({.path = folder.path("archive"), .session = ++session, .now = kStart}, log);
    ASSERT_TRUE(opened) << opened.error().what;
    disk = *std::move(opened);
    filing.emplace(bytes_max, log, ledger,
                   Filing::News{.failed = [&](const Error&) { ++failures; },
                                .recovered = [] {},
                                .lost = [&](std::uint64_t deltas) { lost += deltas; }});
  }
  /// `deltas` in each pane of the minute.
  void take(int minute, int deltas) const {
    const model::SeriesKey key{model::Kind::Counter, "m", {}};
    const std::vector<std::byte> packed = packed_counter();
    const PaneNumber first = to_ms(kStart + kPeriod * minute) / 1'000;
    for (PaneNumber pane = first; pane < first + 60; ++pane) {
      for (int i = 0; i < deltas; ++i)
        disk->checkpoint().take(
            {.what = Entry::What::Delta, .number = 1, .pane = pane, .packed = packed},
            {std::string{key.bytes()}, key.kind(), 1});
    }
    EXPECT_TRUE(disk->checkpoint().sync());
  }
  /// As many steps as there are; how many.
  int work(WallTime closed, WallTime now = kStart) {
    mono += Filing::kRetry;
    int steps = 1;
    while (filing->work(*disk, {now, closed, mono}))
      ++steps;
    return steps;
  }
  tests::support::TemporaryFolder folder;
  io::Logger log{io::LogLevel::Error, -1};
  ArchiveLedger ledger;
  std::uint64_t session = 1;
  std::uint64_t lost = 0;
  int failures = 0;
  MonoTime mono{};
  std::unique_ptr<Disk> disk;
  std::optional<Filing> filing;
};

/// Two segments of one minute, as a crash behind a damaged one leaves them.
void two_of_one_minute(Cellar& cellar) {
  cellar.open();
  cellar.take(0, 1);
  const std::string path = cellar.folder.path("archive");
  cellar.filing.reset();
  cellar.disk.reset();
  const SegmentName first{Millis{1'000}, kStart, 1};
  for (const auto& each : fs::directory_iterator{path})
    if (SegmentName::read(each.path().filename().string()))
      fs::copy(each, path + '/' + first.text());
  cellar.open();
}

TEST(Checkpoint, APeriodIsFiledWhenTheLastOfItsSegmentsIs) {
  Cellar cellar;
  two_of_one_minute(cellar);
  Checkpoint& checkpoint = cellar.disk->checkpoint();
  const WallTime end = kStart + kPeriod;
  ASSERT_TRUE(checkpoint.take_closed(end));
  EXPECT_FALSE(checkpoint.taken_is_last());
  checkpoint.remove();
  EXPECT_LT(checkpoint.filed_until(), end);
  EXPECT_EQ(checkpoint.unwritten_from(), kStart);
  ASSERT_TRUE(checkpoint.take_closed(end));
  EXPECT_TRUE(checkpoint.taken_is_last());
  checkpoint.remove();
  EXPECT_EQ(checkpoint.filed_until(), end);
  EXPECT_FALSE(checkpoint.unwritten_from());
}

TEST(Checkpoint, TheStoreIsToldOfAPeriodWhenAllOfItIsFiled) {
  Cellar cellar;
  two_of_one_minute(cellar);
  WallTime half_way;
  cellar.mono += Filing::kRetry;
  while (cellar.filing->work(*cellar.disk, {kStart, kStart + kPeriod, cellar.mono}))
    if (cellar.ledger.periods_filed == 1) half_way = cellar.disk->store().filed_until();
  EXPECT_EQ(cellar.ledger.periods_filed, 2U);
  EXPECT_LT(half_way, kStart + kPeriod);
  EXPECT_EQ(cellar.disk->store().filed_until(), kStart + kPeriod);
}

TEST(Checkpoint, ASegmentThatLeftUnfiledWasNotFiled) {
  Cellar cellar;
  cellar.open();
  cellar.take(0, 1);
  cellar.take(1, 1);
  Checkpoint& checkpoint = cellar.disk->checkpoint();
  ASSERT_TRUE(checkpoint.take_closed(kStart + kPeriod));
  const auto gone = checkpoint.shed();
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->deltas, 60U);
  EXPECT_LT(checkpoint.filed_until(), kStart);
  EXPECT_EQ(checkpoint.unwritten_from(), kStart + kPeriod);
}

TEST(Filing, OldPartsLeaveBeforeWhatIsNotFiled) {
  Cellar cellar;
  cellar.open();
  constexpr int kMinutes = 60;  // six parts
  for (int minute = 0; minute < kMinutes; ++minute)
    cellar.take(minute, 1);
  const WallTime end = kStart + kPeriod * kMinutes;
  cellar.work(end, end);
  ASSERT_EQ(cellar.ledger.periods_filed, std::uint64_t{kMinutes});
  const std::uint64_t stored = cellar.disk->store().bytes();
  ASSERT_GT(stored, 0U);
  cellar.filing.reset();
  cellar.disk.reset();

  // Room for little more than what is stored; the checkpoint grows into it.
  const std::uint64_t most = stored * 5 / 4;
  cellar.open(most);
  cellar.ledger.disk_bytes = stored;
  for (int deltas = 1; cellar.disk->checkpoint().bytes() < stored / 2; ++deltas)
    cellar.take(kMinutes, deltas);
  cellar.work(end, end + kPeriod);
  EXPECT_GT(cellar.disk->store().counts().parts_shed, 0U);
  EXPECT_EQ(cellar.ledger.segments_shed, 0U);
  EXPECT_EQ(cellar.lost, 0U);
  EXPECT_LE(cellar.disk->store().bytes() + cellar.disk->checkpoint().bytes(), most);
}

TEST(Filing, WhatCouldNeverBeReadLeavesWithItsAge) {
  Cellar cellar;
  cellar.open();
  cellar.disk.reset();
  const SegmentName unreadable{Millis{1'000}, kStart, 7};
  const std::string path = cellar.folder.path("archive") + '/' + unreadable.text();
  fs::create_directory(path);
  cellar.open();
  cellar.work(kStart);
  EXPECT_EQ(cellar.ledger.segments_aside, 1U);
  EXPECT_GT(cellar.ledger.store_faults, 0U) << "it is tried again";
  EXPECT_EQ(cellar.failures, 0);
  EXPECT_TRUE(fs::exists(path));
  cellar.work(kStart, kStart + std::chrono::hours{24 * 30});
  EXPECT_EQ(cellar.ledger.segments_aside, 0U);
  EXPECT_FALSE(fs::exists(path));
}

TEST(Filing, ALongRecordIsTakenInSteps) {
  Cellar cellar;
  cellar.open();
  constexpr std::size_t kDeltas = 1'000;
  cellar.take(0, int{kDeltas});  // one record
  const int steps = cellar.work(kStart + kPeriod);
  EXPECT_EQ(cellar.ledger.periods_filed, 1U);
  EXPECT_GE(static_cast<std::size_t>(steps), 60 * kDeltas / Filer::kDeltasAStep);
}

}  // namespace
}  // namespace ingest::archive
