#include "gateway/publish/cursor.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace gateway::publish {
namespace {

using ingest::Millis;

FramePtr frame(const std::string& text, FramePtr next = nullptr) {
  return make_frame(text, {}, std::move(next));
}

FrameRing ring_of(Sequence first, Sequence last) {
  FrameRing ring{{}};
  ring.expect(first);
  for (Sequence s = first; s <= last; ++s)
    ring.append(s, frame("u" + std::to_string(s)), Millis{0});
  return ring;
}

/// What is due, at most `count` frames, taken off.
std::string read(Cursor& cursor, const FrameRing* ring, std::size_t count = 100) {
  std::string read;
  Cursor::Place place = cursor.place();
  for (; count > 0; --count) {
    const FramePtr due = cursor.share(place, ring);
    if (due == nullptr) break;
    read += std::string{due->payload()} + " ";
    place = cursor.after(place, ring);
  }
  cursor.move_to(place);
  return read;
}

TEST(Cursor, NothingIsDueBeforeTheJoin) {
  Cursor cursor{17};
  const FrameRing ring = ring_of(1, 3);
  EXPECT_EQ(read(cursor, &ring), "");
  EXPECT_EQ(cursor.fall_off(&ring), std::nullopt);
}

TEST(Cursor, TheSnapshotGoesFirstThenTheRingFromNext) {
  Cursor cursor{17};
  const FrameRing ring = ring_of(1, 7);
  cursor.join({{}, 1, 17, {frame("snap5a", frame("snap5b"))}, 6});
  EXPECT_EQ(read(cursor, &ring), "snap5a snap5b u6 u7 ");
  EXPECT_EQ(read(cursor, &ring), "");
}

TEST(Cursor, TheSameFramesComeInPiecesOfAnySize) {
  const FrameRing ring = ring_of(1, 7);
  for (std::size_t piece = 1; piece < 8; ++piece) {
    Cursor cursor{17};
    cursor.join({{}, 1, 17, {frame("a", frame("b", frame("c"))), frame("d")}, 5});
    std::string all;
    for (int i = 0; i < 8; ++i)
      all += read(cursor, &ring, piece);
    EXPECT_EQ(all, "a b c d u5 u6 u7 ");
  }
}

TEST(Cursor, LookingTakesNothingOff) {
  Cursor cursor{17};
  const FrameRing ring = ring_of(1, 2);
  cursor.join({{}, 1, 17, {frame("snap")}, 1});
  const auto place = cursor.after(cursor.place(), &ring);
  EXPECT_EQ(cursor.share(place, &ring)->payload(), "u1");
  EXPECT_EQ(read(cursor, &ring), "snap u1 u2 ");
}

TEST(Cursor, APartedFrameOfTheRingIsSentWhole) {
  FrameRing ring{{}};
  ring.append(1, frame("rebase1a", frame("rebase1b")), Millis{0});
  ring.append(2, frame("u2"), Millis{0});
  Cursor cursor{17};
  cursor.join({{}, 1, 17, {}, 1});
  EXPECT_EQ(read(cursor, &ring, 1), "rebase1a ");
  EXPECT_EQ(read(cursor, &ring), "rebase1b u2 ");
}

TEST(Cursor, FallingOffNamesWhatIsMissingAndAwaitsASnapshot) {
  Cursor cursor{17};
  cursor.join({{}, 1, 17, {}, 3});
  const FrameRing ring = ring_of(10, 20);
  const auto gap = cursor.fall_off(&ring);
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->ch, 17U);
  EXPECT_EQ(gap->from, 3U);
  EXPECT_EQ(gap->to, 20U);
  EXPECT_EQ(cursor.fall_off(&ring), std::nullopt) << "told once";
  EXPECT_EQ(read(cursor, &ring), "");
  cursor.join({{}, 0, 17, {frame("snap20")}, 21});
  EXPECT_EQ(read(cursor, &ring), "snap20 ");
}

TEST(Cursor, ASnapshotForASecondIdComesInItsPlace) {
  Cursor cursor{17};
  cursor.join({{}, 1, 17, {}, 1});
  const FrameRing ring = ring_of(1, 5);
  cursor.join({{}, 2, 17, {frame("snap3")}, 4});
  EXPECT_EQ(read(cursor, &ring), "u1 u2 u3 snap3 u4 u5 ");
}

TEST(Cursor, AWaitingSnapshotClosesTheHoleWithoutAGap) {
  Cursor cursor{17};
  cursor.join({{}, 1, 17, {}, 1});
  cursor.join({{}, 2, 17, {frame("snap12")}, 13});
  const FrameRing ring = ring_of(10, 14);
  EXPECT_EQ(cursor.fall_off(&ring), std::nullopt);
  EXPECT_EQ(read(cursor, &ring), "snap12 u13 u14 ");
}

TEST(Cursor, ANewerSnapshotReplacesOneHalfSent) {
  Cursor cursor{17};
  const FrameRing ring = ring_of(5, 6);
  cursor.join({{}, 1, 17, {frame("a1", frame("a2"))}, 5});
  EXPECT_EQ(read(cursor, &ring, 1), "a1 ");
  cursor.join({{}, 1, 17, {frame("b1", frame("b2"))}, 6});
  EXPECT_EQ(read(cursor, &ring), "u5 b1 b2 u6 ");
}

TEST(Cursor, TwoSnapshotsOfOnePlaceBothGoOut) {
  Cursor cursor{17};
  cursor.join({{}, 1, 17, {frame("a1", frame("a2"))}, 5});
  EXPECT_EQ(read(cursor, nullptr, 1), "a1 ");
  cursor.join({{}, 2, 17, {frame("b")}, 5});
  EXPECT_EQ(read(cursor, nullptr), "a2 b ");
}

TEST(Cursor, WhilePausedNothingIsDue) {
  Cursor cursor{17};
  const FrameRing ring = ring_of(1, 5);
  cursor.join({{}, 1, 17, {frame("snap")}, 1});
  cursor.pause();
  EXPECT_EQ(read(cursor, &ring), "");
  cursor.join({{}, 0, 17, {frame("late")}, 6});
  EXPECT_EQ(read(cursor, &ring), "");
  cursor.await();
  cursor.join({{}, 0, 17, {frame("snap5")}, 6});
  EXPECT_EQ(read(cursor, &ring), "snap5 ");
}

}  // namespace
}  // namespace gateway::publish
