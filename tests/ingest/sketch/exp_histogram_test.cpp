#include "ingest/sketch/exp_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/ingest/sketch/distributions.h"

namespace ingest::sketch {
namespace {

using Weight = ExpHistogram::Weight;

// A whole number of any size, in base 2^32: enough to raise one to its 64th power.
class Big {
 public:
  explicit Big(std::uint64_t value)
      : digits_{static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32U)} {}
  static Big power_of_two(unsigned exponent) {
    Big big{0};
    big.digits_.assign(exponent / 32 + 1, 0);
    big.digits_.back() = 1U << exponent % 32;
    return big;
  }
  Big squared() const {
    Big product{0};
    product.digits_.assign(digits_.size() * 2, 0);
    for (std::size_t i = 0; i < digits_.size(); ++i) {
      std::uint64_t carry = 0;
      for (std::size_t j = 0; j < digits_.size() || carry != 0; ++j) {
        const std::uint64_t mine = j < digits_.size() ? std::uint64_t{digits_[i]} * digits_[j] : 0;
        const std::uint64_t sum =
            product.digits_[i + j] + (mine & 0xFFFFFFFFU) + (carry & 0xFFFFFFFFU);
        product.digits_[i + j] = static_cast<std::uint32_t>(sum);
        carry = (carry >> 32U) + (mine >> 32U) + (sum >> 32U);
      }
    }
    return product;
  }
  bool operator<=(const Big& other) const {
    for (std::size_t i = std::max(digits_.size(), other.digits_.size()); i-- > 0;) {
      const std::uint32_t mine = i < digits_.size() ? digits_[i] : 0;
      const std::uint32_t theirs = i < other.digits_.size() ? other.digits_[i] : 0;
      if (mine != theirs) return mine < theirs;
    }
    return true;
  }

 private:
  std::vector<std::uint32_t> digits_;
};

Big to_the_64th(std::uint64_t value) {
  Big power{value};
  for (int i = 0; i < 6; ++i)
    power = power.squared();
  return power;
}

TEST(ExpHistogram, BoundsAreTheExactOnes) {
  for (std::int32_t j = 0; j < 64; ++j) {
    const auto bound = static_cast<std::uint64_t>(std::ldexp(ExpHistogram::lower_bound(j, 6), 52));
    const Big whole = Big::power_of_two(52 * 64 + static_cast<unsigned>(j));
    EXPECT_TRUE(to_the_64th(bound) <= whole) << j;
    EXPECT_FALSE(to_the_64th(bound + 1) <= whole) << j;
  }
}

TEST(ExpHistogram, APowerOfTwoIsTheUpperBoundOfItsBucket) {
  EXPECT_EQ(ExpHistogram::index_of(1.0), -1);
  EXPECT_EQ(ExpHistogram::index_of(std::nextafter(1.0, 2.0)), 0);
  EXPECT_EQ(ExpHistogram::index_of(2.0), 63);
  EXPECT_EQ(ExpHistogram::index_of(0x1p-1074), -1074 * 64 - 1);
  EXPECT_EQ(ExpHistogram::index_of(0x1p-1022), -1022 * 64 - 1);
  EXPECT_EQ(ExpHistogram::index_of(std::numeric_limits<double>::max()), 1024 * 64 - 1);
}

TEST(ExpHistogram, EachBoundSeparatesTwoBuckets) {
  for (std::int32_t index = -200; index < 200; ++index) {
    const double below =
        ExpHistogram::lower_bound(index, 6);  // the bound's floor: still in the bucket before
    EXPECT_EQ(ExpHistogram::index_of(below), index - 1);
    EXPECT_EQ(ExpHistogram::index_of(std::nextafter(below, 1e9)), index);
  }
}

TEST(ExpHistogram, IsEmptyAtFirst) {
  const ExpHistogram histogram;
  EXPECT_TRUE(histogram.empty());
  EXPECT_TRUE(std::isnan(histogram.min()));
  EXPECT_TRUE(std::isnan(histogram.max()));
  EXPECT_TRUE(std::isnan(histogram.quantile(0.5)));
  EXPECT_EQ(histogram.error_bound(), 0);
}

TEST(ExpHistogram, OneValueIsEveryQuantile) {
  ExpHistogram histogram;
  histogram.add(320, 10);
  for (const double q : {0.0, 0.01, 0.5, 0.99, 1.0})
    EXPECT_EQ(histogram.quantile(q), 320);
}

TEST(ExpHistogram, WeighsRepeatedValues) {
  const ExpHistogram histogram = histogram_of(
      {{1, 80}, {2, 70}, {3, 62}, {4, 55}, {5, 45}, {6, 36}, {7, 27}, {8, 18}, {9, 9}});
  EXPECT_EQ(histogram.quantile(0.5), 3);
}

TEST(ExpHistogram, RanksAreNotPushedUpByRounding) {
  Values values;
  for (int i = 1; i <= 25; ++i)
    values.push_back({double(i), Weight{1} << 20U});
  const ExpHistogram histogram = histogram_of(values);
  for (int i = 1; i <= 25; ++i)
    EXPECT_EQ(histogram.quantile(i * 0.04), i);
}

TEST(ExpHistogram, StaysExactTo32DifferentValues) {
  ExpHistogram histogram;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 32; ++i)
      histogram.add(i, 1);
  }
  EXPECT_TRUE(histogram.is_exact());
  EXPECT_TRUE(histogram.add_exactly(31, 1));
  EXPECT_FALSE(histogram.add_exactly(32, 1));
  histogram.add(32, 1);
  EXPECT_FALSE(histogram.is_exact());
  EXPECT_TRUE(histogram.exact_values().empty());
  EXPECT_EQ(histogram.zero_weight(), 3U);
  EXPECT_EQ(histogram.weight(), 98U);
}

TEST(ExpHistogram, AFullRowOfUnitsStaysExactWhileTwoAreAlike) {
  for (int alike = 0; alike < 32; ++alike) {
    ExpHistogram histogram;
    for (int i = 0; i < 31; ++i)
      histogram.add(i * 1.37, ExpHistogram::kUnit);
    ASSERT_TRUE(histogram.add_exactly(alike * 1.37, ExpHistogram::kUnit));
    EXPECT_EQ(histogram.add_exactly(99, ExpHistogram::kUnit), alike < 31) << alike;
    EXPECT_EQ(histogram.add_exactly(100, ExpHistogram::kUnit), false) << alike;
    EXPECT_TRUE(histogram.add_exactly(5 * 1.37, ExpHistogram::kUnit)) << alike;
    EXPECT_TRUE(histogram.is_exact());
    histogram.add(99.5, ExpHistogram::kUnit);
    EXPECT_FALSE(histogram.is_exact());
    EXPECT_EQ(histogram.weight(), (alike < 31 ? 35 : 34) * ExpHistogram::kUnit);
  }
}

TEST(ExpHistogram, MinusZeroIsZero) {
  ExpHistogram histogram;
  histogram.add(-0.0, 1);
  histogram.add(0.0, 1);
  EXPECT_EQ(histogram.exact_values().size(), 1U);
  EXPECT_FALSE(std::signbit(histogram.quantile(0.5)));
}

TEST(ExpHistogram, AWeightOfZeroChangesNothing) {
  ExpHistogram histogram;
  histogram.add(5, 0);
  EXPECT_TRUE(histogram.empty());
}

TEST(ExpHistogram, ErrorBoundsAreTheDocumentedOnes) {
  ExpHistogram histogram;
  for (int i = 1; i <= 100; ++i)
    histogram.add(i, 1);
  EXPECT_EQ(histogram.scale(), 6);
  EXPECT_NEAR(histogram.error_bound(), 0.005415, 5e-7);
  histogram.add(1e-4, 1);  // 20 octaves and more no longer fit into 1,024 buckets of 1/64 octave
  EXPECT_EQ(histogram.scale(), 5);
  EXPECT_NEAR(histogram.error_bound(), 0.01083, 5e-6);
  histogram.add(1e9, 1);
  EXPECT_EQ(histogram.scale(), 4);
  EXPECT_NEAR(histogram.error_bound(), 0.02166, 5e-6);
}

TEST(ExpHistogram, OneToAHundredWithinOnePercent) {
  ExpHistogram histogram;
  for (int i = 1; i <= 100; ++i)
    histogram.add(i, 1);
  EXPECT_NEAR(histogram.quantile(0.95), 95, 0.95);
  EXPECT_EQ(histogram.quantile(0), 1);
  EXPECT_EQ(histogram.quantile(1), 100);
}

TEST(ExpHistogram, HoldsTheWholeRangeOfDoubles) {
  ExpHistogram histogram;
  for (int e = -1074; e <= 1023; ++e) {
    histogram.add(std::ldexp(1.0, e), 1);
    histogram.add(-std::ldexp(1.0, e), 1);
  }
  EXPECT_EQ(histogram.scale(), ExpHistogram::kScaleMin);
  EXPECT_LE(histogram.positive().weights.size(), ExpHistogram::kBucketsMax);
  for (double q = 0; q <= 1; q += 0.001)
    EXPECT_TRUE(std::isfinite(histogram.quantile(q))) << q;
}

TEST(ExpHistogram, MixedSignsStayMonotone) {
  ExpHistogram histogram;
  for (int i = -100; i <= 100; ++i)
    histogram.add(i * 0.7, 1);
  double before = histogram.quantile(0);
  for (double q = 0; q <= 1; q += 0.003) {
    EXPECT_GE(histogram.quantile(q), before);
    before = histogram.quantile(q);
  }
  EXPECT_EQ(before < histogram.max() ? histogram.quantile(1) : before, histogram.max());
}

TEST(ExpHistogram, WeightsStopAtTheirMaximum) {
  ExpHistogram histogram;
  for (int i = 1; i <= 40; ++i)
    histogram.add(i, ~Weight{0});
  EXPECT_EQ(histogram.weight(), ~Weight{0});
  EXPECT_GE(histogram.quantile(0.99), 1);
  ExpHistogram twice = histogram;
  twice.merge(histogram);
  EXPECT_EQ(content(twice), content(histogram));
}

TEST(ExpHistogram, MergesWithItself) {
  for (const int count : {1, 20, 100}) {
    ExpHistogram histogram;
    for (int i = 1; i <= count; ++i)
      histogram.add(i, 1);
    histogram.merge(histogram);
    EXPECT_EQ(histogram.weight(), static_cast<Weight>(2 * count));
  }
}

TEST(ExpHistogram, ManyUnitsAreAddedAsOneByOne) {
  std::mt19937_64 random{5};
  const auto drawn = [&](std::size_t count, double sigma, bool both_signs) {
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) {
      const double value = std::lognormal_distribution{3.0, sigma}(random);
      values.push_back(both_signs && random() % 3 == 0 ? -value : value);
      if (both_signs && random() % 9 == 0) values.push_back(random() % 2 == 0 ? 0.0 : -0.0);
    }
    return values;
  };
  std::vector<std::vector<double>> batches{
      {}, std::vector<double>(300, 7), {1, -1, 0}, {-3, -3, -4}};
  for (const std::size_t count : {1U, 31U, 33U, 100U, 255U, 256U, 700U}) {
    for (const double sigma : {0.5, 60.0}) {
      batches.push_back(drawn(count, sigma, false));
      batches.push_back(drawn(count, sigma, true));
    }
  }
  for (const auto& held : batches) {
    for (const auto& added : batches) {
      ExpHistogram one_by_one;
      for (const double value : held)
        one_by_one.add(value, held.size() % 2 == 0 ? ExpHistogram::kUnit : 3);
      ExpHistogram at_once = one_by_one;
      at_once.add_units(added);
      for (const double value : added)
        one_by_one.add(value, ExpHistogram::kUnit);
      ASSERT_EQ(content(at_once), content(one_by_one));
    }
  }
}

TEST(ExpHistogram, ACopyIsIndependent) {
  ExpHistogram first;
  for (int i = 1; i <= 100; ++i)
    first.add(i, 1);
  const std::string before = content(first);
  ExpHistogram second = first;
  second.add(1e6, 1);
  EXPECT_EQ(content(first), before);
}

TEST(ExpHistogram, ExportsExactValuesAsBuckets) {
  ExpHistogram few;
  few.add(1, 2);
  few.add(0, 3);
  few.add(-4, 5);
  few.to_buckets();
  EXPECT_FALSE(few.is_exact());
  EXPECT_EQ(few.zero_weight(), 3U);
  EXPECT_EQ(few.positive().first, -1);
  EXPECT_EQ(few.negative().first, 127);
  EXPECT_EQ(few.negative().weights[0], 5U);
}

}  // namespace
}  // namespace ingest::sketch
