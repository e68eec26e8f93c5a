#include "gateway/publish/laggards.h"

#include <gtest/gtest.h>

namespace gateway::publish {
namespace {

Subscriber who(std::uint32_t slot) {
  return {.worker = 0, .slot = slot, .generation = 1};
}

TEST(Laggards, TheOneThatWasDemotedIsWorseThanTheOneThatSkipped) {
  Laggards laggards;
  EXPECT_TRUE(laggards.empty());
  laggards.held(who(1));
  for (int i = 0; i < 5; ++i)
    laggards.skipped(who(2));
  laggards.skipped(who(3));
  laggards.demoted(who(3));
  const auto worst = laggards.worst(2);
  ASSERT_EQ(worst.size(), 2U);
  EXPECT_EQ(worst[0].who, who(3));
  EXPECT_EQ(worst[0].skipped, 1U);
  EXPECT_EQ(worst[1].who, who(2));
  EXPECT_EQ(worst[1].skipped, 5U);
}

TEST(Laggards, WhoLeavesIsForgotten) {
  Laggards laggards;
  laggards.skipped(who(1));
  laggards.left(who(2));
  EXPECT_FALSE(laggards.empty());
  laggards.left(who(1));
  EXPECT_TRUE(laggards.empty());
  EXPECT_TRUE(laggards.worst(10).empty());
}

TEST(Laggards, OneMoreThanItKeepsTakesThePlaceOfWhoHasTheLeastToTell) {
  Laggards laggards;
  for (std::uint32_t slot = 0; slot < Laggards::kKept; ++slot) {
    laggards.skipped(who(slot));
    if (slot != 7) laggards.skipped(who(slot));
  }
  laggards.skipped(who(1'000));
  const auto all = laggards.worst(Laggards::kKept + 1);
  EXPECT_EQ(all.size(), Laggards::kKept);
  EXPECT_EQ(all.back().who, who(1'000));
  for (const Lag& lag : all)
    EXPECT_NE(lag.who, who(7));
}

}  // namespace
}  // namespace gateway::publish
