#include "gateway/cli/memory_cost.h"

#include <gtest/gtest.h>

namespace gateway::cli {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(MemoryCost, OfABusyTimerWithTenMinutesOfPanesIsAtMost56KiB) {
  const config::Config config;
  EXPECT_LE(timer_cost(config).panes, 56U << 10);
  EXPECT_EQ(timer_cost(config).panes % 600, 0U);
}

TEST(MemoryCost, FollowsEachRetentionAndThePane) {
  config::Config config;
  config.retention = {.panes = minutes{10}, .ten_seconds = seconds{0}, .minutes = hours{24}};
  EXPECT_EQ(timer_cost(config).ten_seconds, 0U);
  const SeriesCost day = timer_cost(config);
  config.retention.minutes = hours{48};
  EXPECT_EQ(timer_cost(config).minutes, 2 * day.minutes);
  config.time.pane = ingest::Millis{500};
  EXPECT_EQ(timer_cost(config).panes, 2 * day.panes);
  config.time.pane = seconds{60};  // stands for roll-ups of a minute
  EXPECT_EQ(timer_cost(config).minutes, 0U);
  EXPECT_EQ(timer_cost(config).panes, day.panes / 600 * 60 * 48);
}

TEST(MemoryCost, SaysHowManySeriesHaveAllTheirDetailUnderTheLimit) {
  config::Config config;
  config.limits.series = 1'000;
  config.limits.memory = (1'000 * config::kSeriesBytesLeast) + 3 * timer_cost(config).total();
  const std::string text = memory_cost_text(config);
  EXPECT_NE(text.find("1000 series without history"), std::string::npos) << text;
  EXPECT_NE(text.find("all detail of 3 such timers"), std::string::npos) << text;
}

}  // namespace
}  // namespace gateway::cli
