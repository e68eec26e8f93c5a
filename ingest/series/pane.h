#pragma once
// Pane: the partials of every series between two edges of time, as one worker folds them.
// Pure: the caller says when it ends. Owned by one worker's OpenPanes, its thread only; used again
// for a later time.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/handover.h"
#include "ingest/model/partial.h"
#include "ingest/series/pane_memory.h"

namespace ingest::series {

class Pane {
 public:
  enum class Watched : std::uint8_t { No, Yes };

  /// `memory` outlives the pane.
  Pane(WallTime start, PaneMemory& memory) : memory_(memory), start_(start) {}
  WallTime start() const { return start_; }
  /// For another time; it is empty.
  void begin(WallTime start);

  /// Ask for the memory that entry_of() will touch: first where the entry is named, a little later
  /// the entry.
  void prefetch_place(model::LocalSeries series) const {
    if (const std::uint32_t* const place = find_place(series.index)) __builtin_prefetch(place);
  }
  void prefetch_entry(model::LocalSeries series) const {
    const std::uint32_t* const place = find_place(series.index);
    if (place == nullptr || *place == 0) return;
    const std::size_t at = *place - std::size_t{1};
    const PaneEntry& entry = (*entries_[at / PaneMemory::kEntries])[at % PaneMemory::kEntries];
    __builtin_prefetch(&entry, 1);
    __builtin_prefetch(&entry + 1, 1);  // it may lie across two lines
  }
  /// The series' entry, made when there is none; lives until it is taken.
  PaneEntry& entry_of(model::LocalSeries series, model::Kind kind);
  /// `entry` is entry_of(the sample's series).
  void fold(PaneEntry& entry, Watched watched, const model::Sample& sample, WallTime arrival) {
    entry.partial.fold(sample, arrival);
    entry.fresh = 0;
    if (watched == Watched::Yes && entry.listed == 0) list(entry);
  }

  /// Whether totals of this series wait to be taken.
  bool holds(model::LocalSeries series) const;
  bool empty() const { return taken_ == end_; }
  /// Series that wait, and such whose totals were taken while they were watched.
  std::size_t waiting() const { return end_ - taken_; }

  /// What watched series gathered so far is what take_changed() moves from now on.
  void begin_tick();
  /// Moves up to `series_max` of them behind `out`; how many it looked at. Fewer than asked for:
  /// there are no more.
  std::size_t take_changed(std::size_t series_max, std::vector<model::PartialMoved>& out);
  /// Moves up to `series_max` series, the oldest first, behind `out`, watched or not; how many it
  /// looked at.
  std::size_t take(std::size_t series_max, std::vector<model::PartialMoved>& out);

  /// After the watch list changed: what is here now is looked at by watch_some().
  void begin_watch() {
    watch_next_ = taken_;
    watch_end_ = end_;
  }
  /// Looks at up to `series_max` entries: `is_watched(LocalSeries)` says whose totals are changes
  /// from now on. How many it looked at.
  template <class IsWatched>
  std::size_t watch_some(std::size_t series_max, const IsWatched& is_watched) {
    watch_next_ = std::max(watch_next_, taken_);
    const std::size_t first = watch_next_;
    for (; watch_next_ < watch_end_ && watch_next_ - first < series_max; ++watch_next_) {
      PaneEntry& each = entry(watch_next_);
      if (each.fresh == 0 && each.listed == 0 && is_watched(each.series())) list(each);
    }
    return watch_next_ - first;
  }

 private:
  PaneEntry& entry(std::size_t place) {
    return (*entries_[place / PaneMemory::kEntries])[place % PaneMemory::kEntries];
  }
  const std::uint32_t* find_place(std::uint32_t series) const {
    const std::size_t chunk = series / PaneMemory::kPlaces;
    if (chunk >= places_.size() || places_[chunk] == nullptr) return nullptr;
    return &(*places_[chunk])[series % PaneMemory::kPlaces];
  }
  std::uint32_t& place_of(std::uint32_t series) {
    return (*places_[series / PaneMemory::kPlaces])[series % PaneMemory::kPlaces];
  }
  PaneEntry& add(model::LocalSeries series, model::Kind kind, std::uint32_t& place);
  void make_place(std::uint32_t series);
  void list(PaneEntry& entry);
  void move_out(PaneEntry& entry, std::vector<model::PartialMoved>& out) const;
  void clear();

  PaneMemory& memory_;
  WallTime start_;
  std::vector<std::unique_ptr<PaneMemory::Places>> places_;
  std::vector<std::unique_ptr<PaneMemory::Entries>> entries_;  // null once all of it is taken
  std::size_t taken_ = 0;                                      // entries before this one are gone
  std::size_t end_ = 0;
  std::vector<std::uint32_t> changed_;  // places of watched series with news
  std::vector<std::uint32_t> leaving_;  // of those, what the tick under way takes
  std::size_t left_ = 0;                // of leaving_
  std::size_t watch_next_ = 0;
  std::size_t watch_end_ = 0;
};

}  // namespace ingest::series
