// How a BlockStore is read: series, the panes of one, the panes of all.

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ingest/archive/block.h"
#include "ingest/archive/block_store_state.h"
#include "ingest/archive/packed_panes.h"
#include "ingest/model/packed_partial.h"

namespace ingest::archive {
namespace {

/// One pane of all its sources. Nearly always there is one, which is not looked into.
class PaneSources {
 public:
  bool empty() const { return packed_.empty(); }
  /// Lives as long as the next change here, and what was added.
  std::span<const std::byte> packed() const { return packed_; }
  /// False when it, or what came before it, is damaged, and left out.
  bool add(std::span<const std::byte> packed) {
    if (empty()) {
      packed_ = packed;
      return !packed.empty();
    }
    auto before = packed_;
    auto merged = model::unpack(before);
    if (!merged) packed_ = packed;
    if (!merged || !model::merge_packed(packed, *merged)) return false;
    merged_.clear();
    model::pack(*merged, merged_);
    packed_ = merged_;
    return true;
  }
  void clear() { packed_ = {}; }

 private:
  std::span<const std::byte> packed_;
  std::vector<std::byte> merged_;
};

/// Of the block that the iterator is at.
Gap time_of(const Levels& levels, const BlockStore::Range& range, const rocksdb::Iterator& at) {
  const timeline::PaneGrid grid = levels.grid(range.level);
  const PaneNumber first = block_of_key(at.key()) * kPanesPerBlock;
  return {grid.start(first), grid.start(first + kPanesPerBlock)};
}

}  // namespace

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
    visit(part->second, Gap{std::max(part->first.start(), first),
                            std::min(part->first.end(), grid.start(range.last))});
}

bool BlockStore::State::is_whole(const Status& status) const {
  if (status.ok()) return true;
  // What the device does not give is taken for lost, as it is of the checkpoint.
  const bool is_gone =
      is_damage(status) || status.ToString().find("Input/output error") != std::string::npos;
  if (!is_gone) ++counts.unread;
  return !is_gone;
}

// Those of the block that the iterator is at; of one pane all sources merged.
template <class Visit>
bool BlockStore::State::each_pane(const rocksdb::Iterator& at, const Range& range,
                                  const LeftOut& left_out, const Visit& visit) const {
  const PaneNumber base = block_of_key(at.key()) * kPanesPerBlock;
  const BlockPanes panes = read_block(bytes_of(at.value()));
  bool whole = panes.whole;
  PaneSources sources;
  for (std::size_t i = 0; i < panes.all.size(); ++i) {
    const BlockPanes::Pane& pane = panes.all[i];
    const PaneNumber number = base + static_cast<PaneNumber>(pane.offset);
    if (number < range.first || number >= range.last) continue;
    if (left_out == nullptr || !left_out(number, pane.source)) whole &= sources.add(pane.packed);
    const bool is_last = i + 1 == panes.all.size() || panes.all[i + 1].offset != pane.offset;
    if (!is_last || sources.empty()) continue;
    whole &= visit(number, sources.packed());
    sources.clear();
  }
  return whole;
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
      state_->lose_all();
      continue;
    }
    if (!visit(known->first, *key)) return;
  }
  if (!state_->is_whole(each->status())) state_->lose_all();
}

void BlockStore::panes(const Levels& levels, ArchiveId series, const Range& range,
                       const Reader::PaneVisit& visit) const {
  const std::string last_key = block_key(series, block_of(range.last - 1) + 1);
  const Slice bound{last_key};
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const Millis pane = levels.pane(range.level);
  const State& s = *state_;
  s.each_part(levels, range, [&](ColumnFamilyHandle* part, const Gap& asked) {
    const std::unique_ptr<rocksdb::Iterator> each{s.db->NewIterator(options, part)};
    for (each->Seek(block_key(series, block_of(range.first))); each->Valid(); each->Next())
      if (!s.each_pane(*each, range, nullptr, visit))
        s.damaged(pane, time_of(levels, range, *each));
    if (!s.is_whole(each->status())) s.damaged(pane, asked);
  });
}

// Memory makes its roll-ups of what it gets here: what is damaged is missing at all lengths.
void BlockStore::scan(const Levels& levels, const Range& range, const LeftOut& left_out,
                      const ScanVisit& visit) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  PackedPanes panes;
  const auto gather = [&](PaneNumber pane, std::span<const std::byte> packed) {
    return panes.add_packed(pane, packed);
  };
  const State& s = *state_;
  s.each_part(levels, range, [&](ColumnFamilyHandle* part, const Gap& asked) {
    const std::unique_ptr<rocksdb::Iterator> each{s.db->NewIterator(options, part)};
    for (each->SeekToFirst(); each->Valid(); each->Next()) {
      panes.clear();
      if (!s.each_pane(*each, range, left_out, gather)) s.lose(time_of(levels, range, *each));
      if (!panes.empty()) visit(series_of_key(each->key()), panes.kind(), panes.all());
    }
    if (!s.is_whole(each->status())) s.lose(asked);
  });
}

void BlockStore::sizes(const Levels& levels, const Range& range, const SizeVisit& visit) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  state_->each_part(levels, range, [&](ColumnFamilyHandle* part, const Gap& asked) {
    const std::unique_ptr<rocksdb::Iterator> each{state_->db->NewIterator(options, part)};
    for (each->SeekToFirst(); each->Valid(); each->Next()) {
      const PaneNumber block = block_of_key(each->key());
      const bool is_asked = block >= block_of(range.first) && block * kPanesPerBlock < range.last;
      if (is_asked) visit(series_of_key(each->key()), block, each->value().size());
    }
    if (!state_->is_whole(each->status())) state_->lose(asked);
  });
}

}  // namespace ingest::archive
