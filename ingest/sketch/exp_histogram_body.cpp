#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "ingest/sketch/capped_sum.h"
#include "ingest/sketch/exp_histogram.h"
#include "ingest/sketch/octave.h"

// What a histogram holds once its values are no longer exact.

namespace ingest::sketch {
namespace {

/// The first bucket used and the last.
struct Ends {
  std::int32_t first = 0;
  std::int32_t last = -1;  // below the first: none is
  bool empty() const { return last < first; }
};
Ends ends_of(const BucketCounts& counts) {
  return counts.empty() ? Ends{} : Ends{counts.first(), counts.last()};
}
Ends ends_of(std::span<const BucketCounts::Hit> hits) {
  return hits.empty() ? Ends{} : Ends{hits.front().index, hits.back().index};
}

int halvings_for_both(const BucketCounts& mine, const Ends& other, int apart) {
  if (other.empty()) return 0;
  std::int32_t first = other.first >> apart;
  std::int32_t last = other.last >> apart;
  if (!mine.empty()) {
    first = std::min(first, mine.first());
    last = std::max(last, mine.last());
  }
  return BucketCounts::halvings_for(first, last);
}

}  // namespace

void ExpHistogram::Body::add(double value, Weight added) {
  weight = capped_sum(weight, added);
  // Rarely true: an unconditional store would make each sample wait for the one before.
  if (value < min) [[unlikely]]
    min = value;
  if (value > max) [[unlikely]]
    max = value;
  if (value > 0 && positive.raise(finest_bucket_of(value) >> shift, added)) [[likely]]
    return;
  add_slowly(value, added);
}

// Into any bucket, of any sign; it counts in the whole already.
void ExpHistogram::Body::add_slowly(double value, Weight added) {
  if (value == 0) {
    zeros = capped_sum(zeros, added);
    return;
  }
  if (value < 0 && !negative) negative.emplace();
  BucketCounts& side = value > 0 ? positive : *negative;
  const std::int32_t fine = finest_bucket_of(std::abs(value));
  const std::int32_t index = fine >> shift;
  if (side.empty() || (index >= side.first() && index <= side.last())) [[likely]] {
    side.add(index, added);
    return;
  }
  coarsen(BucketCounts::halvings_for(std::min(index, side.first()), std::max(index, side.last())));
  side.add(fine >> shift, added);
}

// A batch: at most BucketCounts::kBatchMax, and some.
void ExpHistogram::Body::add_units(std::span<const double> values) {
  std::array<std::int32_t, BucketCounts::kBatchMax> fine;   // NOLINT(*-member-init): written first
  std::array<std::int32_t, BucketCounts::kBatchMax> below;  // NOLINT(*-member-init)
  std::size_t above_count = 0;
  std::size_t below_count = 0;
  for (const double value : values) {
    min = std::min(min, value + 0.0);  // -0 becomes 0
    max = std::max(max, value + 0.0);
    if (value == 0) continue;
    const std::int32_t index = finest_bucket_of(std::abs(value));
    fine[above_count] = below[below_count] = index;
    above_count += value > 0 ? 1 : 0;
    below_count += value < 0 ? 1 : 0;
  }
  const std::size_t zero_count = values.size() - above_count - below_count;
  zeros = capped_sum(zeros, zero_count * kUnit);
  weight = capped_sum(weight, values.size() * kUnit);
  if (below_count > 0 && !negative) negative.emplace();
  const std::span<std::int32_t> ups = std::span{fine}.first(above_count);
  const std::span<std::int32_t> downs = std::span{below}.first(below_count);
  const auto halvings = [&](const BucketCounts& held, std::span<const std::int32_t> added) {
    if (added.empty()) return 0;
    const auto [least, most] = std::ranges::minmax(added);
    if (held.empty()) return BucketCounts::halvings_for(least >> shift, most >> shift);
    return BucketCounts::halvings_for(std::min(held.first(), least >> shift),
                                      std::max(held.last(), most >> shift));
  };
  coarsen(std::max(halvings(positive, ups), negative ? halvings(*negative, downs) : 0));
  const auto add_to = [&](BucketCounts& held, std::span<std::int32_t> added) {
    for (std::int32_t& index : added)
      index >>= shift;
    held.add_units(added);
  };
  add_to(positive, ups);
  if (below_count > 0) add_to(*negative, downs);
}

void ExpHistogram::Body::coarsen(int times) {
  if (times == 0) [[likely]]
    return;
  positive.halve(times);
  if (negative) negative->halve(times);
  shift += times;
}

template <class Many>
void ExpHistogram::Body::merge_runs(const Many& above, const Many& below, int their_shift) {
  coarsen(std::max(0, their_shift - shift));
  if (!below.empty() && !negative) negative.emplace();
  const int apart = shift - their_shift;
  int times = halvings_for_both(positive, ends_of(above), apart);
  if (!below.empty()) times = std::max(times, halvings_for_both(*negative, ends_of(below), apart));
  coarsen(times);
  positive.add_all(above, shift - their_shift);
  if (!below.empty()) negative->add_all(below, shift - their_shift);
}

template <class Other>
void ExpHistogram::Body::merge_totals(const Other& other, Weight others_weight) {
  zeros = capped_sum(zeros, other.zeros);
  weight = capped_sum(weight, others_weight);
  min = std::min(min, other.min);
  max = std::max(max, other.max);
}

void ExpHistogram::Body::merge(const Body& other) {
  static const BucketCounts kNone;
  merge_runs(other.positive, other.negative ? *other.negative : kNone, other.shift);
  merge_totals(other, other.weight);
}

void ExpHistogram::Body::merge(const Buckets& other, Weight others_weight) {
  merge_runs(other.positive, other.negative, kScaleMax - other.scale);
  merge_totals(other, others_weight);
}

double ExpHistogram::Body::error_bound() const {
  const double width = lower_bound(1, kScaleMax - shift);
  return (width - 1) / (width + 1);
}

ExpHistogram::BoundedQuantile ExpHistogram::Body::within_ends(double value) const {
  return {std::clamp(value, min, max), error_bound()};
}

ExpHistogram::BoundedQuantile ExpHistogram::Body::of_rank(Weight rank) const {
  if (negative) {
    const std::vector<Weight> below = negative->weights();
    for (std::size_t i = below.size(); i-- > 0;) {
      const auto index = negative->first() + static_cast<std::int32_t>(i);
      if (below[i] >= rank) return within_ends(-middle(index));
      rank -= below[i];
    }
  }
  if (zeros >= rank) return {};
  rank -= zeros;
  const std::vector<Weight> above = positive.weights();
  for (std::size_t i = 0; i < above.size(); ++i) {
    const auto index = positive.first() + static_cast<std::int32_t>(i);
    if (above[i] >= rank) return within_ends(middle(index));
    rank -= above[i];
  }
  return within_ends(max);  // only when weights were capped
}

}  // namespace ingest::sketch
