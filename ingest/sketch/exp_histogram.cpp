#include "ingest/sketch/exp_histogram.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::sketch {
namespace {

using Weight = ExpHistogram::Weight;
__extension__ using Wide = unsigned __int128;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr Weight kWeightMax = std::numeric_limits<Weight>::max();
constexpr int kMantissaBits = 52;
constexpr std::uint64_t kMantissaMask = (std::uint64_t{1} << kMantissaBits) - 1;
constexpr int kExponentBias = 1023;
constexpr int kPerOctaveBits =
    ExpHistogram::kScaleMax;  // 2^6 buckets an octave at the finest scale
constexpr int kPerOctave = 1 << kPerOctaveBits;
constexpr int kSegmentBits =
    7;  // of the mantissa: 1/128 is narrower than the narrowest bucket, 2^(1/64)-1 = 0.0109

/// The integer part of a square root, bit by bit.
constexpr std::uint64_t root(Wide square) {
  std::uint64_t result = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const std::uint64_t trial = result | std::uint64_t{1} << bit;
    if (Wide{trial} * trial <= square) result = trial;
  }
  return result;
}

/// Where the buckets of one octave begin, and a first guess by the highest bits of the mantissa.
struct Octave {
  // bound[j] = floor(2^52 (2^(j/64) - 1)). 2^(j/64) is irrational for j > 0, so m > bound[j] is
  // exact for integers m.
  std::array<std::uint64_t, kPerOctave + 1> bound{};
  // How many bounds are below the segment's first mantissa; at most one more is inside the segment.
  std::array<std::uint8_t, 1 << kSegmentBits> below{};
};

/// In integers of 2^-63: 2^(j/64) as a product of 2^(1/2), 2^(1/4), ... 2^(1/64). The test compares
/// each bound with the exact one (the integer n with n^64 <= 2^(52*64+j) < (n+1)^64).
constexpr Octave make_octave() {
  constexpr int kFraction = 63;
  std::array<std::uint64_t, kPerOctaveBits> roots{};
  Wide two = Wide{2} << kFraction;
  for (auto& each : roots) {
    each = root(two << kFraction);
    two = each;
  }
  Octave octave;
  for (unsigned j = 0; j < kPerOctave; ++j) {
    Wide power = Wide{1} << kFraction;
    for (unsigned bit = 0; bit < kPerOctaveBits; ++bit) {
      if ((j >> (kPerOctaveBits - 1 - bit) & 1U) != 0) power = power * roots[bit] >> kFraction;
    }
    octave.bound[j] =
        static_cast<std::uint64_t>(power >> (kFraction - kMantissaBits)) & kMantissaMask;
  }
  octave.bound[kPerOctave] = kWeightMax;
  for (std::uint64_t segment = 0; segment < octave.below.size(); ++segment) {
    std::uint8_t count = 0;
    while (segment << (kMantissaBits - kSegmentBits) > octave.bound[count])
      ++count;
    octave.below[segment] = count;
  }
  return octave;
}
constexpr Octave kOctave = make_octave();

Weight capped_sum(Weight a, Weight b) {
  Weight sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kWeightMax : sum;
}

/// q of the whole, rounded up; what floating point adds by itself to a whole product is taken off
/// again.
Weight rank_of(double q, Weight whole) {
  const double product = q * static_cast<double>(whole);
  const double rank = std::ceil(product - product * 0x1p-48);
  if (rank >= static_cast<double>(whole)) return whole;
  return std::max<Weight>(1, static_cast<Weight>(rank));
}

}  // namespace

std::int32_t ExpHistogram::index_of(double magnitude) {
  int exponent_offset = kExponentBias;
  auto bits = std::bit_cast<std::uint64_t>(magnitude);
  if (bits <= kMantissaMask) [[unlikely]] {  // subnormal
    constexpr int kLift = 54;
    bits = std::bit_cast<std::uint64_t>(magnitude * 0x1p54);
    exponent_offset += kLift;
  }
  const int exponent = static_cast<int>(bits >> kMantissaBits) - exponent_offset;
  const std::uint64_t mantissa = bits & kMantissaMask;
  int below = kOctave.below[mantissa >> (kMantissaBits - kSegmentBits)];
  below += static_cast<int>(mantissa > kOctave.bound[static_cast<unsigned>(below)]);
  return exponent * kPerOctave + below - 1;
}

double ExpHistogram::lower_bound(std::int32_t index, int scale) {
  const auto fine = static_cast<std::int64_t>(index) * (std::int64_t{1} << (kScaleMax - scale));
  const auto step = static_cast<std::size_t>(fine & (kPerOctave - 1));
  const double mantissa = 1 + static_cast<double>(kOctave.bound[step]) * 0x1p-52;
  return std::ldexp(mantissa, static_cast<int>(fine >> kPerOctaveBits));
}

// ---- one sign ----

ExpHistogram::Run ExpHistogram::Side::run() const {
  if (empty()) return {};
  return {first_, std::span{slots_}.subspan(static_cast<std::size_t>(first_ - base_),
                                            static_cast<std::size_t>(last_ - first_) + 1)};
}

int ExpHistogram::Side::halvings_for(std::int32_t first, std::int32_t last) const {
  if (!empty()) {
    first = std::min(first, first_);
    last = std::max(last, last_);
  }
  int times = 0;
  while ((last >> times) - (first >> times) >= static_cast<std::int32_t>(kBucketsMax))
    ++times;
  return times;
}

int ExpHistogram::Side::halvings_for(const Side& other, int other_shift_by) const {
  return other.empty()
             ? 0
             : halvings_for(other.first_ >> other_shift_by, other.last_ >> other_shift_by);
}

Weight& ExpHistogram::Side::at(std::int32_t index) {
  if (Weight* held = find(index)) return *held;
  const std::int32_t first = empty() ? index : std::min(first_, index);
  const std::int32_t last = empty() ? index : std::max(last_, index);
  make_room(first, last);
  first_ = first;
  last_ = last;
  return slots_[static_cast<std::size_t>(index - base_)];
}

void ExpHistogram::Side::make_room(std::int32_t first, std::int32_t last) {
  const std::int32_t end = base_ + static_cast<std::int32_t>(slots_.size());
  if (!slots_.empty() && first >= base_ && last < end) return;
  // A quarter more on the side that grows, so that a spreading range is copied seldom.
  const std::int32_t spare = std::max(8, (last - first) / 4);
  const std::int32_t new_base = slots_.empty() || first < base_ ? first - spare : base_;
  const std::int32_t new_end = slots_.empty() || last >= end ? last + spare + 1 : end;
  std::vector<Weight> slots(static_cast<std::size_t>(new_end - new_base));
  const Run used = run();
  if (!empty())
    std::copy(used.weights.begin(), used.weights.end(), slots.begin() + (first_ - new_base));
  slots_ = std::move(slots);
  base_ = new_base;
}

void ExpHistogram::Side::halve(int times) {
  if (times == 0) return;
  if (empty()) {
    slots_.clear();
    return;
  }
  const Run used = run();
  const std::int32_t new_first = first_ >> times;
  std::vector<Weight> slots(static_cast<std::size_t>((last_ >> times) - new_first) + 1);
  for (std::size_t i = 0; i < used.weights.size(); ++i) {
    const std::int32_t index = (first_ + static_cast<std::int32_t>(i)) >> times;
    Weight& slot = slots[static_cast<std::size_t>(index - new_first)];
    slot = capped_sum(slot, used.weights[i]);
  }
  slots_ = std::move(slots);
  base_ = new_first;
  last_ >>= times;
  first_ = new_first;
}

void ExpHistogram::Side::add_all(const Side& other, int other_shift_by) {
  if (other.empty()) return;
  // The edges first: then everything between has its slot.
  at(other.first_ >> other_shift_by);
  at(other.last_ >> other_shift_by);
  const Run theirs = other.run();
  if (other_shift_by == 0) {
    Weight* mine = &slots_[static_cast<std::size_t>(theirs.first - base_)];
    for (const Weight weight : theirs.weights) {
      const Weight sum = *mine + weight;
      *mine++ = sum | -static_cast<Weight>(sum < weight);  // all ones when it overflowed
    }
    return;
  }
  for (std::size_t i = 0; i < theirs.weights.size(); ++i) {
    Weight& slot = at((theirs.first + static_cast<std::int32_t>(i)) >> other_shift_by);
    slot = capped_sum(slot, theirs.weights[i]);
  }
}

// ---- both signs ----

void ExpHistogram::Body::add_exact(Value added) {
  const auto place =
      std::lower_bound(exact.begin(), exact.end(), added.value,
                       [](const Value& held, double value) { return held.value < value; });
  if (place != exact.end() && place->value == added.value) {
    place->weight = capped_sum(place->weight, added.weight);
  } else if (exact.size() < kExactMax) {
    exact.insert(place, added);
  } else {
    to_buckets();
    add_to_buckets(added);
  }
}

void ExpHistogram::Body::add_to_buckets(Value added) {
  if (added.value == 0) {
    zeros = capped_sum(zeros, added.weight);
    return;
  }
  Side& side = added.value > 0 ? positive : negative;
  const std::int32_t fine = index_of(std::abs(added.value));
  std::int32_t index = fine >> shift;
  if (Weight* held = side.find(index)) [[likely]] {
    *held = capped_sum(*held, added.weight);
    return;
  }
  if (const int times = side.halvings_for(index, index); times > 0) [[unlikely]] {
    positive.halve(times);
    negative.halve(times);
    shift += times;
    index = fine >> shift;
  }
  Weight& slot = side.at(index);
  slot = capped_sum(slot, added.weight);
}

void ExpHistogram::Body::to_buckets() {
  bucketed = true;
  const std::vector<Value> values = std::exchange(exact, {});
  for (const Value& each : values)
    add_to_buckets(each);
}

void ExpHistogram::Body::merge_buckets(const Body& other) {
  if (other.shift > shift) {
    positive.halve(other.shift - shift);
    negative.halve(other.shift - shift);
    shift = other.shift;
  }
  const int times = std::max(positive.halvings_for(other.positive, shift - other.shift),
                             negative.halvings_for(other.negative, shift - other.shift));
  positive.halve(times);
  negative.halve(times);
  shift += times;
  positive.add_all(other.positive, shift - other.shift);
  negative.add_all(other.negative, shift - other.shift);
  zeros = capped_sum(zeros, other.zeros);
}

double ExpHistogram::Body::middle(std::int32_t index) const {
  // With bounds a < b = a w, the harmonic middle 2ab/(a+b) is a 2w/(w+1): no product that
  // overflows.
  const int scale = kScaleMax - shift;
  const double width = lower_bound(1, scale);
  const double factor = 2 * width / (width + 1);
  const double low = lower_bound(index, scale);
  if (low >= std::numeric_limits<double>::min()) return low * factor;
  return lower_bound(index + 1, scale) * (factor / width);  // a underflowed
}

double ExpHistogram::Body::quantile_of_rank(Weight rank) const {
  const Run below = negative.run();
  for (std::size_t i = below.weights.size(); i-- > 0;) {
    if (below.weights[i] >= rank) return -middle(below.first + static_cast<std::int32_t>(i));
    rank -= below.weights[i];
  }
  if (zeros >= rank) return 0;
  rank -= zeros;
  const Run above = positive.run();
  for (std::size_t i = 0; i < above.weights.size(); ++i) {
    if (above.weights[i] >= rank) return middle(above.first + static_cast<std::int32_t>(i));
    rank -= above.weights[i];
  }
  return max;  // only when weights were capped
}

// ---- the whole ----

void ExpHistogram::add(double value, Weight weight) {
  DCHECK(std::isfinite(value));
  if (weight == 0) return;
  value += 0.0;  // -0 becomes 0
  if (!body_) {
    if (one_.weight == 0 || one_.value == value) {
      one_ = {value, capped_sum(one_.weight, weight)};
      return;
    }
    body();
  }
  Body& all = *body_;
  all.weight = capped_sum(all.weight, weight);
  all.min = std::min(all.min, value);
  all.max = std::max(all.max, value);
  if (all.bucketed) {
    all.add_to_buckets({value, weight});
  } else {
    all.add_exact({value, weight});
  }
}

void ExpHistogram::merge(const ExpHistogram& other) {
  if (&other == this) {
    merge(ExpHistogram{other});
    return;
  }
  if (other.is_exact()) {
    for (const Value& each : other.exact_values())
      add(each.value, each.weight);
    return;
  }
  if (empty()) {
    *this = other;
    return;
  }
  Body& mine = body();
  if (!mine.bucketed) mine.to_buckets();
  mine.merge_buckets(*other.body_);
  mine.weight = capped_sum(mine.weight, other.body_->weight);
  mine.min = std::min(mine.min, other.body_->min);
  mine.max = std::max(mine.max, other.body_->max);
}

ExpHistogram::Body& ExpHistogram::body() {
  if (!body_) {
    CHECK(one_.weight > 0);
    Body& all = body_.emplace();
    all.exact.reserve(4);
    all.exact.push_back(one_);
    all.weight = one_.weight;
    all.min = all.max = one_.value;
    one_ = {};
  }
  return *body_;
}

void ExpHistogram::to_buckets() {
  if (is_exact() && !empty()) body().to_buckets();
}

double ExpHistogram::min() const {
  if (body_) return body_->min;
  return one_.weight > 0 ? one_.value : kNan;
}

double ExpHistogram::max() const {
  if (body_) return body_->max;
  return one_.weight > 0 ? one_.value : kNan;
}

double ExpHistogram::quantile(double q) const {
  if (!body_) return min();
  if (!(q > 0)) return body_->min;
  if (q >= 1) return body_->max;
  Weight rank = rank_of(q, body_->weight);
  if (body_->bucketed) return std::clamp(body_->quantile_of_rank(rank), body_->min, body_->max);
  for (const Value& each : body_->exact) {
    if (each.weight >= rank) return each.value;
    rank -= each.weight;
  }
  return body_->max;  // only when weights were capped
}

double ExpHistogram::error_bound() const {
  if (is_exact()) return 0;
  const double width = lower_bound(1, scale());
  return (width - 1) / (width + 1);
}

std::span<const ExpHistogram::Value> ExpHistogram::exact_values() const {
  if (body_) return body_->exact;
  return {&one_, one_.weight > 0 ? std::size_t{1} : 0};
}

bool ExpHistogram::stays_exact_with(double value) const {
  if (!is_exact()) return false;
  const auto held = exact_values();
  return held.size() < kExactMax || std::any_of(held.begin(), held.end(), [&](const Value& each) {
           return each.value == value;
         });
}

}  // namespace ingest::sketch
