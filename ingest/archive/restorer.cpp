#include "ingest/archive/restorer.h"

#include <set>
#include <utility>

#include "ingest/model/packed_partial.h"

namespace ingest::archive {

// Born once, whatever number it goes by where.
Restorer::Series Restorer::series(const model::SeriesKey& key) {
  const auto local = static_cast<std::uint32_t>(by_place_.size());
  const auto [found, is_new] =
      by_place_.try_emplace(Reader::place_of(key), Series{local, key.kind()});
  if (is_new) to_.born(local, key);
  return found->second;
}

void Restorer::blocks(PaneNumber first) {
  std::set<std::pair<WallTime, std::uint64_t>> unfiled;
  for (const Checkpoint::Found& found : disk_.checkpoint().found())
    if (found.name.pane == levels_.pane(Rollup::Base))
      unfiled.emplace(found.name.start, found.name.number);
  const timeline::PaneGrid grid = levels_.grid(Rollup::Base);
  const timeline::PaneGrid periods{levels_.period()};
  const auto is_unfiled = [&](PaneNumber pane, std::uint64_t source) {
    return unfiled.contains({periods.start(periods.number(grid.start(pane))), source});
  };
  // The keys of what the scan meets: a series that has no pane there is not born again.
  std::unordered_map<ArchiveId, model::SeriesKey> keys;
  std::unordered_map<ArchiveId, Series> known;
  disk_.store().series("", "", [&](ArchiveId id, const model::SeriesKey& key) {
    keys.emplace(id, key);
    return true;
  });
  const auto visit = [&](ArchiveId id, PaneNumber pane, model::Partial&& partial) {
    auto here = known.find(id);
    if (here == known.end()) {
      const auto key = keys.find(id);
      if (key == keys.end()) return;
      here = known.emplace(id, series(key->second)).first;
    }
    if (partial.kind() == here->second.kind) {
      to_.delta(here->second.local, pane, std::move(partial));
    } else {
      ++damaged_;
    }
  };
  disk_.store().scan(levels_, {Rollup::Base, first, grid.number(WallTime::max())}, is_unfiled,
                     visit);
}

void Restorer::segments() {
  for (const Checkpoint::Found& found : disk_.checkpoint().found())
    if (found.name.pane == levels_.pane(Rollup::Base)) segment(found.name);
}

void Restorer::segment(const SegmentName& name) {
  const auto file = MappedFile::open(disk_.checkpoint().path_of(name));
  if (!file) return;
  std::unordered_map<std::uint32_t, Series> numbers;
  scan_segment(name, file->bytes(), [&](const Entry& entry) {
    if (entry.what == Entry::What::Born) {
      if (const auto key = read_key(entry.kind, entry.key)) numbers[entry.number] = series(*key);
      return;
    }
    auto packed = entry.packed;
    auto partial = model::unpack(packed);
    const auto here = numbers.find(entry.number);
    if (here == numbers.end() || !partial || partial->kind() != here->second.kind) {
      ++damaged_;
      return;
    }
    to_.delta(here->second.local, entry.pane, *std::move(partial));
  });
}

}  // namespace ingest::archive
