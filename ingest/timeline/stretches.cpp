#include "ingest/timeline/stretches.h"

#include <algorithm>
#include <utility>

namespace ingest::timeline {

void take(const Stretch& offered, const PaneGrid& grid, std::vector<Gap>& gaps,
          std::vector<Stretch>& taken) {
  std::vector<Gap> left;
  for (const Gap& gap : gaps) {
    const PaneNumber whole = grid.number(gap.from + grid.pane - Millis{1});
    const PaneNumber first = std::max(offered.first, whole);
    const PaneNumber last = std::min(offered.last, grid.number(gap.until));
    if (first >= last) {
      left.push_back(gap);
      continue;
    }
    taken.push_back({offered.level, first, last});
    if (gap.from < grid.start(first)) left.push_back({gap.from, grid.start(first)});
    if (grid.start(last) < gap.until) left.push_back({grid.start(last), gap.until});
  }
  gaps = std::move(left);
}

}  // namespace ingest::timeline
