// What a timer's partial adds up, and how two of them merge. Its answers are in timer_reader.cpp.

#include <algorithm>
#include <cmath>
#include <limits>

#include "ingest/model/partial.h"
#include "ingest/model/timer_reader.h"

namespace ingest::model {
namespace {

double events_of(Weight weight) {
  return static_cast<double>(weight) / static_cast<double>(kWeightOne);
}

/// At least as many as differ, and found without sorting them.
std::size_t values_held(const sketch::ExpHistogram& histogram) {
  std::size_t held = 0;
  histogram.each_exact([&](const auto&) { ++held; });
  return held;
}

}  // namespace

// A distance past the doubles: the variance is, too, but the mean lies between both.
void TimerPartial::Moments::mix_mean(double other, double part) {
  mean = mean * (1 - part) + other * part;
  mean_low = 0;
  squares.add(std::numeric_limits<double>::infinity());
}

void TimerPartial::Moments::move_mean(double by) {
  const double low = mean_low + by;
  const double moved = mean + low;
  mean_low = std::abs(mean) >= std::abs(low) ? (mean - moved) + low : (low - moved) + mean;
  mean = moved;
}

void TimerPartial::Moments::add(double value, double weight_events) {
  events += weight_events;
  sum.add(value * weight_events);
  const double before = (value - mean) - mean_low;
  if (!std::isfinite(before)) return mix_mean(value, weight_events / events);
  move_mean(before * (weight_events / events));
  squares.add(weight_events * before * ((value - mean) - mean_low));
}

void TimerPartial::Moments::merge(const Moments& other) {
  if (other.events == 0) return;
  if (events == 0) {
    *this = other;
    return;
  }
  const double all = events + other.events;
  const double apart = (other.mean - mean) + (other.mean_low - mean_low);
  squares.merge(other.squares);
  if (std::isfinite(apart)) {
    squares.add(apart * apart * (events * (other.events / all)));
    move_mean(apart * (other.events / all));
  } else {
    mix_mean(other.mean, other.events / all);
  }
  sum.merge(other.sum);
  events = all;
}

// `each(visit)` visits some values with their weights, always in the same order.
template <class Each>
TimerPartial::Moments TimerPartial::Moments::of_each(const Each& each) {
  Moments all;
  each([&](const auto& one) {
    const double weight = events_of(one.weight);
    all.events += weight;
    all.sum.add(one.value * weight);
  });
  if (all.events == 0) return all;
  all.mean = all.sum.value() / all.events;
  if (std::isnan(all.mean)) {  // the sum left the doubles, which says nothing about the mean
    CompensatedSum shares;
    each([&](const auto& one) { shares.add(one.value * (events_of(one.weight) / all.events)); });
    all.mean = shares.value();
  }
  CompensatedSum rest;
  each([&](const auto& one) { rest.add((one.value - all.mean) * events_of(one.weight)); });
  all.mean_low = std::isnan(rest.value()) ? 0 : rest.value() / all.events;
  each([&](const auto& one) {
    const double apart = (one.value - all.mean) - all.mean_low;
    all.squares.add(apart * apart * events_of(one.weight));
  });
  return all;
}

TimerPartial::Moments TimerPartial::Moments::of(const sketch::ExpHistogram::Exact& values) {
  return of_each([&](const auto& visit) { std::for_each(values.begin(), values.end(), visit); });
}

TimerPartial::Moments TimerPartial::moments() const {
  if (moments_) return *moments_;
  return Moments::of(histogram_.exact_values());
}

void TimerPartial::fold(const Sample& sample) {
  const Weight weight = weight_of(sample.rate);
  if (!moments_) {
    if (histogram_.add_exactly(sample.value, weight)) [[likely]]
      return;
    // As they came: sorting them would cost more than all else here.
    moments_.emplace(Moments::of_each([&](const auto& visit) { histogram_.each_exact(visit); }));
    histogram_.to_buckets();
  }
  moments_->add(sample.value, events_of(weight));
  histogram_.add(sample.value, weight);
}

void TimerPartial::fold_units(std::span<const double> values) {
  while (!moments_ && !values.empty() && histogram_.add_exactly(values.front(), kWeightOne))
    values = values.subspan(1);
  if (values.empty()) return;
  const Moments added = Moments::of_each([&](const auto& visit) {
    for (const double value : values)
      visit(sketch::ExpHistogram::Value{value, kWeightOne});
  });
  if (!moments_) {
    moments_.emplace(Moments::of_each([&](const auto& visit) { histogram_.each_exact(visit); }));
    histogram_.to_buckets();
  }
  moments_->merge(added);
  histogram_.add_units(values);
}

void TimerPartial::merge(const TimerPartial& other) {
  const bool surely_exact =
      !moments_ && !other.moments_ &&
      values_held(histogram_) + values_held(other.histogram_) <= sketch::ExpHistogram::kExactMax;
  if (surely_exact) {
    histogram_.merge(other.histogram_);
    return;
  }
  Moments both = moments();
  both.merge(other.moments());
  histogram_.merge(other.histogram_);
  if (!histogram_.is_exact()) moments_.emplace(both);
}

void TimerPartial::merge_units(std::span<const double> values) {
  if (!moments_ || values.empty()) {
    TimerPartial other;
    other.histogram_.add_units(values);
    return merge(other);
  }
  moments_->merge(Moments::of(sketch::ExpHistogram::exact_of(values)));
  for (const double value : values)
    histogram_.add(value, kWeightOne);
}

double TimerPartial::count() const {
  const Weight whole = weight() / kWeightOne;
  return static_cast<double>(weight() % kWeightOne >= kWeightOne / 2 ? whole + 1 : whole);
}

double TimerPartial::sum() const {
  return TimerReader{*this}.sum();
}

double TimerPartial::mean() const {
  return TimerReader{*this}.mean();
}

double TimerPartial::stddev() const {
  return TimerReader{*this}.stddev();
}

}  // namespace ingest::model
