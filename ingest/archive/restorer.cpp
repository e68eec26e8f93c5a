#include "ingest/archive/restorer.h"

#include <set>
#include <span>
#include <utility>
#include <vector>

#include "ingest/archive/packed_panes.h"
#include "ingest/archive/segment.h"
#include "ingest/archive/segment_deltas.h"

namespace ingest::archive {

// Born once, whatever number it goes by where.
Restorer::Series Restorer::series(const model::SeriesKey& key) {
  const auto local = static_cast<std::uint32_t>(by_place_.size());
  const auto [found, is_new] =
      by_place_.try_emplace(Reader::place_of(key), Series{local, key.kind()});
  if (is_new) to_.born(local, key);
  return found->second;
}

void Restorer::all(const RestorePlan& plan) {
  blocks(plan);
  segments(plan.from);
}

void Restorer::blocks(const RestorePlan& plan) {
  std::set<std::pair<WallTime, std::uint64_t>> unfiled;
  for (const Checkpoint::Found& found : disk_.checkpoint().found())
    if (is_restorable(found, levels_)) unfiled.emplace(found.name.start, found.name.number);
  const timeline::PaneGrid grid = levels_.grid(Rollup::Base);
  const timeline::PaneGrid periods{levels_.period()};
  const auto is_unfiled = [&](PaneNumber pane, std::uint64_t source) {
    return unfiled.contains({periods.start(periods.number(grid.start(pane))), source});
  };
  // The keys of what the scan meets, of all that the disk knows: a series that has no pane there is
  // not born again.
  std::unordered_map<ArchiveId, model::SeriesKey> keys;
  std::unordered_map<ArchiveId, Series> known;
  disk_.store().series("", "", [&](ArchiveId id, const model::SeriesKey& key) {
    if (plan.takes(id)) keys.emplace(id, key);
    return true;
  });
  const auto visit = [&](ArchiveId id, model::Kind kind,
                         std::span<const timeline::PackedPane> panes) {
    auto here = known.find(id);
    if (here == known.end()) {
      const auto key = keys.find(id);
      if (key == keys.end()) return;
      here = known.emplace(id, series(key->second)).first;
    }
    if (kind == here->second.kind) {
      to_.panes(here->second.local, panes);
    } else {
      damaged_ += panes.size();
    }
  };
  disk_.store().scan(levels_, {Rollup::Base, grid.number(plan.from), grid.number(WallTime::max())},
                     is_unfiled, visit);
}

// They stand in the order of their periods.
void Restorer::segments(WallTime from) {
  std::span all{disk_.checkpoint().found()};
  while (!all.empty() && all.front().name.start < from)
    all = all.subspan(1);
  for (std::size_t first = 0, end = 0; first < all.size(); first = end) {
    const auto is_same = [&](const Checkpoint::Found& each) {
      return each.name.start == all[first].name.start;
    };
    for (end = first; end < all.size() && is_same(all[end]);)
      ++end;
    period(all.subspan(first, end - first));
  }
}

void Restorer::period(std::span<const Checkpoint::Found> segments) {
  std::vector<SegmentBytes> files;
  SegmentDeltas deltas;
  for (const Checkpoint::Found& each : segments) {
    if (!is_restorable(each, levels_)) continue;
    auto file = SegmentBytes::read(disk_.checkpoint().path_of(each.name));
    if (!file) continue;
    deltas.begin_segment();
    SegmentReader reader{file->bytes};
    while (const auto entries = reader.next())
      deltas.take(*entries);
    files.push_back(*std::move(file));
  }
  PackedPanes panes;
  for (std::size_t i = 0; i < deltas.series(); ++i) {
    panes.clear();
    for (const auto& [pane, partial] : deltas.merged(i))
      panes.add(pane, partial);
    const Series known = series(deltas.key(i));
    if (!panes.empty()) to_.panes(known.local, panes.all());
  }
  damaged_ += deltas.damaged();
}

}  // namespace ingest::archive
