#include "ingest/timeline/range_windows.h"

#include <algorithm>
#include <string>
#include <utility>

namespace ingest::timeline {
namespace {

using query::Code;
using query::Fault;

Millis round_up(Millis time, Millis unit) {
  return (time + unit - Millis{1}) / unit * unit;
}

constexpr Millis kStepMax{std::int64_t{1} << 50};  // far from any overflow

struct Pace {
  Millis window;
  Millis step;
  Millis apart;
};

/// The windows that end in (start, end].
RangeWindows aligned(const Pace& pace, WallTime start, WallTime end) {
  const std::int64_t first = start.time_since_epoch() / pace.step + 1;
  const std::int64_t last = end.time_since_epoch() / pace.step;
  const std::int64_t count = std::max<std::int64_t>(last - first + 1, 0);
  return {pace.window, pace.step, pace.apart, first, count};
}

Fault unreadable() {
  return {Code::HistoryUnavailable,
          "start, end: what was then is on a disk that cannot be read now; ask again, or of later",
          true};
}

/// Those that begin no earlier than something is known.
Result<RangeWindows, Fault> known(const Pace& pace, WallTime start, WallTime end, WallTime from) {
  const RangeWindows all = aligned(pace, start, end);
  if (all.count == 0 || all.begin() >= from) return all;
  const RangeWindows some = aligned(pace, from + pace.window - Millis{1}, end);
  if (some.count == 0) return Failure{unreadable()};
  return some;
}

/// The finest level that is whole from `time` on; where none is, the one that reaches back
/// furthest.
const KeptLevels::Level& finest_since(const KeptLevels& kept, WallTime time) {
  const KeptLevels::Level* furthest = &kept.levels.front();
  for (const KeptLevels::Level& level : kept.levels) {
    if (level.length == Millis{0}) continue;
    if (level.since <= time) return level;
    if (level.since < furthest->since) furthest = &level;
  }
  return *furthest;
}

bool is_used(const KeptLevels::Level& level, const RangeWindows& windows) {
  return level.length > Millis{0} && windows.fit(level.length);
}

/// Ascending, and apart from each other.
std::vector<Gap> joined(std::vector<Gap> holes) {
  std::ranges::sort(holes, {}, &Gap::from);
  std::size_t kept = 0;
  for (const Gap& each : holes) {
    if (kept > 0 && each.from <= holes[kept - 1].until) {
      holes[kept - 1].until = std::max(holes[kept - 1].until, each.until);
    } else {
      holes[kept++] = each;
    }
  }
  holes.resize(kept);
  return holes;
}

}  // namespace

std::int64_t RangeWindows::first_behind(WallTime time) const {
  if (count == 0 || end(0) > time) return 0;
  return std::min((time - end(0)) / step + 1, count);
}

std::int64_t RangeWindows::last_before(WallTime time) const {
  if (count == 0 || start(0) >= time) return -1;
  return std::min((time - start(0) - Millis{1}) / step, count - 1);
}

WallTime whole_since(const KeptLevels& kept, const RangeWindows& windows) {
  WallTime since = WallTime::max();
  for (const KeptLevels::Level& level : kept.levels) {
    if (is_used(level, windows)) since = std::min(since, level.since);
  }
  return since;
}

bool KeptLevels::has_holes_of(const KeptLevels& other) const {
  return holes == other.holes &&
         std::ranges::equal(levels, other.levels, {}, &Level::holes, &Level::holes);
}

std::vector<Gap> holes_in(const KeptLevels& kept, const RangeWindows& windows) {
  std::vector<Gap> holes = lost_in(kept, windows, {windows.begin(), windows.until()});
  const WallTime since = whole_since(kept, windows);
  if (windows.begin() < since) holes.push_back({windows.begin(), since});
  return joined(std::move(holes));
}

// The coarsest panes of which windows are made are what they are read from, as far back as those
// are kept.
std::vector<Gap> lost_in(const KeptLevels& kept, const RangeWindows& windows, const Gap& within) {
  std::vector<Gap> holes;
  const WallTime since = whole_since(kept, windows);
  WallTime held_from = WallTime::max();
  for (const KeptLevels::Level& level : kept.levels) {
    if (is_used(level, windows)) held_from = std::min(held_from, level.held_from);
  }
  const auto add = [&](const Gap& each, const Gap& read) {
    const Gap hole{std::max({each.from, within.from, since, read.from}),
                   std::min({each.until, within.until, held_from, read.until})};
    if (hole.from < hole.until) holes.push_back(hole);
  };
  Gap read{WallTime::min(), WallTime::max()};
  Gap before_memory{WallTime::min(), WallTime::min()};  // where no whole coarser pane fits
  for (const Gap& each : kept.holes)
    add(each, read);
  for (auto level = kept.levels.rbegin(); level != kept.levels.rend(); ++level) {
    if (!is_used(*level, windows)) continue;
    for (const Gap& each : level->holes) {
      add(each, read);
      add(each, before_memory);
    }
    if (before_memory.until == WallTime::min() && kept.memory_from > WallTime{})
      before_memory = {
          PaneGrid{level->length}.start(PaneGrid{level->length}.number(kept.memory_from)),
          kept.memory_from};
    read.until = std::min(read.until, level->since);
  }
  return joined(std::move(holes));
}

Result<RangeWindows, Fault> range_windows(const query::RangeAsk& ask, const KeptLevels& kept,
                                          WallTime newest, Look look) {
  const Millis pane = kept.levels.front().length;
  const Millis slide = ask.query.slide;
  if (ask.end < ask.start || ask.start < WallTime{} || ask.step < Millis{0} || ask.step > kStepMax)
    return Failure{Fault{Code::QueryBadWindow, "start, end, step: no range of time", false}};
  if (slide < pane || slide % pane != Millis{0} || ask.query.window % slide != Millis{0})
    return Failure{Fault{Code::QueryBadWindow, "slide: no multiple of the pane", false}};
  const Millis step = round_up(std::max(ask.step, slide), slide);
  const WallTime end = std::min(ask.end, newest);
  const Millis apart = look == Look::Back ? slide : step;
  const RangeWindows wanted =
      TRY(known({ask.query.window, step, apart}, ask.start, end, kept.known_from));
  if (wanted.count == 0) return wanted;
  const KeptLevels::Level& level = finest_since(kept, wanted.begin());
  if (wanted.fit(level.length)) return wanted;
  const Millis wide_apart = round_up(apart, level.length);
  const Millis wide = round_up(step, wide_apart);
  // One window alone stays one: the last that ends by then.
  const bool is_one = wanted.count == 1 && ask.end - ask.start <= step;
  return known({round_up(wanted.window, level.length), wide, wide_apart},
               is_one ? end - wide : ask.start, end, kept.known_from);
}

Result<RangeWindows, Fault> coarsened(const RangeWindows& windows, Look look, std::size_t rows,
                                      std::size_t points_max) {
  const std::size_t times_max = points_max / std::max<std::size_t>(rows, 1);
  const auto fits = [&](const RangeWindows& some) {
    return static_cast<std::size_t>(some.count) <= times_max;
  };
  if (fits(windows)) return windows;
  const WallTime start = windows.end(0) - Millis{1};
  const WallTime end = windows.until();
  const auto every = [&](std::int64_t factor) {
    const Millis step = windows.step * factor;
    return aligned({windows.window, step, look == Look::Back ? windows.apart : step}, start, end);
  };
  if (times_max > 0) {
    const auto times = static_cast<std::int64_t>(times_max);
    std::int64_t factor = (windows.count + times - 1) / times;
    // A range of n steps has n or n + 1 multiples of its step.
    while (!fits(every(factor)))
      ++factor;
    if (const RangeWindows coarse = every(factor); coarse.count > 0) return coarse;
  }
  return Failure{Fault{Code::LimitRange,
                       "by: " + std::to_string(rows) + " rows are too many for the " +
                           std::to_string(points_max) +
                           " points of a range (limits.history_points)",
                       false}};
}

}  // namespace ingest::timeline
