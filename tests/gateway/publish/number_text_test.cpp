#include "gateway/publish/number_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

namespace gateway::publish {
namespace {

std::string text(double value, Digits digits) {
  return std::string{number_text(value, digits).view()};
}

TEST(NumberText, PrintsTheShortestFormThatReadsBackTheSame) {
  EXPECT_EQ(text(0.1, Digits::Shortest), "0.1");
  EXPECT_EQ(text(812, Digits::Shortest), "812");
  EXPECT_EQ(text(99'999, Digits::Shortest), "99999");
  EXPECT_EQ(text(-12.5, Digits::Shortest), "-12.5");
  EXPECT_EQ(text(123'456'789, Digits::Shortest), "123456789");
  EXPECT_EQ(text(1e22, Digits::Shortest), "1e22");
  EXPECT_EQ(text(5e-7, Digits::Shortest), "5e-7");
  EXPECT_EQ(text(0.1 + 0.2, Digits::Shortest), "0.30000000000000004");
}

TEST(NumberText, HoldsTheLongestNumber) {
  EXPECT_EQ(text(-std::numeric_limits<double>::min(), Digits::Shortest),
            "-2.2250738585072014e-308");
  EXPECT_EQ(text(-std::numeric_limits<double>::max(), Digits::Shortest), "-1.7976931348623157e308");
}

TEST(NumberText, RoundsToSixAndFiveDigits) {
  EXPECT_EQ(text(12.3456789, Digits::Six), "12.3457");
  EXPECT_EQ(text(12.3456789, Digits::Five), "12.346");
  EXPECT_EQ(text(1'234'567, Digits::Six), "1.23457e6");
  EXPECT_EQ(text(14.02, Digits::Five), "14.02");
  EXPECT_EQ(text(1e-7, Digits::Six), "1e-7");
  EXPECT_EQ(text(99'999.96, Digits::Six), "100000");
  EXPECT_EQ(text(1.0 / 3, Digits::Five), "0.33333");
}

TEST(NumberText, NanAndInfinitiesAreNull) {
  for (const Digits digits : {Digits::Shortest, Digits::Six, Digits::Five}) {
    EXPECT_EQ(text(std::nan(""), digits), "null");
    EXPECT_EQ(text(std::numeric_limits<double>::infinity(), digits), "null");
    EXPECT_EQ(text(-std::numeric_limits<double>::infinity(), digits), "null");
  }
}

TEST(NumberText, ZeroHasNoSign) {
  for (const Digits digits : {Digits::Shortest, Digits::Six, Digits::Five}) {
    EXPECT_EQ(text(-0.0, digits), "0");
    EXPECT_EQ(text(0.0, digits), "0");
  }
}

TEST(NumberText, ReadsBackTheSameForAnyBits) {
  std::mt19937_64 random{7};
  for (int i = 0; i < 100'000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    const std::string shortest = text(value, Digits::Shortest);
    ASSERT_EQ(std::strtod(shortest.c_str(), nullptr), value) << shortest;
    const double six = std::strtod(text(value, Digits::Six).c_str(), nullptr);
    if (std::isfinite(six) && std::fabs(value) > 1e-300) {
      ASSERT_NEAR(six / value, 1, 5.1e-6) << value;
    }
  }
}

TEST(NumberText, EveryStatHasItsDigits) {
  using ingest::query::Stat;
  EXPECT_EQ(digits_of({"", Stat{Stat::Name::Count}}), Digits::Shortest);
  EXPECT_EQ(digits_of({"", Stat{Stat::Name::Last}}), Digits::Shortest);
  EXPECT_EQ(digits_of({"", Stat{Stat::Name::Mean}}), Digits::Six);
  EXPECT_EQ(digits_of({"", Stat{Stat::Name::Rate}}), Digits::Six);
  EXPECT_EQ(digits_of({"", Stat{Stat::Name::Stddev}}), Digits::Six);
  EXPECT_EQ(digits_of({"", Stat{Stat::Name::Quantile, 99'000}}), Digits::Five);
  EXPECT_EQ(digits_of({"", Stat{Stat::Name::QuantileError, 99'000}}), Digits::Five);
  EXPECT_EQ(digits_of({"error_rate", std::nullopt}), Digits::Six);
}

}  // namespace
}  // namespace gateway::publish
