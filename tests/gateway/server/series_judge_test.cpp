// When a series is not as it was: 16 windows of a baseline, then 5 that lead to the newest.
#include "gateway/server/series_judge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace gateway::server {
namespace {

using ingest::Millis;
using ingest::WallTime;
using State = Judgement::State;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr Millis kWindow{10'000};
constexpr Millis kStep{2'000};
constexpr std::size_t kBaseline = 16;

struct Drawn {
  /// A baseline that swings by `swing` around `level`, then `tail`.
  Drawn(double level, double swing, const std::vector<double>& tail) {
    for (std::size_t i = 0; i < kBaseline; ++i)
      values.push_back(level + swing * (i % 2 == 0 ? 1 : -1));
    values.insert(values.end(), tail.begin(), tail.end());
    counts.assign(values.size(), 1);
    for (std::size_t i = 0; i < values.size(); ++i)
      times.push_back(ingest::wall_from_ms(1'000'000) + kStep * static_cast<int>(i));
  }
  std::optional<Judgement> judged() const {
    return judge(
        {.times = times, .values = values, .counts = counts, .window = kWindow, .step = kStep});
  }
  std::vector<WallTime> times;
  std::vector<double> values;
  std::vector<double> counts;
};

TEST(SeriesJudge, SaysNothingOfWhatIsAsItWas) {
  EXPECT_FALSE(Drawn(100, 5, {100, 104, 97, 103, 110}).judged());
  EXPECT_FALSE(Drawn(100, 0, {100, 100, 100, 100, 100}).judged());
  EXPECT_FALSE(Drawn(0, 0, {0, 0, 0, 0, 0}).judged());
  EXPECT_FALSE(judge({}));
}

TEST(SeriesJudge, SaysHowFarAwayAndSinceWhen) {
  const Drawn drawn(100, 5, {101, 99, 180, 190, 200});
  const auto judged = drawn.judged();
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->state, State::High);
  EXPECT_DOUBLE_EQ(*judged->value, 200);
  EXPECT_DOUBLE_EQ(judged->baseline, 100);
  EXPECT_DOUBLE_EQ(*judged->ratio, 2);
  EXPECT_NEAR(*judged->z, 100 / (1.4826 * 5), 1e-9);
  EXPECT_EQ(judged->since, drawn.times[kBaseline + 2]);
}

TEST(SeriesJudge, KnowsLowFromHigh) {
  const Drawn drawn(100, 5, {101, 99, 160, 100, 20});
  const auto judged = drawn.judged();
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->state, State::Low);
  EXPECT_LT(*judged->z, -kUnusualZ);
  EXPECT_EQ(judged->since, drawn.times.back());
}

TEST(SeriesJudge, ASpikeInTheBaselineHidesNothing) {
  Drawn drawn(100, 5, {100, 100, 100, 100, 300});
  drawn.values[3] = 100'000;
  drawn.values[9] = 100'000;
  ASSERT_TRUE(drawn.judged());
  EXPECT_EQ(drawn.judged()->state, State::High);
}

TEST(SeriesJudge, AStraightLineIsGivenSomeRoom) {
  EXPECT_FALSE(Drawn(100, 0, {100, 100, 100, 100, 117}).judged());
  EXPECT_TRUE(Drawn(100, 0, {100, 100, 100, 100, 118}).judged());
  const auto from_nothing = Drawn(0, 0, {0, 0, 0, 0, 1}).judged();
  ASSERT_TRUE(from_nothing);
  EXPECT_DOUBLE_EQ(*from_nothing->z, kFromNothing);
  EXPECT_FALSE(from_nothing->ratio);
}

TEST(SeriesJudge, WhatIsMostlyNothingIsMeasuredByWhatItIsAtTimes) {
  Drawn drawn(0, 0, {0, 0, 0, 0, 3});
  for (const std::size_t at : {2U, 7U, 12U})
    drawn.values[at] = 2;
  const auto judged = drawn.judged();
  ASSERT_TRUE(judged);
  EXPECT_NEAR(*judged->z, 3 / (1.2533 * 2 * 3 / 16), 1e-9);
  drawn.values.back() = 1;
  EXPECT_FALSE(drawn.judged());
}

TEST(SeriesJudge, WhatFellSilentIsToldWithTheTimeOfItsLastSample) {
  Drawn drawn(100, 5, {100, 100, 0, 0, 0});
  for (std::size_t i = kBaseline + 2; i < drawn.counts.size(); ++i)
    drawn.counts[i] = 0;
  const auto judged = drawn.judged();
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->state, State::Silent);
  EXPECT_FALSE(judged->value);
  EXPECT_FALSE(judged->z);
  EXPECT_DOUBLE_EQ(judged->baseline, 100);
  // The window that ends at [kBaseline + 2] is the first without one: it begins kWindow before.
  EXPECT_EQ(judged->since, drawn.times[kBaseline + 2] - kWindow);
}

TEST(SeriesJudge, WhatWasMostlySilentDoesNotFallSilent) {
  Drawn drawn(100, 5, {100, 100, 100, 100, kNone});
  drawn.counts.back() = kNone;
  EXPECT_TRUE(drawn.judged());
  for (std::size_t i = 0; i < kBaseline; i += 3)
    drawn.counts[i] = 0;
  EXPECT_FALSE(drawn.judged());
}

TEST(SeriesJudge, WhatIsNewHasNoBaseline) {
  Drawn drawn(100, 5, {100, 100, 100, 100, 900});
  for (std::size_t i = 0; i < 5; ++i)
    drawn.values[i] = kNone;
  EXPECT_FALSE(drawn.judged());
  drawn.values[0] = 100;
  EXPECT_TRUE(drawn.judged());
}

TEST(SeriesJudge, TheFurtherAwayTheSooner) {
  Judgement far{.z = -40};
  Judgement near{.z = 5};
  Judgement silent{.state = State::Silent};
  EXPECT_EQ(silent.weight(), kFromNothing);
  EXPECT_GT(far.weight(), silent.weight());
  EXPECT_GT(silent.weight(), near.weight());
}

}  // namespace
}  // namespace gateway::server
