#pragma once
// HistogramSum: the quantiles of many histograms together, where nothing else is asked of them and
// no sum is kept: their buckets are gathered as they come, added up once and walked once for all
// quantiles. Says what an ExpHistogram would after merge() of them all. Its memory stays from one
// sum to the next. A value without a thread of its own.
//
//   add_buckets(..) add_units(..) ... append_quantiles(..) clear()      and again

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ingest/sketch/exp_histogram.h"

namespace ingest::sketch {

class HistogramSum {
 public:
  using Weight = ExpHistogram::Weight;

  /// Of a histogram that can be.
  void add_buckets(const ExpHistogram::Buckets& buckets);
  /// A finite value.
  void add(double value, Weight weight);
  /// Appends quantile(q) of each; NaN where nothing was added.
  void append_quantiles(std::span<const double> quantiles, std::vector<double>& out);
  void clear();

 private:
  using Hit = ExpHistogram::Hit;
  /// Gathered buckets of one sign; more are added up before others come.
  static constexpr std::size_t kHitsMax = std::size_t{16} * ExpHistogram::kBucketsMax;
  struct Side {
    /// Neighbours among the hits that are of one scale.
    struct Run {
      int shift = 0;  // kScaleMax - scale
      std::size_t count = 0;
      std::int32_t first = 0;  // the lowest bucket and the highest
      std::int32_t last = 0;
    };
    std::vector<Hit> hits;
    std::vector<Run> runs;
    std::int32_t first = 0;  // bucket of the first sum
    std::vector<Weight> sums;

    bool empty() const { return runs.empty(); }
    void add(std::span<const Hit> added, const Run& run);
    /// From `shift` on, the least at which all of it spans no more buckets than there may be.
    int shift_from(int shift) const;
    void add_up(int shift);
    void shorten();
    void clear();
  };

  void add_to_buckets(double value, Weight weight);
  void leave_exact();
  void add_up();
  double of_rank(Weight rank) const;

  ExpHistogram exact_;  // while there are no more values than it keeps exact
  bool is_exact_ = true;
  Side positive_;
  Side negative_;  // by magnitude
  Weight zeros_ = 0;
  double min_ = 0;
  double max_ = 0;
  int shift_ = 0;                   // of all, once added up
  std::vector<Weight> cumulative_;  // negative ones downward, zeros, positive ones upward
};

}  // namespace ingest::sketch
