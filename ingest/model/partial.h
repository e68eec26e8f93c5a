#pragma once
// Partial: the mergeable totals of one series in one pane. A partial is a partial, whether it came
// from a thread, from another node, from disk or from a replayed file: counts, buckets, registers,
// minima and maxima merge exactly, in any order and grouping; sums and variances depend on the
// order by rounding alone.

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/sample.h"
#include "ingest/sketch/exp_histogram.h"
#include "ingest/sketch/hyper_log_log.h"

namespace ingest::model {

/// A sum that keeps its rounding error (Neumaier 1974). value() is null (NaN) once it overflowed.
class CompensatedSum {
 public:
  void add(double term);
  void merge(const CompensatedSum& other);
  double value() const;

 private:
  double sum_ = 0;
  double error_ = 0;
};

/// lines, sum scaled by the sample rate.
class CounterPartial {
 public:
  void fold(const Sample& sample);
  void merge(const CounterPartial& other);
  std::uint64_t lines() const { return lines_; }
  double total() const { return sum_.value(); }

 private:
  std::uint64_t lines_ = 0;
  CompensatedSum sum_;
};

/// adds before, the last absolute set or none, adds after; and the statistics of the absolute
/// values.
class GaugePartial {
 public:
  void fold(const Sample& sample, WallTime arrival);
  void merge(const GaugePartial& other);
  bool has_absolute() const { return set_.has_value(); }
  /// The value after this pane, given the value before it (0 when unknown).
  double last(double before) const;
  /// Statistics over absolute values; NaN when there were none.
  double first() const;
  double min() const;
  double max() const;
  double mean() const;
  std::uint64_t samples() const { return samples_; }

 private:
  struct Absolute {
    WallTime time;  // orders sets: by time, then arrival, then value
    WallTime arrival;
    double value = 0;
  };
  double adds_before_ = 0;
  std::optional<Absolute> set_;
  double adds_after_ = 0;
  std::optional<Absolute> first_;
  double min_ = 0;
  double max_ = 0;
  CompensatedSum sum_;
  std::uint64_t samples_ = 0;
};

/// weighted count, sum, variance (Welford/Chan), exact min and max, quantile sketch.
class TimerPartial {
 public:
  void fold(const Sample& sample);
  void merge(const TimerPartial& other);
  Weight weight() const;  // in 2^-20 events
  double count() const;   // events, the weight rounded to a whole number
  double sum() const;
  double mean() const;    // NaN when empty, as all below
  double stddev() const;  // population
  double min() const;
  double max() const;
  /// q in [0, 1]; 0 and 1 are exact.
  double quantile(double q) const;
  const sketch::ExpHistogram& histogram() const { return histogram_; }

 private:
  sketch::ExpHistogram histogram_;
  // further moments as the implementation needs
};

/// distinct members: exact to 256, HyperLogLog above.
class SetPartial {
 public:
  void fold(const Sample& sample);
  void merge(const SetPartial& other);
  double distinct() const;

 private:
  sketch::HyperLogLog members_;
};

class Partial {
 public:
  Partial() = default;
  explicit Partial(Kind kind);
  Kind kind() const { return static_cast<Kind>(totals_.index()); }
  /// sample.kind is kind().
  void fold(const Sample& sample, WallTime arrival);
  /// other.kind() is kind().
  void merge(const Partial& other);
  const CounterPartial& counter() const { return std::get<CounterPartial>(totals_); }
  const GaugePartial& gauge() const { return std::get<GaugePartial>(totals_); }
  const TimerPartial& timer() const { return std::get<TimerPartial>(totals_); }
  const SetPartial& set() const { return std::get<SetPartial>(totals_); }

 private:
  std::variant<CounterPartial, GaugePartial, TimerPartial, SetPartial>
      totals_;  // in the order of Kind
};

}  // namespace ingest::model
