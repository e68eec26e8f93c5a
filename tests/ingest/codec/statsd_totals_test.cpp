// From lines to totals: what a series has after the lines of it were folded.

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "ingest/codec/statsd.h"
#include "ingest/model/partial.h"

namespace ingest::codec {
namespace {

/// Folds every sample into one partial.
class Folded final : public model::SampleSink {
 public:
  Folded(model::Kind kind, std::string_view block, StatsdOptions options = {}) : partial_(kind) {
    LineLedger ledger;
    Statsd{options}.parse(block, ledger, *this);
    EXPECT_EQ(ledger.accepted, ledger.received) << block;
  }
  void take(std::span<const model::Sample> batch) override {
    for (const model::Sample& sample : batch)
      partial_.fold(sample, wall_from_ms(++now_ms_));
  }
  const model::Partial& operator*() const { return partial_; }

 private:
  model::Partial partial_;
  std::int64_t now_ms_ = 1'700'000'000'000;
};

double total_of(std::string_view block) {
  return (*Folded{model::Kind::Counter, block}).counter().total();
}

double last_of(std::string_view block, double before = 0, StatsdOptions options = {}) {
  return (*Folded{model::Kind::Gauge, block, options}).gauge().last(before);
}

// acceptance/ingest.md 1, 2, 10
TEST(StatsdTotals, CountersAreScaledByTheDecimalRate) {
  EXPECT_EQ(total_of("a:1|c|@0.1"), 10);
  EXPECT_EQ(total_of("a:7|c|@0.07"), 100);
  EXPECT_EQ(total_of("a:1:2:3|c|@0.5"), 12);
  EXPECT_EQ(total_of("a:1e3|c"), 1000);
}

// 3
TEST(StatsdTotals, ATimerWeighsByItsRate) {
  const Folded folded{model::Kind::Timer, "t:320|ms|@0.1"};
  const model::TimerPartial& timer = (*folded).timer();
  EXPECT_EQ(timer.count(), 10);
  EXPECT_EQ(timer.sum(), 3200);
  EXPECT_EQ(timer.quantile(0.5), 320);
}

// 4
TEST(StatsdTotals, ThreeTimersAtThreeTenthsAreTen) {
  const Folded folded{model::Kind::Timer, "t:1|ms|@0.3\nt:1|ms|@0.3\nt:1|ms|@0.3"};
  EXPECT_EQ((*folded).timer().count(), 10);
}

// 6
TEST(StatsdTotals, TheMedianOfUnevenWeightsIsThree) {
  std::string block;
  int value = 0;
  for (const int times : {80, 70, 62, 55, 45, 36, 27, 18, 9}) {
    ++value;
    for (int i = 0; i < times; ++i)
      block += "t:" + std::to_string(value) + "|ms\n";
  }
  const Folded folded{model::Kind::Timer, block};
  EXPECT_EQ((*folded).timer().count(), 402);
  EXPECT_EQ((*folded).timer().quantile(0.5), 3);
}

// 7
TEST(StatsdTotals, GaugesAreSetAndChanged) {
  EXPECT_EQ(last_of("g:333|g\ng:-10|g\ng:+4|g"), 327);
  EXPECT_EQ(last_of("g:-5|g"), -5) << "of an unknown gauge";
  const StatsdOptions absolute{.signed_gauge = SignedGauge::Absolute};
  EXPECT_EQ(last_of("g:333|g\ng:-5|g", 0, absolute), -5);
}

// 8
TEST(StatsdTotals, MinusZeroChangesNothingAndIsNeverShown) {
  EXPECT_EQ(last_of("g:7|g\ng:-0|g"), 7);
  EXPECT_FALSE(std::signbit(last_of("g:-0|g")));
  EXPECT_FALSE(std::signbit(last_of("g:5|g\ng:-5|g")));
  EXPECT_EQ(last_of("g:1|g\ng:+5|g|@0.1"), 6);
}

}  // namespace
}  // namespace ingest::codec
