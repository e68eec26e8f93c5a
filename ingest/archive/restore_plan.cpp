#include "ingest/archive/restore_plan.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace ingest::archive {
namespace {

/// What a series costs in memory besides its panes.
constexpr std::size_t kSeriesBytes = 768;

/// Bytes as they lie in memory: more than they are packed. By event time no pane is closed until
/// the first sample says what time it is: each waits as an entry of one that is open. How many
/// there are follows from the bytes, of which the smallest takes `least`.
std::size_t in_memory(std::size_t packed, const RestoreLimits& limits, std::size_t least,
                      std::size_t panes_max) {
  constexpr std::size_t kEntryBytes = 48;
  if (limits.time_by == TimeBy::Wall) return packed + packed / 4;
  return packed * 2 + packed / 4 + std::min(packed / least, panes_max) * kEntryBytes;
}
constexpr std::size_t kPaneBytesLeast = 10;   // in a block
constexpr std::size_t kDeltaBytesLeast = 20;  // in a segment

/// What would come of each stretch of time, by its start. A block is taken or left as a whole, and
/// so is a period of the checkpoint.
class Sizes {
 public:
  explicit Sizes(const Levels& levels)
      : grid_{std::max(levels.block(Rollup::Base), levels.period())} {}

  WallTime stretch(WallTime time) const { return grid_.start(grid_.number(time)); }
  void add(WallTime time, std::size_t bytes) { bytes_[stretch(time)] += bytes; }
  /// Whether all fits; else `from` is where the newest begins that does.
  bool fits(std::size_t bytes_max, WallTime& from) const {
    std::size_t all = 0;
    for (auto each = bytes_.rbegin(); each != bytes_.rend(); ++each) {
      all += each->second;
      if (all <= bytes_max || each == bytes_.rbegin()) continue;
      from = std::prev(each)->first;
      return false;
    }
    return true;
  }

 private:
  timeline::PaneGrid grid_;
  std::map<WallTime, std::size_t> bytes_;
};

/// Until when memory would not have all: it tells no holes, and the disk has other panes of then.
WallTime unrestorable_until(const Disk& disk, const Levels& levels) {
  WallTime until = WallTime::min();
  for (const Checkpoint::Found& each : disk.checkpoint().found()) {
    const SegmentName& name = each.name;
    if (name.pane != levels.pane(Rollup::Base))
      until = std::max(until, name.start + Levels{name.pane}.period());
  }
  for (const Gap& each : disk.store().missing().holes(levels.pane(Rollup::Base)))
    until = std::max(until, each.until);
  return until;
}

bool has_segments(const Disk& disk, const Levels& levels, WallTime from) {
  return std::ranges::any_of(disk.checkpoint().found(), [&](const Checkpoint::Found& each) {
    return is_restorable(each, levels) && each.name.start >= from;
  });
}

}  // namespace

bool is_restorable(const Checkpoint::Found& segment, const Levels& levels) {
  return segment.fault.empty() && segment.name.pane == levels.pane(Rollup::Base);
}

std::optional<RestorePlan> plan_restore(const Disk& disk, const Levels& levels,
                                        const RestoreLimits& limits) {
  const auto unfiled = disk.checkpoint().unfiled_from();
  const auto filed = disk.store().oldest(levels.pane(Rollup::Base));
  if (!filed && !unfiled) return std::nullopt;
  RestorePlan plan;
  plan.from = unfiled.value_or(WallTime::max());
  if (filed) plan.from = std::min(plan.from, std::max(*filed, limits.oldest));
  plan.from = std::max(plan.from, unrestorable_until(disk, levels));

  const timeline::PaneGrid grid = levels.grid(Rollup::Base);
  Sizes sizes{levels};
  disk.store().sizes(
      levels, {Rollup::Base, grid.number(plan.from), grid.number(WallTime::max())},
      [&](ArchiveId id, PaneNumber block, std::size_t bytes) {
        const WallTime stretch = sizes.stretch(grid.start(block * kPanesPerBlock));
        sizes.add(stretch, in_memory(bytes, limits, kPaneBytesLeast, kPanesPerBlock));
        WallTime& newest = plan.series.try_emplace(id, WallTime::min()).first->second;
        newest = std::max(newest, stretch);
      });
  if (plan.series.empty() && !has_segments(disk, levels, plan.from)) return std::nullopt;
  for (const auto& [id, newest] : plan.series)
    sizes.add(newest, kSeriesBytes);
  for (const Checkpoint::Found& each : disk.checkpoint().found())
    if (is_restorable(each, levels))
      sizes.add(each.name.start,
                in_memory(each.whole_bytes, limits, kDeltaBytesLeast, each.whole_bytes) +
                    each.numbers * kSeriesBytes);
  plan.is_cut = !sizes.fits(limits.bytes_max, plan.from);
  return plan;
}

}  // namespace ingest::archive
