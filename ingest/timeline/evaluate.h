#pragma once
// evaluate: a stat of merged totals, as a number. What does not apply to a kind is NaN, which
// everybody prints as null. Pure functions; no state.
//
// | kind    | count         | rate      | sum | mean, min, max    | stddev, pNN | first, last,
// delta | distinct | | counter | scaled total  | total / s | =   | null              | null | null
// | null     | | timer   | weighted      | count / s | yes | yes               | yes         | null
// | null     | | set     | null          | null      |null | null              | null        | null
// | yes      | | gauge   | samples       | null      |null | mean of means ... | null        | sums
// over series   | null     |
//
// Of an empty window count, sum and rate are 0, distinct is 0 and the rest null; a gauge keeps its
// last value.

#include <cstdint>

#include "ingest/base/clock.h"
#include "ingest/model/partial.h"
#include "ingest/query/query.h"

namespace ingest::timeline {

/// Counters, timers and sets: merged over panes and series in any order. `window` divides the rate.
double evaluate(const query::Stat& stat, const model::Partial& merged, Millis window);

/// Gauges merge first over time within each series, then over series.
class GaugeGroup {
 public:
  /// One series: its panes in the window, merged; and its value when the window began, NaN when
  /// unknown.
  void add(const model::GaugePartial& in_window, double before);
  double evaluate(const query::Stat& stat) const;

 private:
  std::uint64_t samples_ = 0;
  std::uint64_t means_ = 0;   // series that have one
  std::uint64_t series_ = 0;  // that have a value
  model::CompensatedSum mean_;
  model::CompensatedSum first_;
  model::CompensatedSum last_;
  double min_ = 0;  // over `means_` series
  double max_ = 0;
};

}  // namespace ingest::timeline
