#include "ingest/sketch/bucket_counts.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/sketch/capped_sum.h"

namespace ingest::sketch {
namespace {

using Weight = BucketCounts::Weight;

constexpr std::size_t kSpan = BucketCounts::kSpanMax;
constexpr std::size_t kListFirst = 36;  // places of the first list
constexpr unsigned kFourMax = 15;
constexpr unsigned kFourBits = 4;

template <class T>
constexpr Weight kMostUnits = std::numeric_limits<T>::max();

/// Room for all buckets that can be.
class Sums {
 public:
  Sums() {}  // NOLINT(cppcoreguidelines-pro-type-member-init,modernize-use-equals-default)
  /// The first so many, all 0.
  std::span<Weight> zeros(std::size_t count) {
    std::fill_n(sums_.data(), count, 0);
    return {sums_.data(), count};
  }

 private:
  std::array<Weight, kSpan> sums_;
};

}  // namespace

BucketCounts::BucketCounts(std::span<const Hit> hits) {
  if (hits.empty()) return;
  const std::int32_t first = hits.front().index;
  const auto span = static_cast<std::size_t>(hits.back().index - first) + 1;
  CHECK(span <= kSpan);
  Sums sums;
  const Weights all = sums.zeros(span);
  for (const Hit& hit : hits)
    all[static_cast<std::size_t>(hit.index - first)] = hit.weight;
  take(first, all, Form::Four);
}

BucketCounts::BucketCounts(const BucketCounts& other)
    : base_(other.base_),
      first_(other.first_),
      last_(other.last_),
      capacity_(other.capacity_),
      listed_(other.listed_),
      form_(other.form_) {
  const std::size_t bytes = bytes_of(form_, capacity_);
  if (bytes == 0) return;
  // NOLINTNEXTLINE(modernize-avoid-c-arrays): sized at run time
  memory_ = std::make_unique_for_overwrite<std::uint8_t[]>(bytes);
  std::memcpy(memory_.get(), other.memory_.get(), bytes);
}

BucketCounts::BucketCounts(BucketCounts&& other) noexcept {
  *this = std::move(other);
}

BucketCounts& BucketCounts::operator=(const BucketCounts& other) {
  if (this != &other) *this = BucketCounts{other};
  return *this;
}

BucketCounts& BucketCounts::operator=(BucketCounts&& other) noexcept {
  if (this == &other) return *this;
  memory_ = std::move(other.memory_);
  base_ = std::exchange(other.base_, 0);
  first_ = std::exchange(other.first_, 0);
  last_ = std::exchange(other.last_, -1);
  capacity_ = std::exchange(other.capacity_, std::uint16_t{0});
  listed_ = std::exchange(other.listed_, std::uint16_t{0});
  form_ = std::exchange(other.form_, Form::List);
  return *this;
}

std::size_t BucketCounts::bytes_of(Form form, std::size_t capacity) {
  switch (form) {
    case Form::Four:
      return (capacity + 1) / 2;
    case Form::Eight:
      return capacity;
    case Form::List:
    case Form::Sixteen:
      return capacity * sizeof(std::uint16_t);
    case Form::ThirtyTwo:
      return capacity * sizeof(std::uint32_t);
    case Form::Whole:
      return capacity * sizeof(Weight);
  }
  return 0;
}

BucketCounts::Form BucketCounts::form_for(Weight most_units) {
  if (most_units <= kFourMax) return Form::Four;
  if (most_units <= kMostUnits<std::uint8_t>) return Form::Eight;
  if (most_units <= kMostUnits<std::uint16_t>) return Form::Sixteen;
  return most_units <= kMostUnits<std::uint32_t> ? Form::ThirtyTwo : Form::Whole;
}

void BucketCounts::use(std::int32_t index) {
  if (empty()) {
    first_ = last_ = index;
  } else if (index < first_) {
    first_ = index;
  } else if (index > last_) {
    last_ = index;
  }
}

// ---- one sample ----

// The usual case: a slot that is there and has room. False when it is not, or has not.
bool BucketCounts::add_in_place(std::int32_t index, Weight weight) {
  if (form_ == Form::List) return weight == kUnit && append(index);
  const std::int64_t distance = std::int64_t{index} - base_;
  if (distance < 0 || distance >= capacity_) return false;
  const auto slot = static_cast<std::size_t>(distance);
  if (form_ != Form::Whole && weight % kUnit != 0) return false;
  const Weight units = weight >> kUnitBits;
  bool added = true;
  switch (form_) {
    case Form::Four: {
      const unsigned shift = slot % 2 * kFourBits;
      std::uint8_t& pair = memory_[slot / 2];
      added = units <= kFourMax - (pair >> shift & kFourMax);
      if (added) pair = static_cast<std::uint8_t>(pair + (units << shift));
      break;
    }
    case Form::Eight:
      added = raise_slot(slots<std::uint8_t>()[slot], weight);
      break;
    case Form::Sixteen:
      added = raise_slot(slots<std::uint16_t>()[slot], weight);
      break;
    case Form::ThirtyTwo:
      added = raise_slot(slots<std::uint32_t>()[slot], weight);
      break;
    case Form::Whole: {
      Weight& held = slots<Weight>()[slot];
      held = capped_sum(held, weight);
      break;
    }
    case Form::List:
      break;
  }
  if (added) use(index);
  return added;
}

bool BucketCounts::append(std::int32_t index) {
  if (empty()) base_ = index;
  if (listed_ == capacity_) {
    const std::size_t wanted = capacity_ == 0 ? kListFirst : capacity_ * std::size_t{3} / 2;
    // As long as it is shorter than slots of four bits would be.
    if (capacity_ != 0 && wanted * 4 > static_cast<std::size_t>(last_ - first_)) return false;
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): sized at run time
    auto longer = std::make_unique_for_overwrite<std::uint8_t[]>(bytes_of(Form::List, wanted));
    if (listed_ > 0) std::memcpy(longer.get(), memory_.get(), bytes_of(Form::List, listed_));
    memory_ = std::move(longer);
    capacity_ = static_cast<std::uint16_t>(wanted);
  }
  slots<std::int16_t>()[listed_++] = static_cast<std::int16_t>(index - base_);
  use(index);
  return true;
}

void BucketCounts::add_slowly(std::int32_t index, Weight weight) {
  Sums sums;
  const std::int32_t first = empty() ? index : std::min(first_, index);
  const std::int32_t last = empty() ? index : std::max(last_, index);
  const Weights all = sums.zeros(static_cast<std::size_t>(last - first) + 1);
  add_to(all, first, 0);
  Weight& slot = all[static_cast<std::size_t>(index - first)];
  slot = capped_sum(slot, weight);
  take(first, all, form_);
}

// ---- all of them ----

void BucketCounts::add_to(Weights sums, std::int32_t first, int shift) const {
  if (empty()) return;
  const auto add = [&](std::int32_t index, Weight weight) {
    Weight& sum = sums[static_cast<std::size_t>((index >> shift) - first)];
    sum = capped_sum(sum, weight);
  };
  const auto add_slots = [&](const auto& weight_of_slot) {
    for (std::int32_t index = first_; index <= last_; ++index)
      add(index, weight_of_slot(static_cast<std::size_t>(index - base_)));
  };
  switch (form_) {
    case Form::List:
      for (std::size_t i = 0; i < listed_; ++i)
        add(base_ + slots<std::int16_t>()[i], kUnit);
      return;
    case Form::Four:
      add_slots([&](std::size_t slot) {
        return Weight{memory_[slot / 2] >> slot % 2 * kFourBits & kFourMax} * kUnit;
      });
      return;
    case Form::Eight:
      add_slots([&](std::size_t slot) { return slots<std::uint8_t>()[slot] * kUnit; });
      return;
    case Form::Sixteen:
      add_slots([&](std::size_t slot) { return slots<std::uint16_t>()[slot] * kUnit; });
      return;
    case Form::ThirtyTwo:
      add_slots([&](std::size_t slot) { return slots<std::uint32_t>()[slot] * kUnit; });
      return;
    case Form::Whole:
      add_slots([&](std::size_t slot) { return slots<Weight>()[slot]; });
      return;
  }
}

void BucketCounts::take(std::int32_t first, ConstWeights weights, Form least) {
  Weight most = 0;
  Weight broken = 0;  // what no whole number of units holds
  for (const Weight each : weights) {
    most = std::max(most, each);
    broken |= each & (kUnit - 1);
  }
  const Form narrow = broken != 0 ? Form::Whole : form_for(most >> kUnitBits);
  const Form form = std::max({narrow, least, Form::Four});
  const auto span = static_cast<std::int32_t>(weights.size());
  const std::int32_t spare = spare_for(span);
  // An even first slot on both sides, so that slots of four bits keep their halves.
  const bool same_place = !empty() && form_ != Form::List && first >= base_ &&
                          first + span <= base_ + std::int32_t{capacity_};
  const std::int32_t base = same_place ? base_ : first - spare;
  const std::int32_t capacity = same_place ? capacity_ : span + 2 * spare;
  const std::size_t bytes = bytes_of(form, static_cast<std::size_t>(capacity));
  // NOLINTNEXTLINE(modernize-avoid-c-arrays): sized at run time
  memory_ = std::make_unique<std::uint8_t[]>(bytes);
  form_ = form;
  base_ = base;
  capacity_ = static_cast<std::uint16_t>(capacity);
  listed_ = 0;
  first_ = first;
  last_ = first + span - 1;
  const auto write = [&](const auto& put) {
    for (std::size_t i = 0; i < weights.size(); ++i)
      put(static_cast<std::size_t>(first - base) + i, weights[i] >> kUnitBits);
  };
  switch (form) {
    case Form::List:
    case Form::Four:
      write([&](std::size_t slot, Weight units) {
        memory_[slot / 2] =
            static_cast<std::uint8_t>(memory_[slot / 2] | units << slot % 2 * kFourBits);
      });
      return;
    case Form::Eight:
      write([&](std::size_t slot, Weight units) {
        slots<std::uint8_t>()[slot] = static_cast<std::uint8_t>(units);
      });
      return;
    case Form::Sixteen:
      write([&](std::size_t slot, Weight units) {
        slots<std::uint16_t>()[slot] = static_cast<std::uint16_t>(units);
      });
      return;
    case Form::ThirtyTwo:
      write([&](std::size_t slot, Weight units) {
        slots<std::uint32_t>()[slot] = static_cast<std::uint32_t>(units);
      });
      return;
    case Form::Whole:
      std::copy(weights.begin(), weights.end(), slots<Weight>() + (first - base));
      return;
  }
}

std::vector<Weight> BucketCounts::weights() const {
  if (empty()) return {};
  std::vector<Weight> all(static_cast<std::size_t>(last_ - first_) + 1);
  add_to(all, first_, 0);
  return all;
}

std::span<const BucketCounts::Hit> BucketCounts::hits(std::span<Hit, kSpanMax> room) const {
  if (empty()) return {};
  Sums sums;
  const Weights all = sums.zeros(static_cast<std::size_t>(last_ - first_) + 1);
  add_to(all, first_, 0);
  std::size_t count = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    room[count] = {first_ + static_cast<std::int32_t>(i), all[i]};
    count += all[i] != 0 ? 1 : 0;  // no branch: most are empty, but who knows which
  }
  return room.first(count);
}

void BucketCounts::halve(int times) {
  if (times == 0 || empty()) return;
  Sums sums;
  const std::int32_t first = first_ >> times;
  const Weights all = sums.zeros(static_cast<std::size_t>((last_ >> times) - first) + 1);
  add_to(all, first, times);
  first_ = 0;
  last_ = -1;
  take(first, all, Form::Four);
}

void BucketCounts::add_all(const BucketCounts& other, int shift) {
  if (other.empty()) return;
  const bool within = shift == 0 && !empty() && form_ != Form::List && other.first_ >= base_ &&
                      other.last_ < base_ + std::int32_t{capacity_};
  if (within && add_within(other)) return;
  Sums sums;
  const std::int32_t their_first = other.first_ >> shift;
  const std::int32_t their_last = other.last_ >> shift;
  const std::int32_t first = empty() ? their_first : std::min(first_, their_first);
  const std::int32_t last = empty() ? their_last : std::max(last_, their_last);
  CHECK(last - first < kSpanMax);
  const Weights all = sums.zeros(static_cast<std::size_t>(last - first) + 1);
  add_to(all, first, 0);
  other.add_to(all, first, shift);
  take(first, all, std::max(form_, Form::Eight));
}

void BucketCounts::add_all(std::span<const Hit> hits, int shift) {
  for (const Hit& hit : hits)
    add(hit.index >> shift, hit.weight);
}

}  // namespace ingest::sketch
