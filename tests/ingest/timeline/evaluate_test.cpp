#include "ingest/timeline/evaluate.h"

#include <gtest/gtest.h>

#include <limits>

namespace ingest::timeline {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// A gauge of 2^64 - `below_first`, then of 2^64 - `below_last`.
model::GaugePartial counting_down(double below_first, double below_last) {
  model::GaugePartial gauge;
  model::Sample sample;
  sample.kind = model::Kind::Gauge;
  sample.value = 18446744073709551616.0;
  sample.value_low = -below_first;
  gauge.fold(sample, wall_from_ms(1'000));
  sample.value_low = -below_last;
  gauge.fold(sample, wall_from_ms(2'000));
  return gauge;
}

// acceptance/ingest.md 28
TEST(GaugeGroup, TheDeltaOfLargeIntegersIsExact) {
  const query::Stat delta{query::Stat::Name::Delta};
  GaugeGroup alone;
  alone.add(counting_down(6, 1), kUnknown);
  EXPECT_EQ(alone.evaluate(delta), 5);
  GaugeGroup both;
  both.add(counting_down(6, 1), kUnknown);
  both.add(counting_down(1, 4), 3);
  EXPECT_EQ(both.evaluate(delta), 2);
}

}  // namespace
}  // namespace ingest::timeline
