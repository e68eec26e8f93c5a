#include "gateway/publish/channel.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/gateway/publish/house.h"

namespace gateway::publish {
namespace {

using ingest::Millis;
using test::kStart;
using test::Revision;
using test::Told;

const test::Query kQuery =
    test::parsed(R"({"metric":"m","by":["route"],"stats":["count"],"window":"10s"})");

/// A table of one stream and the channels of it, ticked by hand.
struct Stand {
  explicit Stand(Millis tier) : channel({17, tier, kQuery.slide}, {}) {
    table.keep(RowTable::Corrections::Kept);
  }
  Told told(Revision revision = Revision::Newest) const {
    Told update;
    update.revision = revision;
    update.window = test::window_at(now, kQuery.window, kQuery.slide);
    return update;
  }
  void set(test::RowSlot slot, double count) {
    Told update = told();
    if (!known[slot]) update.added.push_back({slot, {std::to_string(slot)}});
    known[slot] = true;
    update.rows = {slot};
    update.values = {count};
    table.apply(update.view(1));
  }
  void remove(test::RowSlot slot) {
    Told update = told();
    update.removed = {slot};
    known[slot] = false;
    table.apply(update.view(1));
  }
  void correct(Revision revision, test::WallTime tick, double count) {
    Told update = told(revision);
    update.window = test::window_at(tick, kQuery.window, kQuery.slide);
    update.rows = {0};
    update.values = {count};
    table.apply(update.view(1));
  }
  std::vector<std::string> end_tick() {
    table.seal();
    std::vector<Numbered> out;
    if (!channel.is_started()) {
      channel.start(table, now);
    } else if (channel.is_due(now)) {
      channel.advance(table, now, out);
    }
    now += Millis{250};
    std::vector<std::string> texts;
    for (const Numbered& numbered : out)
      texts.emplace_back(numbered.frame->payload());
    return texts;
  }

  test::WallTime now = kStart + Millis{250};
  RowTable table{kQuery, {}};
  Channel channel;
  std::map<test::RowSlot, bool> known;
};

TEST(Channel, ASnapshotIsTheStateAfterTheLastFrameNotTheTableOfNow) {
  Stand stand{Millis{1'000}};
  stand.set(0, 1);
  stand.end_tick();  // started at 250 ms
  stand.set(0, 2);
  stand.set(1, 9);
  EXPECT_TRUE(stand.end_tick().empty());
  EXPECT_EQ(stand.channel.snapshot(stand.table)->payload(),
            R"({"t":"snap","ch":17,"s":0,"w":[1763999991000,1764000001000],"n":1,)"
            R"("k":[["0"]],"c":[[1]]})");
}

TEST(Channel, ACoarserFrameHoldsWhatChangedSinceItsOwnLast) {
  Stand stand{Millis{1'000}};
  stand.set(0, 1);
  stand.set(1, 1);
  stand.end_tick();
  stand.set(0, 2);
  stand.end_tick();
  stand.set(0, 1);  // and back
  stand.set(1, 5);
  EXPECT_TRUE(stand.end_tick().empty());
  const auto texts = stand.end_tick();  // 1 s: the window has not moved
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0], R"({"t":"u","ch":17,"s":1,"w":[1763999991000,1764000001000],"n":2,"i":[1],)"
                      R"("c":[[5]]})");
}

TEST(Channel, ARowThatCameAndWentBetweenFramesWasNeverThere) {
  Stand stand{Millis{1'000}};
  stand.set(0, 1);
  stand.end_tick();
  stand.set(1, 1);
  stand.end_tick();
  stand.remove(1);
  stand.end_tick();
  EXPECT_TRUE(stand.end_tick().empty());
}

TEST(Channel, EachSlideBoundaryGivesAnUpdateAndTicksBetweenOnlyWithChanges) {
  Stand stand{Millis{250}};
  stand.set(0, 1);
  stand.end_tick();                       // 250
  EXPECT_TRUE(stand.end_tick().empty());  // 500
  EXPECT_TRUE(stand.end_tick().empty());  // 750
  EXPECT_TRUE(stand.end_tick().empty());  // 1000: still the window up to 1 s
  stand.table.apply(stand.told().view(1));
  const auto texts = stand.end_tick();
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0], R"({"t":"u","ch":17,"s":1,"w":[1763999992000,1764000002000],"n":1,"i":[],)"
                      R"("c":[[]]})");
}

TEST(Channel, CorrectionsComeAfterTheNewestAndNameOnlyWhatDiffers) {
  Stand stand{Millis{250}};
  stand.set(0, 1);
  stand.set(1, 7);
  for (int i = 0; i < 4; ++i)
    stand.end_tick();  // to 1 s
  stand.set(0, 5);     // 1.25 s: the window moves
  const test::WallTime first = kStart + Millis{1'000};
  stand.correct(Revision::Restated, first, 2);
  auto texts = stand.end_tick();
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_NE(texts[0].find(R"("i":[0],"c":[[5]])"), std::string::npos);
  EXPECT_EQ(texts[1], R"({"t":"u","ch":17,"s":2,"w":[1763999991000,1764000001000],"rev":2,)"
                      R"("i":[0],"c":[[2]]})");
  stand.correct(Revision::Restated, first, 3);
  texts = stand.end_tick();
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_NE(texts[0].find(R"("rev":3)"), std::string::npos);
  stand.correct(Revision::Final, first, 4);
  texts = stand.end_tick();
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_NE(texts[0].find(R"("f":1,"i":[0],"c":[[4]])"), std::string::npos);
}

TEST(Channel, ALastWordThatSaysNothingNewIsNotSent) {
  Stand stand{Millis{250}};
  stand.set(0, 1);
  for (int i = 0; i < 4; ++i)
    stand.end_tick();
  stand.set(0, 5);
  stand.end_tick();
  stand.correct(Revision::Final, kStart + Millis{1'000}, 1);
  EXPECT_TRUE(stand.end_tick().empty());
}

TEST(Channel, WindowsFromBeforeItsStartAreNotCorrected) {
  Stand stand{Millis{250}};
  stand.set(0, 1);
  stand.table.seal();
  stand.now += Millis{1'000};
  stand.set(0, 5);
  stand.end_tick();  // starts with the second window
  stand.correct(Revision::Final, kStart + Millis{1'000}, 2);
  EXPECT_TRUE(stand.end_tick().empty());
}

TEST(Channel, ATierCoarserThanTheSlideShowsTheNewestWindowOnly) {
  Stand stand{Millis{2'000}};
  stand.set(0, 1);
  EXPECT_FALSE(stand.channel.corrects());
  for (int i = 0; i < 4; ++i)
    stand.end_tick();
  stand.set(0, 5);
  stand.correct(Revision::Final, kStart + Millis{1'000}, 2);
  std::vector<std::string> all;
  for (int i = 0; i < 8; ++i) {
    for (auto& text : stand.end_tick())
      all.push_back(std::move(text));
  }
  ASSERT_EQ(all.size(), 1U);
  EXPECT_NE(all[0].find(R"("i":[0],"c":[[5]])"), std::string::npos);
}

TEST(Channel, AtMostOneSnapshotIsBuiltForAnS) {
  Stand stand{Millis{250}};
  stand.set(0, 1);
  stand.end_tick();
  const FramePtr first = stand.channel.snapshot(stand.table);
  EXPECT_EQ(stand.channel.snapshot(stand.table), first);
  stand.set(0, 2);
  stand.end_tick();
  EXPECT_NE(stand.channel.snapshot(stand.table), first);
  EXPECT_EQ(stand.channel.snapshots_built(), 2U);
}

TEST(Channel, ResumesInsideTheRingOnly) {
  Stand stand{Millis{250}};
  EXPECT_EQ(stand.channel.resume(0).start, Start::TooOld) << "not started";
  stand.set(0, 1);
  stand.end_tick();
  for (int count = 2; count < 7; ++count) {
    stand.set(0, count);
    stand.end_tick();
  }
  ASSERT_EQ(stand.channel.s(), 5U);
  EXPECT_EQ(stand.channel.resume(5).start, Start::Replay);
  EXPECT_TRUE(stand.channel.resume(5).frames.empty());
  const auto resumed = stand.channel.resume(2);
  ASSERT_EQ(resumed.frames.size(), 3U);
  EXPECT_NE(resumed.frames[0]->payload().find(R"("s":3)"), std::string::npos);
  EXPECT_EQ(stand.channel.resume(6).start, Start::TooOld) << "nobody can have read it";
}

TEST(Channel, FramesGoOnAfterTheWallClockStepsBack) {
  Stand stand{Millis{1'000}};
  stand.set(0, 1);
  stand.end_tick();
  stand.now -= std::chrono::hours{1};
  stand.set(0, 2);
  EXPECT_EQ(stand.end_tick().size(), 1U);
}

TEST(Channel, ALargeSnapshotComesInPartsOfAMebibyte) {
  Stand stand{Millis{250}};
  Told update = stand.told();
  for (test::RowSlot slot = 0; slot < 3'000; ++slot) {
    update.added.push_back({slot, {std::string(1'000, 'k') + std::to_string(slot)}});
    update.rows.push_back(slot);
    update.values.push_back(slot);
  }
  stand.table.apply(update.view(1));
  stand.end_tick();
  test::ClientModel client;
  std::size_t parts = 0;
  const FramePtr snapshot = stand.channel.snapshot(stand.table);
  for (const Frame* part = snapshot.get(); part != nullptr; part = part->next.get()) {
    EXPECT_LE(part->bytes.size(), Channel::kPartBytes + 1'024);
    client.take(part->payload());
    ++parts;
  }
  EXPECT_EQ(parts, 3U);
  EXPECT_EQ(client.tables[17].rows.size(), 3'000U);
  EXPECT_TRUE(client.tables[17].known);
}

}  // namespace
}  // namespace gateway::publish
