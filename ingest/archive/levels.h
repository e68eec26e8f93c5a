#pragma once
// Levels: what the archive keeps of a series at which detail, for how long, and how it is cut:
// blocks of 60 panes (a value on disk), parts of many blocks (which leave the disk as a whole).
// Pure arithmetic on time; any thread. It must not know files.
//
//   level   pane       block   kept    part
//   Base    time.pane  60      2 h     10 min    (kept as a roll-up of its length would be)
//   Ten     10 s       10 min  2 d     4 h
//   Sixty   60 s       1 h     30 d    2 d
//
// A roll-up exists where its panes are whole multiples of time.pane, and longer.

#include <cstddef>
#include <cstdint>

#include "ingest/base/clock.h"
#include "ingest/timeline/series_panes.h"

namespace ingest::archive {

using timeline::PaneNumber;
using timeline::Rollup;

constexpr PaneNumber kPanesPerBlock = 60;
constexpr Millis kFilingMargin{60'000};

class Levels {
 public:
  explicit Levels(Millis pane) : base_(pane) {}

  /// Whether there is such a level; Base always.
  bool exists(Rollup level) const;
  /// The length of its panes.
  Millis pane(Rollup level) const;
  Millis kept(Rollup level) const;
  /// The length of a part: a whole number of blocks.
  Millis part(Rollup level) const;
  /// What goes from the checkpoint into blocks at once: so long, aligned to the epoch.
  Millis period() const;
  /// So old is a pane at most before it is in blocks, as long as filing is not behind: its period
  /// has to close first, and is then filed in slices.
  Millis filed_within(Millis allowed_lateness) const {
    return period() + allowed_lateness + kFilingMargin;
  }

  timeline::PaneGrid grid(Rollup level) const { return {pane(level)}; }
  Millis block(Rollup level) const { return pane(level) * kPanesPerBlock; }

 private:
  Millis base_;
};

}  // namespace ingest::archive
