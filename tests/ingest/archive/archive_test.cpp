#include "ingest/archive/archive.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "ingest/archive/block_store.h"
#include "tests/ingest/archive/house.h"

namespace ingest::archive {
namespace {

namespace fs = std::filesystem;

struct ArchiveTest : ::testing::Test {
  House house;
};

TEST_F(ArchiveTest, WhatIsDurableIsThereAfterACrash) {
  house.start();
  house.send(kFirst, kFirst + 3, 2, kMinute, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->durable_until() == kMinute; }));
  // As kill -9 leaves it: the files as they are now, without an orderly end.
  fs::copy(house.path, house.folder.path("crashed"), fs::copy_options::recursive);
  House other;
  other.path = house.folder.path("crashed");
  other.open();
  EXPECT_EQ(other.archive->restores_from(), kMinute);
  EXPECT_EQ(other.restored(), 6);
}

TEST_F(ArchiveTest, AnOrderlyEndLosesNothing) {
  house.start();
  house.send(kFirst, kFirst + 1, 2, WallTime::min(), WallTime::min());  // no checkpoint is due
  house.archive->stop();
  house.open();
  EXPECT_EQ(house.restored(), 2);
}

TEST_F(ArchiveTest, ARestartGoesOnInTheSamePanes) {
  for (int run = 1; run <= 3; ++run) {
    house.start();
    house.send(kFirst, kFirst + 2, 1, kMinute, WallTime::min());
    house.archive->stop();
    house.open();
    EXPECT_EQ(house.restored(), 2 * run);
    house.archive.reset();
  }
}

TEST_F(ArchiveTest, FilesAClosedPeriodAtEveryLevel) {
  house.start();
  house.file_a_minute();
  EXPECT_TRUE(house.segments().empty());
  const Totals base = house.read(Rollup::Base);
  EXPECT_EQ(base.size(), 60U);
  EXPECT_EQ(base.begin()->first, kFirst);
  EXPECT_EQ(base.begin()->second, 2);
  const Totals ten = house.read(Rollup::Ten);
  EXPECT_EQ(ten.size(), 6U);
  EXPECT_EQ(ten.begin()->first, kFirst / 10);
  EXPECT_EQ(ten.begin()->second, 20);
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60, 120}}));
}

TEST_F(ArchiveTest, WhatWasFiledLatelyIsRestoredAndStaysOnDisk) {
  house.start();
  house.file_a_minute();
  house.archive.reset();
  house.open();
  EXPECT_LE(house.archive->restores_from(), kMinute);
  EXPECT_EQ(house.restored(), 120);
  ASSERT_TRUE(house.archive->start().has_value());
  EXPECT_EQ(house.read(Rollup::Base).size(), 60U);
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60, 120}}));
}

TEST_F(ArchiveTest, OneProcessHasItAtATime) {
  house.open();
  const auto second = Archive::open({.path = house.path}, house.clock, house.log);
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().what.find(house.path), std::string::npos);
}

TEST_F(ArchiveTest, WithoutAPathItKeepsNothingAndStillRunsJobs) {
  house.path.clear();
  house.start();
  EXPECT_FALSE(house.archive->ledger().on);
  bool null = false;
  house.ask([&](const Reader* reader) { null = reader == nullptr; });
  EXPECT_TRUE(null);
}

TEST_F(ArchiveTest, ADiskThatIsAwayDegradesToMemoryAndRecovers) {
  std::ofstream{house.path} << "a file in the way";
  house.start();
  EXPECT_TRUE(house.archive->ledger().degraded);
  house.send(kFirst, kFirst + 1, 2, kMinute, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->ledger().deltas == 1; }));
  EXPECT_EQ(house.archive->ledger().deltas_lost, 1U);
  EXPECT_LT(house.archive->durable_until(), kMinute);
  fs::remove(house.path);
  ASSERT_TRUE(until([&] { return fs::is_directory(house.path); }));
  house.send(kFirst, kFirst + 1, 3, kMinute + Millis{1'000}, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->durable_until() > kMinute; }));
  ASSERT_TRUE(until([&] { return !house.archive->ledger().degraded; }));
  EXPECT_GT(house.archive->losses(), 0U);
  const std::vector<Gap> hole{{kMinute, kMinute + Millis{60'000}}};
  EXPECT_EQ(house.holes(), hole);
  house.archive->stop();
  house.open();
  EXPECT_EQ(house.restored(), 3);
  ASSERT_TRUE(house.archive->start().has_value());
  EXPECT_EQ(house.holes(), hole);
}

/// How long after the minute that was filed the next one begins: in the same part of the store,
/// which is there, or in a part that has to be made.
class ArchiveAwayTest : public ArchiveTest, public testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(InSeconds, ArchiveAwayTest, testing::Values(60, 600));

TEST_P(ArchiveAwayTest, AStoreThatCannotBeReopenedIsTriedAgain) {
  const PaneNumber next = kFirst + GetParam();
  const WallTime begins = kMinute + std::chrono::seconds{GetParam()};
  house.start();
  house.file_a_minute();
  const std::string blocks = house.path + "/blocks";
  fs::rename(blocks, house.folder.path("blocks"));
  std::ofstream{blocks} << "a file in the way";
  house.send(next, next + 60, 3, begins + Millis{61'000}, begins + Millis{60'000});
  ASSERT_TRUE(until([&] {
    bool closed = false;
    house.ask([&](const Reader* reader) { closed = reader == nullptr; });
    return closed;
  }));
  EXPECT_TRUE(house.archive->ledger().degraded);
  house.send(next + 60, next + 61, 4, begins + Millis{62'000}, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->durable_until() == begins + Millis{62'000}; }));
  fs::remove(blocks);
  fs::rename(house.folder.path("blocks"), blocks);
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 2; }));
  ASSERT_TRUE(until([&] { return !house.archive->ledger().degraded; }));
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60, 120}, {next / 60, 180}}));
  EXPECT_EQ(house.archive->ledger().deltas_lost, 0U);
}

// A worker that flushes late holds every checkpoint back; what the others hand over is written all
// the same, and not said to be durable.
TEST_F(ArchiveTest, WritesAheadOfACheckpointThatIsLate) {
  house.start();
  const std::vector<std::byte> packed(model::kPackedBytesMax / 2);
  constexpr std::uint64_t kOfABatch = 64;
  const std::uint64_t deltas = Archive::kWaitingMax * 5 / 4 / packed.size();
  for (std::uint64_t sent = 0; sent < deltas; sent += kOfABatch) {
    auto batch = std::make_unique<Batch>();
    write_born(batch->entries, 5, house.key.kind(), house.key.bytes());
    for (std::uint64_t i = 0; i < kOfABatch; ++i)
      write_delta(batch->entries, 5, kFirst, packed);
    batch->whole = batch->closed = WallTime::min();
    ASSERT_TRUE(until([&] { return house.archive->try_send(batch); }));
  }
  ASSERT_TRUE(until([&] { return house.archive->ledger().deltas == deltas; }));
  const ArchiveLedger ledger = house.archive->ledger();
  EXPECT_EQ(ledger.deltas_lost, 0U);
  EXPECT_LT(ledger.waiting_bytes, Archive::kWaitingMax / 2);
  EXPECT_GT(ledger.checkpoint_bytes, Archive::kWaitingMax / 2);
  EXPECT_EQ(house.archive->durable_until(), WallTime::min());
}

/// As many files as are open, and `spare` more.
struct FewFiles {
  explicit FewFiles(rlim_t spare) {
    getrlimit(RLIMIT_NOFILE, &before);
    const int free = dup(0);
    close(free);
    const rlimit now{static_cast<rlim_t>(free) + spare, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &now);
  }
  FewFiles(const FewFiles&) = delete;
  FewFiles& operator=(const FewFiles&) = delete;
  ~FewFiles() { setrlimit(RLIMIT_NOFILE, &before); }
  rlimit before{};
};

TEST_F(ArchiveTest, AStoreThatCannotBeReachedForNowIsLeftAsItIs) {
  house.start();
  house.file_a_minute();
  house.archive.reset();
  constexpr rlim_t kSpareMax = 24;
  int failed = 0;
  for (rlim_t spare = 0; spare < kSpareMax; ++spare) {
    const FewFiles few{spare};
    const auto store = BlockStore::open(house.path + "/blocks", house.clock.wall(), house.log);
    failed += store ? 0 : 1;
    if (!store) continue;
    EXPECT_EQ((*store)->counts().repairs, 0U) << spare;
  }
  EXPECT_GT(failed, 2);
  for (const auto& each : fs::directory_iterator{house.path})
    EXPECT_EQ(each.path().string().find(".damaged-"), std::string::npos) << each.path();
  EXPECT_FALSE(fs::exists(house.path + "/blocks/lost"));
  house.start();
  EXPECT_EQ(house.read(Rollup::Base).size(), 60U);
}

TEST_F(ArchiveTest, ASegmentThatIsGoneIsCountedAsLost) {
  house.start();
  house.send(kFirst, kFirst + 60, 2, kMinute + Millis{61'000}, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->durable_until() > kMinute; }));
  fs::remove(house.segments().front());
  house.send(0, 0, 0, kMinute + Millis{62'000}, kMinute + Millis{60'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().deltas_lost == 60; }));
  EXPECT_EQ(house.archive->losses(), 60U);
  EXPECT_EQ(house.holes(), (std::vector<Gap>{{kMinute, kMinute + Millis{60'000}}}));
}

TEST_F(ArchiveTest, ASegmentThatCannotBeReadForNowIsFiledLater) {
  house.start();
  house.send(kFirst, kFirst + 60, 2, kMinute + Millis{61'000}, WallTime::min());
  ASSERT_TRUE(until([&] { return house.archive->durable_until() > kMinute; }));
  const std::string segment = house.segments().front();
  fs::rename(segment, house.folder.path("kept"));
  fs::create_directory(segment);  // root reads whatever it may not
  house.send(0, 0, 0, kMinute + Millis{62'000}, kMinute + Millis{60'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().store_faults > 0; }));
  fs::remove(segment);
  fs::rename(house.folder.path("kept"), segment);
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 1; }));
  EXPECT_EQ(house.read(Rollup::Sixty), (Totals{{kFirst / 60, 120}}));
  EXPECT_EQ(house.archive->ledger().deltas_lost, 0U);
}

void flip(const std::string& path, std::size_t at) {
  std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x55));
}

constexpr PaneNumber kFiled = 120;  // panes, of two in each second

/// How much of a damaged copy was there.
struct Intact {
  int levels = 0;  // that were whole
  int copies = 0;
  int no_hole = 0;  // copies of which nothing was missing
};

/// What is not there of a level is told as missing of it; what is there is right.
void expect_told(House& house, Rollup level, Intact& intact) {
  const timeline::PaneGrid grid = Levels{house.pane}.grid(level);
  const Totals found = house.read(level);
  std::vector<Gap> holes = house.holes();
  std::ranges::copy(house.holes(level), std::back_inserter(holes));
  const double each = static_cast<double>(2 * grid.pane.count()) / 1'000;
  for (PaneNumber pane = grid.number(kMinute); pane < grid.number(kMinute + kFiled * Millis{1'000});
       ++pane) {
    const auto here = found.find(pane);
    const bool is_told = std::ranges::any_of(holes, [&](const Gap& hole) {
      return hole.from <= grid.start(pane) && grid.end(pane) <= hole.until;
    });
    EXPECT_TRUE(here != found.end() || is_told) << pane << " of " << grid.pane.count() << " ms";
    if (here != found.end()) {
      EXPECT_EQ(here->second, each) << pane;
    }
  }
  intact.levels += found.size() == static_cast<std::size_t>(kFiled * 1'000 / grid.pane.count());
}

/// Opens a copy that `hurt` damaged.
void expect_intact_start(const std::string& from, const std::string& name, Intact& intact,
                         const std::function<void(const std::string&)>& hurt) {
  SCOPED_TRACE(name);
  House house;
  house.path = house.folder.path("copy");
  fs::copy(from, house.path, fs::copy_options::recursive);
  hurt(house.path);
  house.start();
  ASSERT_NE(house.archive, nullptr);
  ++intact.copies;
  for (const Rollup level : {Rollup::Base, Rollup::Ten, Rollup::Sixty})
    expect_told(house, level, intact);
  intact.no_hole += house.holes().empty() && house.holes(Rollup::Base).empty() &&
                    house.holes(Rollup::Ten).empty() && house.holes(Rollup::Sixty).empty();
  EXPECT_FALSE(house.archive->ledger().degraded);
}

/// All ways to hurt one file of a copy.
Intact hurt_all(const std::string& from, const std::string& name) {
  Intact intact;
  expect_intact_start(from, name + " is gone", intact,
                      [&](const std::string& path) { fs::remove(path + name); });
  expect_intact_start(from, name + " is cut", intact, [&](const std::string& path) {
    fs::resize_file(path + name, fs::file_size(path + name) / 2);
  });
  constexpr std::size_t kPlaces = 4;  // the first byte, the last, and between
  const std::size_t last = fs::file_size(from + name) - 1;
  for (std::size_t place = 0; place < kPlaces; ++place)
    expect_intact_start(from, name + " is damaged", intact, [&](const std::string& path) {
      flip(path + name, last * place / (kPlaces - 1));
    });
  return intact;
}

TEST_F(ArchiveTest, ADamagedStoreServesWhatIsIntactAndTellsTheRest) {
  house.start();
  house.file_a_minute();
  house.send(kFirst + 60, kFirst + kFiled, 2, kMinute + Millis{121'000}, kMinute + Millis{120'000});
  ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 2; }));
  house.archive.reset();
  std::vector<std::string> names;
  for (const auto& each : fs::directory_iterator{house.path + "/blocks"})
    if (each.is_regular_file() && each.file_size() > 0)
      names.push_back("/blocks/" + each.path().filename().string());
  int tables = 0;
  int one_level = 0;  // tables of which one level's absence left the others whole
  for (const std::string& name : names) {
    const Intact intact = hurt_all(house.path, name);
    if (name.ends_with(".sst")) {
      ++tables;
      one_level += intact.levels >= 2 * intact.copies;
      EXPECT_LT(intact.no_hole, intact.copies) << name;
    } else if (name.find("MANIFEST") == std::string::npos) {
      EXPECT_EQ(intact.levels, 3 * intact.copies) << name;
      EXPECT_EQ(intact.no_hole, intact.copies) << name;
    }
  }
  // A table for each level and minute, and the series: those are of all levels.
  EXPECT_GE(tables, 4);
  EXPECT_GE(one_level, 3);
}

TEST_F(ArchiveTest, AStoreThatIsGoneIsTold) {
  house.start();
  house.file_a_minute();
  house.archive.reset();
  fs::remove_all(house.path + "/blocks");
  house.start();
  EXPECT_TRUE(house.read(Rollup::Base).empty());
  const std::vector<Gap> hole{{kMinute, kMinute + Millis{60'000}}};
  EXPECT_EQ(house.holes(), hole);
  house.archive.reset();
  house.start();
  EXPECT_EQ(house.holes(), hole);
}

TEST_F(ArchiveTest, APaneLengthThatCameBackLeavesItsHoleTold) {
  const auto file = [&](int minute, Millis pane) {
    house.archive.reset();
    house.pane = pane;
    house.start();
    const PaneNumber a_second = 1'000 / pane.count();
    const WallTime end = kMinute + Millis{60'000} * (minute + 1);
    house.send((kFirst + PaneNumber{60} * minute) * a_second,
               (kFirst + PaneNumber{60} * (minute + 1)) * a_second,
               2.0 / static_cast<double>(a_second), end + Millis{1'000}, end);
    ASSERT_TRUE(until([&] { return house.archive->ledger().periods_filed == 1; }));
  };
  const Gap second{kMinute + Millis{60'000}, kMinute + Millis{120'000}};
  file(0, Millis{1'000});
  file(1, Millis{500});
  EXPECT_EQ(house.holes(Rollup::Base), std::vector<Gap>{});
  house.archive.reset();
  house.pane = Millis{1'000};
  house.start();
  EXPECT_EQ(house.holes(Rollup::Base), std::vector<Gap>{second});
  file(2, Millis{1'000});
  EXPECT_EQ(house.holes(Rollup::Base), std::vector<Gap>{second});
  EXPECT_EQ(house.holes(), std::vector<Gap>{});
  EXPECT_EQ(house.read(Rollup::Base).size(), 120U);
  EXPECT_EQ(house.read(Rollup::Ten).size(), 18U);
  // Memory would not know that the seconds between are missing.
  house.archive.reset();
  house.open();
  EXPECT_EQ(house.archive->restores_from(), second.until);
  EXPECT_EQ(house.restored(), 120);
}

}  // namespace
}  // namespace ingest::archive
