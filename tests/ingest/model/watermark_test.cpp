#include "ingest/model/watermark.h"

#include <gtest/gtest.h>

namespace ingest::model {
namespace {

using std::chrono::seconds;

WallTime at(int s) {
  return wall_from_ms(std::int64_t{1'000} * s);
}
MonoTime heard(int s) {
  return MonoTime{seconds{s}};
}

struct Sources {
  Watermark watermark{{.source_idle = seconds{5}, .future = seconds{10}}};
  void say(std::uint32_t source, int time, int now) {
    watermark.seen(source, at(time), heard(now));
    watermark.advance(watermark.front(heard(now)));
  }
  WallTime time() const { return watermark.time().value_or(WallTime::min()); }
};

TEST(Watermark, IsTheNewestOfTheSlowestSource) {
  Sources sources;
  EXPECT_FALSE(sources.watermark.time());
  sources.say(0, 100, 0);
  sources.say(1, 103, 0);
  EXPECT_EQ(sources.time(), at(100));
  sources.say(0, 105, 1);
  EXPECT_EQ(sources.time(), at(103));
}

TEST(Watermark, NeverGoesBack) {
  Sources sources;
  sources.say(0, 100, 0);
  sources.say(0, 90, 1);
  sources.say(1, 20, 1);
  EXPECT_EQ(sources.time(), at(100));
}

TEST(Watermark, ASilentSourceHoldsNothingBackOnceItIsIdle) {
  Sources sources;
  sources.say(0, 100, 0);
  sources.say(1, 100, 0);
  sources.say(0, 104, 4);
  EXPECT_EQ(sources.time(), at(100));
  sources.say(0, 105, 5);
  EXPECT_EQ(sources.time(), at(105));
}

TEST(Watermark, ASourceThatReturnsWithOldDataStallsNothing) {
  Sources sources;
  sources.say(0, 100, 0);
  sources.say(1, 100, 0);
  for (int s = 1; s <= 60; ++s)
    sources.say(0, 100 + s, s);
  for (int s = 61; s <= 80; ++s) {
    sources.say(1, 40 + s, s);
    sources.say(0, 100 + s, s);
    EXPECT_EQ(sources.time(), at(100 + s));
  }
}

TEST(Watermark, NoSourceHoldsItBackByMoreThanTheFuture) {
  Sources sources;
  sources.say(0, 100, 0);
  sources.say(1, 100, 0);
  sources.say(1, 130, 1);
  EXPECT_EQ(sources.time(), at(120));
}

TEST(Watermark, ComesUpToTheNewestWhenNobodySpeaks) {
  Sources sources;
  sources.say(0, 100, 0);
  sources.say(1, 104, 0);
  EXPECT_EQ(sources.time(), at(100));
  sources.watermark.advance(sources.watermark.front(heard(5)));
  EXPECT_EQ(sources.time(), at(104));
}

TEST(EventFront, OfManyIsTheSlowestAndTheNewestOfAll) {
  EventFront all;
  all.merge({});
  EXPECT_FALSE(all.slowest || all.newest);
  all.merge({.slowest = at(5), .newest = at(9)});
  all.merge({.slowest = {}, .newest = at(12)});
  all.merge({.slowest = at(3), .newest = at(4)});
  EXPECT_EQ(all.slowest, at(3));
  EXPECT_EQ(all.newest, at(12));
}

}  // namespace
}  // namespace ingest::model
