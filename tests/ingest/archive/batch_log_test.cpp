#include "ingest/archive/batch_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ingest/archive/batch_desk.h"
#include "tests/support/temporary_folder.h"

namespace ingest::archive {
namespace {

namespace fs = std::filesystem;

const WallTime kNow = wall_from_ms(1'700'000'000'000);

struct Stage {
  BatchLog open(WallTime now = kNow) {
    auto log = BatchLog::open(folder.path("."), ++session, now);
    EXPECT_TRUE(log.has_value());
    return *std::move(log);
  }
  std::size_t files() const {
    const fs::directory_iterator all{folder.path(".")};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
  tests::support::TemporaryFolder folder;
  std::uint64_t session = 0;
};

TEST(BatchLog, KnowsWhatBeganAndWhatIsDoneAfterACrash) {
  Stage stage;
  {
    BatchLog log = stage.open();
    log.begun("a\nid", kNow);
    log.begun("torn", kNow + Millis{1});
    ASSERT_TRUE(log.sync());
    log.done("a\nid", kNow, std::string{"re\0sult", 7});
    ASSERT_TRUE(log.sync());
    log.begun("never synced", kNow);
  }
  const BatchLog log = stage.open(kNow + Millis{1'000});
  ASSERT_EQ(log.found().size(), 2U);
  EXPECT_EQ(log.found()[0].id, "a\nid");
  EXPECT_EQ(log.found()[0].at, kNow);
  EXPECT_EQ(log.found()[0].result, (std::string{"re\0sult", 7}));
  EXPECT_EQ(log.found()[1].id, "torn");
  EXPECT_FALSE(log.found()[1].result.has_value());
}

TEST(BatchLog, ForgetsWhatIsOld) {
  Stage stage;
  {
    BatchLog log = stage.open();
    log.begun("old", kNow);
    log.done("old", kNow, "");
    log.begun("young", kNow + Millis{1});
    ASSERT_TRUE(log.sync());
  }
  EXPECT_EQ(stage.open(kNow + BatchLog::kKeptFor - Millis{1}).found().size(), 2U);
  const BatchLog log = stage.open(kNow + BatchLog::kKeptFor);
  ASSERT_EQ(log.found().size(), 1U);
  EXPECT_EQ(log.found()[0].id, "young");
  EXPECT_TRUE(stage.open(kNow + 2 * BatchLog::kKeptFor).found().empty());
  EXPECT_EQ(stage.files(), 0U);  // one is written with the first id
}

TEST(BatchLog, HoldsNoMoreThanItsNumberAndLetsWholeFilesGo) {
  Stage stage;
  BatchLog log = stage.open();
  for (std::size_t i = 0; i < 2 * BatchLog::kKept; ++i) {
    log.begun(std::to_string(i), kNow + Millis{static_cast<std::int64_t>(i)});
    if (i % 1'000 == 0) {
      ASSERT_TRUE(log.sync());
    }
  }
  ASSERT_TRUE(log.sync());
  EXPECT_LE(stage.files(), BatchLog::kKept / BatchLog::kOfAFile + 1);
  const BatchLog again = stage.open(kNow + Millis{100'000});
  EXPECT_EQ(again.found().size(), BatchLog::kKept);
  EXPECT_EQ(again.found().back().id, std::to_string(2 * BatchLog::kKept - 1));
}

TEST(BatchLog, ATimeThatNobodyWroteIsDamage) {
  Stage stage;
  for (const std::int64_t ms : {INT64_MIN, std::int64_t{-1}, INT64_MAX}) {
    BatchLog log = stage.open();
    log.begun("good " + std::to_string(ms), kNow);
    log.begun("bad", wall_from_ms(ms));
    ASSERT_TRUE(log.sync());
  }
  const BatchLog log = stage.open();
  ASSERT_EQ(log.found().size(), 3U);
  for (const BatchLog::Found& each : log.found())
    EXPECT_TRUE(each.id.starts_with("good")) << each.id;
}

TEST(BatchLog, WhatIsDamagedIsLeftOutAndTheRestKnown) {
  Stage stage;
  {
    BatchLog log = stage.open();
    for (const char* id : {"one", "two", "three"}) {
      log.begun(id, kNow);
      ASSERT_TRUE(log.sync());
    }
  }
  const std::string path = stage.folder.path("batches-1.log");
  {
    std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
    file.seekp(static_cast<std::streamoff>(fs::file_size(path) / 2));
    file.put('\x7f');
  }
  EXPECT_EQ(stage.open().found().size(), 2U);
}

TEST(BatchDesk, DoneIsWhatWasFoldedBeforeAndLostNothing) {
  Stage stage;
  {
    BatchLog log = stage.open();
    BatchDesk desk;
    for (const char* id : {"done", "later", "lost", "untaken"})
      desk.begins(id, kNow, std::string{id} == "lost" ? 0 : 1);
    desk.taken({"done", kNow, "d"});
    desk.taken({"later", kNow + Millis{1}, "l"});
    desk.taken({"lost", kNow, "x"});
    desk.taken({"stranger", kNow, "s"});
    desk.take_words(log);
    desk.settle(log, kNow, 1);
    ASSERT_TRUE(log.sync());
    const BatchLog early = stage.open();
    EXPECT_FALSE(early.found().at(0).result.has_value());  // folded at that instant itself
    desk.settle(log, kNow + Millis{1}, 1);
    ASSERT_TRUE(log.sync());
  }
  std::string known;
  const BatchLog again = stage.open();
  for (const auto& each : again.found())
    known += each.id + "=" + each.result.value_or("-") + " ";
  EXPECT_EQ(known, "done=d later=- lost=- untaken=- ");
}

// A log whose folder is gone: nothing that is said comes to disk.
TEST(BatchDesk, HoldsNoMoreThanItsLimitsWhileTheDiskIsFull) {
  Stage stage;
  fs::create_directory(stage.folder.path("gone"));
  auto opened = BatchLog::open(stage.folder.path("gone"), 1, kNow);
  ASSERT_TRUE(opened);
  BatchLog log = *std::move(opened);
  fs::remove(stage.folder.path("gone"));
  BatchDesk desk;
  const std::string result(BatchLog::kResultBytesMax, 'r');
  constexpr std::size_t kFew = BatchDesk::kBytesMax / BatchLog::kResultBytesMax / 4;
  for (std::size_t i = 0; i < 16 * kFew; ++i) {
    const std::string id = std::to_string(i);
    desk.begins(id, kNow, 0);
    desk.taken({id, kNow, result});
    if (i % kFew != 0) continue;
    EXPECT_EQ(desk.is_full(), desk.forgotten() > 0) << i;
    desk.take_words(log);
    EXPECT_FALSE(log.sync());
  }
  EXPECT_TRUE(desk.is_full());
  EXPECT_GT(desk.forgotten(), 0U);
  fs::create_directory(stage.folder.path("gone"));
  ASSERT_TRUE(log.sync());
  desk.settle(log, kNow + Millis{1}, 0);
  desk.take_words(log);
  desk.settle(log, kNow + Millis{1}, 0);
  EXPECT_FALSE(desk.is_full());
}

// What begins() promised is on disk before the changes of that batch, whatever is said behind it.
TEST(BatchDesk, ForgetsNoBatchThatBeganForTheEndsOfOthers) {
  Stage stage;
  BatchLog log = stage.open();
  BatchDesk desk;
  const std::string long_id(BatchLog::kIdBytesMax - 8, 'i');
  std::vector<std::string> promised;
  for (std::size_t i = 0; !desk.is_full(); ++i) {
    promised.push_back(long_id + std::to_string(i));
    ASSERT_TRUE(desk.begins(promised.back(), kNow, 0));
  }
  ASSERT_LT(promised.size(), BatchLog::kKept);
  for (const std::string& id : promised)
    desk.taken({id, kNow, "result"});
  EXPECT_GT(desk.forgotten(), 0U);
  while (desk.is_full()) {
    desk.take_words(log);
    ASSERT_TRUE(log.sync());
  }
  EXPECT_EQ(stage.open().found().size(), promised.size());
}

TEST(BatchDesk, SaysNothingMoreToALogThatIsFull) {
  Stage stage;
  fs::create_directory(stage.folder.path("gone"));
  BatchLog log = *BatchLog::open(stage.folder.path("gone"), 1, kNow);
  fs::remove(stage.folder.path("gone"));
  BatchDesk desk;
  const std::string id(BatchLog::kIdBytesMax, 'i');
  for (std::size_t said = 0; said < 4 * BatchLog::kWaitingMax; said += id.size()) {
    desk.begins(id, kNow, 0);
    desk.take_words(log);
    if (said % (id.size() * 1'024) == 0) {
      EXPECT_FALSE(log.sync());
    }
  }
  EXPECT_TRUE(log.is_full());
  EXPECT_TRUE(desk.is_full());
  const std::uint64_t forgotten = desk.forgotten();
  EXPECT_FALSE(desk.begins(id, kNow, 0));
  EXPECT_EQ(desk.forgotten(), forgotten + 1);
  EXPECT_GT(desk.forgotten(), 0U);
  EXPECT_LT(log.waiting(), BatchLog::kWaitingMax * 9 / 8);
}

}  // namespace
}  // namespace ingest::archive
