// An ExpHistogram taken apart and made again. What comes back may be damaged: a histogram is only
// made of what one can have held, so that whatever is merged into it later keeps within its limits.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

#include "ingest/sketch/capped_sum.h"
#include "ingest/sketch/exp_histogram.h"

namespace ingest::sketch {
namespace {

using Weight = ExpHistogram::Weight;

/// What add() keeps: finite, and no -0.
bool is_kept(double value) {
  return std::isfinite(value) && !(value == 0 && std::signbit(value));
}

using Hits = std::span<const ExpHistogram::Hit>;

Weight weight_of(const ExpHistogram::Buckets& buckets) {
  Weight weight = buckets.zeros;
  for (const Hits hits : {buckets.positive, buckets.negative}) {
    for (const ExpHistogram::Hit& hit : hits)
      weight = capped_sum(weight, hit.weight);
  }
  return weight;
}

/// Used and ascending, within as many buckets as there may be, of numbers that doubles have.
bool is_run(Hits hits, int shift) {
  if (hits.empty()) return true;
  const auto is_amiss = [](const auto& hit, const auto& next) { return hit.index >= next.index; };
  const auto is_unused = [](const auto& hit) { return hit.weight == 0; };
  constexpr auto kSpan = static_cast<std::int64_t>(ExpHistogram::kBucketsMax);
  return std::int64_t{hits.back().index} - hits.front().index < kSpan &&
         std::ranges::adjacent_find(hits, is_amiss) == hits.end() &&
         std::ranges::none_of(hits, is_unused) &&
         hits.front().index >= ExpHistogram::index_of(std::numeric_limits<double>::denorm_min()) >>
             shift &&
         hits.back().index <= ExpHistogram::index_of(std::numeric_limits<double>::max()) >> shift;
}

/// Whether `extreme` lies in the outermost bucket on its side; `inner` and `outer` are the
/// magnitudes of the two signs as seen from it.
struct Side {
  Hits outer;  // where `extreme` has to be if there is anything
  Hits inner;  // otherwise: zero, or the bucket here that is next to zero
};
bool is_extreme(double extreme, const Side& side, Weight zeros, int shift) {
  const auto bucket = [&] { return ExpHistogram::index_of(std::abs(extreme)) >> shift; };
  if (!side.outer.empty()) return extreme > 0 && bucket() == side.outer.back().index;
  if (zeros != 0) return extreme == 0;
  return extreme < 0 && !side.inner.empty() && bucket() == side.inner.front().index;
}

/// Whether a histogram can have been so.
bool is_possible(const ExpHistogram::Buckets& buckets) {
  const bool scaled =
      buckets.scale >= ExpHistogram::kScaleMin && buckets.scale <= ExpHistogram::kScaleMax;
  const bool bounded = is_kept(buckets.min) && is_kept(buckets.max) && buckets.min <= buckets.max;
  if (!scaled || !bounded) return false;
  const int shift = ExpHistogram::kScaleMax - buckets.scale;
  return is_run(buckets.positive, shift) && is_run(buckets.negative, shift) &&
         is_extreme(buckets.max, {buckets.positive, buckets.negative}, buckets.zeros, shift) &&
         is_extreme(-buckets.min, {buckets.negative, buckets.positive}, buckets.zeros, shift);
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
  return {.scale = scale(),
          .zeros = body.zeros,
          .min = body.min,
          .max = body.max,
          .positive = body.positive.hits(room.positive),
          .negative = body.negative ? body.negative->hits(room.negative) : std::span<const Hit>{}};
}

bool ExpHistogram::may_be_units(std::span<const double> units) {
  return units.size() <= kExactMax && std::ranges::all_of(units, is_kept);
}

std::optional<ExpHistogram> ExpHistogram::of_units(std::span<const double> units) {
  if (!may_be_units(units)) return std::nullopt;
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
  if (!is_possible(buckets)) return std::nullopt;
  auto body = std::make_unique<Body>();
  body->min = buckets.min;
  body->max = buckets.max;
  body->shift = kScaleMax - buckets.scale;
  body->zeros = buckets.zeros;
  body->weight = weight_of(buckets);
  body->positive = BucketCounts{buckets.positive};
  if (!buckets.negative.empty()) body->negative.emplace(BucketCounts{buckets.negative});
  ExpHistogram made;
  made.form_ = Form::Buckets;
  made.held_.body = body.release();
  return made;
}

bool ExpHistogram::merge(const Buckets& buckets) {
  if (!is_exact()) {
    const bool possible = is_possible(buckets);
    if (possible) held_.body->merge(buckets, weight_of(buckets));
    return possible;
  }
  const auto made = of_buckets(buckets);
  if (made) merge(*made);
  return made.has_value();
}

}  // namespace ingest::sketch
