#include "ingest/base/steady_wall.h"

#include <gtest/gtest.h>

namespace ingest {
namespace {

using std::chrono::seconds;

struct Watch {
  ManualClock clock;
  SteadyWall steady{clock.wall(), clock.mono()};
  WallTime start = clock.wall();

  WallTime pass(Millis by) {
    clock.advance(by);
    return steady.see(clock.wall(), clock.mono());
  }
  Millis since_start() const { return steady.now() - start; }
};

TEST(SteadyWall, IsTheWallClockThatGoesForward) {
  Watch watch;
  watch.pass(Millis{250});
  EXPECT_EQ(watch.steady.now(), watch.clock.wall());
  watch.clock.step_wall(seconds{3'600});
  watch.pass(Millis{1});
  EXPECT_EQ(watch.steady.now(), watch.clock.wall());
  EXPECT_EQ(watch.steady.ahead(), Millis{0});
}

TEST(SteadyWall, GoesOnAtHalfThePaceUntilTheWallClockHasCaughtUp) {
  Watch watch;
  watch.clock.step_wall(seconds{-10});
  watch.pass(seconds{4});
  EXPECT_EQ(watch.since_start(), seconds{2});
  EXPECT_EQ(watch.steady.ahead(), seconds{8});
  watch.pass(seconds{16});
  EXPECT_EQ(watch.steady.ahead(), Millis{0});
  watch.pass(seconds{1});
  EXPECT_EQ(watch.steady.now(), watch.clock.wall());
  EXPECT_EQ(watch.since_start(), seconds{11});
}

TEST(SteadyWall, GoesOnAtTheFullPaceAfterALargeStepAndSaysHowFarAheadItIs) {
  Watch watch;
  watch.clock.step_wall(seconds{-3'600});
  watch.pass(seconds{30});
  EXPECT_EQ(watch.since_start(), seconds{30});
  EXPECT_EQ(watch.steady.ahead(), seconds{3'600});
  watch.clock.step_wall(seconds{3'590});  // now within reach: it is caught up with
  watch.pass(seconds{20});
  watch.pass(seconds{1});
  EXPECT_EQ(watch.steady.now(), watch.clock.wall());
}

TEST(SteadyWall, NeverGoesBackAndNeverStandsStillWhateverTheWallClockDoes) {
  Watch watch;
  std::uint64_t random = 7;
  for (int i = 0; i < 10'000; ++i) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    const auto step = static_cast<std::int64_t>(random >> 33U) % 200'000 - 100'000;
    if (i % 3 == 0) watch.clock.step_wall(Millis{step});
    const WallTime before = watch.steady.now();
    EXPECT_GE(watch.pass(Millis{10}), before + Millis{5});
    EXPECT_GE(watch.steady.ahead(), Millis{0});
  }
}

TEST(SteadyWall, SaysWhenATimeWillBe) {
  Watch watch;
  EXPECT_EQ(watch.steady.when(watch.start + Millis{250}), watch.clock.mono() + Millis{250});
  for (const Millis step : {Millis{-10'000}, Millis{-100}, Millis{-3'600'000}}) {
    watch.clock.step_wall(step);
    watch.pass(Millis{10});
    const WallTime wanted = watch.steady.now() + Millis{250};
    const MonoTime when = watch.steady.when(wanted);
    watch.pass(std::chrono::ceil<Millis>(when - watch.clock.mono()));
    EXPECT_EQ(watch.steady.now(), wanted);
    watch.pass(seconds{30});
  }
}

}  // namespace
}  // namespace ingest
