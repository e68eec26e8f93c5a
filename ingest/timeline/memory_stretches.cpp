#include "ingest/timeline/memory_stretches.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace ingest::timeline {
namespace {

constexpr std::array kCoarsestFirst{Rollup::Sixty, Rollup::Ten, Rollup::Base};

/// The first pane of the level that lies wholly at or behind `time`.
PaneNumber first_behind(const PaneGrid& grid, WallTime time) {
  return grid.number(time + grid.pane - Millis{1});
}

}  // namespace

std::vector<Stretch> memory_stretches(const MemoryPanes& memory,
                                      const std::function<bool(Millis)>& takes,
                                      std::vector<Gap>& gaps) {
  std::vector<Stretch> taken;
  const SeriesPanes panes = memory.timeline.panes(memory.series);
  for (const Rollup level : kCoarsestFirst) {
    const PaneNumber covers = panes.covers(level);
    const PaneGrid grid = memory.timeline.grid(level);
    if (covers == SeriesPanes::kNever || !takes(grid.pane)) continue;
    const PaneNumber first = std::max(covers, first_behind(grid, memory.since));
    take({level, first, panes.made_until(level)}, grid, gaps, taken);
  }
  std::ranges::sort(taken, {}, [&](const Stretch& stretch) {
    return memory.timeline.grid(stretch.level).start(stretch.first);
  });
  return taken;
}

BeforeStretches before(const MemoryPanes& memory, const std::vector<Stretch>& stretches) {
  const model::SeriesKey& key = memory.timeline.series(memory.series)->key;
  if (key.kind() != model::Kind::Gauge || stretches.empty()) return {};
  const SeriesPanes panes = memory.timeline.panes(memory.series);
  const Rollup level = stretches.front().level;
  const PaneGrid grid = memory.timeline.grid(level);
  BeforeStretches found;
  double value = std::numeric_limits<double>::quiet_NaN();
  WallTime until;
  if (const auto dropped = panes.before(level)) {
    value = dropped->value;
    until = grid.end(dropped->pane);
  }
  const PaneNumber oldest = std::max<PaneNumber>(panes.covers(level), 0);
  panes.each(level, oldest, stretches.front().first,
             [&](PaneNumber pane, const model::Partial& partial) {
               value = partial.gauge().last(std::isnan(value) ? 0 : value);
               until = grid.end(pane);
               ++found.panes;
             });
  if (!std::isnan(value)) found.gauge = RangeRow::Before{value, until};
  return found;
}

NewestPane newest_within(const MemoryPanes& memory, const Gap& within) {
  NewestPane found;
  if (within.from >= within.until) return found;
  found.left = {within};
  const auto stretches = memory_stretches(
      memory, [](Millis) { return true; }, found.left);
  const SeriesPanes panes = memory.timeline.panes(memory.series);
  for (auto each = stretches.rbegin(); each != stretches.rend() && !found.end; ++each) {
    panes.each_packed(each->level, each->first, each->last, [&](PaneNumber pane, auto) {
      found.end = memory.timeline.grid(each->level).end(pane);
      ++found.panes;
    });
  }
  return found;
}

}  // namespace ingest::timeline
