#include "ingest/timeline/row_table.h"

#include <algorithm>
#include <array>

#include "ingest/query/selector.h"
#include "ingest/timeline/gauge_past.h"

namespace ingest::timeline {

using query::RowSlot;

namespace {

constexpr std::array kKinds{model::Kind::Counter, model::Kind::Gauge, model::Kind::Timer,
                            model::Kind::Set};

}  // namespace

std::size_t Strand::held_bytes() const {
  std::size_t bytes = sizeof(*this) + gauges.capacity() * sizeof(void*);
  if (slides) bytes += sizeof(*slides) + slides->held_bytes();
  if (past) bytes += sizeof(*past) + past->held_bytes();
  for (const GaugePast* gauge : gauges)
    bytes += gauge->held_bytes();
  return bytes;
}

// Kind and values, NUL between them: no value holds one.
std::string RowTable::map_key(const RowKey& key) const {
  std::string text;
  if (options_.kinds == Kinds::Apart) text += static_cast<char>('0' + static_cast<int>(key.kind));
  for (const std::string& value : key.values) {
    text += '\0';
    text += value;
  }
  return text;
}

RowSlot RowTable::find_or_add(RowKey key) {
  if (const auto found = by_key_.find(map_key(key)); found != by_key_.end()) return found->second;
  if (keyed_ < options_.rows_max) {
    ++keyed_;
    return add(std::move(key));
  }
  for (std::size_t column = 0; column < key.values.size(); ++column) {
    if (column != options_.kind_column) key.values[column] = query::kOverflow;
  }
  if (const auto found = by_key_.find(map_key(key)); found != by_key_.end()) return found->second;
  const RowSlot slot = add(std::move(key));
  rows_[slot].overflow = true;
  return slot;
}

RowSlot RowTable::add(RowKey key) {
  RowSlot slot = slots();
  if (free_.empty()) {
    rows_.emplace_back();
    map_keys_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  const bool eclipsed = is_eclipsed(key);
  map_keys_[slot] = map_key(key);
  by_key_.emplace(map_keys_[slot], slot);
  Row& row = rows_[slot];
  row = Row{};
  row.key = std::move(key.values);
  row.in_use = true;
  row.eclipsed = eclipsed;
  return slot;
}

bool RowTable::is_eclipsed(RowKey key) const {
  if (options_.kinds == Kinds::Together || options_.kind_column < key.values.size()) return false;
  const model::Kind own = key.kind;
  const auto holds_key = [&](model::Kind kind) {
    key.kind = kind;
    return kind != own && by_key_.contains(map_key(key));
  };
  return std::ranges::any_of(kKinds, holds_key);
}

void RowTable::question(RowSlot slot) {
  if (rows_[slot].in_question) return;
  rows_[slot].in_question = true;
  in_question_.push_back(slot);
}

void RowTable::hide(RowSlot slot, bool hidden) {
  if (rows_[slot].hidden == hidden) return;
  rows_[slot].hidden = hidden;
  question(slot);
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
  std::ranges::sort(in_question_);
  for (const RowSlot slot : in_question_) {
    Row& row = rows_[slot];
    row.in_question = false;
    const bool wanted = row.live > 0 && !row.hidden && !row.eclipsed;
    if (row.announced && !wanted) {
      news.removed.push_back(slot);
      row.announced = false;
      --announced_;
    } else if (!row.announced && wanted) {
      news.added.push_back({slot, row.key});
      row.announced = true;
      ++announced_;
    }
  }
  in_question_.clear();
  std::ranges::sort(dirty_);
}

void RowTable::clear_dirty() {
  for (const RowSlot slot : dirty_)
    rows_[slot].dirty = false;
  dirty_.clear();
}

void RowTable::measure() {
  const std::size_t share = std::min<std::size_t>(slots(), slots() / kRound + 1);
  for (std::size_t i = 0; i < share; ++i) {
    if (next_measured_ >= slots()) next_measured_ = 0;
    Row& row = rows_[next_measured_++];
    if (!row.in_use) continue;
    std::size_t bytes = sizeof(row);
    for (const std::string& value : row.key)
      bytes += 3 * (sizeof(std::string) + value.size());  // its text as the table's key, twice
    for (const Strand& strand : row.strands)
      bytes += strand.held_bytes();
    held_bytes_ += bytes - row.held_bytes;
    row.held_bytes = bytes;
  }
}

std::size_t RowTable::free(query::RowSlot slot) {
  const std::size_t bytes = rows_[slot].held_bytes;
  held_bytes_ -= bytes;
  rows_[slot] = Row{};
  return 1 + bytes / kBytesAStep;
}

bool RowTable::has_panes(const Row& row) {
  return std::ranges::any_of(row.strands, [](const Strand& strand) {
    return strand.slides != nullptr && !strand.slides->empty();
  });
}

void RowTable::drop_below(PaneNumber slide) {
  for (RowSlot slot = 0; slot < slots(); ++slot) {
    Row& row = rows_[slot];
    if (!row.in_use) continue;
    for (Strand& strand : row.strands) {
      if (strand.slides) strand.slides->drop_below(slide);
    }
    const bool idle = row.members == 0 && !row.announced && !row.in_question && !row.dirty;
    if (!idle || has_panes(row)) continue;
    by_key_.erase(map_keys_[slot]);
    if (!row.overflow) --keyed_;
    held_bytes_ -= row.held_bytes;
    row = Row{};
    free_.push_back(slot);
  }
}

}  // namespace ingest::timeline
