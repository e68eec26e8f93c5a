#pragma once
// JoinedPanes: what a series that joins a stream has from a pane on, in the finest detail that is
// still kept: its panes, and before the oldest of those its roll-ups. A view like SeriesPanes, for
// one call. Pure; the hub's thread.
//
// A roll-up stands at the last pane of its time, so that it leaves a window when all of it is out.
// That is exact where windows begin at multiples of the roll-up, as the default slides of windows
// above ten minutes do; else such a window is up to a roll-up too long at its beginning, for as
// long as it reaches back to before the stream began.

#include <array>

#include "ingest/timeline/series_panes.h"

namespace ingest::timeline {

class JoinedPanes {
 public:
  /// Panes in each roll-up, by level; 0: the level does not fit the pane.
  using Sizes = std::array<PaneNumber, kRollups>;

  JoinedPanes(const SeriesPanes& panes, const Sizes& sizes, PaneNumber first);

  /// Calls visit(pane, partial), ascending. Of the coarsest level that it reads it gives all where
  /// `All`, for gauges, which carry what was before.
  enum class Begin : std::uint8_t { AtFirst, All };
  template <class Visit>
  std::size_t each(Begin begin, Visit visit) const {
    std::size_t visited = 0;
    for (const Part& part : parts_) {
      if (part.first >= part.end) continue;
      const bool all = begin == Begin::All && part.level == coarsest_;
      panes_->each(part.level, all ? 0 : part.first, part.end,
                   [&](PaneNumber number, const model::Partial& partial) {
                     const PaneNumber size = sizes_[static_cast<std::size_t>(part.level)];
                     visit((number + 1) * size - 1, partial);
                     ++visited;
                   });
    }
    return visited;
  }
  /// Of a gauge: its value before all that each(All) gives.
  std::optional<SeriesPanes::Before> before() const { return panes_->before(coarsest_); }

 private:
  struct Part {
    Rollup level = Rollup::Base;
    PaneNumber first = 0;  // numbers of the level
    PaneNumber end = 0;
  };
  void reach_back(Rollup level, Rollup finer, PaneNumber first);

  const SeriesPanes* panes_;
  Sizes sizes_;
  Rollup coarsest_ = Rollup::Base;
  std::array<Part, kRollups> parts_;  // from the coarsest, in the order of time
};

}  // namespace ingest::timeline
