#include "ingest/sketch/histogram_sum.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/sketch/capped_sum.h"

namespace ingest::sketch {

// ---- one sign ----

void HistogramSum::Side::add(std::span<const Hit> added, const Run& run) {
  if (added.empty()) return;
  if (hits.size() + added.size() > kHitsMax) shorten();
  hits.insert(hits.end(), added.begin(), added.end());
  if (runs.empty() || runs.back().shift != run.shift) return runs.push_back(run);
  Run& last_run = runs.back();
  last_run.count += run.count;
  last_run.first = std::min(last_run.first, run.first);
  last_run.last = std::max(last_run.last, run.last);
}

int HistogramSum::Side::shift_from(int shift) const {
  if (runs.empty()) return shift;
  for (const Run& run : runs)
    shift = std::max(shift, run.shift);
  std::int32_t lowest = std::numeric_limits<std::int32_t>::max();
  std::int32_t highest = std::numeric_limits<std::int32_t>::min();
  for (const Run& run : runs) {
    lowest = std::min(lowest, run.first >> (shift - run.shift));
    highest = std::max(highest, run.last >> (shift - run.shift));
  }
  return shift + BucketCounts::halvings_for(lowest, highest);
}

/// At a scale that shift_from() allows.
void HistogramSum::Side::add_up(int shift) {
  sums.clear();
  if (runs.empty()) return;
  std::int32_t last = std::numeric_limits<std::int32_t>::min();
  first = std::numeric_limits<std::int32_t>::max();
  for (const Run& run : runs) {
    first = std::min(first, run.first >> (shift - run.shift));
    last = std::max(last, run.last >> (shift - run.shift));
  }
  CHECK(last - first < BucketCounts::kSpanMax);
  sums.resize(static_cast<std::size_t>(last - first) + 1);
  const Hit* hit = hits.data();
  for (const Run& run : runs) {
    for (const Hit* const end = hit + run.count; hit != end; ++hit) {
      Weight& sum = sums[static_cast<std::size_t>((hit->index >> (shift - run.shift)) - first)];
      sum = capped_sum(sum, hit->weight);
    }
  }
}

/// What was gathered becomes one run, whose weights are those of many.
void HistogramSum::Side::shorten() {
  const int shift = shift_from(0);
  add_up(shift);
  hits.clear();
  for (std::size_t i = 0; i < sums.size(); ++i)
    if (sums[i] > 0) hits.push_back({first + static_cast<std::int32_t>(i), sums[i]});
  runs.assign(1, {shift, hits.size(), hits.front().index, hits.back().index});
}

void HistogramSum::Side::clear() {
  hits.clear();
  runs.clear();
  sums.clear();
}

// ---- what comes ----

void HistogramSum::add_buckets(const ExpHistogram::Buckets& buckets) {
  leave_exact();
  const int shift = ExpHistogram::kScaleMax - buckets.scale;
  const auto add = [&](Side& side, std::span<const Hit> hits) {
    if (!hits.empty()) side.add(hits, {shift, hits.size(), hits.front().index, hits.back().index});
  };
  add(positive_, buckets.positive);
  add(negative_, buckets.negative);
  zeros_ = capped_sum(zeros_, buckets.zeros);
  min_ = std::min(min_, buckets.min);
  max_ = std::max(max_, buckets.max);
}

void HistogramSum::add(double value, Weight weight) {
  if (is_exact_ && exact_.add_exactly(value, weight)) return;
  leave_exact();
  add_to_buckets(value, weight);
}

void HistogramSum::add_to_buckets(double value, Weight weight) {
  value += 0.0;  // -0 becomes 0
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  if (value == 0) {
    zeros_ = capped_sum(zeros_, weight);
    return;
  }
  const Hit hit{ExpHistogram::index_of(std::abs(value)), weight};
  (value > 0 ? positive_ : negative_).add({&hit, 1}, {0, 1, hit.index, hit.index});
}

void HistogramSum::leave_exact() {
  if (!std::exchange(is_exact_, false)) return;
  min_ = std::numeric_limits<double>::infinity();
  max_ = -min_;
  exact_.each_exact([&](const auto& each) { add_to_buckets(each.value, each.weight); });
  exact_ = {};
}

void HistogramSum::clear() {
  exact_ = {};
  is_exact_ = true;
  positive_.clear();
  negative_.clear();
  zeros_ = 0;
}

// ---- what is asked ----

void HistogramSum::append_quantiles(std::span<const double> quantiles, std::vector<double>& out) {
  if (is_exact_) {
    const ExpHistogram::Exact values = exact_.exact_values();
    for (const double q : quantiles)
      out.push_back(ExpHistogram::quantile_of(values, q));
    return;
  }
  add_up();
  const Weight whole = cumulative_.back();
  for (const double q : quantiles) {
    if (q > 0 && q < 1) {
      out.push_back(of_rank(ExpHistogram::rank_of(q, whole)));
    } else {
      out.push_back(q >= 1 ? max_ : min_);
    }
  }
}

void HistogramSum::add_up() {
  shift_ = negative_.shift_from(positive_.shift_from(0));
  shift_ = positive_.shift_from(shift_);
  positive_.add_up(shift_);
  negative_.add_up(shift_);
  cumulative_.clear();
  Weight sum = 0;
  const auto add = [&](Weight weight) { cumulative_.push_back(sum = capped_sum(sum, weight)); };
  std::for_each(negative_.sums.rbegin(), negative_.sums.rend(), add);
  add(zeros_);
  std::ranges::for_each(positive_.sums, add);
}

double HistogramSum::of_rank(Weight rank) const {
  const auto place = std::ranges::lower_bound(cumulative_, rank);
  if (place == cumulative_.end()) return max_;
  const auto at = static_cast<std::size_t>(place - cumulative_.begin());
  const std::size_t below = negative_.sums.size();
  if (at == below) return 0;
  const bool is_negative = at < below;
  const std::int32_t index = is_negative
                                 ? negative_.first + static_cast<std::int32_t>(below - 1 - at)
                                 : positive_.first + static_cast<std::int32_t>(at - below - 1);
  const double middle = ExpHistogram::middle_of(index, ExpHistogram::kScaleMax - shift_);
  return std::clamp(is_negative ? -middle : middle, min_, max_);
}

}  // namespace ingest::sketch
