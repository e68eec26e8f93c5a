#include "gateway/publish/frame_ring.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway::publish {
namespace {

using ingest::Millis;

FramePtr frame_of(std::size_t bytes) {
  return make_frame(std::string(bytes, 'x'));
}

TEST(Frame, CarriesTheHeaderOfAnUnmaskedTextFrame) {
  const FramePtr small = make_frame("{}");
  EXPECT_EQ(small->bytes, std::string("\x81\x02{}"));
  EXPECT_EQ(small->payload(), "{}");
  const FramePtr large = make_frame(std::string(70'000, 'x'), {}, small);
  EXPECT_EQ(large->header_bytes, 10U);
  EXPECT_EQ(large->bytes.size(), 70'010U);
  EXPECT_EQ(chain_bytes(*large), 70'014U);
}

TEST(FrameRing, GivesFramesByTheirSequence) {
  FrameRing ring{{}};
  ring.expect(5);
  const FramePtr frame = frame_of(10);
  ring.append(5, frame, Millis{0});
  ring.append(6, frame_of(10), Millis{1});
  EXPECT_EQ(ring.first(), 5U);
  EXPECT_EQ(ring.next(), 7U);
  ASSERT_NE(ring.get(5), nullptr);
  EXPECT_EQ(*ring.get(5), frame);
  EXPECT_EQ(ring.get(4), nullptr);
  EXPECT_EQ(ring.get(7), nullptr);
}

TEST(FrameRing, KeepsThirtySecondsWhateverTheyWeigh) {
  FrameRing ring{{}};
  for (Sequence s = 1; s <= 1'000; ++s) {
    ring.append(s, frame_of(10'000), Millis{250} * static_cast<std::int64_t>(s));
  }
  EXPECT_LE(ring.first(), 1'000U - 119);
  EXPECT_GE(ring.first(), 1'000U - 121);
  EXPECT_EQ(ring.left_early(), 0U);
}

TEST(FrameRing, KeepsOldFramesWhileTheyAreFewBytes) {
  FrameRing ring{{}};
  for (Sequence s = 1; s <= 1'000; ++s)
    ring.append(s, frame_of(20), Millis{1'000} * static_cast<std::int64_t>(s));
  EXPECT_EQ(ring.first(), 1U);
}

TEST(FrameRing, BytesHaveAMaximumAndTheLossIsCounted) {
  FrameRing ring{{Millis{30'000}, 1'000, 100'000, 4'096}};
  for (Sequence s = 1; s <= 50; ++s)
    ring.append(s, frame_of(10'000), Millis{0});
  EXPECT_LE(ring.bytes(), 100'000U);
  EXPECT_EQ(ring.first(), 42U);
  EXPECT_EQ(ring.left_early(), 41U);
  ring.append(51, frame_of(1'000'000), Millis{0});
  EXPECT_EQ(ring.first(), 51U) << "the newest stays, whatever its size";
}

TEST(FrameRing, FramesHaveAMaximum) {
  FrameRing ring{{Millis{30'000}, 1'000'000, 2'000'000, 100}};
  for (Sequence s = 1; s <= 500; ++s)
    ring.append(s, frame_of(1), Millis{0});
  EXPECT_EQ(ring.first(), 401U);
}

TEST(FrameRing, RoomForTwoSnapshotsIsHeld) {
  FrameRing ring{{Millis{0}, 100, 1'000'000, 4'096}};
  ring.hold_snapshots(5'000);
  for (Sequence s = 1; s <= 100; ++s)
    ring.append(s, frame_of(998), Millis{static_cast<std::int64_t>(s)});
  EXPECT_GT(ring.bytes(), 9'000U);
  EXPECT_LE(ring.bytes(), 10'000U);
}

TEST(FrameRing, AHoleEmptiesWhatWasBefore) {
  FrameRing ring{{}};
  ring.append(1, frame_of(10), Millis{0});
  ring.append(2, frame_of(10), Millis{0});
  ring.append(9, frame_of(10), Millis{0});
  EXPECT_EQ(ring.first(), 9U);
  EXPECT_EQ(ring.get(2), nullptr);
  EXPECT_EQ(ring.bytes(), 12U);
}

}  // namespace
}  // namespace gateway::publish
