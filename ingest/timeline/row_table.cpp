#include "ingest/timeline/row_table.h"

#include <algorithm>

#include "ingest/query/selector.h"

namespace ingest::timeline {

using query::RowSlot;

RowTable::RowTable(std::size_t rows_max, std::uint64_t window_panes)
    : rows_max_(rows_max), window_panes_(window_panes) {}

// Kind and values, NUL between them: no value holds one.
std::string RowTable::map_key(const std::vector<std::string>& key, model::Kind kind) {
  std::string text(1, static_cast<char>('0' + static_cast<int>(kind)));
  for (const std::string& value : key) {
    text += '\0';
    text += value;
  }
  return text;
}

RowSlot RowTable::find_or_add(std::vector<std::string> key, model::Kind kind) {
  if (const auto found = by_key_.find(map_key(key, kind)); found != by_key_.end()) {
    return found->second;
  }
  if (keyed_ < rows_max_) {
    ++keyed_;
    return add(std::move(key), kind);
  }
  std::ranges::fill(key, std::string{query::kOverflow});
  if (const auto found = by_key_.find(map_key(key, kind)); found != by_key_.end()) {
    return found->second;
  }
  const RowSlot slot = add(std::move(key), kind);
  rows_[slot].overflow = true;
  return slot;
}

RowSlot RowTable::add(std::vector<std::string> key, model::Kind kind) {
  RowSlot slot = slots();
  if (free_.empty()) {
    rows_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  by_key_.emplace(map_key(key, kind), slot);
  Row& row = rows_[slot];
  row = Row{};
  row.key = std::move(key);
  row.kind = kind;
  row.in_use = true;
  if (kind != model::Kind::Gauge) row.panes = std::make_unique<PaneTree>(window_panes_);
  return slot;
}

void RowTable::life_changed(RowSlot slot) {
  if (rows_[slot].life_changed) return;
  rows_[slot].life_changed = true;
  life_changed_.push_back(slot);
}

void RowTable::mark_dirty(RowSlot slot, PaneNumber pane) {
  Row& row = rows_[slot];
  if (!row.dirty) {
    row.dirty = true;
    row.dirty_first = pane;
    row.dirty_last = pane;
    dirty_.push_back(slot);
    return;
  }
  row.dirty_first = std::min(row.dirty_first, pane);
  row.dirty_last = std::max(row.dirty_last, pane);
}

void RowTable::announce(News& news) {
  news.removed.clear();
  news.added.clear();
  std::ranges::sort(life_changed_);
  for (const RowSlot slot : life_changed_) {
    Row& row = rows_[slot];
    row.life_changed = false;
    if (row.announced && row.live == 0) {
      news.removed.push_back(slot);
      row.announced = false;
      --announced_;
    } else if (!row.announced && row.live > 0) {
      news.added.push_back({slot, row.key});
      row.announced = true;
      ++announced_;
    }
  }
  life_changed_.clear();
  std::ranges::sort(dirty_);
}

void RowTable::clear_dirty() {
  for (const RowSlot slot : dirty_)
    rows_[slot].dirty = false;
  dirty_.clear();
}

void RowTable::drop_below(PaneNumber pane) {
  for (RowSlot slot = 0; slot < slots(); ++slot) {
    Row& row = rows_[slot];
    if (!row.in_use) continue;
    if (row.panes) row.panes->drop_below(pane);
    const bool empty = !row.panes || row.panes->empty();
    if (row.members > 0 || row.announced || row.life_changed || row.dirty || !empty) continue;
    by_key_.erase(map_key(row.key, row.kind));
    if (!row.overflow) --keyed_;
    row = Row{};
    free_.push_back(slot);
  }
}

}  // namespace ingest::timeline
