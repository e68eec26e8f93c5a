#include "gateway/cli/pulse.h"

#include <gtest/gtest.h>

#include "ingest/io/event_loop.h"

namespace gateway::cli {
namespace {

using ingest::Millis;
using ingest::io::EventLoop;

TEST(Pulse, IsFeltOnceEveryLoopHasTurned) {
  const ingest::ManualClock clock;
  const auto one = *EventLoop::open(clock);
  const auto two = *EventLoop::open(clock);
  Pulse pulse;
  pulse.watch(*one);
  pulse.watch(*two);
  EXPECT_FALSE(pulse.felt());  // nobody has asked
  pulse.ask();
  EXPECT_FALSE(pulse.felt());
  one->turn(Millis{0});
  EXPECT_FALSE(pulse.felt());
  two->turn(Millis{0});
  EXPECT_TRUE(pulse.felt());
}

TEST(Pulse, IsLostWhenOneLoopTurnsNoMore) {
  const ingest::ManualClock clock;
  const auto turns = *EventLoop::open(clock);
  const auto hangs = *EventLoop::open(clock);
  Pulse pulse;
  pulse.watch(*turns);
  pulse.watch(*hangs);
  pulse.ask();
  turns->turn(Millis{0});
  hangs->turn(Millis{0});
  ASSERT_TRUE(pulse.felt());
  pulse.ask();
  for (int i = 0; i < 3; ++i)
    turns->turn(Millis{0});
  EXPECT_FALSE(pulse.felt());
}

TEST(Pulse, ALoopThatEndedOwesNoAnswer) {
  const ingest::ManualClock clock;
  const auto loop = *EventLoop::open(clock);
  const auto ended = *EventLoop::open(clock);
  Pulse pulse;
  pulse.watch(*loop);
  pulse.watch(*ended);
  pulse.ended(1);
  pulse.ask();
  EXPECT_FALSE(pulse.felt());
  loop->turn(Millis{0});
  EXPECT_TRUE(pulse.felt());
}

}  // namespace
}  // namespace gateway::cli
