#include "ingest/timeline/running_total.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ingest::timeline {
namespace {

using model::Kind;
using sketch::ExpHistogram;

constexpr auto kUnit = static_cast<double>(ExpHistogram::kUnit);

/// The values of a histogram's buckets, as its quantiles tell them: their harmonic middle within
/// the extremes.
template <class Visit>
void each_value(const ExpHistogram& histogram, const Visit& visit) {
  histogram.each_exact([&](const ExpHistogram::Value& v) { visit(v.value, v.weight); });
  if (histogram.is_exact()) return;
  visit(0.0, histogram.zero_weight());
  const auto each_of = [&](const ExpHistogram::Run& run, double sign) {
    for (std::size_t i = 0; i < run.weights.size(); ++i) {
      const std::int32_t index = run.first + static_cast<std::int32_t>(i);
      const double low = ExpHistogram::lower_bound(index, histogram.scale());
      const double high = ExpHistogram::lower_bound(index + 1, histogram.scale());
      const double middle = sign * high * (2 * low / (low + high));
      visit(std::clamp(middle, histogram.min(), histogram.max()), run.weights[i]);
    }
  };
  each_of(histogram.negative(), -1);
  each_of(histogram.positive(), 1);
}

}  // namespace

void RunningTotal::shape(query::TimerShapePtr shape) {
  if (!timer_ || timer_->shape->bounds != shape->bounds) {
    sum_ = {};
    timer_ = std::make_unique<OfTimer>();
    timer_->buckets.resize(shape->bounds.size());
  }
  timer_->shape = std::move(shape);
}

// A total that is no number any more (the sum of a pane overflowed) is left out: what is told stays
// a number.
void RunningTotal::add(const model::Partial& pane) {
  switch (pane.kind()) {
    case Kind::Counter:
      if (const double total = pane.counter().total(); std::isfinite(total)) sum_.add(total);
      return;
    case Kind::Gauge:
      told_ = pane.gauge().last(told_);
      return;
    case Kind::Timer:
      if (timer_) add_timer(pane.timer());
      return;
    case Kind::Set:
      return;
  }
}

void RunningTotal::add_timer(const model::TimerPartial& pane) {
  OfTimer& timer = *timer_;
  timer.weight += static_cast<double>(pane.weight());
  if (const double sum = pane.sum(); std::isfinite(sum)) sum_.add(sum);
  if (timer.buckets.empty()) return;
  const std::vector<double>& bounds = timer.shape->bounds;
  each_value(pane.histogram(), [&](double value, ExpHistogram::Weight weight) {
    const auto bound = std::ranges::lower_bound(bounds, value);
    if (bound == bounds.end()) return;
    timer.buckets[static_cast<std::size_t>(bound - bounds.begin())] += static_cast<double>(weight);
  });
}

RunningTotal RunningTotal::copy() const {
  RunningTotal same;
  same.sum_ = sum_;
  same.told_ = told_;
  if (timer_) same.timer_ = std::make_unique<OfTimer>(*timer_);
  return same;
}

void RunningTotal::raise(const RunningTotal& now) {
  told_ = std::fmax(told_, now.sum_.value());  // the sum may have overflowed
}

void RunningTotal::write(ToldTotal& told) const {
  told.at_most.clear();
  told.value = timer_ ? sum_.value() : told_;
  told.count = timer_ ? timer_->weight / kUnit : 0;
  if (!timer_) return;
  double weight = 0;
  for (const double bucket : timer_->buckets)
    told.at_most.push_back((weight += bucket) / kUnit);
}

}  // namespace ingest::timeline
