#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "ingest/sketch/exp_histogram.h"
#include "ingest/sketch/hyper_log_log.h"
#include "ingest/sketch/space_saving.h"
#include "tests/ingest/sketch/distributions.h"

// What the sketches promise, over distributions of every shape, against exact answers.

namespace ingest::sketch {
namespace {

constexpr double kQuantiles[] = {0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999};

/// That `histogram`, which holds `values`, is wrong by no more than it says, at any quantile.
void expect_bounds(const ExpHistogram& histogram, const Values& values, const char* shape) {
  const Values ascending = sorted(values);
  for (const double q : kQuantiles) {
    const double truth = exact_quantile(ascending, q);
    const auto [value, error] = histogram.quantile_with_bound(q);
    EXPECT_EQ(value, histogram.quantile(q));
    EXPECT_LE(error, histogram.error_bound());
    EXPECT_LE(std::abs(value - truth), std::abs(truth) * (error * (1 + 1e-12) + 1e-15))
        << shape << " " << q;
  }
  EXPECT_EQ(histogram.quantile(0), exact_quantile(ascending, 0)) << shape;
  EXPECT_EQ(histogram.quantile(1), exact_quantile(ascending, 1)) << shape;
}

TEST(SketchPromises, NoQuantileExceedsItsErrorBound) {
  for (const Shape& shape : shapes()) {
    const Values values = draw(shape, 20'000, 7);
    expect_bounds(histogram_of(values), values, shape.name);
  }
}

TEST(SketchPromises, NoQuantileExceedsItsErrorBoundAfterAnySplitAndMerge) {
  std::mt19937_64 random{11};
  for (const Shape& shape : shapes()) {
    for (const std::size_t count : {1U, 32U, 33U, 200U, 3'000U}) {
      const Values values = draw(shape, count, count + 1);
      expect_bounds(split_and_merged(values, random), values, shape.name);
    }
  }
}

TEST(SketchPromises, HistogramsMergeToOnePassForAnySplitAndGrouping) {
  for (const Shape& shape : shapes()) {
    for (const std::size_t count : {1U, 5U, 33U, 64U, 500U, 3'000U}) {
      const Values values = draw(shape, count, count);
      const std::string one_pass = content(histogram_of(values));
      std::mt19937_64 random{count};
      for (int trial = 0; trial < 4; ++trial)
        EXPECT_EQ(content(split_and_merged(values, random)), one_pass)
            << shape.name << " " << count;
    }
  }
}

// Members are the values' own text: as many as there are different ones.
TEST(SketchPromises, DistinctIsExactTo256AndCloseAboveForEveryShape) {
  std::mt19937_64 random{12};
  for (const Shape& shape : shapes()) {
    for (const std::size_t count : {200U, 256U, 2'000U, 20'000U}) {
      std::vector<std::string> members;
      for (const auto& each : draw(shape, count, count + 2))
        members.push_back(std::to_string(std::bit_cast<std::uint64_t>(each.value)));
      const auto truth = static_cast<double>(std::set(members.begin(), members.end()).size());
      const auto add = [](HyperLogLog& part, const std::string& member) { part.add(member); };
      const HyperLogLog merged = split_and_merged(HyperLogLog{}, members, random, add);
      HyperLogLog one_pass;
      for (const std::string& member : members)
        one_pass.add(member);
      EXPECT_TRUE(merged == one_pass) << shape.name << " " << count;
      if (truth <= HyperLogLog::kExactMax) {
        EXPECT_EQ(merged.distinct(), truth) << shape.name << " " << count;
      } else {
        EXPECT_NEAR(merged.distinct(), truth, 0.049 * truth) << shape.name << " " << count;
      }
    }
  }
}

/// How often members of many sets of one size are miscounted, in standard deviations.
TEST(SketchPromises, TheErrorOfDistinctIsTheOnePromised) {
  constexpr int kSets = 200;
  constexpr double kSigma = 1.04 / 64;  // 1.04 / sqrt(4096)
  std::mt19937_64 random{13};
  for (const int count : {1'000, 12'000, 50'000}) {
    double bias = 0;
    double square = 0;
    for (int set = 0; set < kSets; ++set) {
      HyperLogLog sketch;
      for (int i = 0; i < count; ++i)
        sketch.add_hash(random());
      const double error = sketch.distinct() / count - 1;
      bias += error / kSets;
      square += error * error / kSets;
    }
    EXPECT_LE(std::abs(bias), 4 * kSigma / std::sqrt(kSets)) << count;
    EXPECT_LE(std::sqrt(square), 1.2 * kSigma) << count;
  }
}

struct Weighed {
  std::string key;
  std::uint64_t weight = 0;
};

/// Items whose names the shape chooses: a few heavy ones or none at all.
std::vector<Weighed> items_of(const Shape& shape, std::size_t count, std::uint64_t seed) {
  std::vector<Weighed> items;
  for (const auto& each : draw(shape, count, seed)) {
    const double bounded = std::fmod(each.value, 5'000);
    items.push_back({std::to_string(static_cast<int>(bounded)), 1 + each.weight % 97});
  }
  return items;
}

// The worst order there is: the heavy items only after every counter is taken by light ones.
std::vector<Weighed> light_ones_first(std::size_t counters) {
  std::vector<Weighed> items;
  for (std::size_t i = 0; i < 20 * counters; ++i)
    items.push_back({"light" + std::to_string(i), 1});
  for (std::size_t i = 0; i < counters / 4; ++i)
    items.push_back({"heavy" + std::to_string(i), 100});
  return items;
}

void expect_heavy_ones(const SpaceSaving& sketch, const std::vector<Weighed>& items,
                       const std::string& what) {
  std::map<std::string, std::uint64_t> exact;
  std::uint64_t whole = 0;
  for (const Weighed& each : items) {
    exact[each.key] += each.weight;
    whole += each.weight;
  }
  ASSERT_EQ(sketch.weight(), whole) << what;
  std::set<std::string> present;
  for (const SpaceSaving::Item& item : sketch.top(sketch.counters_max())) {
    present.insert(item.key);
    EXPECT_LE(exact[item.key], item.estimate) << what << " " << item.key;
    EXPECT_LE(item.estimate - item.error, exact[item.key]) << what << " " << item.key;
  }
  for (const auto& [key, weight] : exact) {
    EXPECT_TRUE(weight <= whole / sketch.counters_max() || present.contains(key)) << what << key;
  }
}

TEST(SketchPromises, EveryHeavyItemIsPresentForEveryShapeAndSplit) {
  std::mt19937_64 random{14};
  const auto add = [](SpaceSaving& part, const Weighed& each) { part.add(each.key, each.weight); };
  for (const std::size_t counters : {4U, 64U, 300U}) {
    for (const Shape& shape : shapes()) {
      const std::vector<Weighed> items = items_of(shape, 5'000, counters);
      expect_heavy_ones(split_and_merged(SpaceSaving{counters}, items, random, add), items,
                        shape.name);
    }
    const std::vector<Weighed> items = light_ones_first(counters);
    SpaceSaving one_pass{counters};
    for (const Weighed& each : items)
      add(one_pass, each);
    expect_heavy_ones(one_pass, items, "light ones first");
    expect_heavy_ones(split_and_merged(SpaceSaving{counters}, items, random, add), items,
                      "light ones first, split");
  }
}

// ---- a quantile asked with its bound ----

TEST(SketchPromises, ABoundIsZeroWhereTheValueIsKnown) {
  ExpHistogram histogram;
  for (int i = 0; i < 32; ++i)
    histogram.add(i, ExpHistogram::kUnit);
  EXPECT_EQ(histogram.quantile_with_bound(0.5).relative_error, 0);
  for (int i = 0; i < 200; ++i)
    histogram.add(0, ExpHistogram::kUnit);
  histogram.add(77, ExpHistogram::kUnit);  // the 33rd: buckets from here on
  EXPECT_EQ(histogram.quantile_with_bound(0).relative_error, 0);
  EXPECT_EQ(histogram.quantile_with_bound(0.5).value, 0);
  EXPECT_EQ(histogram.quantile_with_bound(0.5).relative_error, 0);
  EXPECT_EQ(histogram.quantile_with_bound(1).value, 77);
  EXPECT_EQ(histogram.quantile_with_bound(1).relative_error, 0);
  EXPECT_NEAR(histogram.quantile_with_bound(0.95).relative_error, 0.005415, 5e-7);
}

TEST(SketchPromises, ABoundIsThatOfTheScaleInUse) {
  ExpHistogram histogram;
  for (int i = 1; i <= 100; ++i)
    histogram.add(i, 1);
  EXPECT_NEAR(histogram.quantile_with_bound(0.5).relative_error, 0.005415, 5e-7);
  histogram.add(1e-4, 1);
  EXPECT_NEAR(histogram.quantile_with_bound(0.5).relative_error, 0.01083, 5e-6);
  histogram.add(1e9, 1);
  EXPECT_NEAR(histogram.quantile_with_bound(0.5).relative_error, 0.02166, 5e-6);
}

TEST(SketchPromises, ABoundOfNothingIsNoNumber) {
  EXPECT_TRUE(std::isnan(ExpHistogram{}.quantile_with_bound(0.5).value));
  EXPECT_TRUE(std::isnan(ExpHistogram{}.quantile_with_bound(0.5).relative_error));
}

// A thousand ones and one of ten million.
TEST(SketchPromises, OneGiantDoesNotPullTheNinetyNinth) {
  ExpHistogram histogram;
  for (int i = 0; i < 1'000; ++i)
    histogram.add(1, ExpHistogram::kUnit);
  histogram.add(1e7, ExpHistogram::kUnit);
  EXPECT_EQ(histogram.quantile(0.99), 1);
  EXPECT_EQ(histogram.quantile(1), 1e7);
}

}  // namespace
}  // namespace ingest::sketch
