#pragma once
// RecentMinute: what a series had in the last minute: out of its roll-ups of 10 s where they are
// made, and its panes behind them. So the minute begins at a pane of 10 s, and may be up to 10 s
// longer. Its memory stays from one series to the next. Pure; the hub's thread.

#include <cstddef>
#include <span>
#include <vector>

#include "ingest/model/partial.h"
#include "ingest/sketch/histogram_sum.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

class RecentMinute {
 public:
  explicit RecentMinute(const Timeline& timeline) : timeline_(timeline) {}

  /// How many different members a set had.
  double distinct(SeriesIndex set);
  /// Appends quantiles of a timer; NaN where nothing came.
  void append_quantiles(SeriesIndex timer, std::span<const double> quantiles,
                        std::vector<double>& out);
  /// How many panes the last of these merged.
  std::size_t merged() const { return merged_count_; }

 private:
  template <class Add>
  void each_packed(SeriesIndex series, const Add& add);

  const Timeline& timeline_;
  sketch::HistogramSum histograms_;
  std::size_t merged_count_ = 0;
};

}  // namespace ingest::timeline
