#include "ingest/io/timers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace ingest::io {
namespace {

constexpr MonoTime kStart{std::chrono::seconds{1}};

TEST(Timers, NextIsTheSoonestThatStillWaits) {
  Timers timers{8};
  EXPECT_EQ(timers.next(), std::nullopt);
  timers.add(kStart + Millis{5}, [] {});
  const Timers::Id first = timers.add(kStart + Millis{1}, [] {});
  EXPECT_EQ(timers.next(), kStart + Millis{1});
  timers.cancel(first);
  EXPECT_EQ(timers.next(), kStart + Millis{5});
}

TEST(Timers, CancellingGivesBackWhatTheCallHeldAtOnce) {
  Timers timers{8};
  auto held = std::make_shared<int>(1);
  const Timers::Id timer = timers.add(kStart, [held] {});
  EXPECT_EQ(held.use_count(), 2);
  timers.cancel(timer);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Timers, ReArmingForeverKeepsMemoryBounded) {
  Timers timers{8};
  Timers::Id timer = timers.add(kStart, [] {});
  for (int i = 0; i < 100'000; ++i) {
    timers.cancel(timer);
    timer = timers.add(kStart + Millis{i}, [] {});
    ASSERT_LE(timers.entries(), 2 * timers.waiting() + 66);
  }
  EXPECT_EQ(timers.waiting(), 1u);
}

TEST(Timers, RunsEachOnceInOrderWhateverTheMixOfSettingAndCancelling) {
  std::mt19937 random{7};
  Timers timers{10'000};
  std::vector<std::pair<int, int>> expected;  // due, number
  std::vector<std::pair<int, int>> ran;
  for (int number = 0; number < 5'000; ++number) {
    const int due = static_cast<int>(random() % 1'000);
    const Timers::Id timer =
        timers.add(kStart + Millis{due}, [&ran, due, number] { ran.emplace_back(due, number); });
    if (random() % 2 == 0) {
      timers.cancel(timer);
    } else {
      expected.emplace_back(due, number);
    }
  }
  for (int now = 0; now < 1'000; now += 37)
    timers.run_due(kStart + Millis{now});
  timers.run_due(kStart + Millis{1'000});
  std::stable_sort(expected.begin(), expected.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  EXPECT_EQ(ran, expected);
  EXPECT_EQ(timers.waiting(), 0u);
}

TEST(TimersDeathTest, RefusesMoreThanItsMaximum) {
  Timers timers{1};
  timers.add(kStart, [] {});
  EXPECT_DEATH(timers.add(kStart, [] {}), "CHECK failed");
}

}  // namespace
}  // namespace ingest::io
