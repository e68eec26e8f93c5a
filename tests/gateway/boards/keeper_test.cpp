// The keeper's thread: answers come on the asker's own, in order, and what was asked is done.
#include "gateway/boards/keeper.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace gateway::boards {
namespace {

namespace fs = std::filesystem;
using publish::BoardAnswerPtr;
using publish::BoardAsk;
using publish::BoardCondition;
using Is = publish::BoardAnswer::Is;

struct Desk {
  Desk() {
    std::string pattern = (fs::temp_directory_path() / "keeper.XXXXXX").string();
    root = mkdtemp(pattern.data());
    keeper = make();
  }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;
  ~Desk() {
    keeper.reset();
    fs::remove_all(root);
  }
  std::unique_ptr<Keeper> make() {
    return std::make_unique<Keeper>(Shelf::Options{.path = root, .boards_max = 100},
                                    Keeper::Parts{.clock = &clock, .log = &log, .wake = [this] {
                                                    const std::lock_guard lock{mutex};
                                                    woken = true;
                                                    news.notify_one();
                                                  }});
  }
  Keeper::Id ask(BoardAsk what) {
    return keeper->ask(std::move(what),
                       [this](const BoardAnswerPtr& answer) { told.push_back(answer); });
  }
  /// Looks whenever woken, until so many were told.
  bool wait_for(std::size_t count) {
    while (told.size() < count) {
      {
        std::unique_lock lock{mutex};
        if (!news.wait_for(lock, std::chrono::seconds{30}, [this] { return woken; })) return false;
        woken = false;
      }
      keeper->look();
    }
    return true;
  }
  static BoardAsk write(const std::string& id) {
    return {
        BoardAsk::Do::Write, id, {.is = BoardCondition::Is::Absent}, R"({"title":"t","cards":[]})"};
  }

  std::string root;
  ingest::ManualClock clock;
  ingest::io::Logger log{ingest::io::LogLevel::Error, -1};
  std::mutex mutex;
  std::condition_variable news;
  bool woken = false;
  std::vector<BoardAnswerPtr> told;
  std::unique_ptr<Keeper> keeper;
};

TEST(BoardKeeper, AnswersInOrderWhatWasAskedBeforeItBeganToo) {
  Desk desk;
  desk.ask(Desk::write("a"));
  desk.ask(Desk::write("a"));
  ASSERT_TRUE(desk.keeper->start());
  desk.ask({.what = BoardAsk::Do::Read, .id = "a"});
  ASSERT_TRUE(desk.wait_for(3));
  EXPECT_EQ(desk.told[0]->is, Is::Created);
  EXPECT_EQ(desk.told[1]->is, Is::Changed);
  EXPECT_EQ(desk.told[2]->is, Is::Given);
  EXPECT_EQ(desk.keeper->counts().written, 1U);
}

TEST(BoardKeeper, NobodyIsToldWhatWasDroppedButItIsDone) {
  Desk desk;
  desk.keeper->drop(desk.ask(Desk::write("a")));
  ASSERT_TRUE(desk.keeper->start());
  desk.ask({.what = BoardAsk::Do::Read, .id = "a"});
  ASSERT_TRUE(desk.wait_for(1));
  EXPECT_EQ(desk.told[0]->is, Is::Given);
  EXPECT_EQ(desk.told.size(), 1U);
}

TEST(BoardKeeper, WhoComesWhenTooManyWaitHearsSo) {
  Desk desk;
  for (std::size_t i = 0; i < Keeper::kWaitingMax; ++i)
    desk.ask({.what = BoardAsk::Do::List});
  desk.ask(Desk::write("late"));
  ASSERT_TRUE(desk.wait_for(1));
  EXPECT_EQ(desk.told[0]->is, Is::Busy);
  ASSERT_TRUE(desk.keeper->start());
  ASSERT_TRUE(desk.wait_for(Keeper::kWaitingMax + 1));
  EXPECT_EQ(desk.told.back()->is, Is::Given);
}

TEST(BoardKeeper, WhatWasAskedIsDoneBeforeItEnds) {
  Desk desk;
  ASSERT_TRUE(desk.keeper->start());
  for (int i = 0; i < 20; ++i)
    desk.ask(Desk::write("b" + std::to_string(i)));
  desk.keeper.reset();
  desk.keeper = desk.make();
  ASSERT_TRUE(desk.keeper->start());
  desk.told.clear();
  desk.ask({.what = BoardAsk::Do::Read, .id = "b19"});
  ASSERT_TRUE(desk.wait_for(1));
  EXPECT_EQ(desk.told[0]->is, Is::Given);
  EXPECT_EQ(desk.keeper->counts().boards, 20U);
}

}  // namespace
}  // namespace gateway::boards
