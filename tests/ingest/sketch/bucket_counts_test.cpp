#include "ingest/sketch/bucket_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace ingest::sketch {
namespace {

using Weight = BucketCounts::Weight;
constexpr Weight kUnit = BucketCounts::kUnit;

/// The same, told by a plain map.
struct Plain {
  std::map<std::int32_t, Weight> held;
  void add(std::int32_t index, Weight weight) {
    Weight& sum = held[index];
    sum = sum + weight < sum ? ~Weight{0} : sum + weight;
  }
  void halve(int times) {
    Plain wider;
    for (const auto& [index, weight] : held)
      wider.add(index >> times, weight);
    held = std::move(wider.held);
  }
};

void expect_same(const BucketCounts& counts, const Plain& plain) {
  ASSERT_EQ(counts.empty(), plain.held.empty());
  if (counts.empty()) return;
  ASSERT_EQ(counts.first(), plain.held.begin()->first);
  ASSERT_EQ(counts.last(), plain.held.rbegin()->first);
  const auto weights = counts.weights();
  ASSERT_EQ(weights.size(), static_cast<std::size_t>(counts.last() - counts.first() + 1));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto held = plain.held.find(counts.first() + static_cast<std::int32_t>(i));
    ASSERT_EQ(weights[i], held == plain.held.end() ? 0 : held->second) << i;
  }
}

TEST(BucketCounts, AgreesWithAPlainMapInEveryForm) {
  std::mt19937_64 random{8};
  for (int trial = 0; trial < 40; ++trial) {
    BucketCounts counts;
    Plain plain;
    const auto around = static_cast<std::int32_t>(random() % 100'000) - 50'000;
    const std::uint64_t spread = 1 + random() % 1'024;
    const Weight most = trial % 3 == 0 ? 1 : Weight{1} << random() % 36;
    for (int i = 0; i < 3'000; ++i) {
      const auto index = around + static_cast<std::int32_t>(random() % spread);
      const Weight weight = random() % 5 == 0 ? (1 + random() % most) * kUnit : kUnit;
      counts.add(index, weight);
      plain.add(index, weight);
      if (i % 500 == 0) expect_same(counts, plain);
    }
    expect_same(counts, plain);
    const int times = static_cast<int>(random() % 4);
    counts.halve(times);
    plain.halve(times);
    expect_same(counts, plain);
  }
}

TEST(BucketCounts, HoldsWeightsThatAreNoWholeUnits) {
  BucketCounts counts;
  Plain plain;
  std::mt19937_64 random{9};
  for (int i = 0; i < 2'000; ++i) {
    const auto index = static_cast<std::int32_t>(random() % 300);
    const Weight weight = i < 1'000 ? kUnit : random() % (3 * kUnit) + 1;
    counts.add(index, weight);
    plain.add(index, weight);
  }
  expect_same(counts, plain);
}

TEST(BucketCounts, MergesWhateverTheForms) {
  std::mt19937_64 random{10};
  for (int trial = 0; trial < 80; ++trial) {
    BucketCounts mine;
    BucketCounts theirs;
    Plain plain;
    const int shift = trial % 4 == 0 ? 1 : 0;
    const Weight heavy = Weight{1} << random() % 40;
    for (std::uint64_t i = random() % 2'000; i > 0; --i) {
      const auto index = static_cast<std::int32_t>(random() % 500);
      mine.add(index, trial % 2 == 0 ? kUnit : heavy * kUnit);
      plain.add(index, trial % 2 == 0 ? kUnit : heavy * kUnit);
    }
    for (std::uint64_t i = random() % 2'000; i > 0; --i) {
      const auto index = static_cast<std::int32_t>(random() % 900);
      theirs.add(index, trial % 5 == 0 ? kUnit + 1 : kUnit);
      plain.add(index >> shift, trial % 5 == 0 ? kUnit + 1 : kUnit);
    }
    mine.add_all(theirs, shift);
    expect_same(mine, plain);
  }
}

TEST(BucketCounts, MergingAlikeSlotsCarriesIntoWiderOnes) {
  BucketCounts sum;
  Plain plain;
  BucketCounts part;
  for (std::int32_t index = 0; index < 100; ++index) {
    for (int i = 0; i <= index; ++i)
      part.add(index, kUnit);
  }
  for (int round = 0; round < 700; ++round) {
    sum.add_all(part, 0);
    for (std::int32_t index = 0; index < 100; ++index)
      plain.add(index, static_cast<Weight>(index + 1) * kUnit);
  }
  expect_same(sum, plain);
}

TEST(BucketCounts, WeightsStayAtTheirMaximum) {
  BucketCounts counts;
  counts.add(3, ~Weight{0});
  counts.add(3, kUnit);
  counts.add(3, 5);
  EXPECT_EQ(counts.weights().front(), ~Weight{0});
  counts.add_all(BucketCounts{counts}, 0);
  EXPECT_EQ(counts.weights().front(), ~Weight{0});
}

TEST(BucketCounts, IsSmallWhileLittleWasAdded) {
  std::mt19937_64 random{11};
  std::normal_distribution<double> draw{0, 92};  // in buckets: values that differ by e
  BucketCounts counts;
  for (int i = 0; i < 64; ++i)
    counts.add(static_cast<std::int32_t>(draw(random)), kUnit);
  EXPECT_LE(counts.held_bytes(), 200U);
  for (int i = 0; i < 1'000; ++i)
    counts.add(static_cast<std::int32_t>(draw(random)), kUnit);
  EXPECT_LE(counts.held_bytes(), 600U);
}

}  // namespace
}  // namespace ingest::sketch
