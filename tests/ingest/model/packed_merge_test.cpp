#include "ingest/model/packed_merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "ingest/model/packed_partial.h"

namespace ingest::model {
namespace {

using Bytes = std::vector<std::byte>;

Partial unpacked(std::span<const std::byte> bytes) {
  auto partial = unpack(bytes);
  EXPECT_TRUE(partial && bytes.empty());
  return partial ? *std::move(partial) : Partial{};
}

/// So many samples of any value or weight that a pane may hold.
Partial any(Kind kind, std::mt19937_64& random) {
  Partial partial{kind};
  const std::size_t few = random() % 12;
  const std::size_t count = random() % 4 == 0 ? random() % 300 : few;
  const bool sampled = random() % 5 == 0;
  const double sigma = random() % 3 == 0 ? 20 : 1;
  for (std::size_t i = 0; i < count; ++i) {
    const double magnitude = std::lognormal_distribution{2.0, sigma}(random);
    const std::string member = std::to_string(random() % 500);
    Sample sample{.kind = kind, .value = random() % 7 == 0 ? -magnitude : magnitude};
    if (random() % 11 == 0) sample.value = std::floor(sample.value);
    if (kind == Kind::Set) sample.member = member;
    if (sampled && kind != Kind::Gauge && kind != Kind::Set) sample.rate = {1, 3};
    partial.fold(sample, wall_from_ms(1'700'000'000'000 + static_cast<std::int64_t>(i)));
  }
  return partial;
}

void expect_close(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) {
    EXPECT_EQ(std::isnan(a), std::isnan(b));
    return;
  }
  EXPECT_LE(std::abs(a - b), 1e-12 * std::max(std::abs(a), std::abs(b))) << a << ' ' << b;
}

/// Weights, extremes, buckets and members exactly; sums and variances to their rounding.
void expect_same(const Partial& a, const Partial& b) {
  ASSERT_EQ(a.kind(), b.kind());
  if (a.kind() != Kind::Timer) {
    Bytes left;
    Bytes right;
    pack(a, left);
    pack(b, right);
    EXPECT_EQ(left, right);
    return;
  }
  const TimerPartial& left = a.timer();
  const TimerPartial& right = b.timer();
  EXPECT_EQ(left.weight(), right.weight());
  EXPECT_EQ(left.histogram().is_exact(), right.histogram().is_exact());
  EXPECT_EQ(left.histogram().scale(), right.histogram().scale());
  EXPECT_EQ(left.histogram().positive().weights, right.histogram().positive().weights);
  EXPECT_EQ(left.histogram().negative().weights, right.histogram().negative().weights);
  for (int i = 0; i <= 16; ++i)
    expect_close(left.quantile(i / 16.0), right.quantile(i / 16.0));
  expect_close(left.sum(), right.sum());
  if (left.weight() > 0) {
    EXPECT_LE(std::abs(left.mean() - right.mean()),
              1e-12 * std::max(std::abs(left.min()), std::abs(left.max())));
  }
  expect_close(left.stddev(), right.stddev());
}

TEST(PackedMerge, GivesWhatMergingThePartialsGives) {
  std::mt19937_64 random{11};
  PackedMerge merge;
  for (int trial = 0; trial < 600; ++trial) {
    const auto kind = trial % 2 == 0 ? Kind::Timer : static_cast<Kind>(trial / 2 % 4);
    SCOPED_TRACE(trial);
    Partial plain{kind};
    std::vector<Bytes> records(2 + random() % 12);
    for (Bytes& record : records) {
      const Partial part = any(kind, random);
      plain.merge(part);
      pack(part, record);
    }
    for (const Bytes& record : records)
      merge.add(record);
    expect_same(unpacked(merge.finish()), plain);
    EXPECT_TRUE(merge.empty());
  }
}

TEST(PackedMerge, ASingleRecordStaysAsItIs) {
  std::mt19937_64 random{3};
  PackedMerge merge;
  Bytes record;
  pack(any(Kind::Timer, random), record);
  merge.add(record);
  const auto merged = merge.finish();
  EXPECT_EQ(merged.data(), record.data());
  EXPECT_EQ(merged.size(), record.size());
}

TEST(PackedMerge, TwoWithoutSamplesAreOneWithout) {
  Bytes record;
  pack(Partial{Kind::Timer}, record);
  PackedMerge merge;
  merge.add(record);
  merge.add(record);
  EXPECT_EQ(unpacked(merge.finish()).kind(), Kind::Timer);
}

}  // namespace
}  // namespace ingest::model
