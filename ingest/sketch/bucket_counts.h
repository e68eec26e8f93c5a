#pragma once
// BucketCounts: the weights of neighbouring buckets, in as few bytes as they need. Most weights are
// whole multiples of kUnit, so it counts units: first as a list of the buckets that were hit, while
// that is shorter than an array, then in slots of 4, 8, 16 or 32 bits; a weight that is no multiple
// makes the slots whole weights. What can be seen of it does not depend on how it is held. It must
// not know what a bucket or a weight means. A value without a thread of its own.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "ingest/sketch/capped_sum.h"

namespace ingest::sketch {

class BucketCounts {
 public:
  using Weight = std::uint64_t;
  static constexpr int kUnitBits = 20;
  static constexpr Weight kUnit = Weight{1} << kUnitBits;
  static constexpr std::int32_t kSpanMax = 1024;  // buckets from the first used to the last

  /// How many halvings it takes until [first, last] spans at most kSpanMax.
  static int halvings_for(std::int32_t first, std::int32_t last) {
    int times = 0;
    while ((last >> times) - (first >> times) >= kSpanMax)
      ++times;
    return times;
  }

  /// A bucket that was used.
  struct Hit {
    std::int32_t index = 0;
    Weight weight = 0;  // more than 0
    bool operator==(const Hit&) const = default;
  };

  BucketCounts() = default;
  /// As hits() gave them: ascending, the last at most kSpanMax behind the first.
  explicit BucketCounts(std::span<const Hit> hits);
  BucketCounts(const BucketCounts& other);
  BucketCounts(BucketCounts&& other) noexcept;
  BucketCounts& operator=(const BucketCounts& other);
  BucketCounts& operator=(BucketCounts&& other) noexcept;
  ~BucketCounts() = default;

  bool empty() const { return last_ < first_; }
  std::int32_t first() const { return first_; }  // used, as is last(); not when empty
  std::int32_t last() const { return last_; }
  /// From first() to last(); neither of the two is 0.
  std::vector<Weight> weights() const;
  /// Those that are not 0, ascending, into the front of `room`.
  std::span<const Hit> hits(std::span<Hit, kSpanMax> room) const;

  /// Adds; weights stay at 2^64-1 once there. The span with `index` is at most kSpanMax.
  void add(std::int32_t index, Weight weight) {
    if (!add_in_place(index, weight)) [[unlikely]]
      add_slowly(index, weight);
  }
  /// The same in the usual case: the bucket lies between first() and last(), in a slot that has
  /// room. False, and nothing done, otherwise.
  bool raise(std::int32_t index, Weight weight) {
    const auto inside = static_cast<std::uint32_t>(index) - static_cast<std::uint32_t>(first_);
    const auto span = static_cast<std::uint32_t>(last_) - static_cast<std::uint32_t>(first_) + 1;
    if (inside >= span) [[unlikely]]
      return false;
    const auto slot = static_cast<std::size_t>(index - base_);
    switch (form_) {
      case Form::Eight:
        return raise_slot(slots<std::uint8_t>()[slot], weight);
      case Form::Sixteen:
        return raise_slot(slots<std::uint16_t>()[slot], weight);
      case Form::ThirtyTwo:
        return raise_slot(slots<std::uint32_t>()[slot], weight);
      case Form::Whole: {
        Weight& held = slots<Weight>()[slot];
        held = capped_sum(held, weight);
        return true;
      }
      case Form::List:
      case Form::Four:
        break;
    }
    return false;
  }
  /// Adds kUnit at each of these, at most kBatchMax; the span with all of them is at most kSpanMax.
  void add_units(std::span<const std::int32_t> indexes);
  static constexpr std::size_t kBatchMax = 255;  // a slot of a byte holds them
  /// Buckets become 2^times as wide.
  void halve(int times);
  /// Adds other's buckets, each index shifted right by `shift`; the span of both is at most
  /// kSpanMax.
  void add_all(const BucketCounts& other, int shift);
  /// The same of buckets as hits() gives them.
  void add_all(std::span<const Hit> hits, int shift);

  /// Asks for what add() will touch, as far as it is known before.
  void prefetch() const {
    if (form_ == Form::List) __builtin_prefetch(memory_.get() + 2 * std::size_t{listed_});
  }
  std::size_t held_bytes() const { return bytes_of(form_, capacity_); }

 private:
  enum class Form : std::uint8_t {
    List,  // the buckets that were hit, one unit each, as 16-bit distances from base_
    Four,  // units, two slots a byte
    Eight,
    Sixteen,
    ThirtyTwo,
    Whole,  // weights
  };
  using Weights = std::span<Weight>;
  using ConstWeights = std::span<const Weight>;

  /// Empty slots on either side, for what comes.
  static std::int32_t spare_for(std::int32_t span) {
    constexpr std::int32_t kLeast = 16;
    constexpr std::int32_t kShare = 8;
    return std::max(kLeast, span / kShare);
  }
  /// False when a slot of units would not hold the sum.
  template <class T>
  static bool raise_slot(T& held, Weight weight) {
    const Weight units = weight >> kUnitBits;
    if (weight % kUnit != 0 || units > std::numeric_limits<T>::max() - Weight{held}) [[unlikely]]
      return false;
    held = static_cast<T>(held + units);
    return true;
  }
  static std::size_t bytes_of(Form form, std::size_t capacity);
  static Form form_for(Weight most_units);
  bool add_in_place(std::int32_t index, Weight weight);
  bool append(std::int32_t index);
  void add_slowly(std::int32_t index, Weight weight);
  /// All slots as weights, from `first` on; they lie within the span.
  void add_to(Weights sums, std::int32_t first, int shift) const;
  /// Takes these weights in place of its own, in the narrowest form that is at least `least`.
  void take(std::int32_t first, ConstWeights weights, Form least);
  template <class T>
  T* slots() const {
    // operator new[] of bytes gives memory for any of these types, and each form writes before it
    // reads. NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    return reinterpret_cast<T*>(memory_.get());
  }
  template <class T>
  bool add_typed(const BucketCounts& other, Weight unit);
  bool add_bytes(const BucketCounts& other);
  void widen();
  bool add_within(const BucketCounts& other);
  void use(std::int32_t index);

  std::unique_ptr<std::uint8_t[]> memory_;  // NOLINT(modernize-avoid-c-arrays): sized at run time
  std::int32_t base_ = 0;                   // index of the first slot
  std::int32_t first_ = 0;                  // used: [first_, last_]
  std::int32_t last_ = -1;
  std::uint16_t capacity_ = 0;  // slots, or places of the list
  std::uint16_t listed_ = 0;
  Form form_ = Form::List;
};

}  // namespace ingest::sketch
