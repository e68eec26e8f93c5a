#include "ingest/hub/tick_clock.h"

#include <gtest/gtest.h>

#include <optional>

namespace ingest::hub {
namespace {

constexpr Millis kTick{250};
constexpr WallTime kStart = wall_from_ms(1'700'000'000'000);
constexpr MonoTime kMono{std::chrono::hours{1}};
constexpr std::optional<WallTime> kNone{};

/// Both clocks as they go together, in ms since the start.
struct Stage {
  void see(std::int64_t ms) { clock.see(kStart + Millis{ms}, kMono + Millis{ms}); }
  std::optional<WallTime> finish(WallTime come, std::uint64_t handovers = 0) {
    const auto tick = clock.to_finish(come, handovers);
    if (tick) {
      clock.reach(*tick);
      clock.tell(*tick);
    }
    return tick;
  }
  TickClock clock{
      {.tick = kTick, .pane = Millis{1'000}, .allowed_lateness = Millis{2'000}}, kStart, kMono};
};

TEST(TickClock, FinishesATickOnceWhenEveryWorkerHasSpoken) {
  Stage stage;
  EXPECT_EQ(stage.clock.told(), kStart);
  stage.see(249);
  EXPECT_EQ(stage.finish(stage.clock.due()), kNone);
  EXPECT_EQ(stage.clock.next_look(), kMono + kTick);
  stage.see(250);
  EXPECT_EQ(stage.clock.due(), kStart + kTick);
  EXPECT_EQ(stage.finish(kStart + kTick), kStart + kTick);
  EXPECT_EQ(stage.finish(kStart + kTick), kNone);
  EXPECT_EQ(stage.clock.counters().incomplete, 0U);
  EXPECT_EQ(stage.clock.counters().skipped, 0U);
  EXPECT_EQ(stage.clock.next(), kStart + 2 * kTick);
}

TEST(TickClock, WaitsForWhoIsBehindAsLongAsTheGrace) {
  Stage stage;
  stage.see(250);
  EXPECT_EQ(stage.finish(kStart), kNone);
  EXPECT_EQ(stage.clock.next_look(), kMono + kTick + TickClock::kTickGrace);
  stage.see(299);
  EXPECT_EQ(stage.finish(kStart), kNone);
  stage.see(300);
  EXPECT_EQ(stage.finish(kStart), kStart + kTick);
  EXPECT_EQ(stage.clock.counters().incomplete, 1U);
  EXPECT_EQ(stage.clock.counters().lag_ms, 50U);
}

TEST(TickClock, OfManyThatAreDueOnlyTheNewestIsFinished) {
  Stage stage;
  stage.see(1'000);
  EXPECT_EQ(stage.finish(kStart + 4 * kTick), kStart + 4 * kTick);
  EXPECT_EQ(stage.clock.counters().skipped, 3U);
  EXPECT_EQ(stage.clock.counters().leaps, 0U);
}

TEST(TickClock, AfterALeapTheGraceBeginsWhenItIsSeenAndWithEachHandOver) {
  Stage stage;
  stage.see(10'000);
  EXPECT_EQ(stage.finish(kStart, 1), kNone);
  EXPECT_EQ(stage.clock.next_look(), kMono + Millis{10'000} + TickClock::kTickGrace);
  stage.see(10'040);
  EXPECT_EQ(stage.finish(kStart, 2), kNone);  // something came
  stage.see(10'080);
  EXPECT_EQ(stage.finish(kStart, 2), kNone);
  stage.see(10'090);
  EXPECT_EQ(stage.finish(kStart, 2), kStart + Millis{10'000});
  EXPECT_EQ(stage.clock.counters().leaps, 1U);
  EXPECT_EQ(stage.clock.counters().leapt_ms, 10'000U);
}

TEST(TickClock, ThePatienceAfterALeapEndsHoweverMuchComes) {
  Stage stage;
  std::uint64_t handovers = 0;
  std::int64_t ms = 10'000;
  stage.see(ms);
  for (; !stage.finish(kStart, ++handovers) && ms < 20'000; ms += 10)
    stage.see(ms);
  EXPECT_LE(Millis{ms - 10'000}, TickClock::kLeapPatience + Millis{20});
  EXPECT_GE(Millis{ms - 10'000}, TickClock::kLeapPatience);
}

TEST(TickClock, AClockThatStepsBackGivesNoTickTwice) {
  Stage stage;
  stage.see(250);
  WallTime told = *stage.finish(kStart + kTick);
  for (std::int64_t ms = 500; ms <= 20'000; ms += 50) {  // 10 s behind from here on
    stage.clock.see(kStart + Millis{ms - 10'000}, kMono + Millis{ms});
    const auto tick = stage.finish(stage.clock.due());
    if (!tick) continue;
    EXPECT_GT(*tick, told);
    told = *tick;
  }
  EXPECT_EQ(stage.clock.counters().steps_back, 1U);
  EXPECT_GT(told, kStart + kTick);
  EXPECT_EQ(stage.clock.told(), told);
}

}  // namespace
}  // namespace ingest::hub
