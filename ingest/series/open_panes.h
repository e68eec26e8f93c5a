#pragma once
// OpenPanes: the panes of one worker that still take samples, oldest first, and when their totals
// leave. Pure: ticks come as arguments. Owned by one worker, its thread only. It must not know
// rings or sockets.
//
//   |<- pane: folds ->|<- hand_over_time ->|<- late samples still fold ->|
//   start            end          all of it has left            end + allowed_lateness: closed
//
// Watched series leave at each tick. All others leave once, after the pane's end, spread over the
// ticks of hand_over_time = min(pane, allowed_lateness), so that no tick carries them all.

#include <cstddef>
#include <cstdint>
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
  /// Panes open beyond those that lateness and future allow, while the hub takes nothing.
  static constexpr std::size_t kPanesSpare = 64;
  static constexpr std::size_t kPanesKept = 4;  // emptied ones whose memory waits for the next

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
            const model::Sample& sample, WallTime arrival);

  /// What is due at `tick`, behind `out`: changes of watched series, and their share of panes that
  /// ended.
  void take_due(WallTime tick, std::vector<model::PartialMoved>& out);
  /// Everything, behind `out`.
  void take_all(std::vector<model::PartialMoved>& out);
  bool holds(model::LocalSeries series) const;

  template <class IsWatched>
  void watch(const IsWatched& is_watched) {
    for (const Open& each : open_)
      each.pane->watch(is_watched);
  }

  std::size_t size() const { return open_.size(); }
  std::size_t panes_max() const { return panes_max_; }
  /// Samples that folded into another pane than their own.
  std::uint64_t misplaced() const { return misplaced_; }

 private:
  struct Open {
    std::unique_ptr<Pane> pane;
    std::size_t share = 0;  // series a tick, once it ended; 0 before
  };
  Pane& pane_at(WallTime start);
  void retire(std::unique_ptr<Pane> pane);

  Options options_;
  std::size_t panes_max_;
  std::vector<Open> open_;  // by start
  Pane* latest_ = nullptr;  // the one folded into last
  std::vector<std::unique_ptr<Pane>> kept_;
  std::uint64_t misplaced_ = 0;
};

}  // namespace ingest::series
