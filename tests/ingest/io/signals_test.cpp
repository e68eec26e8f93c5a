#include "ingest/io/signals.h"

#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): raise() of a thread is POSIX

#include <vector>

#include "ingest/io/real_clock.h"

namespace ingest::io {
namespace {

TEST(Signals, ArriveOnTheLoopAndKillNobody) {
  ASSERT_TRUE(block_signals());
  const RealClock clock;
  auto loop = *EventLoop::open(clock);
  std::vector<int> got;
  auto signals = Signals::open(*loop, [&](int signal) { got.push_back(signal); });
  ASSERT_TRUE(signals);
  ASSERT_EQ(::raise(SIGHUP), 0);
  ASSERT_EQ(::raise(SIGTERM), 0);
  ASSERT_EQ(::raise(SIGPIPE), 0);
  loop->turn(Millis{0});
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, (std::vector<int>{SIGHUP, SIGTERM}));
}

TEST(Signals, LeaveTheLoopWhenTheyGo) {
  ASSERT_TRUE(block_signals());
  const RealClock clock;
  auto loop = *EventLoop::open(clock);
  bool called = false;
  {
    auto signals = Signals::open(*loop, [&](int) { called = true; });
  }
  ASSERT_EQ(::raise(SIGINT), 0);
  loop->turn(Millis{0});
  EXPECT_FALSE(called);
  // Take the pending one, so that it does not meet the next test.
  auto last = Signals::open(*loop, [&](int signal) { called = signal == SIGINT; });
  loop->turn(Millis{0});
  EXPECT_TRUE(called);
}

}  // namespace
}  // namespace ingest::io
