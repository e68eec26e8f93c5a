#include "ingest/model/partial.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "ingest/base/check.h"

namespace ingest::model {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// value / rate, by the rate's decimal.
double scaled(double value, Rate rate) {
  if (rate.numerator == rate.denominator) return value;
  const double product = value * rate.denominator;
  if (std::isfinite(product)) return product / rate.numerator;
  return value * (static_cast<double>(rate.denominator) / rate.numerator);
}

}  // namespace

// ---- sums ----

// What the rounding lost, whichever of the two is larger (Knuth, TAOCP 4.2.2): no branch that
// random terms would make a guess.
double CompensatedSum::value() const {
  const double total = sum_ + error_;
  return std::isfinite(total) ? total : kNan;
}

double CompensatedSum::minus(const CompensatedSum& other) const {
  const double difference = (sum_ - other.sum_) + (error_ - other.error_);
  return std::isfinite(difference) ? difference : kNan;
}

// ---- counters ----

void CounterPartial::fold(const Sample& sample) {
  ++lines_;
  sum_.add(scaled(sample.value, sample.rate));
}

void CounterPartial::merge(const CounterPartial& other) {
  lines_ += other.lines_;
  sum_.merge(other.sum_);
}

// ---- gauges ----

void GaugePartial::Many::set(const WideAbsolute& absolute) {
  const auto order = [](const Absolute& each) { return std::tuple{each.time, each.arrival}; };
  if (samples == 0) {
    first = absolute;
    min = max = absolute.value;
  }
  if (order(absolute) < order(first)) first = absolute;
  min = std::min(min, absolute.value);
  max = std::max(max, absolute.value);
  sum.add(absolute.value);
  ++samples;
  if (order(absolute) < order(last)) return;
  last = absolute;
  if (adds_newest <= absolute.time) {
    adds = {};
    adds_newest = kNever;
  }
}

void GaugePartial::Many::add(double by, WallTime time) {
  ++changes;
  if (last.arrival != kNever && time < last.time) return;  // the set overwrites it
  adds.add(by);
  adds_newest = std::max(adds_newest, time);
}

void GaugePartial::Many::merge(const Many& other) {
  const auto order = [](const Absolute& each) {
    return std::tuple{each.time, each.arrival, each.value};
  };
  const WideAbsolute winner = order(last) < order(other.last) ? other.last : last;
  const auto overwritten = [&](const Many& part) {
    return order(part.last) != order(winner) && part.adds_newest < winner.time;
  };
  if (overwritten(*this)) {
    adds = {};
    adds_newest = kNever;
  }
  if (!overwritten(other)) {
    adds.merge(other.adds);
    adds_newest = std::max(adds_newest, other.adds_newest);
  }
  last = winner;
  changes += other.changes;
  if (other.samples == 0) return;
  if (samples == 0 || order(other.first) < order(first)) first = other.first;
  min = samples == 0 ? other.min : std::min(min, other.min);
  max = samples == 0 ? other.max : std::max(max, other.max);
  sum.merge(other.sum);
  samples += other.samples;
}

GaugePartial::Many GaugePartial::as_many() const {
  if (many_) return *many_;
  Many all;
  if (one_.arrival != kNever) all.set({one_, 0});
  return all;
}

GaugePartial::Many& GaugePartial::many() {
  if (!many_) {
    many_.emplace(as_many());
    one_ = {};
  }
  return *many_;
}

void GaugePartial::fold(const Sample& sample, WallTime arrival) {
  const double value = sample.value + 0.0;  // -0 becomes 0
  const WallTime time = sample.time.value_or(arrival);
  if (sample.change == GaugeChange::Add) {
    many().add(value, time);
  } else if (!many_ && one_.arrival == kNever && sample.value_low == 0) {
    one_ = {time, arrival, value};
  } else {
    many().set({{time, arrival, value}, sample.value_low});
  }
}

void GaugePartial::merge(const GaugePartial& other) {
  if (!other.many_ && other.one_.arrival == kNever) return;
  if (!many_ && one_.arrival == kNever) {
    *this = other;
    return;
  }
  many().merge(other.many_ ? *other.many_ : other.as_many());
}

void GaugePartial::yield_to(const GaugePartial& known) {
  const Absolute newest = known.many_ ? known.many_->last : known.one_;
  if (newest.arrival == kNever) return;
  Many& late = many();
  const auto order = [](const Absolute& each) {
    return std::tuple{each.time, each.arrival, each.value};
  };
  if (order(late.last) < order(newest)) late.last = {};
  if (late.last.arrival == kNever && late.adds_newest < newest.time) {
    late.adds = {};
    late.adds_newest = kNever;
  }
}

double GaugePartial::last(double before) const {
  if (!many_) return one_.arrival == kNever ? before : one_.value;
  const double base = many_->last.arrival == kNever ? before : many_->last.value;
  return base + many_->adds.value() + 0.0;
}

double GaugePartial::first() const {
  if (many_) return many_->samples > 0 ? many_->first.value : kNan;
  return one_.arrival == kNever ? kNan : one_.value;
}

double GaugePartial::min() const {
  if (many_) return many_->samples > 0 ? many_->min : kNan;
  return first();
}

double GaugePartial::max() const {
  if (many_) return many_->samples > 0 ? many_->max : kNan;
  return first();
}

double GaugePartial::sum() const {
  if (many_) return many_->samples > 0 ? many_->sum.value() : kNan;
  return first();
}

double GaugePartial::mean() const {
  // Never outside of what was seen, whatever the division rounds to.
  const auto count = static_cast<double>(samples());
  return samples() == 0 ? kNan : std::clamp(sum() / count, min(), max());
}

std::uint64_t GaugePartial::samples() const {
  if (many_) return many_->samples;
  return one_.arrival == kNever ? 0 : 1;
}

// ---- any of them ----

Partial::Partial(Kind kind) {
  switch (kind) {
    case Kind::Counter:
      return;
    case Kind::Gauge:
      totals_.emplace<GaugePartial>();
      return;
    case Kind::Timer:
      totals_.emplace<TimerPartial>();
      return;
    case Kind::Set:
      totals_.emplace<SetPartial>();
      return;
  }
}

void Partial::fold(const Sample& sample, WallTime arrival) {
  DCHECK(sample.kind == kind());
  switch (kind()) {
    case Kind::Counter:
      std::get<CounterPartial>(totals_).fold(sample);
      return;
    case Kind::Gauge:
      std::get<GaugePartial>(totals_).fold(sample, arrival);
      return;
    case Kind::Timer:
      std::get<TimerPartial>(totals_).fold(sample);
      return;
    case Kind::Set:
      std::get<SetPartial>(totals_).fold(sample);
      return;
  }
}

void Partial::prefetch() const {
  if (const auto* timer = std::get_if<TimerPartial>(&totals_)) timer->prefetch();
}

void Partial::prefetch_all() const {
  if (const auto* timer = std::get_if<TimerPartial>(&totals_)) timer->prefetch_all();
}

std::size_t Partial::held_bytes() const {
  constexpr std::size_t kMoments = 72;  // of a timer with buckets, and more of a gauge
  switch (kind()) {
    case Kind::Counter:
      return 0;
    case Kind::Gauge:
      return gauge().samples() + gauge().changes() > 1 ? 2 * kMoments : 0;
    case Kind::Timer: {
      const sketch::ExpHistogram& histogram = timer().histogram();
      return histogram.held_bytes() + (histogram.is_exact() ? 0 : kMoments);
    }
    case Kind::Set:
      return set().held_bytes();
  }
  return 0;
}

void Partial::merge(const Partial& other) {
  CHECK(other.kind() == kind());
  switch (kind()) {
    case Kind::Counter:
      std::get<CounterPartial>(totals_).merge(other.counter());
      return;
    case Kind::Gauge:
      std::get<GaugePartial>(totals_).merge(other.gauge());
      return;
    case Kind::Timer:
      std::get<TimerPartial>(totals_).merge(other.timer());
      return;
    case Kind::Set:
      std::get<SetPartial>(totals_).merge(other.set());
      return;
  }
}

}  // namespace ingest::model
