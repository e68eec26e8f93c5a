#include "gateway/server/rate_book.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway::server {
namespace {

using std::chrono::seconds;
constexpr ingest::MonoTime kStart{std::chrono::hours{1}};

TEST(RateBook, SoManyMayComeAtOnceAndThenAsOftenAsTheRateSays) {
  RateBook book{{.times = 2, .within = seconds{1}, .at_once = seconds{10}}};
  int taken = 0;
  for (; !book.refuses("a", kStart) && taken < 1'000; ++taken)
    book.count("a", kStart);
  EXPECT_EQ(taken, 20);
  EXPECT_EQ(book.refused(), 1U);
  EXPECT_EQ(book.refuses("b", kStart), std::nullopt) << "each for itself";
  const auto wait = book.refuses("a", kStart);
  ASSERT_TRUE(wait);
  EXPECT_LE(*wait, ingest::Millis{501});
  EXPECT_EQ(book.refuses("a", kStart + *wait), std::nullopt);
  book.count("a", kStart + *wait);
  EXPECT_NE(book.refuses("a", kStart + *wait), std::nullopt);
}

TEST(RateBook, AMinutesRateIsCountedByTheMinute) {
  RateBook book{{.times = 3, .within = seconds{60}, .at_once = seconds{60}}};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(book.refuses("a", kStart), std::nullopt);
    book.count("a", kStart);
  }
  EXPECT_NE(book.refuses("a", kStart), std::nullopt);
  book.count("a", kStart + ingest::Millis{1});
  EXPECT_NE(book.refuses("a", kStart + seconds{19}), std::nullopt);
  EXPECT_EQ(book.refuses("a", kStart + seconds{21}), std::nullopt);
}

TEST(RateBook, WithoutARateNobodyIsRefused) {
  RateBook book{{.times = 0}};
  for (int i = 0; i < 1'000; ++i)
    book.count("a", kStart);
  EXPECT_EQ(book.refuses("a", kStart), std::nullopt);
  EXPECT_EQ(book.known(), 0U);
}

TEST(RateBook, ACrowdThatFillsItSharesOneAllowance) {
  RateBook book{{.times = 1}};
  for (std::size_t i = 0; i < RateBook::kKnownMax; ++i)
    book.count(std::to_string(i), kStart);
  EXPECT_EQ(book.refuses("one more", kStart), std::nullopt);
  book.count("one more", kStart);
  EXPECT_NE(book.refuses("another", kStart), std::nullopt) << "it shares with the one before";
  EXPECT_EQ(book.known(), RateBook::kKnownMax);
  // A second later nothing is left to know of those that kept to the rate since.
  book.count("later", kStart + seconds{2});
  EXPECT_EQ(book.known(), 1U);
  EXPECT_EQ(book.refuses("another", kStart + seconds{2}), std::nullopt);
}

}  // namespace
}  // namespace gateway::server
