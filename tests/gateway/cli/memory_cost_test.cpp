#include "gateway/cli/memory_cost.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <random>
#include <string>

#include "ingest/hub/annotation_log.h"
#include "ingest/model/annotation.h"
#include "ingest/timeline/timeline.h"

namespace gateway::cli {
namespace {

using ingest::Millis;
using ingest::model::Kind;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Busy in every pane: kBusySamples durations with three decimals, or as many increments.
ingest::model::Partial busy(Kind kind, std::mt19937_64& random, ingest::WallTime pane) {
  ingest::model::Partial partial{kind};
  std::lognormal_distribution<double> duration{3.0, 1.0};
  for (std::uint64_t i = 0; i < kBusySamples; ++i) {
    const double value = kind == Kind::Timer ? std::round(duration(random) * 1'000) / 1'000 : 1;
    partial.fold({.kind = kind, .value = value}, pane);
  }
  return partial;
}

/// Bytes that a timeline with all this detail holds for each series, by its own account.
double held_for_each(Kind kind, const config::Config::Retention& keep) {
  constexpr std::uint32_t kSeries = 64;
  std::mt19937_64 random{1};
  ingest::WallTime now{minutes{28'000'000}};
  ingest::timeline::Timeline::Options options;
  options.retention = keep.panes;
  options.retention_ten = keep.ten_seconds;
  options.retention_sixty = keep.minutes;
  ingest::timeline::Timeline timeline{options, 1, now};
  for (std::uint32_t i = 0; i < kSeries; ++i)
    timeline.born(0, {{i, 1}, {kind, "m", {{"host", std::to_string(i)}}}});
  const auto pass = [&](Millis time) {
    for (const ingest::WallTime end = now + time; now < end;) {
      for (std::uint32_t i = 0; i < kSeries; ++i)
        timeline.merge(0, {{i, 1}, now, busy(kind, random, now)});
      timeline.finish(now += seconds{1});
    }
  };
  pass(seconds{5});  // what open panes take is no detail
  const std::size_t before = timeline.held_bytes();
  pass(std::max({keep.panes, keep.ten_seconds, keep.minutes}) + minutes{2});
  return static_cast<double>(timeline.held_bytes() - before) / kSeries;
}

TEST(MemoryCost, IsWithinAThirdOfWhatATimelineHolds) {
  for (const auto& [ten_seconds, sixty] : {std::pair{0, 0}, {40, 0}, {20, 60}}) {
    for (const Kind kind : {Kind::Timer, Kind::Counter}) {
      config::Config config;
      config.retention = {
          .panes = minutes{5}, .ten_seconds = minutes{ten_seconds}, .minutes = minutes{sixty}};
      const SeriesCost cost = kind == Kind::Timer ? timer_cost(config) : counter_cost(config);
      const double held = held_for_each(kind, config.retention);
      const auto told = static_cast<double>(cost.total());
      EXPECT_LE(held, told * 4 / 3) << static_cast<int>(kind) << ' ' << ten_seconds << ' ' << sixty;
      EXPECT_GE(held, told * 3 / 4) << static_cast<int>(kind) << ' ' << ten_seconds << ' ' << sixty;
    }
  }
}

TEST(MemoryCost, OfABusyTimerWithTenMinutesOfPanesIsAtMost56KiB) {
  const config::Config config;
  EXPECT_LE(timer_cost(config).panes, 56U << 10);
  EXPECT_EQ(timer_cost(config).panes % 600, 0U);
  const config::Config::Retention panes_alone{
      .panes = minutes{10}, .ten_seconds = seconds{0}, .minutes = seconds{0}};
  EXPECT_LE(held_for_each(Kind::Timer, panes_alone), 56U << 10);
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

TEST(MemoryCost, HoldsAsManyAnnotationsOfTheLongestAsTheHubKeeps) {
  config::Config config;
  config.limits.annotations = 100;
  ingest::hub::AnnotationLog log{{.count_max = 100}};
  const std::string longest(5'000, 'x');
  std::string tags;
  for (int i = 0; i < 32; ++i)
    tags += "key" + std::to_string(i) + ":" + std::string(55, 'v') + ",";
  const auto longest_of = [&](ingest::model::Annotation::Of of, int i) {
    return std::make_shared<ingest::model::KeptAnnotation>(
        ingest::model::keep({.of = of,
                             .title = std::to_string(i) + longest,
                             .text = longest,
                             .host = longest,
                             .aggregation_key = longest,
                             .source_type = longest,
                             .tags = tags},
                            ingest::WallTime{}));
  };
  for (int i = 0; i < 1'100; ++i) {
    log.take(longest_of(ingest::model::Annotation::Of::Event, i));
    log.take(longest_of(ingest::model::Annotation::Of::Check, i));
  }
  EXPECT_LE(log.ledger().bytes, annotations_cost(config));
  EXPECT_GE(log.ledger().bytes, annotations_cost(config) / 2);
  config.limits.annotations = 2'000;
  EXPECT_NE(memory_cost_text(config).find("2000 events and 1000 checks"), std::string::npos);
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
