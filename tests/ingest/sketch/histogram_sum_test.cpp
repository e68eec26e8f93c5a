// HistogramSum: the same quantiles as an ExpHistogram into which all were merged.
#include "ingest/sketch/histogram_sum.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace ingest::sketch {
namespace {

constexpr std::array kQuantiles{0.0, 1e-9, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0};

void add(const ExpHistogram& part, HistogramSum& sum) {
  ExpHistogram::BucketsRoom room{};
  if (!part.is_exact()) return sum.add_buckets(part.buckets(room));
  part.each_exact([&](const auto& each) { sum.add(each.value, each.weight); });
}

/// Parts of these sizes, added to both; `value` makes one.
template <class Value>
void expect_same(const std::vector<int>& sizes, const Value& value) {
  ExpHistogram merged;
  HistogramSum sum;
  std::vector<double> other;
  sum.add(12, ExpHistogram::kUnit);  // nothing of what was before clear() stays
  sum.append_quantiles(kQuantiles, other);
  sum.clear();
  for (const int size : sizes) {
    ExpHistogram part;
    for (int i = 0; i < size; ++i)
      part.add(value(), ExpHistogram::kUnit);
    merged.merge(part);
    add(part, sum);
  }
  std::vector<double> told;
  sum.append_quantiles(kQuantiles, told);
  ASSERT_EQ(told.size(), kQuantiles.size());
  for (std::size_t i = 0; i < told.size(); ++i)
    EXPECT_EQ(told[i], merged.quantile(kQuantiles[i])) << kQuantiles[i];
}

TEST(HistogramSum, SaysWhatMergingSays) {
  std::mt19937_64 random{17};
  std::lognormal_distribution<double> usual{1, 2};
  std::normal_distribution<double> both_signs{0, 40};
  std::uniform_int_distribution<int> few{-3, 4};
  std::uniform_real_distribution<double> exponent{-900, 900};
  for (const auto& sizes : {std::vector{1},
                            {20, 12},
                            {20, 13},
                            {100, 100, 7, 1},
                            {10, 400, 90, 3},
                            {5'000, 1, 5'000}}) {
    expect_same(sizes, [&] { return usual(random); });
    expect_same(sizes, [&] { return both_signs(random); });
    expect_same(sizes, [&] { return -usual(random); });
    expect_same(sizes, [&] { return static_cast<double>(few(random)); });
    expect_same(sizes, [&] { return std::exp2(exponent(random)); });
  }
}

TEST(HistogramSum, HoldsAnyNumberOfPartsInBoundedMemory) {
  std::mt19937_64 random{3};
  std::uniform_real_distribution<double> exponent{-300, 300};
  expect_same(std::vector(60, 900), [&] { return std::exp2(exponent(random)); });
  expect_same(std::vector(40'000, 1), [&] { return std::exp2(exponent(random)); });
}

TEST(HistogramSum, WeightsStayAtTheirMost) {
  constexpr auto kMost = ~HistogramSum::Weight{0};
  ExpHistogram merged;
  HistogramSum sum;
  for (int i = 1; i <= 40; ++i) {
    merged.add(i, kMost / 3);
    sum.add(i, kMost / 3);
  }
  std::vector<double> told;
  sum.append_quantiles({{0.5, 0.999}}, told);
  EXPECT_EQ(told, (std::vector{merged.quantile(0.5), merged.quantile(0.999)}));
}

TEST(HistogramSum, NothingHasNoQuantile) {
  HistogramSum sum;
  std::vector<double> told;
  sum.append_quantiles(kQuantiles, told);
  ASSERT_EQ(told.size(), kQuantiles.size());
  EXPECT_TRUE(std::isnan(told[4]));
}

}  // namespace
}  // namespace ingest::sketch
