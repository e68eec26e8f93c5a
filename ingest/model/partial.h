#pragma once
// Partial: the mergeable totals of one series in one pane. A partial is a partial, whether it came
// from a thread, from another node, from disk or from a replayed file: counts, buckets, registers,
// minima and maxima merge exactly, in any order and grouping; sums and variances depend on the
// order by rounding alone. A value without a thread of its own, and small: what only heavy series
// need is on the heap.

#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "ingest/base/clock.h"
#include "ingest/model/sample.h"
#include "ingest/sketch/boxed.h"
#include "ingest/sketch/exp_histogram.h"
#include "ingest/sketch/hyper_log_log.h"

namespace ingest::model {

struct Packing;  // packed_partial.cpp: reads every bit of a partial, and puts it back

/// A sum that keeps its rounding error (Neumaier 1974). value() is null (NaN) once it overflowed.
class CompensatedSum {
 public:
  void add(double term) {
    const double total = sum_ + term;
    const double part = total - sum_;
    error_ += (sum_ - (total - part)) + (term - part);
    sum_ = total;
  }
  void merge(const CompensatedSum& other) {
    add(other.sum_);
    error_ += other.error_;
  }
  double value() const;
  /// This less the other: exact where the sums themselves are, also past 2^53.
  double minus(const CompensatedSum& other) const;

 private:
  friend struct Packing;
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
  friend struct Packing;
  std::uint64_t lines_ = 0;
  CompensatedSum sum_;
};

/// The last absolute set, if any, and the relative changes that stand on it (or, without one, on
/// the value before). Folding follows the order of the samples. Merging follows their times: of two
/// sets the later wins, and changes made before the winning set (their newest is older than it) are
/// overwritten by it, all others count as after it. So partials that followed one another (ticks of
/// one worker, panes of one series) merge exactly, in any grouping of neighbours; relative changes
/// from several workers within one pane count as after the last set.
class GaugePartial {
 public:
  void fold(const Sample& sample, WallTime arrival);
  void merge(const GaugePartial& other);
  /// For totals that are to stand behind `known`, though they may be older: what the set of `known`
  /// overwrites by its time decides no value any more. Their statistics stay.
  void yield_to(const GaugePartial& known);
  bool has_absolute() const {
    return one_.arrival != kNever || (many_ && many_->last.arrival != kNever);
  }
  /// The value after this pane, given the value before it (0 when unknown). Never -0.
  double last(double before) const;
  /// Statistics over absolute values; NaN when there were none.
  double first() const;
  double min() const;
  double max() const;
  double mean() const;
  double sum() const;
  /// What first() and last() lack of an integer above 2^53, else 0 (Sample::value_low).
  double first_low() const { return many_ ? many_->first.low : 0; }
  double last_low() const { return many_ ? many_->last.low : 0; }
  /// Absolute values, and relative changes.
  std::uint64_t samples() const;
  std::uint64_t changes() const { return many_ ? many_->changes : 0; }

 private:
  friend struct Packing;
  static constexpr WallTime kNever = WallTime::min();
  struct Absolute {
    WallTime time = kNever;     // orders sets: by time, then arrival; in merges then by value
    WallTime arrival = kNever;  // kNever: there is none
    double value = 0;
  };
  struct WideAbsolute : Absolute {
    double low = 0;
  };
  struct Many {
    WideAbsolute first;
    WideAbsolute last;  // none when it yielded, though there are samples
    double min = 0;
    double max = 0;
    CompensatedSum sum;
    std::uint64_t samples = 0;
    CompensatedSum adds;  // on `last`, or on the value before when there is none
    WallTime adds_newest = kNever;
    std::uint64_t changes = 0;

    void set(const WideAbsolute& absolute);
    void add(double by, WallTime time);
    void merge(const Many& other);
  };
  Many& many();
  Many as_many() const;

  Absolute one_;              // the only sample so far, while there is no `many_`
  sketch::Boxed<Many> many_;  // from the second sample, change or integer above 2^53 on
};

/// weighted count, sum, variance (Welford/Chan), exact min and max, quantile sketch.
/// While the sketch is exact, everything is computed from its values, so it depends on no order.
class TimerPartial {
 public:
  void fold(const Sample& sample);
  /// As fold() of samples with these values, which costs several times as much.
  void fold_units(std::span<const double> values);
  void merge(const TimerPartial& other);
  /// As merge() of a partial that holds these, at most ExpHistogram::kExactMax, each of the usual
  /// weight.
  void merge_units(std::span<const double> values);
  Weight weight() const { return histogram_.weight(); }  // in 2^-20 events
  double count() const;   // events, the weight rounded to a whole number
  double sum() const;     // NaN when it overflowed; 0 when empty
  double mean() const;    // NaN when empty, as all below; right though the sum overflowed
  double stddev() const;  // population; NaN when the variance overflowed
  double min() const { return histogram_.min(); }
  double max() const { return histogram_.max(); }
  /// q in [0, 1]; 0 and 1 are exact.
  double quantile(double q) const { return histogram_.quantile(q); }
  const sketch::ExpHistogram& histogram() const { return histogram_; }
  /// Asks for the memory on the heap that fold() will touch.
  void prefetch() const {
    histogram_.prefetch();
    if (moments_) __builtin_prefetch(&*moments_);
  }
  /// The same for merge(), of either side, and for reading.
  void prefetch_all() const {
    histogram_.prefetch_all();
    if (moments_) __builtin_prefetch(&*moments_);
  }

 private:
  friend struct Packing;
  friend class TimerReader;
  /// Weighted moments (West 1979; Chan, Golub and LeVeque 1983), the mean as an unevaluated sum of
  /// two doubles, so that values far from zero keep the digits of their spread.
  struct Moments {
    double events = 0;
    double mean = 0;
    double mean_low = 0;
    CompensatedSum squares;  // of the distances from the mean
    CompensatedSum sum;

    template <class Each>
    static Moments of_each(const Each& each);
    static Moments of(const sketch::ExpHistogram::Exact& values);
    void add(double value, double weight_events);
    void merge(const Moments& other);
    void move_mean(double by);
    void mix_mean(double other, double part);
  };
  Moments moments() const;

  sketch::ExpHistogram histogram_;
  sketch::Boxed<Moments> moments_;  // when the histogram is no longer exact
};

/// distinct members: exact to 256, HyperLogLog above.
class SetPartial {
 public:
  void fold(const Sample& sample) { members_.add(sample.member); }
  void merge(const SetPartial& other) { members_.merge(other.members_); }
  double distinct() const { return members_.distinct(); }
  std::size_t held_bytes() const { return members_.held_bytes(); }

 private:
  friend struct Packing;
  sketch::HyperLogLog members_;
};

class Partial {
 public:
  Partial() = default;
  explicit Partial(Kind kind);
  Kind kind() const { return static_cast<Kind>(totals_.index()); }
  /// sample.kind is kind().
  void fold(const Sample& sample, WallTime arrival);
  /// Asks for the memory on the heap that fold() will touch.
  void prefetch() const;
  /// The same for merge(), of either side, and for reading.
  void prefetch_all() const;
  /// other.kind() is kind().
  void merge(const Partial& other);
  /// About what it holds on the heap.
  std::size_t held_bytes() const;
  const CounterPartial& counter() const { return std::get<CounterPartial>(totals_); }
  const GaugePartial& gauge() const { return std::get<GaugePartial>(totals_); }
  GaugePartial& gauge() { return std::get<GaugePartial>(totals_); }
  const TimerPartial& timer() const { return std::get<TimerPartial>(totals_); }
  TimerPartial& timer() { return std::get<TimerPartial>(totals_); }
  const SetPartial& set() const { return std::get<SetPartial>(totals_); }

 private:
  friend struct Packing;
  std::variant<CounterPartial, GaugePartial, TimerPartial, SetPartial>
      totals_;  // in the order of Kind
};
static_assert(sizeof(Partial) <= 40, "a partial is kept for every series and pane");

}  // namespace ingest::model
