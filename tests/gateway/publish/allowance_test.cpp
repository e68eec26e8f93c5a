#include "gateway/publish/allowance.h"

#include <gtest/gtest.h>

namespace gateway::publish {
namespace {

using ingest::Millis;
using std::chrono::seconds;

const ingest::MonoTime kNow{seconds{100}};

/// How many of `tries` pass at `now`, one by one.
int passed(Allowance& allowance, Allowance::PerSecond most, ingest::MonoTime now, int tries) {
  int count = 0;
  for (; count < tries && !allowance.is_spent(most, now); ++count)
    allowance.spend(1, most, now);
  return count;
}

TEST(Allowance, ASecondsWorthPassesAtOnceAndThenSoManyASecond) {
  Allowance allowance;
  EXPECT_EQ(passed(allowance, 50, kNow, 1'000), 50);
  EXPECT_EQ(passed(allowance, 50, kNow + Millis{100}, 1'000), 5);
  EXPECT_EQ(passed(allowance, 50, kNow + seconds{1}, 1'000), 45);
  EXPECT_EQ(passed(allowance, 50, kNow + seconds{3'600}, 1'000), 50) << "idle hours save no more";
}

TEST(Allowance, WhatIsMoreThanASecondsWorthIsWaitedForAfterwards) {
  Allowance allowance;
  allowance.spend(500, 100, kNow);
  EXPECT_TRUE(allowance.is_spent(100, kNow + Millis{3'999}));
  EXPECT_FALSE(allowance.is_spent(100, kNow + Millis{4'001}));
  EXPECT_TRUE(allowance.is_spent(100, allowance.again() - std::chrono::nanoseconds{1}));
  EXPECT_FALSE(allowance.is_spent(100, allowance.again()));
}

TEST(Allowance, WithoutALimitEverythingPasses) {
  Allowance allowance;
  allowance.spend(std::uint64_t{1} << 60U, 0, kNow);
  EXPECT_FALSE(allowance.is_spent(0, kNow));
}

}  // namespace
}  // namespace gateway::publish
