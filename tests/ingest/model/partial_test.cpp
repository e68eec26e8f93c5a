#include "ingest/model/partial.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace ingest::model {
namespace {

constexpr WallTime kStart = wall_from_ms(1'700'000'000'000);
WallTime at(int ms) {
  return kStart + Millis{ms};
}

Sample counter(double value, Rate rate = {}) {
  return {.kind = Kind::Counter, .value = value, .rate = rate};
}
Sample timer(double value, Rate rate = {}) {
  return {.kind = Kind::Timer, .value = value, .rate = rate};
}
Sample set_to(double value) {
  return {.kind = Kind::Gauge, .change = GaugeChange::Set, .value = value};
}
Sample change_by(double value) {
  return {.kind = Kind::Gauge, .change = GaugeChange::Add, .value = value};
}

TEST(CompensatedSum, TenTimesATenthIsOne) {
  CompensatedSum sum;
  for (int i = 0; i < 10; ++i)
    sum.add(0.1);
  EXPECT_EQ(sum.value(), 1);
}

TEST(CompensatedSum, KeepsWhatFallsBelowTheLastDigit) {
  CompensatedSum sum;
  for (const double term : {0x1p53, 1.0, 1.0})
    sum.add(term);
  EXPECT_EQ(sum.value(), 9007199254740994.0);
}

TEST(CompensatedSum, ADifferenceKeepsWhatTheSumsCannotShow) {
  CompensatedSum more;
  CompensatedSum less;
  for (CompensatedSum* sum : {&more, &less})
    sum->add(18446744073709551616.0);
  more.add(-1);
  less.add(-6);
  EXPECT_EQ(more.minus(less), 5);
  more.add(1.7e308);
  more.add(1.7e308);
  EXPECT_TRUE(std::isnan(more.minus(less)));
}

TEST(CompensatedSum, IsNullOnceItOverflowed) {
  CompensatedSum sum;
  sum.add(1e308);
  sum.add(1e308);
  EXPECT_TRUE(std::isnan(sum.value()));
  sum.add(-1e308);
  EXPECT_TRUE(std::isnan(sum.value()));
}

TEST(Partial, StaysSmall) {
  EXPECT_LE(sizeof(Partial), 40U);
}

TEST(Partial, HasTheKindItWasMadeFor) {
  for (const Kind kind : {Kind::Counter, Kind::Gauge, Kind::Timer, Kind::Set}) {
    EXPECT_EQ(Partial{kind}.kind(), kind);
  }
  EXPECT_EQ(kind_name(Kind::Counter), "counter");
  EXPECT_EQ(kind_name(Kind::Set), "set");
}

// ---- counters ----

TEST(CounterPartial, ScalesByTheDecimalRate) {
  struct Case {
    double value;
    Rate rate;
    double total;
  };
  for (const Case& each : std::vector<Case>{
           {1, {1, 10}, 10}, {7, {7, 100}, 100}, {2.5, {1, 1}, 2.5}, {6, {5, 10}, 12}}) {
    CounterPartial partial;
    partial.fold(counter(each.value, each.rate));
    EXPECT_EQ(partial.total(), each.total);
    EXPECT_EQ(partial.lines(), 1U);
  }
}

TEST(CounterPartial, ThirdsAddUp) {
  CounterPartial partial;
  for (int i = 0; i < 3; ++i)
    partial.fold(counter(1, {3, 10}));
  EXPECT_EQ(partial.total(), 10);
}

TEST(CounterPartial, ALargeValueWithAFineRateDoesNotOverflowOnTheWay) {
  CounterPartial partial;
  partial.fold(counter(1e300, {999'999'999, 1'000'000'000}));
  EXPECT_NEAR(partial.total() / 1e300, 1.000000001, 1e-12);
}

// ---- gauges ----

TEST(GaugePartial, FoldsInTheOrderOfTheLines) {
  GaugePartial partial;
  for (const Sample& each : {set_to(333), change_by(-10), change_by(+4)})
    partial.fold(each, at(0));
  EXPECT_EQ(partial.last(0), 327);
  EXPECT_EQ(partial.samples(), 1U);
  EXPECT_EQ(partial.changes(), 2U);
}

TEST(GaugePartial, ChangesAloneStandOnTheValueBefore) {
  GaugePartial partial;
  partial.fold(change_by(-5), at(0));
  EXPECT_FALSE(partial.has_absolute());
  EXPECT_EQ(partial.last(0), -5);
  EXPECT_EQ(partial.last(100), 95);
  EXPECT_TRUE(std::isnan(partial.min()));
  EXPECT_TRUE(std::isnan(partial.first()));
}

TEST(GaugePartial, NeverShowsMinusZero) {
  GaugePartial absolute;
  absolute.fold(set_to(-0.0), at(0));
  EXPECT_FALSE(std::signbit(absolute.last(0)));
  GaugePartial relative;
  relative.fold(change_by(-0.0), at(0));
  EXPECT_FALSE(std::signbit(relative.last(-0.0)));
  EXPECT_EQ(relative.last(7), 7);
}

TEST(GaugePartial, ASetOverwritesEarlierChanges) {
  GaugePartial partial;
  for (const Sample& each : {change_by(5), set_to(10), change_by(1), set_to(20)})
    partial.fold(each, at(0));
  EXPECT_EQ(partial.last(1000), 20);
}

TEST(GaugePartial, HasStatisticsOfItsAbsoluteValues) {
  GaugePartial partial;
  for (const double value : {4.0, 9.0, 2.0})
    partial.fold(set_to(value), at(static_cast<int>(value)));
  EXPECT_EQ(partial.min(), 2);
  EXPECT_EQ(partial.max(), 9);
  EXPECT_EQ(partial.mean(), 5);
  EXPECT_EQ(partial.first(), 2);  // the earliest by time
  EXPECT_EQ(partial.last(0), 9);
}

TEST(GaugePartial, AnOlderTimestampDoesNotWin) {
  GaugePartial partial;
  partial.fold(set_to(1), at(100));
  Sample old = set_to(2);
  old.time = at(50);
  partial.fold(old, at(101));
  EXPECT_EQ(partial.last(0), 1);
  EXPECT_EQ(partial.first(), 2);
}

/// One worker's lines, cut into partials anywhere, must merge to what one partial holds, in any
/// grouping of neighbours.
TEST(GaugePartial, TicksOfOneWorkerMergeExactly) {
  std::mt19937_64 random{11};
  for (int trial = 0; trial < 300; ++trial) {
    GaugePartial one_pass;
    std::vector<GaugePartial> parts(1);
    for (int i = 0; i < 12; ++i) {
      const double value = static_cast<double>(random() % 50);
      const Sample sample = random() % 2 == 0 ? set_to(value) : change_by(value);
      if (random() % 3 == 0) parts.emplace_back();
      one_pass.fold(sample, at(i * 7));
      parts.back().fold(sample, at(i * 7));
    }
    while (parts.size() > 1) {
      const std::size_t i = random() % (parts.size() - 1);
      if (random() % 2 == 0) {
        parts[i].merge(parts[i + 1]);
      } else {
        parts[i + 1].merge(parts[i]);
        parts[i] = parts[i + 1];
      }
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
    ASSERT_EQ(parts[0].last(3), one_pass.last(3));
    ASSERT_EQ(parts[0].samples(), one_pass.samples());
    ASSERT_EQ(parts[0].changes(), one_pass.changes());
    if (!one_pass.has_absolute()) continue;
    ASSERT_EQ(parts[0].first(), one_pass.first());
    ASSERT_EQ(parts[0].min(), one_pass.min());
    ASSERT_EQ(parts[0].max(), one_pass.max());
  }
}

TEST(GaugePartial, MergingIsCommutativeEvenAtTheSameInstant) {
  GaugePartial a;
  a.fold(set_to(5), at(0));
  a.fold(change_by(1), at(3));
  GaugePartial b;
  b.fold(set_to(7), at(0));
  GaugePartial ab = a;
  ab.merge(b);
  GaugePartial ba = b;
  ba.merge(a);
  EXPECT_EQ(ab.last(0), ba.last(0));
  EXPECT_EQ(ab.last(0), 8);  // the change came after both sets
}

TEST(GaugePartial, ChangesOfALoserCountAsAfterTheSet) {
  GaugePartial loser;
  loser.fold(set_to(5), at(0));
  loser.fold(change_by(2), at(20));
  GaugePartial winner;
  winner.fold(set_to(100), at(10));
  winner.merge(loser);
  EXPECT_EQ(winner.last(0), 102);
}

TEST(GaugePartial, MergingWithAnEmptyOneChangesNothing) {
  GaugePartial a;
  a.fold(set_to(5), at(0));
  a.merge(GaugePartial{});
  GaugePartial b;
  b.merge(a);
  EXPECT_EQ(b.last(0), 5);
  EXPECT_EQ(b.samples(), 1U);
}

// ---- timers ----

// acceptance/ingest.md 28
TEST(GaugePartial, KeepsEveryBitOfALargeInteger) {
  Sample sample;
  sample.kind = Kind::Gauge;
  sample.value = 18446744073709551616.0;
  sample.value_low = -6;  // 18446744073709551610
  GaugePartial earlier;
  earlier.fold(sample, wall_from_ms(1'000));
  sample.value_low = -1;  // 18446744073709551615
  GaugePartial later;
  later.fold(sample, wall_from_ms(2'000));
  later.merge(earlier);
  EXPECT_EQ(later.first_low(), -6);
  EXPECT_EQ(later.last_low(), -1);
  sample.value = 7;
  sample.value_low = 0;
  later.fold(sample, wall_from_ms(3'000));
  EXPECT_EQ(later.last(0), 7);
  EXPECT_EQ(later.last_low(), 0);
}

TEST(TimerPartial, WeighsByTheRate) {
  TimerPartial partial;
  partial.fold(timer(320, {1, 10}));
  EXPECT_EQ(partial.count(), 10);
  EXPECT_EQ(partial.sum(), 3200);
  EXPECT_EQ(partial.quantile(0.5), 320);
}

TEST(TimerPartial, ThreeThirdsOfTenAreTen) {
  TimerPartial partial;
  for (int i = 0; i < 3; ++i)
    partial.fold(timer(1, {3, 10}));
  EXPECT_EQ(partial.count(), 10);
}

TEST(TimerPartial, OneValueHasNoSpread) {
  TimerPartial partial;
  partial.fold(timer(0.1, {1, 3}));
  EXPECT_EQ(partial.stddev(), 0);
  EXPECT_EQ(partial.mean(), 0.1);
  EXPECT_EQ(partial.quantile(0.99), 0.1);
}

TEST(TimerPartial, IsNullWhileEmpty) {
  const TimerPartial partial;
  EXPECT_EQ(partial.count(), 0);
  EXPECT_EQ(partial.sum(), 0);
  for (const double value :
       {partial.mean(), partial.stddev(), partial.min(), partial.max(), partial.quantile(0.5)}) {
    EXPECT_TRUE(std::isnan(value));
  }
}

TEST(TimerPartial, KeepsTheSpreadFarFromZero) {
  TimerPartial few;
  for (const double value : {4.0, 7.0, 13.0, 16.0})
    few.fold(timer(1e9 + value));
  EXPECT_NEAR(few.stddev() * few.stddev(), 22.5, 1e-9);
  TimerPartial many;  // the same spread, past the exact values
  for (int i = 0; i < 400; ++i) {
    for (const double value : {4.0, 7.0, 13.0, 16.0})
      many.fold(timer(1e9 + value + (i % 20) * 1e-3));
  }
  EXPECT_FALSE(many.histogram().is_exact());
  const double jitter = (20.0 * 20.0 - 1) / 12 * 1e-6;
  EXPECT_NEAR(many.stddev() * many.stddev(), 22.5 + jitter,
              1e-6);  // 1e9 + 1e-3 itself is rounded to 1.2e-7
}

TEST(TimerPartial, ASumThatOverflowedIsNullAndTheRestIsRight) {
  TimerPartial partial;
  partial.fold(timer(1e308));
  partial.fold(timer(1e308));
  EXPECT_TRUE(std::isnan(partial.sum()));
  EXPECT_EQ(partial.count(), 2);
  EXPECT_EQ(partial.max(), 1e308);
}

/// Of the values, in so many partials that are merged, each of which took them one by one or at
/// once.
TimerPartial in_parts(const std::vector<double>& values, std::size_t parts, bool at_once) {
  TimerPartial all;
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t begin = values.size() * part / parts;
    const std::size_t end = values.size() * (part + 1) / parts;
    TimerPartial some;
    if (at_once) {
      some.fold_units(std::span{values}.subspan(begin, end - begin));
    } else {
      for (std::size_t i = begin; i < end; ++i)
        some.fold(timer(values[i]));
    }
    all.merge(some);
  }
  return all;
}

TEST(TimerPartial, ASumThatOverflowedLeavesMeanAndStddevRight) {
  std::vector<double> values(100, 1.5e308);
  for (const std::size_t parts : {1U, 2U, 5U, 100U}) {
    for (const bool at_once : {false, true}) {
      const TimerPartial all = in_parts(values, parts, at_once);
      EXPECT_TRUE(std::isnan(all.sum()));
      EXPECT_EQ(all.mean(), 1.5e308) << parts;
      EXPECT_EQ(all.stddev(), 0) << parts;
    }
  }
}

TEST(TimerPartial, AnOverflowNeverSpoilsTheMeanOfItsNeighbours) {
  // Farther apart than the largest double: the variance is null, the mean is not.
  std::vector<double> values(100, 1.7e308);
  for (std::size_t i = 1; i < values.size(); i += 2)
    values[i] = -1.7e308;
  for (const std::size_t parts : {1U, 4U, 100U}) {
    for (const bool at_once : {false, true}) {
      const TimerPartial all = in_parts(values, parts, at_once);
      EXPECT_NEAR(all.mean() / 1.7e308, 0, 1e-12) << parts;
      EXPECT_TRUE(std::isnan(all.stddev())) << parts;
      EXPECT_EQ(all.max(), 1.7e308);
    }
  }
}

TEST(TimerPartial, SumsAreCompensated) {
  TimerPartial tenths;
  for (int i = 0; i < 10; ++i)
    tenths.fold(timer(0.1));
  EXPECT_EQ(tenths.sum(), 1);
  TimerPartial large;
  for (const double value : {0x1p53, 1.0, 1.0})
    large.fold(timer(value));
  EXPECT_EQ(large.sum(), 9007199254740994.0);
}

TEST(TimerPartial, OutliersDoNotMoveTheP99) {
  TimerPartial partial;
  for (int i = 0; i < 1000; ++i)
    partial.fold(timer(1));
  partial.fold(timer(1e7));
  EXPECT_EQ(partial.quantile(0.99), 1);
}

TEST(TimerPartial, SurvivesNarrowSpreadsOfEverySize) {
  for (const double center : {1e-300, 1e-9, 1.0, 1e9, 1e15}) {
    TimerPartial partial;
    for (int i = 0; i < 1000; ++i)
      partial.fold(timer(center * (1 + (i % 100) * 1e-3)));
    EXPECT_GE(partial.mean(), partial.min());
    EXPECT_LE(partial.mean(), partial.max());
    const double expected = center * 1e-3 * std::sqrt((100.0 * 100.0 - 1) / 12);
    EXPECT_TRUE(center < 1e-100 || std::abs(partial.stddev() / expected - 1) < 1e-9) << center;
  }
}

TEST(TimerPartial, AnySplitAndGroupingMergesToOnePass) {
  std::mt19937_64 random{5};
  std::lognormal_distribution<double> draw{3.0, 1.0};
  for (const int count : {1, 20, 33, 60, 2'000}) {
    for (int trial = 0; trial < 8; ++trial) {
      TimerPartial one_pass;
      std::vector<TimerPartial> parts(1 + random() % 6);
      for (int i = 0; i < count; ++i) {
        const Sample sample =
            timer(1e6 + draw(random), {static_cast<std::uint32_t>(1 + random() % 10), 10});
        one_pass.fold(sample);
        parts[random() % parts.size()].fold(sample);
      }
      while (parts.size() > 1) {
        const TimerPartial moved = parts.back();
        parts.pop_back();
        parts[random() % parts.size()].merge(moved);
      }
      const TimerPartial& merged = parts.front();
      ASSERT_EQ(merged.weight(), one_pass.weight());
      ASSERT_EQ(merged.min(), one_pass.min());
      ASSERT_EQ(merged.max(), one_pass.max());
      for (const double q : {0.1, 0.5, 0.99})
        ASSERT_EQ(merged.quantile(q), one_pass.quantile(q));
      ASSERT_NEAR(merged.sum() / one_pass.sum(), 1, 1e-12);
      ASSERT_NEAR(merged.mean() / one_pass.mean(), 1, 1e-12);
      if (one_pass.stddev() > 0) {
        const double ratio = merged.stddev() / one_pass.stddev();
        ASSERT_NEAR(ratio * ratio, 1, 1e-12) << count;
      }
    }
  }
}

// ---- sets ----

TEST(SetPartial, CountsMembersOnce) {
  SetPartial partial;
  for (const char* member : {"1:2", "1:2", "b"})
    partial.fold({.kind = Kind::Set, .member = member});
  EXPECT_EQ(partial.distinct(), 2);
}

TEST(Partial, MergesEachKind) {
  const std::vector<Sample> samples = {
      counter(2), set_to(3), timer(4), {.kind = Kind::Set, .member = "m"}};
  for (const Sample& sample : samples) {
    Partial first{sample.kind};
    first.fold(sample, at(0));
    Partial second = first;
    second.merge(first);
    switch (sample.kind) {
      case Kind::Counter:
        EXPECT_EQ(second.counter().total(), 4);
        break;
      case Kind::Gauge:
        EXPECT_EQ(second.gauge().samples(), 2U);
        break;
      case Kind::Timer:
        EXPECT_EQ(second.timer().count(), 2);
        break;
      case Kind::Set:
        EXPECT_EQ(second.set().distinct(), 1);
        break;
    }
  }
}

}  // namespace
}  // namespace ingest::model
