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

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ingest/sketch/boxed.h"

namespace ingest::sketch {

class ExpHistogram {
 public:
  using Weight = std::uint64_t;
  static constexpr std::size_t kExactMax = 32;      // different values
  static constexpr std::size_t kBucketsMax = 1024;  // of each sign
  static constexpr int kScaleMax = 6;
  static constexpr int kScaleMin = -2;  // all doubles, 2^-1074 to 2^1024, fit into kBucketsMax here

  struct Value {
    double value = 0;
    Weight weight = 0;
    bool operator==(const Value&) const = default;
  };
  /// Neighbouring buckets; the first of them has index `first`.
  struct Run {
    std::int32_t first = 0;
    std::span<const Weight> weights;  // empty, or its first and last are not 0
  };

  /// `value` is finite. A weight of 0 changes nothing.
  void add(double value, Weight weight);
  void merge(const ExpHistogram& other);
  /// Asks for the memory that add() will touch first.
  void prefetch() const {
    if (body_) __builtin_prefetch(&*body_);
  }
  /// Gives the exact values up for their buckets, as exporting needs it.
  void to_buckets();

  bool empty() const { return weight() == 0; }
  Weight weight() const { return body_ ? body_->weight : one_.weight; }
  /// The exact extremes; NaN when empty.
  double min() const;
  double max() const;

  /// The smallest value whose cumulative weight is at least q times the whole (nearest rank). Out
  /// of buckets it is the harmonic midpoint of that value's bucket, clamped to [min, max]. q in [0,
  /// 1]; 0 and 1 are exact. NaN when empty.
  double quantile(double q) const;
  /// The relative error that no quantile exceeds: 0 while exact, then (b-1)/(b+1) for a bucket's
  /// width b: 0.5415% at scale 6, 1.083% at 5, 2.166% at 4.
  double error_bound() const;

  bool is_exact() const { return !body_ || !body_->bucketed; }
  /// Ascending, each value once; empty when there are buckets. Valid until the next change.
  std::span<const Value> exact_values() const;
  /// Whether it is exact, and still would be after add(value, ...).
  bool stays_exact_with(double value) const;

  /// Of the buckets; scale is kScaleMax and the rest empty while exact.
  int scale() const { return body_ ? kScaleMax - body_->shift : kScaleMax; }
  Weight zero_weight() const { return body_ ? body_->zeros : 0; }
  Run positive() const { return body_ ? body_->positive.run() : Run{}; }
  Run negative() const { return body_ ? body_->negative.run() : Run{}; }  // by magnitude

  /// The index at kScaleMax of the bucket of a finite magnitude > 0; an index at scale s is this >>
  /// (kScaleMax - s).
  static std::int32_t index_of(double magnitude);
  /// The lower (exclusive) bound of a bucket; 0 or infinity when outside the doubles.
  static double lower_bound(std::int32_t index, int scale);

 private:
  /// The buckets of one sign. Slots reach a little beyond what is used, so that growing is rare.
  class Side {
   public:
    bool empty() const { return last_ < first_; }
    Run run() const;
    /// How many halvings of the resolution it takes until these buckets and [first, last] span at
    /// most kBucketsMax.
    int halvings_for(std::int32_t first, std::int32_t last) const;
    int halvings_for(const Side& other, int other_shift_by) const;
    /// The bucket's weight; nullptr when it lies outside of what is used.
    Weight* find(std::int32_t index) {
      if (index < first_ || index > last_) return nullptr;
      return &slots_[static_cast<std::size_t>(index - base_)];
    }
    /// The bucket's weight, used from now on. The range with it spans at most kBucketsMax.
    Weight& at(std::int32_t index);
    void halve(int times);
    /// Adds other's buckets, moved to this resolution.
    void add_all(const Side& other, int other_shift_by);

   private:
    void make_room(std::int32_t first, std::int32_t last);
    std::int32_t base_ = 0;   // index of slots_[0]
    std::int32_t first_ = 0;  // used: [first_, last_]
    std::int32_t last_ = -1;
    std::vector<Weight> slots_;
  };
  struct Body {
    bool bucketed = false;
    int shift = 0;  // kScaleMax - scale
    Weight weight = 0;
    double min = 0;
    double max = 0;
    std::vector<Value> exact;  // while !bucketed; then empty
    Weight zeros = 0;
    Side positive;
    Side negative;

    void add_exact(Value added);
    void add_to_buckets(Value added);
    void merge_buckets(const Body& other);
    void to_buckets();
    double quantile_of_rank(Weight rank) const;
    double middle(std::int32_t index) const;
  };

  Body& body();

  Value one_;         // the only value so far, while there is no body; weight 0 is none
  Boxed<Body> body_;  // from the second value on
};

}  // namespace ingest::sketch
