#include "ingest/timeline/recent_past.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ingest::timeline {
namespace {

RecentPast of(std::initializer_list<Level> levels) {
  RecentPast past;
  WindowNumber window = 100;
  for (const Level& level : levels)
    past.put(window++, level);
  return past;
}
Level seen(double value) {
  return {value, true};
}
const Level kNull{std::nan(""), false};

TEST(RecentPast, TheEwmaWeighsByAge) {
  EXPECT_DOUBLE_EQ(of({seen(10)}).ewma(100), 10);
  // 10 with weight 0.8, 20 with weight 1
  EXPECT_DOUBLE_EQ(of({seen(10), seen(20)}).ewma(101), (8.0 + 20) / 1.8);
  EXPECT_DOUBLE_EQ(of({seen(10), seen(20)}).ewma(100), 10);
}

TEST(RecentPast, WindowsWithoutALevelDoNotCount) {
  EXPECT_DOUBLE_EQ(of({seen(10), kNull, seen(20)}).ewma(102), (6.4 + 20) / 1.64);
  EXPECT_DOUBLE_EQ(of({seen(10), kNull}).ewma(101), 10) << "nor the newest";
  EXPECT_TRUE(std::isnan(of({kNull, kNull}).ewma(101)));
  EXPECT_TRUE(std::isnan(RecentPast{}.ewma(7)));
}

TEST(RecentPast, EmptyWindowsCountFromTheFirstThatWasSeen) {
  const Level empty{0, false};
  EXPECT_DOUBLE_EQ(of({empty, empty, seen(10)}).ewma(102), 10);
  EXPECT_DOUBLE_EQ(of({seen(10), empty}).ewma(101), 8 / 1.8);
}

TEST(RecentPast, TheZscoreIsTheDistanceFromThePastInDeviations) {
  // past 2 4 4 4 5 5 7 9: mean 5, population deviation 2
  const RecentPast past =
      of({seen(2), seen(4), seen(4), seen(4), seen(5), seen(5), seen(7), seen(9), seen(11)});
  EXPECT_DOUBLE_EQ(past.zscore(108), 3);
}

TEST(RecentPast, NoZscoreFromTooLittle) {
  EXPECT_TRUE(std::isnan(of({seen(1), seen(2), seen(3), seen(4), seen(9)}).zscore(104)));
  EXPECT_FALSE(std::isnan(of({seen(1), seen(2), seen(3), seen(4), seen(5), seen(9)}).zscore(105)));
  EXPECT_TRUE(std::isnan(of({seen(1), seen(2), seen(3), seen(4), seen(5), kNull}).zscore(105)));
}

TEST(RecentPast, APastThatNeverMovedGivesZeroOrNull) {
  RecentPast past;
  for (WindowNumber window = 0; window < 30; ++window)
    past.put(window, seen(0.1));  // whose mean rounds
  past.put(30, seen(0.1));
  EXPECT_EQ(past.zscore(30), 0);
  past.put(30, seen(0.2));
  EXPECT_TRUE(std::isnan(past.zscore(30)));
}

TEST(RecentPast, LooksBackThirtyWindowsAndNoFurther) {
  RecentPast past;
  past.put(0, seen(1e6));
  for (WindowNumber window = 1; window <= 31; ++window)
    past.put(window, seen(window % 2 == 0 ? 1 : 3));
  EXPECT_DOUBLE_EQ(past.zscore(31), 1);
}

TEST(RecentPast, HoldsWhatEarlierWindowsStillAskFor) {
  RecentPast plain;
  RecentPast held;
  for (WindowNumber window = 0; window <= 40; ++window) {
    held.hold_from(35, std::max<WindowNumber>(window, 35));
    plain.put(window, seen(static_cast<double>(window % 7)));
    held.put(window, seen(static_cast<double>(window % 7)));
    if (window == 35) {
      EXPECT_EQ(plain.zscore(35), held.zscore(35));
    }
  }
  RecentPast until_35;
  for (WindowNumber window = 0; window <= 35; ++window)
    until_35.put(window, seen(static_cast<double>(window % 7)));
  EXPECT_EQ(held.zscore(35), until_35.zscore(35));
  EXPECT_EQ(held.ewma(35), until_35.ewma(35));
}

TEST(RecentPast, ALevelMayBePutAgain) {
  RecentPast past = of({seen(1), seen(2)});
  past.put(100, seen(3));
  EXPECT_DOUBLE_EQ(past.ewma(100), 3);
  EXPECT_DOUBLE_EQ(past.ewma(101), (2.4 + 2) / 1.8);
}

}  // namespace
}  // namespace ingest::timeline
