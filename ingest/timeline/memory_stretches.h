#pragma once
// memory_stretches: which panes of one series the timeline holds for a part of the past. Pure; the
// hub's thread.

#include <functional>
#include <optional>
#include <vector>

#include "ingest/timeline/range_row.h"
#include "ingest/timeline/stretches.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

/// What memory holds is whole from `since` on: what lies before may be elsewhere.
struct MemoryPanes {
  const Timeline& timeline;
  SeriesIndex series = 0;
  WallTime since;
};

/// Takes from `gaps` what is in memory, the coarsest levels first, of those that `takes` allows for
/// the length of their panes. Ascending.
std::vector<Stretch> memory_stretches(const MemoryPanes& memory,
                                      const std::function<bool(Millis)>& takes,
                                      std::vector<Gap>& gaps);

struct BeforeStretches {
  std::optional<RangeRow::Before> gauge;
  std::size_t panes = 0;  // looked at
};
/// Of a gauge: what it was before the first of the stretches, as far as memory knows. Nothing for
/// other kinds.
BeforeStretches before(const MemoryPanes& memory, const std::vector<Stretch>& stretches);

/// The end of the newest pane in there that is in memory, at whatever level; the disk is asked
/// about what is `left`.
struct NewestPane {
  std::optional<WallTime> end;
  std::vector<Gap> left;
  std::size_t panes = 0;  // looked at
};
NewestPane newest_within(const MemoryPanes& memory, const Gap& within);

}  // namespace ingest::timeline
