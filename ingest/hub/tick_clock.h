#pragma once
// TickClock: which tick is due, which may be finished, and when to look again.
//
// The tick rule: tick T is finished when every worker's hand-over for T or later has come, or
// kTickGrace after T. A hub that fell behind finishes only the newest tick that is due; ticks
// ascend and go on whatever the wall clock does (SteadyWall); after a leap so far forward that
// panes close which workers still hold, the grace begins when the leap is seen, and again with each
// hand-over, up to kLeapPatience.
//
// Pure: it is shown both clocks once a turn, and told what has come. It must not know workers,
// timers or what finishing a tick means. Owned by the hub, on its thread.

#include <cstdint>
#include <optional>

#include "ingest/base/clock.h"
#include "ingest/base/steady_wall.h"

namespace ingest::hub {

class TickClock {
 public:
  struct Options {
    Millis tick;
    Millis pane;
    Millis allowed_lateness;
  };
  struct Counters {
    std::uint64_t incomplete = 0;  // finished without every worker's word
    std::uint64_t skipped = 0;     // due, but finished as part of a later one
    std::uint64_t steps_back = 0;  // of the wall clock
    std::uint64_t leaps = 0;       // ticks that came more than a window's slack after another
    std::uint64_t leapt_ms = 0;    // by so much in all
    std::uint64_t lag_ms = 0;      // how long after its instant the last tick was told
  };
  /// How long after a tick the hub waits for workers that are behind.
  static constexpr Millis kTickGrace{50};
  static constexpr Millis kLeapPatience{2'000};

  TickClock(const Options& options, WallTime wall, MonoTime mono);

  /// Before the questions below, once a turn.
  void see(WallTime wall, MonoTime mono);
  /// The newest tick of the steady time that was seen.
  WallTime due() const;
  /// The newest tick that was told; before the first, the one in which the hub was built.
  WallTime told() const { return told_; }
  /// The one after all that are due or told.
  WallTime next() const;
  /// The tick to finish now, if any. `come`: for which every worker has spoken, due() at most;
  /// `handovers`: how many have come, ever.
  std::optional<WallTime> to_finish(WallTime come, std::uint64_t handovers);
  /// `tick` is about to be finished: counts what lies between it and told().
  void reach(WallTime tick);
  /// `tick` has been told.
  void tell(WallTime tick);
  /// When to ask again: at the next tick, or when the patience with this one ends.
  MonoTime next_look() const;

  Millis ahead() const { return time_.ahead(); }
  const Counters& counters() const { return counters_; }

 private:
  struct Leap {
    MonoTime seen;
    MonoTime heard;               // when the last hand-over had come
    std::uint64_t handovers = 0;  // that had come by then
  };
  WallTime floor(WallTime time) const { return time - time.time_since_epoch() % options_.tick; }
  Millis leap_slack() const;
  bool waits_after_leap(std::uint64_t handovers);
  MonoTime patience_ends(const Leap& leap) const;

  Options options_;
  SteadyWall time_;
  WallTime last_wall_;  // at the last look, to see steps back
  MonoTime mono_;
  WallTime told_;  // of the wall clock, whatever moves what ticks finish
  std::optional<Leap> leap_;
  Counters counters_;
};

}  // namespace ingest::hub
