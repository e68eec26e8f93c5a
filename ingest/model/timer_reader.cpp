#include "ingest/model/timer_reader.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace ingest::model {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

const sketch::ExpHistogram::Exact& TimerReader::values() {
  if (!values_) values_ = histogram().exact_values();
  return *values_;
}

const TimerPartial::Moments& TimerReader::moments() {
  if (timer_->moments_) return *timer_->moments_;
  if (!moments_) moments_ = TimerPartial::Moments::of(values());
  return *moments_;
}

double TimerReader::min() {
  return values_ && !values_->empty() ? values_->begin()->value : histogram().min();
}

double TimerReader::max() {
  return values_ && !values_->empty() ? std::prev(values_->end())->value : histogram().max();
}

double TimerReader::mean() {
  if (histogram().empty()) return kNan;
  const TimerPartial::Moments& all = moments();
  const double mean = all.mean + all.mean_low;
  return std::isfinite(mean) ? std::clamp(mean, min(), max()) : kNan;
}

double TimerReader::stddev() {
  if (histogram().empty()) return kNan;
  const TimerPartial::Moments& all = moments();
  return std::sqrt(std::max(all.squares.value(), 0.0) / all.events);
}

double TimerReader::quantile(double q) {
  if (!histogram().is_exact()) return histogram().quantile(q);
  return sketch::ExpHistogram::quantile_of(values(), q);
}

}  // namespace ingest::model
