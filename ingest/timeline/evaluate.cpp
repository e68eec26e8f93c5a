#include "ingest/timeline/evaluate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace ingest::timeline {
namespace {

using Name = query::Stat::Name;

constexpr double kNull = std::numeric_limits<double>::quiet_NaN();

double per_second(double total, Millis window) {
  return total / std::chrono::duration<double>(window).count();
}

double of_counter(Name name, const model::CounterPartial& counter, Millis window) {
  switch (name) {
    case Name::Count:
    case Name::Sum:
      return counter.total();
    case Name::Rate:
      return per_second(counter.total(), window);
    case Name::Mean:
    case Name::Min:
    case Name::Max:
    case Name::Stddev:
    case Name::First:
    case Name::Last:
    case Name::Delta:
    case Name::Distinct:
    case Name::Ewma:
    case Name::Zscore:
    case Name::Quantile:
    case Name::QuantileError:
    case Name::Buckets:
      return kNull;
  }
  return kNull;
}

double of_timer(const query::Stat& stat, const model::TimerPartial& timer, Millis window) {
  switch (stat.name) {
    case Name::Count:
      return timer.count();
    case Name::Rate:
      return per_second(timer.count(), window);
    case Name::Sum:
      return timer.sum();
    case Name::Mean:
      return timer.mean();
    case Name::Min:
      return timer.min();
    case Name::Max:
      return timer.max();
    case Name::Stddev:
      return timer.stddev();
    case Name::Quantile:
      return timer.quantile(stat.q());
    case Name::First:
    case Name::Last:
    case Name::Delta:
    case Name::Distinct:
    case Name::Ewma:
    case Name::Zscore:
    case Name::QuantileError:
    case Name::Buckets:
      return kNull;
  }
  return kNull;
}

}  // namespace

double evaluate(const query::Stat& stat, const model::Partial& merged, Millis window) {
  switch (merged.kind()) {
    case model::Kind::Counter:
      return of_counter(stat.name, merged.counter(), window);
    case model::Kind::Timer:
      return of_timer(stat, merged.timer(), window);
    case model::Kind::Set:
      return stat.name == Name::Distinct ? merged.set().distinct() : kNull;
    case model::Kind::Gauge: {
      GaugeGroup alone;
      alone.add(merged.gauge(), kNull);
      return alone.evaluate(stat);
    }
  }
  return kNull;
}

void GaugeGroup::add(const model::GaugePartial& in_window, double before) {
  const double mean = in_window.mean();
  if (!std::isnan(mean)) {
    min_ = means_ == 0 ? in_window.min() : std::min(min_, in_window.min());
    max_ = means_ == 0 ? in_window.max() : std::max(max_, in_window.max());
    mean_.add(mean);
    ++means_;
  }
  samples_ += in_window.samples();
  const bool known = !std::isnan(before);
  if (in_window.samples() == 0 && !known) return;
  const double began = known ? before : 0;
  const double last = in_window.last(began);
  const double first = in_window.first();
  ++series_;
  last_.add(last);
  last_.add(in_window.last_low());
  first_.add(std::isnan(first) ? began : first);
  first_.add(in_window.first_low());
}

double GaugeGroup::evaluate(const query::Stat& stat) const {
  switch (stat.name) {
    case Name::Count:
      return static_cast<double>(samples_);
    case Name::Mean:
      return means_ == 0 ? kNull : mean_.value() / static_cast<double>(means_);
    case Name::Min:
      return means_ == 0 ? kNull : min_;
    case Name::Max:
      return means_ == 0 ? kNull : max_;
    case Name::First:
      return series_ == 0 ? kNull : first_.value();
    case Name::Last:
      return series_ == 0 ? kNull : last_.value();
    case Name::Delta:
      return series_ == 0 ? kNull : last_.minus(first_);
    case Name::Rate:
    case Name::Sum:
    case Name::Stddev:
    case Name::Distinct:
    case Name::Ewma:
    case Name::Zscore:
    case Name::Quantile:
    case Name::QuantileError:
    case Name::Buckets:
      return kNull;
  }
  return kNull;
}

}  // namespace ingest::timeline
