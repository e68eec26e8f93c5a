#include "ingest/base/clock.h"

#include <gtest/gtest.h>

namespace ingest {
namespace {

TEST(Clock, MillisecondsGoIntoWallTimeAndBack) {
  for (const std::int64_t ms :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'700'000'000'123}}) {
    EXPECT_EQ(to_ms(wall_from_ms(ms)), ms);
  }
}

TEST(ManualClock, MovesOnlyWhenTold) {
  ManualClock clock{wall_from_ms(5'000)};
  const MonoTime start = clock.mono();
  EXPECT_EQ(clock.wall(), wall_from_ms(5'000));
  clock.advance(Millis{250});
  EXPECT_EQ(clock.wall(), wall_from_ms(5'250));
  EXPECT_EQ(clock.mono() - start, Millis{250});
}

TEST(ManualClock, AStepOfTheWallLeavesMonotonicTimeAlone) {
  ManualClock clock;
  const MonoTime start = clock.mono();
  const WallTime wall = clock.wall();
  clock.step_wall(Millis{-10'000});
  EXPECT_EQ(clock.wall(), wall - Millis{10'000});
  EXPECT_EQ(clock.mono(), start);
}

}  // namespace
}  // namespace ingest
