#pragma once
// ExpHistogram: quantiles of weighted values. A base-2 exponential histogram (the OpenTelemetry
// data model): bucket i at scale s holds (2^(i/2^s), 2^((i+1)/2^s)], one shared scale for both
// signs, exact zeros apart. It must not know what a weight means: weights are whole numbers that
// add up (and stay at 2^64-1 once there). A value without a thread of its own.
//
// The content is a pure function of the multiset that was added, whatever the order and the
// grouping of merges:
// - at most kExactMax different values: the values themselves, exact;
// - more: buckets, at the finest scale, kScaleMax at most, at which each sign's range spans at most
// kBucketsMax buckets. A part never differs more, nor spans more, than the whole, so no merge has
// to undo what a part did.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "ingest/sketch/boxed.h"
#include "ingest/sketch/bucket_counts.h"

namespace ingest::sketch {

class ExpHistogram {
 public:
  using Weight = BucketCounts::Weight;
  /// The usual weight. What has only such is held in half the bytes.
  static constexpr Weight kUnit = BucketCounts::kUnit;
  static constexpr std::size_t kExactMax = 32;      // different values
  static constexpr std::size_t kBucketsMax = 1024;  // of each sign
  static constexpr int kScaleMax = 6;
  static constexpr int kScaleMin = -2;  // all doubles, 2^-1074 to 2^1024, fit into kBucketsMax here

  struct Value {
    double value = 0;
    Weight weight = 0;
    bool operator==(const Value&) const = default;
  };
  /// Different values, ascending.
  class Exact {
   public:
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    const Value* begin() const { return values_.data(); }
    const Value* end() const { return values_.data() + size_; }

   private:
    friend class ExpHistogram;
    std::array<Value, kExactMax + 1> values_;  // one more while it is being added
    std::size_t size_ = 0;
  };
  /// Neighbouring buckets; the first of them has index `first`.
  struct Run {
    std::int32_t first = 0;
    std::vector<Weight> weights;  // empty, or its first and last are not 0
  };

  /// What it is made of once it is not exact. The buckets stand elsewhere: those of each sign that
  /// were used, ascending.
  using Hit = BucketCounts::Hit;
  struct Buckets {
    int scale = kScaleMax;
    Weight zeros = 0;
    double min = 0;
    double max = 0;
    std::span<const Hit> positive;
    std::span<const Hit> negative;
  };
  using HitsRoom = std::array<Hit, kBucketsMax>;
  struct BucketsRoom {
    HitsRoom positive;
    HitsRoom negative;
  };

  ExpHistogram() = default;
  ExpHistogram(const ExpHistogram& other);
  ExpHistogram(ExpHistogram&& other) noexcept { swap(other); }
  ExpHistogram& operator=(const ExpHistogram& other);  // into the memory it has, where that will do
  ExpHistogram& operator=(ExpHistogram&& other) noexcept;
  ~ExpHistogram() { release(); }

  /// `value` is finite. A weight of 0 changes nothing.
  void add(double value, Weight weight) {
    if (form_ != Form::Buckets) {
      if (add_exactly(value, weight)) return;
      to_buckets();
    }
    if (weight != 0) held_.body->add(value + 0.0, weight);  // -0 becomes 0
  }
  /// The same if it is exact and stays so, else nothing. Whether it did.
  [[nodiscard]] bool add_exactly(double value, Weight weight) {
    value += 0.0;
    if (form_ == Form::Units && weight == kUnit && count_ < kExactMax) [[likely]] {
      append(value);
      return true;
    }
    return form_ != Form::Buckets && add_exact(value, weight);
  }
  /// As add() of each with kUnit, which costs several times as much.
  void add_units(std::span<const double> values);
  void merge(const ExpHistogram& other);
  /// Asks for the memory that add() will touch first.
  void prefetch() const {
    if (form_ == Form::Units) {
      if (count_ > 1) __builtin_prefetch(held_.units + count_);
    } else if (form_ == Form::Buckets) {
      __builtin_prefetch(held_.body);
    }
  }
  /// The same of what reading or merging it touches first.
  void prefetch_all() const {
    constexpr std::size_t kALine = 8;  // values in a cache line
    if (form_ == Form::Buckets) {
      __builtin_prefetch(held_.body);
      __builtin_prefetch(&held_.body->positive);
    } else if (form_ == Form::Values) {
      __builtin_prefetch(held_.values);
    } else {
      for (std::size_t at = 0; count_ > 1 && at < count_ + kALine; at += kALine)
        __builtin_prefetch(held_.units + at, 1);
    }
  }
  /// Gives the exact values up for their buckets, as exporting needs it.
  void to_buckets();

  bool empty() const { return form_ == Form::Units && count_ == 0; }
  Weight weight() const;
  /// The exact extremes; NaN when empty.
  double min() const;
  double max() const;

  /// The smallest value whose cumulative weight is at least q times the whole (nearest rank). Out
  /// of buckets it is the harmonic midpoint of that value's bucket, clamped to [min, max]. q in [0,
  /// 1]; 0 and 1 are exact. NaN when empty.
  double quantile(double q) const { return quantile_with_bound(q).value; }
  struct BoundedQuantile {
    double value = 0;
    double relative_error = 0;  // at least |value - true value| / |true value|
  };
  /// The same, and how wrong it can be: error_bound(), or 0 where it is the true value, as exact
  /// ones, zeros and both ends are. Both are NaN when empty.
  BoundedQuantile quantile_with_bound(double q) const;
  /// The same of exact_values(), for many questions to them.
  static double quantile_of(const Exact& values, double q);
  /// The relative error that no quantile exceeds: 0 while exact, then (b-1)/(b+1) for a bucket's
  /// width b: 0.5415% at scale 6, 1.083% at 5, 2.166% at 4.
  double error_bound() const;

  bool is_exact() const { return form_ != Form::Buckets; }
  /// Empty when there are buckets.
  Exact exact_values() const;
  /// Of at most kExactMax values of weight kUnit.
  static Exact exact_of(std::span<const double> units);
  /// visit(Value) for each exact value, in no order that means anything; one may come twice.
  template <class Visit>
  void each_exact(const Visit& visit) const {
    for (std::size_t i = 0; form_ == Form::Values && i < count_; ++i)
      visit(held_.values[i]);
    const double* const units = form_ == Form::Units && count_ > 1 ? held_.units : &held_.one;
    for (std::size_t i = 0; form_ == Form::Units && i < count_; ++i)
      visit(Value{units[i], kUnit});
  }

  /// Of the buckets; scale is kScaleMax and the rest empty while exact.
  int scale() const { return is_exact() ? kScaleMax : kScaleMax - held_.body->shift; }
  Weight zero_weight() const { return is_exact() ? 0 : held_.body->zeros; }
  Run positive() const;
  Run negative() const;  // by magnitude
  /// What it holds on the heap, for those who account for it.
  std::size_t held_bytes() const;

  // ---- to keep it elsewhere, and to make it again; nothing when it cannot have been one ----

  /// Of weight kUnit each, as they came; empty when it is held otherwise, as values() is.
  std::span<const double> units() const;
  std::span<const Value> values() const;
  /// Empty while exact.
  Buckets buckets(BucketsRoom& room) const;
  static bool may_be_units(std::span<const double> units);
  static std::optional<ExpHistogram> of_units(std::span<const double> units);
  static std::optional<ExpHistogram> of_values(std::span<const Value> values);
  static std::optional<ExpHistogram> of_buckets(const Buckets& buckets);
  /// As merge() of what of_buckets() makes, but it need not be made. False, and nothing done, when
  /// it cannot.
  [[nodiscard]] bool merge(const Buckets& buckets);

  /// The index at kScaleMax of the bucket of a finite magnitude > 0; an index at scale s is this >>
  /// (kScaleMax - s).
  static std::int32_t index_of(double magnitude);
  /// The lower (exclusive) bound of a bucket; 0 or infinity when outside the doubles.
  static double lower_bound(std::int32_t index, int scale);
  /// What stands for all values of a bucket: the harmonic middle of its bounds.
  static double middle_of(std::int32_t index, int scale);
  /// The cumulative weight at which quantile q of so much weight lies.
  static Weight rank_of(double q, Weight whole);

 private:
  enum class Form : std::uint8_t {
    Units,    // up to kExactMax values of weight kUnit, as they came: one here, more on the heap
    Values,   // up to kExactMax different values with their weights, ascending
    Buckets,  // more
  };
  struct Body {
    Weight weight = 0;
    double min = 0;
    double max = 0;
    int shift = 0;  // kScaleMax - scale
    Weight zeros = 0;
    BucketCounts positive;
    Boxed<BucketCounts> negative;

    void add(double value, Weight added);
    void add_slowly(double value, Weight added);
    void add_units(std::span<const double> values);
    void coarsen(int times);
    void merge(const Body& other);
    void merge(const Buckets& other, Weight others_weight);
    template <class Many>
    void merge_runs(const Many& above, const Many& below, int their_shift);
    template <class Other>
    void merge_totals(const Other& other, Weight others_weight);
    double error_bound() const;
    BoundedQuantile of_rank(Weight rank) const;
    double middle(std::int32_t index) const { return middle_of(index, kScaleMax - shift); }
    BoundedQuantile within_ends(double value) const;
  };
  union Held {
    double one = 0;  // of Units, while there is one
    double* units;
    Value* values;
    Body* body;
  };

  static std::size_t room_for(std::size_t count);
  void append(double value) {
    if (count_ == 0) {
      held_.one = value;
      count_ = 1;
    } else if (count_ == 1 || count_ == room_) {
      grow(value);
    } else {
      held_.units[count_++] = value;
    }
  }
  void grow(double value) {
    make_room(count_ + std::size_t{1});
    held_.units[count_++] = value;
  }
  void make_room(std::size_t count);
  bool merge_units(const ExpHistogram& other);
  bool add_exact(double value, Weight weight);
  static bool all_differ(const double* units, double value);
  Value* place_of(double value) const;
  static void insert(Exact& exact, Value added);
  void hold(const Exact& exact);
  void release();
  void swap(ExpHistogram& other) noexcept {
    std::swap(held_, other.held_);
    std::swap(form_, other.form_);
    std::swap(count_, other.count_);
    std::swap(room_, other.room_);
  }

  Held held_{};
  Form form_ = Form::Units;
  std::uint8_t count_ = 0;  // values of Units and Values
  std::uint8_t room_ = 0;   // of those on the heap
};

}  // namespace ingest::sketch
