// An ExpHistogram taken apart and made again. What comes back may be damaged: a histogram is only
// made of what one can have held, so that whatever is merged into it later keeps within its limits.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>

#include "ingest/sketch/capped_sum.h"
#include "ingest/sketch/exp_histogram.h"

namespace ingest::sketch {
namespace {

using Weight = ExpHistogram::Weight;

/// What add() keeps: finite, and no -0.
bool is_kept(double value) {
  return std::isfinite(value) && !(value == 0 && std::signbit(value));
}

Weight weight_of(const ExpHistogram::RunView& run, Weight before) {
  return std::accumulate(run.weights.begin(), run.weights.end(), before, capped_sum);
}

bool is_run(const ExpHistogram::RunView& run) {
  if (run.weights.empty()) return true;
  return run.weights.size() <= ExpHistogram::kBucketsMax && run.weights.front() != 0 &&
         run.weights.back() != 0;
}

std::int64_t last_of(const ExpHistogram::RunView& run) {
  return std::int64_t{run.first} + static_cast<std::int64_t>(run.weights.size()) - 1;
}

/// Whether `extreme` lies in the outermost bucket on its side; `inner` and `outer` are the
/// magnitudes of the two signs as seen from it.
struct Side {
  const ExpHistogram::RunView& outer;  // where `extreme` has to be if there is anything
  const ExpHistogram::RunView& inner;  // otherwise: zero, or the bucket here that is next to zero
};
bool is_extreme(double extreme, const Side& side, Weight zeros, int shift) {
  const auto bucket = [&] { return ExpHistogram::index_of(std::abs(extreme)) >> shift; };
  if (!side.outer.weights.empty()) {
    return extreme > 0 && bucket() == last_of(side.outer);
  }
  if (zeros != 0) return extreme == 0;
  return extreme < 0 && bucket() == side.inner.first;
}

}  // namespace

std::span<const double> ExpHistogram::units() const {
  if (form_ != Form::Units) return {};
  return {count_ > 1 ? held_.units : &held_.one, count_};
}

std::span<const ExpHistogram::Value> ExpHistogram::values() const {
  if (form_ != Form::Values) return {};
  return {held_.values, count_};
}

ExpHistogram::Buckets ExpHistogram::buckets(BucketsRoom& room) const {
  if (is_exact()) return {};
  const Body& body = *held_.body;
  const auto run = [](const BucketCounts& counts, RunRoom& to) -> RunView {
    if (counts.empty()) return {};
    return {counts.first(), counts.weights(to)};
  };
  return {.scale = scale(),
          .zeros = body.zeros,
          .min = body.min,
          .max = body.max,
          .positive = run(body.positive, room.positive),
          .negative = body.negative ? run(*body.negative, room.negative) : RunView{}};
}

std::optional<ExpHistogram> ExpHistogram::of_units(std::span<const double> units) {
  if (units.size() > kExactMax || !std::all_of(units.begin(), units.end(), is_kept)) {
    return std::nullopt;
  }
  ExpHistogram made;
  for (const double value : units)
    made.append(value);
  return made;
}

std::optional<ExpHistogram> ExpHistogram::of_values(std::span<const Value> values) {
  if (values.empty() || values.size() > kExactMax) return std::nullopt;
  Exact exact;
  for (const Value& each : values) {
    const bool ascends = exact.empty() || exact.values_[exact.size_ - 1].value < each.value;
    if (!is_kept(each.value) || each.weight == 0 || !ascends) return std::nullopt;
    exact.values_[exact.size_++] = each;
  }
  ExpHistogram made;
  made.hold(exact);
  return made;
}

std::optional<ExpHistogram> ExpHistogram::of_buckets(const Buckets& buckets) {
  const bool scaled = buckets.scale >= kScaleMin && buckets.scale <= kScaleMax;
  const bool bounded = is_kept(buckets.min) && is_kept(buckets.max) && buckets.min <= buckets.max;
  if (!scaled || !bounded || !is_run(buckets.positive) || !is_run(buckets.negative)) {
    return std::nullopt;
  }
  const int shift = kScaleMax - buckets.scale;
  const bool whole =
      is_extreme(buckets.max, {buckets.positive, buckets.negative}, buckets.zeros, shift) &&
      is_extreme(-buckets.min, {buckets.negative, buckets.positive}, buckets.zeros, shift);
  const std::int32_t lowest = index_of(std::numeric_limits<double>::denorm_min()) >> shift;
  const std::int32_t highest = index_of(std::numeric_limits<double>::max()) >> shift;
  const auto fits = [&](const RunView& run) {
    return run.weights.empty() || (run.first >= lowest && last_of(run) <= highest);
  };
  if (!whole || !fits(buckets.positive) || !fits(buckets.negative)) return std::nullopt;
  auto body = std::make_unique<Body>();
  body->min = buckets.min;
  body->max = buckets.max;
  body->shift = shift;
  body->zeros = buckets.zeros;
  body->weight = weight_of(buckets.positive, weight_of(buckets.negative, buckets.zeros));
  body->positive = BucketCounts{buckets.positive.first, buckets.positive.weights};
  if (!buckets.negative.weights.empty()) {
    body->negative.emplace(BucketCounts{buckets.negative.first, buckets.negative.weights});
  }
  ExpHistogram made;
  made.form_ = Form::Buckets;
  made.held_.body = body.release();
  return made;
}

}  // namespace ingest::sketch
