#include "ingest/hub/durable_waits.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ingest/archive/entry.h"
#include "ingest/hub/archive_door.h"
#include "ingest/io/real_clock.h"
#include "ingest/model/packed_partial.h"
#include "tests/support/temporary_folder.h"

namespace ingest::hub {
namespace {

using archive::Archive;
using archive::Batch;
using query::DurableAnswer;

const WallTime kStart = wall_from_ms(60'000 * (to_ms(io::RealClock{}.wall()) / 60'000));

/// A real archive in a folder of its own, told by hand what the hub would tell.
struct Stage {
  void open(std::string at) {
    path = std::move(at);
    auto opened = Archive::open({.path = path}, clock, log);
    ASSERT_TRUE(opened.has_value());
    archive = *std::move(opened);
    waits.emplace(*archive, [this] { ++wakes; });
    door.emplace(*archive);
    ASSERT_TRUE(archive->start().has_value());
  }
  void open() { open(folder.path("archive")); }
  /// Everything up to `whole`; with a change of a series that nobody knows, which is lost.
  void send(WallTime whole, bool with_loss = false) {
    auto batch = std::make_unique<Batch>();
    std::vector<std::byte> packed;
    model::Partial partial{model::Kind::Counter};
    partial.fold({.kind = model::Kind::Counter, .value = 1}, kStart);
    model::pack(partial, packed);
    const model::SeriesKey key{model::Kind::Counter, "m", {}};
    archive::write_born(batch->entries, 1, key.kind(), key.bytes());
    archive::write_delta(batch->entries, with_loss ? 2 : 1, to_ms(kStart) / 1'000, packed);
    batch->whole = whole;
    batch->closed = WallTime::min();
    const std::uint64_t before = archive->ledger().deltas;
    ASSERT_TRUE(archive->try_send(batch));
    until([&] { return archive->ledger().deltas > before && archive->durable_until() >= whole; });
  }
  /// Where there is room.
  void try_send(WallTime whole) {
    auto batch = std::make_unique<Batch>();
    batch->whole = whole;
    batch->closed = WallTime::min();
    static_cast<void>(archive->try_send(batch));
  }
  template <class Ask>
  void until(const Ask& ask) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!ask()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      std::this_thread::yield();
    }
  }
  std::optional<DurableAnswer> look(const query::DurableAsk& ask) {
    std::optional<DurableAnswer> heard;
    const auto id = waits->wait(ask, [&](DurableAnswer answer) { heard = answer; });
    EXPECT_FALSE(heard.has_value());
    waits->look();
    waits->drop(id);
    return heard;
  }

  tests::support::TemporaryFolder folder;
  std::string path;
  io::RealClock clock;
  io::Logger log{io::LogLevel::Error, -1};
  std::unique_ptr<Archive> archive;
  std::optional<DurableWaits> waits;
  std::optional<ArchiveDoor> door;
  int wakes = 0;
};

TEST(DurableWaits, AnswersWhenEverythingFoldedBeforeIsOnDisk) {
  Stage stage;
  stage.open();
  std::optional<DurableAnswer> heard;
  stage.waits->wait({kStart, 0}, [&](DurableAnswer answer) { heard = answer; });
  EXPECT_EQ(stage.wakes, 1);
  stage.send(kStart);  // up to that instant, not with it
  stage.waits->look();
  EXPECT_FALSE(heard.has_value());
  EXPECT_EQ(stage.waits->waiting(), 1U);
  stage.send(kStart + Millis{1});
  stage.waits->look();
  EXPECT_EQ(heard, DurableAnswer::OnDisk);
  EXPECT_EQ(stage.waits->waiting(), 0U);
}

TEST(DurableWaits, ALossBetweenTheFoldAndTheAskIsSeen) {
  Stage stage;
  stage.open();
  const std::uint64_t before = stage.door->losses();
  stage.send(kStart, true);  // what the writer folded meanwhile may be in it
  EXPECT_EQ(stage.archive->losses(), before + 1);
  EXPECT_EQ(stage.look({kStart, before}), DurableAnswer::Lost);
  stage.send(kStart + Millis{1'000});
  EXPECT_EQ(stage.look({kStart, before}), DurableAnswer::Lost);
}

TEST(DurableWaits, WhatWasSafeBeforeALossStaysSo) {
  Stage stage;
  stage.open();
  stage.send(kStart + Millis{1'000});
  stage.waits->look();
  stage.send(kStart + Millis{2'000}, true);
  EXPECT_EQ(stage.look({kStart, 0}), DurableAnswer::OnDisk);
  EXPECT_EQ(stage.look({kStart + Millis{1'000}, 0}), DurableAnswer::Lost);
  EXPECT_EQ(stage.look({kStart + Millis{1'000}, 1}), DurableAnswer::OnDisk);
}

TEST(DurableWaits, WhoIsDroppedHearsNothing) {
  Stage stage;
  stage.open();
  bool heard = false;
  const auto id = stage.waits->wait({kStart, 0}, [&](DurableAnswer) { heard = true; });
  stage.waits->drop(id);
  stage.send(kStart + Millis{1});
  stage.waits->look();
  stage.waits->drop(id);  // harmless
  EXPECT_FALSE(heard);
}

TEST(DurableWaits, ManyWaitAtOnceEachForItsOwn) {
  Stage stage;
  stage.open();
  constexpr int kMany = 100;
  std::vector<int> heard;
  for (int i = 0; i < kMany; ++i)
    stage.waits->wait({kStart + Millis{i}, 0}, [&heard, i](DurableAnswer answer) {
      EXPECT_EQ(answer, DurableAnswer::OnDisk);
      heard.push_back(i);
    });
  stage.send(kStart + Millis{kMany / 2});
  stage.waits->look();
  EXPECT_EQ(heard.size(), static_cast<std::size_t>(kMany / 2));
  EXPECT_EQ(stage.waits->waiting(), static_cast<std::size_t>(kMany / 2));
}

TEST(DurableWaits, SaysWhereNothingIsKept) {
  Stage stage;
  stage.open("");
  EXPECT_EQ(stage.door->outlook(), DurableAnswer::Off);
  EXPECT_EQ(stage.look({kStart, 0}), DurableAnswer::Off);
}

TEST(DurableWaits, SaysThatTheDiskIsAwayAndWaitsAgainWhenItIsBack) {
  Stage stage;
  const std::string path = stage.folder.path("archive");
  std::ofstream{path} << "a file in the way";
  stage.open(path);
  EXPECT_EQ(stage.door->outlook(), DurableAnswer::Away);
  EXPECT_EQ(stage.look({kStart, 0}), DurableAnswer::Away);
  std::filesystem::remove(path);
  stage.until([&] {  // it looks for itself
    stage.try_send(kStart + Millis{1});
    return stage.door->outlook() == DurableAnswer::OnDisk;
  });
  EXPECT_EQ(stage.look({kStart, 0}), DurableAnswer::OnDisk);
}

}  // namespace
}  // namespace ingest::hub
