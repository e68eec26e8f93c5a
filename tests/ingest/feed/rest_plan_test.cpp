#include "ingest/feed/rest_plan.h"

#include <gtest/gtest.h>

namespace ingest::feed {
namespace {

using Length = RestPlan::Length;
constexpr std::size_t kBuffer = std::size_t{8} << 20;

TEST(RestPlan, IsLongerAsLongAsTheBufferHasRoomUpToAMillisecond) {
  RestPlan plan{kBuffer};
  EXPECT_EQ(plan.begin(), Length{200});
  EXPECT_EQ(plan.next({10, kBuffer / 100}), Length{400});
  EXPECT_EQ(plan.next({20, kBuffer / 50}), Length{800});
  EXPECT_EQ(plan.next({40, kBuffer / 25}), Length{1'000});
  EXPECT_EQ(plan.next({50, kBuffer / 20}), Length{1'000});
}

TEST(RestPlan, StaysWhereTheBufferIsHalfWayAndIsShorterWhereItFills) {
  RestPlan plan{kBuffer};
  plan.begin();
  EXPECT_EQ(plan.next({1'000, kBuffer / RestPlan::kLongerBelow}), Length{400});
  EXPECT_EQ(plan.next({1'000, kBuffer / 8}), Length{400});
  EXPECT_EQ(plan.next({1'000, kBuffer / 2}), Length{200});
  EXPECT_EQ(plan.next({1'000, kBuffer}), Length{200});
}

TEST(RestPlan, GetsShorterAndEndsWhenTheyComeThin) {
  RestPlan plan{kBuffer};
  plan.begin();
  plan.next({2, 0});
  EXPECT_EQ(plan.next({4, 0}), Length{800});
  EXPECT_EQ(plan.next({7, 0}), Length{400});  // 8 were as thick as 2 in the shortest rest
  EXPECT_EQ(plan.next({3, 0}), Length{200});
  EXPECT_EQ(plan.next({1, 0}), std::nullopt);
}

TEST(RestPlan, IsNoLongerThanASmallBufferTakesABurst) {
  RestPlan smallest{std::size_t{1} << 20};
  smallest.begin();
  EXPECT_EQ(smallest.next({10, 0}), Length{200});
  RestPlan small{std::size_t{2} << 20};
  small.begin();
  EXPECT_EQ(small.next({10, 0}), Length{400});
  EXPECT_EQ(small.next({20, 0}), Length{400});
}

TEST(RestPlan, BeginsWithTheShortestRest) {
  RestPlan plan{kBuffer};
  plan.begin();
  plan.next({1'000, 0});
  EXPECT_EQ(plan.begin(), Length{200});
}

}  // namespace
}  // namespace ingest::feed
