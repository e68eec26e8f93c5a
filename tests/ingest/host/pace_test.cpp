#include "ingest/host/pace.h"

#include <gtest/gtest.h>

namespace ingest::host {
namespace {

TEST(Pace, ALookWaitsAThousandTimesItsCost) {
  const MonoTime start{Millis{5'000}};
  Pace pace;
  EXPECT_TRUE(pace.due(start));
  pace.took(start, Millis{2});
  EXPECT_FALSE(pace.due(start + Millis{1'999}));
  EXPECT_TRUE(pace.due(start + Millis{2'000}));
}

TEST(Pace, ACheapLookIsDueEachSecond) {
  const MonoTime start{Millis{5'000}};
  Pace pace;
  pace.took(start, std::chrono::microseconds{900});
  EXPECT_TRUE(pace.due(start + Millis{1'000}));
}

TEST(Pace, TheThreadsTimeGrowsWithWork) {
  const auto before = thread_cpu_time();
  const auto enough = before + std::chrono::milliseconds{1};
  std::uint64_t turns = 0;
  while (thread_cpu_time() < enough && turns < 100'000'000)
    ++turns;
  EXPECT_GE(thread_cpu_time(), enough);
}

}  // namespace
}  // namespace ingest::host
