#include "ingest/archive/batch_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

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

}  // namespace
}  // namespace ingest::archive
