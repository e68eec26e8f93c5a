#pragma once
// SteadyWall: the wall clock as panes and ticks need it: it never goes back and never stands still.
// Pure; owned by whoever makes decisions of time on one thread, shown both clocks once a turn.
//
//   the wall clock leaps forward     followed at once: one gap
//   steps back by at most kSlewMax   goes on at half the pace until the wall clock has caught up
//   steps back by more               goes on at the full pace, ahead of the wall clock: half the
//                                    pace for hours would make every rate wrong for hours. ahead()
//                                    says so; the wall clock's next leap forward, or a restart,
//                                    ends it
//
// So a step back gives no window twice and none of negative length, and what arrives meanwhile is
// spread over panes as it came, not heaped into one.

#include <algorithm>
#include <chrono>

#include "ingest/base/clock.h"

namespace ingest {

class SteadyWall {
 public:
  static constexpr Millis kSlewMax{60'000};

  SteadyWall(WallTime wall, MonoTime mono) : now_(wall), wall_(wall), seen_(mono) {}

  /// The steady time at this instant; `mono` never goes back.
  WallTime see(WallTime wall, MonoTime mono) {
    const std::chrono::nanoseconds passed = mono - seen_;
    seen_ = mono;
    wall_ = wall;
    const Fine gone_on = now_ + passed;
    const bool slews = gone_on - Fine{wall} <= kSlewMax;
    now_ = std::max(slews ? now_ + passed / 2 : gone_on, Fine{wall});
    return now();
  }
  WallTime now() const { return std::chrono::floor<Millis>(now_); }
  /// How far it is ahead of the wall clock that was seen last; 0 but after a step back.
  Millis ahead() const { return now() - wall_; }
  /// When now() will be `time`, on the monotonic clock.
  MonoTime when(WallTime time) const {
    const std::chrono::nanoseconds left = Fine{time} - now_;
    if (ahead() == Millis{0} || now_ - Fine{wall_} > kSlewMax) return seen_ + left;
    return seen_ + std::min<std::chrono::nanoseconds>(2 * left, Fine{time} - Fine{wall_});
  }

 private:
  using Fine = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;
  Fine now_;
  WallTime wall_;
  MonoTime seen_;
};

}  // namespace ingest
