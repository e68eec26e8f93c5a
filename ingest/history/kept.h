#pragma once
// Kept: from when on panes are there, in memory or on disk, so that a plan counts on no pane that
// is gone. Values and pure functions; the first is for the hub's thread, the second for the
// archive's.
//
//   disk    [||||||||||||||||)               what was filed ends at written_until()
//   memory            [|||||||||||||||||||   no pane between: whole from where the disk is
//
//   disk    [||||||||)                       filing hangs behind, and memory has forgotten
//   memory            ....[|||||||||||||||   a gap: whole from where memory is
//
//   disk    (away)                           what it has is not known: no window begins before
//   memory               [||||||||||||||||   memory did

#include <array>

#include "ingest/archive/reader.h"
#include "ingest/timeline/range_windows.h"
#include "ingest/timeline/timeline.h"

namespace ingest::history {

/// What memory was given, ever.
struct InMemory {
  WallTime since;         // everything from here on; what is older may be on disk
  WallTime began{};       // this process' own; what is older was brought back from disk
  bool archived = false;  // there is a disk, though it may be away
};

/// What memory has, at one instant.
struct KeptInMemory : InMemory {
  std::array<Millis, timeline::kRollups> length{};  // 0: memory does not keep the level
  std::array<WallTime, timeline::kRollups> from{};  // the oldest pane that is whole
};

KeptInMemory kept_in_memory(const timeline::Timeline& timeline, const InMemory& from);

/// What memory and disk have together. `disk` is null where there is none, or it cannot be read
/// now.
timeline::KeptLevels kept_anywhere(const KeptInMemory& memory, const archive::Reader* disk);

}  // namespace ingest::history
