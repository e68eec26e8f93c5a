#pragma once
// Stretches: which panes of which level answer for which part of a range, so that every instant is
// taken once, from whatever keeps it. Pure functions. A gap is what nobody has given yet:
//
//   range    [-------------------------------------)
//   Ten  in memory             [======)                what is offered first is taken first
//   Base in memory      [||||||||||||||||||||||)
//   left [--------------)                              for the disk

#include <vector>

#include "ingest/base/clock.h"
#include "ingest/timeline/series_panes.h"

namespace ingest::timeline {

/// [from, until) of time.
struct Gap {
  WallTime from;
  WallTime until;
  bool operator==(const Gap&) const = default;
};
/// Panes [first, last) of a level.
struct Stretch {
  Rollup level = Rollup::Base;
  PaneNumber first = 0;
  PaneNumber last = 0;
  bool operator==(const Stretch&) const = default;
};

/// Takes from `gaps` what whole panes of `offered` fill, and appends it to `taken`. `grid` is the
/// level's; the gaps that remain are ascending, as those given were.
void take(const Stretch& offered, const PaneGrid& grid, std::vector<Gap>& gaps,
          std::vector<Stretch>& taken);

}  // namespace ingest::timeline
