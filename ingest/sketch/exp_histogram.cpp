#include "ingest/sketch/exp_histogram.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/sketch/capped_sum.h"
#include "ingest/sketch/octave.h"

namespace ingest::sketch {
namespace {

using Weight = ExpHistogram::Weight;
static_assert(kPerOctaveBits == ExpHistogram::kScaleMax);

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

std::int32_t ExpHistogram::index_of(double magnitude) {
  return finest_bucket_of(magnitude);
}

double ExpHistogram::lower_bound(std::int32_t index, int scale) {
  return lower_bound_of(static_cast<std::int64_t>(index) *
                        (std::int64_t{1} << (kScaleMax - scale)));
}

double ExpHistogram::middle_of(std::int32_t index, int scale) {
  // With bounds a < b = a w, the harmonic middle 2ab/(a+b) is a 2w/(w+1): no product that
  // overflows.
  const double width = lower_bound(1, scale);
  const double factor = 2 * width / (width + 1);
  const double low = lower_bound(index, scale);
  if (low >= std::numeric_limits<double>::min()) return low * factor;
  return lower_bound(index + 1, scale) * (factor / width);  // a underflowed
}

/// q of the whole, rounded up; what floating point adds by itself to a whole product is taken off
/// again.
Weight ExpHistogram::rank_of(double q, Weight whole) {
  const double product = q * static_cast<double>(whole);
  const double rank = std::ceil(product - product * 0x1p-48);
  if (rank >= static_cast<double>(whole)) return whole;
  return std::max<Weight>(1, static_cast<Weight>(rank));
}

// ---- what is held ----

// So many that a block fills what malloc rounds it up to.
std::size_t ExpHistogram::room_for(std::size_t count) {
  constexpr std::array<std::size_t, 2> kRooms = {11, kExactMax};
  return *std::find_if(kRooms.begin(), kRooms.end(),
                       [&](std::size_t room) { return room >= count; });
}

ExpHistogram::ExpHistogram(const ExpHistogram& other)
    : held_(other.held_), form_(other.form_), count_(other.count_), room_(other.room_) {
  switch (form_) {
    case Form::Units:
      if (count_ < 2) return;
      held_.units = new double[room_];
      std::copy_n(other.held_.units, count_, held_.units);
      return;
    case Form::Values:
      held_.values = new Value[room_];
      std::copy_n(other.held_.values, count_, held_.values);
      return;
    case Form::Buckets:
      held_.body = new Body{*other.held_.body};
      return;
  }
}

ExpHistogram& ExpHistogram::operator=(const ExpHistogram& other) {
  const bool units = form_ == Form::Units && other.form_ == Form::Units;
  if (units && count_ > 1 && other.count_ > 1 && other.count_ <= room_) {
    if (this != &other) std::copy_n(other.held_.units, other.count_, held_.units);
    count_ = other.count_;
    return *this;
  }
  ExpHistogram copy{other};
  swap(copy);
  return *this;
}

ExpHistogram& ExpHistogram::operator=(ExpHistogram&& other) noexcept {
  ExpHistogram taken{std::move(other)};
  swap(taken);
  return *this;
}

void ExpHistogram::release() {
  switch (form_) {
    case Form::Units:
      if (count_ > 1) delete[] held_.units;
      break;
    case Form::Values:
      delete[] held_.values;
      break;
    case Form::Buckets:
      delete held_.body;
      break;
  }
  held_ = {};
  form_ = Form::Units;
  count_ = room_ = 0;
}

std::size_t ExpHistogram::held_bytes() const {
  switch (form_) {
    case Form::Units:
      return count_ > 1 ? room_ * sizeof(double) : 0;
    case Form::Values:
      return room_ * sizeof(Value);
    case Form::Buckets:
      break;
  }
  const Body& body = *held_.body;
  const std::size_t negative =
      body.negative ? sizeof(BucketCounts) + body.negative->held_bytes() : 0;
  return sizeof(Body) + body.positive.held_bytes() + negative;
}

// ---- exact values ----

// There is no room for so many of weight kUnit, at least two: they move to a longer block.
void ExpHistogram::make_room(std::size_t count) {
  const std::size_t room = room_for(count);
  auto* const longer = new double[room];
  if (count_ < 2) {
    longer[0] = held_.one;
  } else {
    std::copy_n(held_.units, count_, longer);
    delete[] held_.units;
  }
  held_.units = longer;
  room_ = static_cast<std::uint8_t>(room);
}

void ExpHistogram::insert(Exact& exact, Value added) {
  Value* const end = exact.values_.data() + exact.size_;
  Value* const place =
      std::lower_bound(exact.values_.data(), end, added.value,
                       [](const Value& held, double value) { return held.value < value; });
  if (place != end && place->value == added.value) {
    place->weight = capped_sum(place->weight, added.weight);
    return;
  }
  std::copy_backward(place, end, end + 1);
  *place = added;
  ++exact.size_;
}

ExpHistogram::Exact ExpHistogram::exact_values() const {
  Exact exact;
  if (form_ == Form::Values) {
    std::copy_n(held_.values, count_, exact.values_.data());
    exact.size_ = count_;
  }
  return form_ == Form::Units ? exact_of(units()) : exact;
}

ExpHistogram::Exact ExpHistogram::exact_of(std::span<const double> units) {
  CHECK(units.size() <= kExactMax);
  Exact exact;
  std::array<double, kExactMax> sorted;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  double* const end = std::copy(units.begin(), units.end(), sorted.data());
  std::sort(sorted.data(), end);
  for (const double* each = sorted.data(); each != end; ++each) {
    const bool again = each != sorted.data() && each[-1] == *each;
    if (!again) exact.values_[exact.size_++].value = *each;
    exact.values_[exact.size_ - 1].weight += kUnit;
  }
  return exact;
}

/// Whether kExactMax units and one more value all differ. Sorting them would cost several times as
/// much: a filter says of most that nothing like them came before.
bool ExpHistogram::all_differ(const double* units, double value) {
  constexpr unsigned kFilterBits = 10;
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
  std::array<std::uint64_t, (1U << kFilterBits) / 64> seen{};
  for (std::size_t i = 0; i <= kExactMax; ++i) {
    const double each = i < kExactMax ? units[i] : value;
    const std::uint64_t mark = std::bit_cast<std::uint64_t>(each) * kGolden >> (64 - kFilterBits);
    std::uint64_t& word = seen[mark / 64];
    const std::uint64_t bit = std::uint64_t{1} << mark % 64;
    const bool perhaps = (word & bit) != 0;
    if (perhaps && std::find(units, units + i, each) != units + i) return false;
    word |= bit;
  }
  return true;
}

/// The first that is not below it.
ExpHistogram::Value* ExpHistogram::place_of(double value) const {
  Value* at = held_.values;
  for (std::size_t left = count_; left > 0;) {
    const std::size_t half = (left + 1) / 2;
    at += at[half - 1].value < value ? half : 0;  // no branch
    left -= half;
  }
  return at;
}

// What is no mere unit more: another weight, or a value when kExactMax are held. False, and nothing
// done, when the values would be too many.
bool ExpHistogram::add_exact(double value, Weight weight) {
  DCHECK(std::isfinite(value));
  if (weight == 0) return true;
  if (form_ == Form::Values) {
    Value* const end = held_.values + count_;
    Value* const place = place_of(value);
    if (place != end && place->value == value) {
      place->weight = capped_sum(place->weight, weight);
      return true;
    }
    if (count_ == kExactMax) return false;
    if (count_ < room_) {
      std::copy_backward(place, end, end + 1);
      *place = {value, weight};
      ++count_;
      return true;
    }
  } else if (count_ == kExactMax && all_differ(held_.units, value)) {
    return false;
  }
  Exact exact = exact_values();
  insert(exact, {value, weight});
  hold(exact);
  return true;
}

void ExpHistogram::hold(const Exact& exact) {
  if (form_ != Form::Values || exact.size() > room_) {
    release();
    constexpr std::size_t kRoomStep = 4;
    const std::size_t room =
        std::min(kExactMax, (exact.size() + kRoomStep - 1) / kRoomStep * kRoomStep + 1);
    held_.values = new Value[room];
    room_ = static_cast<std::uint8_t>(room);
    form_ = Form::Values;
  }
  std::copy(exact.begin(), exact.end(), held_.values);
  count_ = static_cast<std::uint8_t>(exact.size());
}

void ExpHistogram::to_buckets() {
  if (!is_exact() || empty()) return;
  auto body = std::make_unique<Body>();
  body->min = std::numeric_limits<double>::infinity();
  body->max = -body->min;
  each_exact([&](const Value& each) { body->add(each.value, each.weight); });
  release();
  held_.body = body.release();
  form_ = Form::Buckets;
}

// ---- whatever it holds ----

ExpHistogram::Run ExpHistogram::positive() const {
  if (is_exact() || held_.body->positive.empty()) return {};
  return {held_.body->positive.first(), held_.body->positive.weights()};
}

ExpHistogram::Run ExpHistogram::negative() const {
  if (is_exact() || !held_.body->negative || held_.body->negative->empty()) return {};
  return {held_.body->negative->first(), held_.body->negative->weights()};
}

void ExpHistogram::add_units(std::span<const double> values) {
  while (!values.empty() && add_exactly(values.front(), kUnit))
    values = values.subspan(1);
  if (values.empty()) return;
  to_buckets();
  for (; !values.empty(); values = values.subspan(std::min(values.size(), BucketCounts::kBatchMax)))
    held_.body->add_units(values.first(std::min(values.size(), BucketCounts::kBatchMax)));
}

// Where both hold units, and not too many. Whether they did.
bool ExpHistogram::merge_units(const ExpHistogram& other) {
  const std::size_t count = std::size_t{count_} + other.count_;
  if (form_ != Form::Units || other.form_ != Form::Units || count > kExactMax) return false;
  if (other.count_ == 0) return true;
  if (count == 1) {
    append(other.held_.one);
    return true;
  }
  if (count_ < 2 || count > room_) make_room(count);
  const double* const units = other.count_ > 1 ? other.held_.units : &other.held_.one;
  std::copy_n(units, other.count_, held_.units + count_);
  count_ = static_cast<std::uint8_t>(count);
  return true;
}

void ExpHistogram::merge(const ExpHistogram& other) {
  if (&other == this) {
    merge(ExpHistogram{other});
    return;
  }
  if (merge_units(other)) return;
  if (other.form_ == Form::Units) {
    const double* const units = other.count_ > 1 ? other.held_.units : &other.held_.one;
    for (std::size_t i = 0; i < other.count_; ++i)
      add(units[i], kUnit);
    return;
  }
  if (other.form_ == Form::Values) {
    for (std::size_t i = 0; i < other.count_; ++i)
      add(other.held_.values[i].value, other.held_.values[i].weight);
    return;
  }
  if (empty()) {
    *this = other;
    return;
  }
  to_buckets();
  held_.body->merge(*other.held_.body);
}

Weight ExpHistogram::weight() const {
  switch (form_) {
    case Form::Units:
      return count_ * kUnit;
    case Form::Values:
      return std::accumulate(
          held_.values, held_.values + count_, Weight{0},
          [](Weight sum, const Value& each) { return capped_sum(sum, each.weight); });
    case Form::Buckets:
      break;
  }
  return held_.body->weight;
}

double ExpHistogram::min() const {
  if (empty()) return kNan;
  if (form_ == Form::Buckets) return held_.body->min;
  if (form_ == Form::Values) return held_.values[0].value;
  return count_ == 1 ? held_.one : *std::min_element(held_.units, held_.units + count_);
}

double ExpHistogram::max() const {
  if (empty()) return kNan;
  if (form_ == Form::Buckets) return held_.body->max;
  if (form_ == Form::Values) return held_.values[count_ - 1].value;
  return count_ == 1 ? held_.one : *std::max_element(held_.units, held_.units + count_);
}

ExpHistogram::BoundedQuantile ExpHistogram::quantile_with_bound(double q) const {
  if (empty()) return {kNan, kNan};
  if (!(q > 0)) return {min(), 0};
  if (q >= 1) return {max(), 0};
  if (form_ == Form::Buckets) return held_.body->of_rank(rank_of(q, weight()));
  return {quantile_of(exact_values(), q), 0};
}

double ExpHistogram::quantile_of(const Exact& values, double q) {
  if (values.empty()) return kNan;
  const Value& last = *std::prev(values.end());
  if (!(q > 0)) return values.begin()->value;
  if (q >= 1) return last.value;
  const Weight whole =
      std::accumulate(values.begin(), values.end(), Weight{0},
                      [](Weight sum, const Value& each) { return capped_sum(sum, each.weight); });
  Weight rank = rank_of(q, whole);
  for (const Value& each : values) {
    if (each.weight >= rank) return each.value;
    rank -= each.weight;
  }
  return last.value;  // only when weights were capped
}

double ExpHistogram::error_bound() const {
  return is_exact() ? 0 : held_.body->error_bound();
}

}  // namespace ingest::sketch
