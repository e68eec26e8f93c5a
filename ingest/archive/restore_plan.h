#pragma once
// RestorePlan: how far back a start takes panes into memory, so that what it takes fits there: the
// newest first, until there is no room. What is older stays on disk, where history reads it. A
// value; made once, before the archive's thread runs.

#include <cstddef>
#include <functional>
#include <optional>
#include <unordered_map>

#include "ingest/archive/disk.h"

namespace ingest::archive {

struct RestorePlan {
  /// No pane begins before.
  WallTime from;
  /// Something newer than what the limits of memory leave out was there.
  bool is_cut = false;
  /// Of series with blocks there: the start of the newest.
  std::unordered_map<ArchiveId, WallTime> series;

  bool takes(ArchiveId id) const {
    const auto found = series.find(id);
    return found != series.end() && found->second >= from;
  }
};

struct RestoreLimits {
  WallTime oldest;            // of what is filed
  std::size_t bytes_max = 0;  // about so much memory; the newest period is always taken
  TimeBy time_by = TimeBy::Wall;
};

/// Nothing where nothing is to be taken back. Reads the sizes of all blocks from `oldest` on. No
/// earlier than the last hole in panes of this length, and than what is left of panes of another.
std::optional<RestorePlan> plan_restore(const Disk& disk, const Levels& levels,
                                        const RestoreLimits& limits);

/// It can be read, and is of panes of this length.
bool is_restorable(const Checkpoint::Found& segment, const Levels& levels);

}  // namespace ingest::archive
