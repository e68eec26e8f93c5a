#include "ingest/history/kept.h"

#include <algorithm>
#include <cstddef>

namespace ingest::history {
namespace {

using timeline::KeptLevels;
using timeline::PaneNumber;
using timeline::Rollup;
using timeline::SeriesPanes;

constexpr std::array kLevels{Rollup::Base, Rollup::Ten, Rollup::Sixty};

std::size_t index_of(Rollup level) {
  return static_cast<std::size_t>(level);
}

/// Where memory goes on, for windows of this level: they take its panes, and finer ones.
WallTime memory_goes_on(const KeptInMemory& memory, Rollup level) {
  WallTime from = WallTime::max();
  for (std::size_t i = 0; i <= index_of(level); ++i)
    if (memory.length[i] > Millis{0}) from = std::min(from, memory.from[i]);
  return std::max(from, memory.since);
}

KeptLevels::Level kept_of(const KeptInMemory& memory, Rollup level) {
  const Millis length = memory.length[index_of(level)];
  if (length == Millis{0}) return {};
  const WallTime from = memory.from[index_of(level)];
  if (memory.archived) return {length, std::max(from, memory.since)};
  // What memory never had to drop is all there ever was.
  return {length, from <= memory.since ? WallTime::min() : from};
}

/// What is neither in memory nor on disk is gone.
KeptLevels::Level kept_of(const KeptInMemory& memory, const archive::Reader& disk, Rollup level) {
  KeptLevels::Level in_memory = kept_of(memory, level);
  if (!disk.levels().exists(level)) return in_memory;
  const timeline::PaneGrid grid = disk.levels().grid(level);
  const WallTime goes_on = memory_goes_on(memory, level);
  if (grid.start(disk.written_until(level)) < goes_on) return {grid.pane, goes_on};
  return {grid.pane, std::min(in_memory.since, disk.whole_from(level))};
}

/// Memory has all that this process took, also where the disk lost it.
WallTime held_from(const KeptInMemory& memory, Rollup level) {
  if (memory.length[index_of(level)] == Millis{0}) return WallTime::max();
  return std::max({memory.from[index_of(level)], memory.since, memory.began});
}

}  // namespace

KeptInMemory kept_in_memory(const timeline::Timeline& timeline, const InMemory& from) {
  KeptInMemory memory{from};
  for (const Rollup level : kLevels) {
    const PaneNumber covers = timeline.covers(level);
    if (covers == SeriesPanes::kNever) continue;
    memory.length[index_of(level)] = timeline.grid(level).pane;
    memory.from[index_of(level)] = timeline.grid(level).start(covers);
  }
  return memory;
}

KeptLevels kept_anywhere(const KeptInMemory& memory, const archive::Reader* disk) {
  KeptLevels kept;
  if (disk == nullptr && memory.archived) kept.known_from = memory.since;
  kept.memory_from = memory.since;
  if (disk != nullptr) kept.holes = disk->holes();
  for (const Rollup level : kLevels) {
    KeptLevels::Level& here = kept.levels[index_of(level)];
    here = disk == nullptr ? kept_of(memory, level) : kept_of(memory, *disk, level);
    here.held_from = held_from(memory, level);
    if (disk != nullptr && disk->levels().exists(level)) here.holes = disk->holes(level);
  }
  return kept;
}

}  // namespace ingest::history
