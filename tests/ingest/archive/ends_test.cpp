// What an archive keeps beyond its panes, and how it ends.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "tests/ingest/archive/house.h"

namespace ingest::archive {
namespace {

namespace fs = std::filesystem;

struct ArchiveEnds : ::testing::Test {
  House house;
};

TEST_F(ArchiveEnds, KnowsBatchesOfTheProcessBefore) {
  house.start();
  house.archive->batch_begins("done");
  house.archive->batch_begins("begun");
  house.archive->batch_taken({"done", kMinute, "result"});
  house.send(kFirst, kFirst + 1, 2, kMinute + Millis{1}, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->durable_until() > kMinute; }));
  fs::copy(house.path, house.folder.path("crashed"), fs::copy_options::recursive);
  House other;
  other.path = house.folder.path("crashed");
  other.open();
  const auto batches = other.archive->batches();
  ASSERT_EQ(batches.size(), 2U);
  for (const auto& each : batches)
    EXPECT_EQ(each.result, each.id == "done" ? std::optional<std::string>{"result"} : std::nullopt);
}

// Three minutes are filed and one is not: what fits comes back, the newest first.
TEST_F(ArchiveEnds, TakesBackNoMoreThanFitsIntoMemoryTheNewestFirst) {
  house.start();
  for (int minute = 0; minute < 3; ++minute) {
    const PaneNumber first = kFirst + PaneNumber{60} * minute;
    const WallTime end = kMinute + Millis{60'000} * (minute + 1);
    house.send(first, first + 60, 2, end + Millis{1'000}, end);
  }
  house.send(kFirst + 180, kFirst + 240, 2, kMinute + Millis{241'000}, kMinute + Millis{180'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 3; }));
  house.archive.reset();
  house.open();
  EXPECT_LE(house.archive->restores_from(), kMinute);
  EXPECT_EQ(house.restored(), 4 * 120);
  house.archive.reset();

  house.restored_bytes = 1;
  house.open();
  EXPECT_EQ(house.archive->restores_from(), kMinute + Millis{180'000});
  EXPECT_EQ(house.restored(), 120);
  house.archive.reset();

  // Room for some more than the newest alone.
  std::optional<WallTime> before = kMinute + Millis{180'000};
  for (house.restored_bytes = 1'000; before > kMinute; house.restored_bytes += 250) {
    ASSERT_LT(house.restored_bytes, 100'000U);
    house.open();
    const auto from = house.archive->restores_from();
    ASSERT_TRUE(from);
    EXPECT_LE(*from, *before) << "more room never takes less";
    const double wanted =
        120.0 * static_cast<double>((kMinute + Millis{240'000} - std::max(*from, kMinute)) /
                                    Millis{60'000});
    EXPECT_EQ(house.restored(), wanted) << "whole from there on";
    before = from;
    house.archive.reset();
  }
  // What was left out is still on disk.
  house.restored_bytes = 1;
  house.start();
  EXPECT_EQ(house.read(Rollup::Sixty).size(), 3U);
}

TEST_F(ArchiveEnds, ADiskThatComesLateBringsItsBatchesAndItsPast) {
  house.start();
  house.archive->batch_begins("before");
  house.send(kFirst, kFirst + 60, 2, kMinute + Millis{61'000}, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->durable_until() > kMinute; }));
  house.archive.reset();
  const std::string kept = house.folder.path("kept");
  fs::rename(house.path, kept);
  std::ofstream{house.path} << "a file in the way";
  house.open();
  EXPECT_TRUE(house.archive->batches().empty());
  EXPECT_FALSE(house.archive->restores_from());
  ASSERT_TRUE(house.archive->start().has_value());
  fs::remove(house.path);
  fs::rename(kept, house.path);
  house.send(kFirst + 60, kFirst + 61, 2, kMinute + Millis{62'000}, kMinute + Millis{60'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 1; }));
  EXPECT_EQ(house.read(Rollup::Sixty).at(kFirst / 60), 120);
  house.archive->stop();
  EXPECT_EQ(house.late_batches, std::vector<std::string>{"before"});
}

/// No file of the process grows past so many bytes.
struct FullDisk {
  explicit FullDisk(rlim_t bytes) {
    before_signal = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit now{bytes, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before);
    static_cast<void>(std::signal(SIGXFSZ, before_signal));
  }
  rlimit before{};
  void (*before_signal)(int) = SIG_DFL;
};

TEST_F(ArchiveEnds, TellsWhatAFullDiskLost) {
  house.start();
  const FullDisk full{0};
  house.send(kFirst, kFirst + 60, 2, kMinute, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->ledger().away; }));
  house.archive->stop();
  EXPECT_GT(house.archive->ledger().waiting_bytes, 0U);
  EXPECT_LT(house.archive->durable_until(), kMinute);
}

}  // namespace
}  // namespace ingest::archive
