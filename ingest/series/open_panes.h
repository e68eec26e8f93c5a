#pragma once
// OpenPanes: the panes of one worker that still take samples, oldest first, and when their totals
// leave. Pure: ticks come as arguments. Owned by one worker, its thread only. It must not know
// rings or sockets.
//
//   |<- pane: folds ->|<- hand_over_time ->|<- late samples still fold ->|
//   start            end          all of it has left            end + allowed_lateness: closed
//
// Watched series leave at each tick. All others leave once, after the pane's end, spread over the
// ticks of hand_over_time = min(pane, allowed_lateness), so that no tick carries them all. A tick
// is taken in slices of as many series as the caller likes; samples may fold in between.
//
// A flush moves everything that is here when it begins, watched or not, beside the ticks: so often
// as a checkpoint wants to hold what was folded.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/handover.h"
#include "ingest/series/pane.h"

namespace ingest::series {

class OpenPanes {
 public:
  struct Options {
    Millis pane{1'000};
    Millis tick{250};
    Millis allowed_lateness{2'000};
    Millis future{10'000};
  };
  /// Where a sample folds.
  struct Slot {
    Pane* pane = nullptr;
    PaneEntry* entry = nullptr;
  };
  /// Panes open beyond those that lateness and future allow, while the hub takes nothing.
  static constexpr std::size_t kPanesSpare = 64;
  static constexpr std::size_t kPanesKept = 4;  // emptied ones that wait for the next
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

  explicit OpenPanes(const Options& options);

  WallTime start_of(WallTime time) const;
  /// Whether a sample of this time comes too late for its pane.
  bool closed(WallTime time, WallTime now) const {
    return start_of(time) + options_.pane + options_.allowed_lateness <= now;
  }

  /// Folds into the pane of `time`. With panes_max open already (the hub has taken nothing for
  /// long) a sample of a new pane goes into the newest: no total is lost, only its time is blurred,
  /// and it is counted.
  void fold(model::LocalSeries series, Pane::Watched watched, WallTime time,
            const model::Sample& sample, WallTime arrival) {
    fold(slot(series, sample.kind, time), watched, sample, arrival);
  }
  /// The same in steps, so that memory can be asked for in between. A slot lives until the next
  /// call that takes.
  void prefetch_place(model::LocalSeries series) const {
    if (latest_ != nullptr) latest_->prefetch_place(series);
  }
  void prefetch_entry(model::LocalSeries series) const {
    if (latest_ != nullptr) latest_->prefetch_entry(series);
  }
  Slot slot(model::LocalSeries series, model::Kind kind, WallTime time) {
    Pane& pane = pane_of(time);
    return {&pane, &pane.entry_of(series, kind)};
  }
  static void fold(const Slot& slot, Pane::Watched watched, const model::Sample& sample,
                   WallTime arrival) {
    slot.pane->fold(*slot.entry, watched, sample, arrival);
  }

  /// From now on take_some() moves what is due at `tick`: changes of watched series so far, and
  /// their share of panes that ended.
  void begin_tick(WallTime tick);
  /// Moves up to `series_max` behind `out`. Whether the tick has more.
  bool take_some(std::size_t series_max, std::vector<model::PartialMoved>& out);
  /// All that is due at `tick`.
  void take_due(WallTime tick, std::vector<model::PartialMoved>& out);
  /// From now on flush_some() moves what is here now and has not left by then.
  void begin_flush();
  /// Moves up to `series_max` behind `out`. Whether there is more.
  bool flush_some(std::size_t series_max, std::vector<model::PartialMoved>& out);
  /// Up to `series_max` of everything, behind `out`. Whether there is more.
  bool take_all(std::vector<model::PartialMoved>& out, std::size_t series_max = kAll);
  bool holds(model::LocalSeries series) const;

  /// After the watch list changed: `is_watched(LocalSeries)` says whose totals leave at each tick
  /// from now on. watch() looks at everything; begin_watch() and watch_some() in slices of
  /// `series_max`, which say whether there is more.
  template <class IsWatched>
  void watch(const IsWatched& is_watched) {
    begin_watch();
    watch_some(kAll, is_watched);
  }
  void begin_watch();
  template <class IsWatched>
  bool watch_some(std::size_t series_max, const IsWatched& is_watched) {
    for (const Open& each : open_)
      series_max -= each.pane->watch_some(series_max, is_watched);
    return series_max == 0;
  }

  std::size_t size() const { return open_.size(); }
  std::size_t panes_max() const { return panes_max_; }
  /// Samples that folded into another pane than their own.
  std::uint64_t misplaced() const { return misplaced_; }
  /// What panes are made of, and none is made of now.
  std::size_t free_bytes() const {
    return memory_.entries.size() * sizeof(PaneMemory::Entries) +
           memory_.places.size() * sizeof(PaneMemory::Places);
  }

 private:
  struct Open {
    std::unique_ptr<Pane> pane;
    std::size_t share = 0;  // series a tick, once it ended; 0 before
    std::size_t due = 0;    // series that this tick still takes, watched or not
    std::size_t flush = 0;  // series that were here when the flush began, and are still
  };
  Pane& pane_of(WallTime time) {
    // The usual case without a division: the pane that was folded into last.
    if (latest_ != nullptr && time >= latest_->start() && time < latest_end_) return *latest_;
    return pane_at(start_of(time));
  }
  Pane& pane_at(WallTime start);
  void set_latest(Pane& pane);
  void retire(std::unique_ptr<Pane> pane);
  void retire_closed();

  Options options_;
  std::size_t panes_max_;
  PaneMemory memory_;       // before the panes: it outlives them
  std::vector<Open> open_;  // by start
  Pane* latest_ = nullptr;  // the one folded into last
  WallTime latest_end_;
  WallTime tick_;  // under way
  std::vector<std::unique_ptr<Pane>> kept_;
  std::uint64_t misplaced_ = 0;
};

}  // namespace ingest::series
