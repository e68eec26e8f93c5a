#include "ingest/series/pane.h"

#include <utility>

#include "ingest/base/check.h"

namespace ingest::series {

void Pane::begin(WallTime start) {
  CHECK(empty());
  start_ = start;
}

PaneEntry& Pane::entry_of(model::LocalSeries series, model::Kind kind) {
  const std::size_t chunk = series.index / PaneMemory::kPlaces;
  if (chunk >= places_.size() || places_[chunk] == nullptr) [[unlikely]]
    make_place(series.index);
  std::uint32_t& place = place_of(series.index);
  if (place != 0) [[likely]] {
    PaneEntry& held = entry(place - 1);
    if (held.generation == series.generation) [[likely]]
      return held;
  }
  return add(series, kind, place);
}

void Pane::make_place(std::uint32_t series) {
  const std::size_t chunk = series / PaneMemory::kPlaces;
  if (chunk >= places_.size()) places_.resize(chunk + 1);
  places_[chunk] = memory_.places.take();
}

PaneEntry& Pane::add(model::LocalSeries series, model::Kind kind, std::uint32_t& place) {
  DCHECK(series.generation >> PaneEntry::kGenerationBits == 0);
  if (end_ % PaneMemory::kEntries == 0) entries_.push_back(memory_.entries.take());
  PaneEntry& made = entry(end_);
  place = static_cast<std::uint32_t>(++end_);
  made.index = series.index;
  made.generation = series.generation & ((1U << PaneEntry::kGenerationBits) - 1);
  made.fresh = 1;
  made.listed = 0;
  made.partial = model::Partial{kind};
  return made;
}

void Pane::list(PaneEntry& entry) {
  entry.listed = 1;
  changed_.push_back(place_of(entry.index) - 1);
}

bool Pane::holds(model::LocalSeries series) const {
  const std::uint32_t* const place = find_place(series.index);
  if (place == nullptr || *place == 0) return false;
  const std::size_t at = *place - std::size_t{1};
  const PaneEntry& held = (*entries_[at / PaneMemory::kEntries])[at % PaneMemory::kEntries];
  return held.series() == series && held.fresh == 0;
}

void Pane::move_out(PaneEntry& entry, std::vector<model::PartialMoved>& out) const {
  const model::Kind kind = entry.partial.kind();
  out.push_back({entry.series(), start_, std::exchange(entry.partial, model::Partial{kind})});
  entry.fresh = 1;
}

void Pane::begin_tick() {
  if (left_ < leaving_.size()) {  // the last tick was not finished
    leaving_.insert(leaving_.end(), changed_.begin(), changed_.end());
    changed_.clear();
    return;
  }
  leaving_.clear();
  left_ = 0;
  leaving_.swap(changed_);
}

std::size_t Pane::take_changed(std::size_t series_max, std::vector<model::PartialMoved>& out) {
  const std::size_t count = std::min(series_max, leaving_.size() - left_);
  for (const std::size_t end = left_ + count; left_ < end; ++left_) {
    if (leaving_[left_] < taken_) continue;  // it left with its pane
    PaneEntry& each = entry(leaving_[left_]);
    each.listed = 0;
    if (each.fresh == 0) move_out(each, out);
  }
  return count;
}

std::size_t Pane::take(std::size_t series_max, std::vector<model::PartialMoved>& out) {
  const std::size_t count = std::min(series_max, waiting());
  for (const std::size_t end = taken_ + count; taken_ < end;) {
    PaneEntry& each = entry(taken_);
    if (each.fresh == 0) move_out(each, out);
    std::uint32_t& place = place_of(each.index);
    ++taken_;
    if (place == taken_) place = 0;
    if (taken_ % PaneMemory::kEntries == 0) {
      memory_.entries.give(std::move(entries_[taken_ / PaneMemory::kEntries - 1]));
    }
  }
  if (empty()) clear();
  return count;
}

// All places are 0 again.
void Pane::clear() {
  for (auto& each : entries_) {
    if (each != nullptr) memory_.entries.give(std::move(each));
  }
  for (auto& each : places_) {
    if (each != nullptr) memory_.places.give(std::move(each));
  }
  entries_.clear();
  places_.clear();
  changed_.clear();
  leaving_.clear();
  taken_ = end_ = left_ = watch_next_ = watch_end_ = 0;
}

}  // namespace ingest::series
