#pragma once
// TimerReader: many questions to one timer. What is sorted and summed up for the first answers all
// that come after; TimerPartial answers a single one through it, so that both agree to the bit. It
// views its partial, which neither changes nor moves meanwhile. Pure; its owner's thread.

#include <optional>

#include "ingest/model/partial.h"

namespace ingest::model {

class TimerReader {
 public:
  explicit TimerReader(const TimerPartial& timer) : timer_(&timer) {}

  // As TimerPartial has them.
  double count() const { return timer_->count(); }
  double sum() { return moments().sum.value(); }
  double mean();
  double stddev();
  double min();
  double max();
  double quantile(double q);
  const sketch::ExpHistogram& histogram() const { return timer_->histogram(); }

 private:
  const sketch::ExpHistogram::Exact& values();
  const TimerPartial::Moments& moments();

  const TimerPartial* timer_;
  std::optional<sketch::ExpHistogram::Exact> values_;  // while exact, once asked for
  std::optional<TimerPartial::Moments> moments_;       // the same
};

}  // namespace ingest::model
