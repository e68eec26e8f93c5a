#include "ingest/hub/tick_clock.h"

#include <algorithm>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::hub {

TickClock::TickClock(const Options& options, WallTime wall, MonoTime mono)
    : options_(options), time_(wall, mono), last_wall_(wall), mono_(mono) {
  CHECK(options_.tick > Millis{0});
  told_ = floor(wall);
}

void TickClock::see(WallTime wall, MonoTime mono) {
  if (wall < last_wall_) ++counters_.steps_back;
  last_wall_ = wall;
  mono_ = mono;
  time_.see(wall, mono);
}

WallTime TickClock::due() const {
  return floor(time_.now());
}

WallTime TickClock::next() const {
  return std::max(due(), told_) + options_.tick;
}

std::optional<WallTime> TickClock::to_finish(WallTime come, std::uint64_t handovers) {
  const WallTime overdue = floor(time_.now() - kTickGrace);
  const WallTime target = std::max(come, overdue);
  if (target <= told_) {
    leap_.reset();
    return std::nullopt;
  }
  if (come < target) {
    const bool leapt = target - told_ > leap_slack();
    if (leapt && waits_after_leap(handovers)) return std::nullopt;
    ++counters_.incomplete;
  }
  return target;
}

// Ticks that are further apart close panes that workers still hold.
Millis TickClock::leap_slack() const {
  const Millis unwatched_wait = std::min(options_.pane, options_.allowed_lateness);
  return std::max(options_.tick, options_.allowed_lateness - unwatched_wait);
}

// Time leapt: the machine slept, the process was stopped, the clock was set. The panes that workers
// still hold would close before they could hand them over, so the grace begins anew, and again with
// each slice that comes, as long as the patience lasts.
bool TickClock::waits_after_leap(std::uint64_t handovers) {
  if (!leap_) leap_ = Leap{mono_, mono_, handovers};
  if (std::exchange(leap_->handovers, handovers) != handovers) leap_->heard = mono_;
  return mono_ < patience_ends(*leap_);
}

MonoTime TickClock::patience_ends(const Leap& leap) const {
  return std::min<MonoTime>(leap.heard + kTickGrace, leap.seen + kLeapPatience);
}

void TickClock::reach(WallTime tick) {
  leap_.reset();
  const Millis passed = tick - told_;
  counters_.skipped += static_cast<std::uint64_t>(passed / options_.tick - 1);
  if (passed > options_.pane + leap_slack()) {
    ++counters_.leaps;
    counters_.leapt_ms += static_cast<std::uint64_t>(passed.count());
  }
}

void TickClock::tell(WallTime tick) {
  told_ = tick;
  counters_.lag_ms = static_cast<std::uint64_t>(std::max(time_.now() - tick, Millis{0}).count());
}

MonoTime TickClock::next_look() const {
  if (leap_) return patience_ends(*leap_);
  const WallTime at = due();
  const bool waiting = at > told_ && time_.now() < at + kTickGrace;
  return time_.when(waiting ? at + kTickGrace : at + options_.tick);
}

}  // namespace ingest::hub
