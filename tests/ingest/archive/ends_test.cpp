// What an archive keeps beyond its panes, and how it ends.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>

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
