#pragma once
// RecentMinute: what a series had in the last minute, merged: out of its roll-ups of 10 s where
// they are made, and its panes behind them. So the minute begins at a pane of 10 s, and may be up
// to 10 s longer. Its memory stays from one series to the next. Pure; the hub's thread.

#include <cstddef>
#include <vector>

#include "ingest/model/packed_merge.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

class RecentMinute {
 public:
  explicit RecentMinute(const Timeline& timeline) : timeline_(timeline) {}

  /// An empty partial of the series' kind where nothing came. Lives until the next call.
  const model::Partial& of(SeriesIndex series, model::Kind kind);
  /// How many panes the last of() merged.
  std::size_t merged() const { return merged_count_; }

 private:
  void add(const SeriesPanes& panes, Rollup level, PaneNumber first, PaneNumber last);

  const Timeline& timeline_;
  model::PackedMerge merge_;
  std::vector<std::byte> first_;  // what merge_ was given first: the others it reads at once
  model::Partial merged_;
  std::size_t merged_count_ = 0;
};

}  // namespace ingest::timeline
