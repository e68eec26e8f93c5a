#include "ingest/timeline/evaluate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "tests/ingest/timeline/given.h"

namespace ingest::timeline {
namespace {

using model::Kind;

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

/// The columns of these values, sent in two panes and merged.
struct Row {
  std::vector<double> values;
  std::vector<double> lists;
  query::Marks marks = 0;
};
Row evaluated(Kind kind, const std::string& stats, std::span<const double> samples) {
  const query::Query query = query_of(R"({"metric":"m","window":"10s","stats":)" + stats + "}");
  model::Partial first{kind};
  model::Partial second{kind};
  for (std::size_t i = 0; i < samples.size(); ++i) {
    model::Sample sample;
    sample.kind = kind;
    sample.value = samples[i];
    (i % 2 == 0 ? first : second).fold(sample, at(1'000 + static_cast<std::int64_t>(i)));
  }
  Totals totals{kind};
  totals.add(first);
  totals.add(second);
  Evaluated to;
  Evaluator{query}.append({&totals, 1}, to);
  return {to.values, to.lists, to.marks.at(0)};
}
Row timed(const std::string& stats, std::initializer_list<double> samples) {
  return evaluated(Kind::Timer, stats, samples);
}

// acceptance/ingest.md 36
TEST(Evaluate, OfOneValueTheDeviationIsZeroAndEveryPercentileTheValue) {
  const Row row = timed(R"(["stddev","p0","p1","p50","p99.9","p100"])", {7.25});
  EXPECT_EQ(row.values, (std::vector<double>{0, 7.25, 7.25, 7.25, 7.25, 7.25}));
}

// acceptance/ingest.md 37
TEST(Evaluate, TheVarianceOfLargeNumbersKeepsTheirSpread) {
  const Row row = timed(R"(["stddev"])", {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16});
  EXPECT_NEAR(row.values[0] * row.values[0], 22.5, 1e-9);
}

// acceptance/ingest.md 38
TEST(Evaluate, PercentilesOfOneToAHundred) {
  std::vector<double> samples;
  for (int i = 1; i <= 100; ++i)
    samples.push_back(i);
  const Row row = evaluated(Kind::Timer, R"(["p0","p95","p100"])", samples);
  EXPECT_EQ(row.values[0], 1);
  EXPECT_NEAR(row.values[1], 95, 0.95);
  EXPECT_EQ(row.values[2], 100);
}
TEST(Evaluate, OneOutlierOfAThousandLeavesTheNinetyNinthPercentileAlone) {
  std::vector<double> samples(1'000, 1);
  samples.push_back(1e7);
  EXPECT_EQ(evaluated(Kind::Timer, R"(["p99"])", samples).values[0], 1);
}
TEST(Evaluate, QuantilesOfMixedSignsAscend) {
  std::mt19937_64 random{1};
  std::vector<double> samples(500);
  for (double& sample : samples)
    sample = std::normal_distribution<double>{0, 50}(random);
  const Row row =
      evaluated(Kind::Timer,
                R"(["p0","p1","p10","p25","p40","p50","p60","p75","p90","p99","p100"])", samples);
  EXPECT_TRUE(std::ranges::is_sorted(row.values)) << ::testing::PrintToString(row.values);
}

// acceptance/ingest.md 39
TEST(Evaluate, ASumThatLeavesTheDoublesIsNullAndMarked) {
  const Row row = timed(R"(["count","sum","max"])", {1e308, 1e308});
  EXPECT_EQ(row.values[0], 2);
  EXPECT_TRUE(std::isnan(row.values[1]));
  EXPECT_EQ(row.values[2], 1e308);
  EXPECT_EQ(row.marks, query::kOverflowed);
  EXPECT_EQ(evaluated(Kind::Counter, R"(["sum"])", std::vector{1e308, 1e308}).marks,
            query::kOverflowed);
  EXPECT_EQ(timed(R"(["sum"])", {1e308}).marks, 0);
}
TEST(Evaluate, SumsAreCompensated) {
  const std::vector<double> tenths(10, 0.1);
  EXPECT_EQ(evaluated(Kind::Timer, R"(["sum"])", tenths).values[0], 1);
  EXPECT_EQ(evaluated(Kind::Counter, R"(["sum"])", tenths).values[0], 1);
  const std::vector<double> large{9007199254740992.0, 1, 1};
  EXPECT_EQ(evaluated(Kind::Counter, R"(["sum"])", large).values[0], 9007199254740994.0);
}

TEST(Evaluate, WhatDoesNotApplyIsNull) {
  const std::string all =
      R"(["count","rate","sum","mean","min","max","stddev","first","last","delta","distinct",)"
      R"("p50","p50_err","buckets"])";
  const auto nulls = [&](Kind kind) {
    const std::vector<double> samples{2, 2};
    std::string found;
    for (const double value : evaluated(kind, all, samples).values)
      found += std::isnan(value) ? '-' : 'x';
    return found;
  };
  //                               CRSmmMsfldDq~b, as fields() orders them
  EXPECT_EQ(nulls(Kind::Counter), "xxx-----------");
  EXPECT_EQ(nulls(Kind::Timer), "xxxxxxx----xxx");
  EXPECT_EQ(nulls(Kind::Set), "----------x---");
}

// The bound that a query may ask for holds against the exact quantile.
TEST(Evaluate, TheErrorOfAQuantileIsABound) {
  std::mt19937_64 random{3};
  for (int round = 0; round < 40; ++round) {
    std::vector<double> samples(40 + random() % 400);
    for (double& sample : samples) {
      sample = std::lognormal_distribution<double>{0, 1.0 + round / 10.0}(random);
      if (round % 3 == 0 && random() % 2 == 0) sample = -sample;
    }
    const Row row =
        evaluated(Kind::Timer, R"(["p1","p50","p99","p1_err","p50_err","p99_err"])", samples);
    std::ranges::sort(samples);
    const std::array<double, 3> q{0.01, 0.5, 0.99};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto rank = std::max(std::ceil(q[i] * static_cast<double>(samples.size())), 1.0);
      const double exact = samples[static_cast<std::size_t>(rank) - 1];
      EXPECT_LE(std::abs(row.values[i] - exact), row.values[i + 3] * (1 + 1e-12));
      EXPECT_LE(row.values[i + 3], std::abs(row.values[i]) * 0.03) << "and says something";
    }
  }
  EXPECT_EQ(timed(R"(["p50_err"])", {1, 2, 3}).values[0], 0) << "exact values have none";
}

TEST(Evaluate, BucketsAreScaleZerosFirstIndexAndCounts) {
  const Row row = timed(R"(["buckets"])", {1, 1, 2, 0, -4});
  ASSERT_EQ(row.values[0], 0);
  // scale 6: 1 is the last of (2^(-1/64), 1], 2 that of index 63; -4 that of index 127
  ASSERT_EQ(row.lists.size(), 1 + 3 + 65 + 1 + 3 + 1U);
  EXPECT_EQ(row.lists[0], 68);
  EXPECT_EQ(row.lists[1], 6);
  EXPECT_EQ(row.lists[2], 1);
  EXPECT_EQ(row.lists[3], -1);
  EXPECT_EQ(row.lists[4], 2);
  EXPECT_EQ(row.lists[68], 1);
  EXPECT_EQ(std::vector<double>(row.lists.begin() + 69, row.lists.end()),
            (std::vector<double>{4, 6, 0, 127, 1}));
}

TEST(Evaluate, TheSumOfBucketsIsTheCount) {
  std::mt19937_64 random{9};
  std::vector<double> samples(700);
  for (double& sample : samples)
    sample = std::normal_distribution<double>{10, 20}(random);
  const Row row = evaluated(Kind::Timer, R"(["count","buckets"])", samples);
  double sum = 0;
  std::size_t next = static_cast<std::size_t>(row.values[1]);
  for (int sign = 0; sign < 2; ++sign) {
    const auto size = static_cast<std::size_t>(row.lists[next++]);
    if (size == 0) continue;
    sum += row.lists[next + 1];
    for (std::size_t i = 3; i < size; ++i)
      sum += row.lists[next + i];
    next += size;
  }
  EXPECT_EQ(sum, 700);
  EXPECT_EQ(next, row.lists.size());
}

TEST(Evaluate, OfNothingThereAreNoBuckets) {
  const Row row = timed(R"(["buckets"])", {});
  EXPECT_TRUE(std::isnan(row.values[0]));
  EXPECT_TRUE(row.lists.empty());
}

TEST(Evaluate, AGaugeWithoutASampleInTheWindowIsStale) {
  const query::Query query = query_of(R"({"metric":"m","stats":["last"]})");
  const auto marks = [&](std::initializer_list<double> samples, double before) {
    Totals totals{Kind::Gauge};
    totals.add_gauge(folded(Kind::Gauge, samples, at(1'000)).gauge(), before);
    Evaluated to;
    Evaluator{query}.append({&totals, 1}, to);
    return to.marks.at(0);
  };
  EXPECT_EQ(marks({}, 5), query::kStale);
  EXPECT_EQ(marks({6}, 5), 0);
  EXPECT_EQ(marks({}, kUnknown), 0) << "nothing is known of it at all";
}

TEST(Evaluate, AGaugeThatWasOnlyChangedHasAValue) {
  const query::Query query = query_of(R"({"metric":"m","stats":["last"]})");
  Totals totals{Kind::Gauge};
  totals.add_gauge(folded(Kind::Gauge, {-5}, at(1'000), model::GaugeChange::Add).gauge(), kUnknown);
  Evaluated to;
  Evaluator{query}.append({&totals, 1}, to);
  EXPECT_EQ(to.values[0], -5);
  EXPECT_EQ(to.marks[0], 0);
}

}  // namespace
}  // namespace ingest::timeline
