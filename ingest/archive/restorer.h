#pragma once
// Restorer: what a start reads back: recent blocks, then the checkpoint. Numbers series anew, by
// their keys. Used once, before the archive's thread runs.

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <unordered_map>

#include "ingest/archive/archive.h"
#include "ingest/archive/disk.h"
#include "ingest/archive/restore_plan.h"

namespace ingest::archive {

class Restorer {
 public:
  /// All outlive it.
  Restorer(const Disk& disk, const Levels& levels, const Archive::Restore& to)
      : disk_(disk), levels_(levels), to_(to) {}

  /// What the plan takes, panes of blocks before those of segments. Segments that cannot be read,
  /// or of panes of another length, are left out.
  void all(const RestorePlan& plan);
  /// Deltas that could not be read, or of no known series.
  std::uint64_t damaged() const { return damaged_; }

 private:
  struct Series {
    std::uint32_t local = 0;
    model::Kind kind = model::Kind::Counter;
  };
  /// Without what segments() gives: a crash may have left a segment of which some or all was filed.
  void blocks(const RestorePlan& plan);
  void segments(WallTime from);
  /// All segments of one period.
  void period(std::span<const Checkpoint::Found> segments);
  Series series(const model::SeriesKey& key);

  const Disk& disk_;
  const Levels& levels_;
  const Archive::Restore& to_;
  std::map<std::string, Series, std::less<>> by_place_;
  std::uint64_t damaged_ = 0;
};

}  // namespace ingest::archive
