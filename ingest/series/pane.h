#pragma once
// Pane: the partials of every series between two edges of time, as one worker folds them.
// Pure: the caller says when it ends. Owned by one worker's OpenPanes, its thread only; used again
// for a later time.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/handover.h"
#include "ingest/model/partial.h"

namespace ingest::series {

class Pane {
 public:
  enum class Watched : std::uint8_t { No, Yes };

  explicit Pane(WallTime start) : start_(start) {}
  WallTime start() const { return start_; }
  /// For another time; it is empty.
  void begin(WallTime start);

  void fold(model::LocalSeries series, Watched watched, const model::Sample& sample,
            WallTime arrival);

  /// Whether totals of this series wait to be taken.
  bool holds(model::LocalSeries series) const;
  bool empty() const { return taken_ == entries_.size(); }
  /// Series that wait, and such whose totals were taken while they were watched.
  std::size_t waiting() const { return entries_.size() - taken_; }

  /// Moves what watched series gathered since the last call behind `out`.
  void take_changed(std::vector<model::PartialMoved>& out);
  /// Moves up to `series_max` series, the oldest first, behind `out`, watched or not.
  void take(std::size_t series_max, std::vector<model::PartialMoved>& out);

  /// After the watch list changed: `is_watched(LocalSeries)` says who counts as watched from now
  /// on.
  template <class IsWatched>
  void watch(const IsWatched& is_watched) {
    changed_.clear();
    for (std::size_t i = taken_; i < entries_.size(); ++i) {
      entries_[i].listed = !entries_[i].fresh && is_watched(entries_[i].series);
      if (entries_[i].listed) changed_.push_back(static_cast<std::uint32_t>(i));
    }
  }

 private:
  struct Entry {
    model::LocalSeries series;
    bool fresh = true;    // nothing folded since it was made or taken
    bool listed = false;  // stands in changed_
    model::Partial partial;
  };
  Entry& entry_of(model::LocalSeries series, model::Kind kind);
  void move_out(Entry& entry, std::vector<model::PartialMoved>& out) const;

  WallTime start_;
  std::vector<std::uint32_t> place_;  // by series index: 1 + the place in entries_, 0 is none
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> changed_;  // places of watched series with news
  std::size_t taken_ = 0;               // entries before this one are gone
};

}  // namespace ingest::series
