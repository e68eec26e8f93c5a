// How a BlockStore is read: series, the panes of one, the panes of all.

#include <memory>
#include <utility>

#include "ingest/archive/block.h"
#include "ingest/archive/block_store_state.h"
#include "ingest/model/packed_partial.h"

namespace ingest::archive {

template <class Visit>
void BlockStore::State::each_part(const Levels& levels, const Range& range,
                                  const Visit& visit) const {
  if (range.first >= range.last) return;
  const timeline::PaneGrid grid = levels.grid(range.level);
  const timeline::PaneGrid in_parts{levels.part(range.level)};
  const WallTime first = grid.start(block_of(range.first) * kPanesPerBlock);
  const std::int64_t pane_ms = levels.pane(range.level).count();
  const std::int64_t start_ms = to_ms(in_parts.start(in_parts.number(first)));
  for (auto part = parts.lower_bound({pane_ms, start_ms});
       part != parts.end() && part->first.pane_ms == pane_ms &&
       part->first.start() < grid.start(range.last);
       ++part)
    visit(part->second);
}

// Those of the block that the iterator is at.
template <class Visit>
void BlockStore::State::each_pane(const rocksdb::Iterator& at, const Range& range,
                                  const Visit& visit) const {
  const PaneNumber base = block_of_key(at.key()) * kPanesPerBlock;
  const BlockPanes panes = read_block(bytes_of(at.value()));
  bool whole = panes.whole;
  for (std::size_t i = 0; i < panes.at.size(); ++i) {
    const PaneNumber number = base + static_cast<PaneNumber>(i);
    auto packed = panes.at.at(i);
    if (packed.empty() || number < range.first || number >= range.last) continue;
    auto partial = model::unpack(packed);
    whole = whole && partial.has_value();
    if (partial) visit(number, *std::move(partial));
  }
  if (!whole) ++counts.damaged;
}

void BlockStore::series(std::string_view name_prefix, std::string_view after,
                        const Reader::SeriesVisit& visit) const {
  if (!is_open()) return;
  std::string from(1, kSeriesMark);
  const std::string prefix = from + std::string{name_prefix};
  from += after.empty() ? name_prefix : after;
  if (!after.empty()) from.push_back('\0');
  const std::unique_ptr<rocksdb::Iterator> each{state_->db->NewIterator({}, state_->dictionary)};
  for (each->Seek(from); each->Valid() && each->key().starts_with(prefix); each->Next()) {
    const auto known = read_series(each->value());
    const auto key = read_place(each->key().ToStringView().substr(1));
    if (!known || !key) {
      ++state_->counts.damaged;
      continue;
    }
    if (!visit(known->first, *key)) return;
  }
  if (!each->status().ok()) ++state_->counts.damaged;
}

void BlockStore::panes(const Levels& levels, ArchiveId series, const Range& range,
                       const Reader::PaneVisit& visit) const {
  const std::string last_key = block_key(series, block_of(range.last - 1) + 1);
  const Slice bound{last_key};
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const auto give = [&](PaneNumber pane, model::Partial&& partial) { visit(pane, partial); };
  state_->each_part(levels, range, [&](ColumnFamilyHandle* part) {
    const std::unique_ptr<rocksdb::Iterator> each{state_->db->NewIterator(options, part)};
    for (each->Seek(block_key(series, block_of(range.first))); each->Valid(); each->Next())
      state_->each_pane(*each, range, give);
    if (!each->status().ok()) ++state_->counts.damaged;
  });
}

void BlockStore::scan(const Levels& levels, const Range& range, const ScanVisit& visit) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  ArchiveId series{};
  const auto give = [&](PaneNumber pane, model::Partial&& partial) {
    visit(series, pane, std::move(partial));
  };
  state_->each_part(levels, range, [&](ColumnFamilyHandle* part) {
    const std::unique_ptr<rocksdb::Iterator> each{state_->db->NewIterator(options, part)};
    for (each->SeekToFirst(); each->Valid(); each->Next()) {
      series = series_of_key(each->key());
      state_->each_pane(*each, range, give);
    }
    if (!each->status().ok()) ++state_->counts.damaged;
  });
}

}  // namespace ingest::archive
