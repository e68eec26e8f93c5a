#pragma once
// RangeWindows: for which windows a question about the past is answered, and how fine the panes
// must be for that. Values and pure functions; they must not know where panes are kept.
//
//   step 10 s, window 20 s      |---window 0---|
//                                      |---window 1---|       each ends at a multiple of the step,
//                                             |---window 2---|               counted from the epoch

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/query/fault.h"
#include "ingest/query/past.h"
#include "ingest/timeline/series_panes.h"
#include "ingest/timeline/stretches.h"

namespace ingest::timeline {

struct RangeWindows {
  Millis window{0};
  Millis step{0};
  /// Between the windows that have to be evaluated: the step, or the slide where each window looks
  /// back at those before it (ewma, zscore). The step is a multiple of it.
  Millis apart{0};
  std::int64_t first = 0;  // the first window ends at first * step
  std::int64_t count = 0;

  WallTime end(std::int64_t i) const { return WallTime{step * (first + i)}; }
  WallTime start(std::int64_t i) const { return end(i) - window; }
  /// What all of them together cover; of at least one.
  WallTime begin() const { return start(0); }
  WallTime until() const { return end(count - 1); }
  /// `count` of them from the i-th on.
  RangeWindows part(std::int64_t i, std::int64_t how_many) const {
    return {window, step, apart, first + i, how_many};
  }
  /// Every window consists of whole panes of this length.
  bool fit(Millis pane) const { return window % pane == Millis{0} && apart % pane == Millis{0}; }
  /// The first that ends behind `time`, and the last that starts before it; count and -1 where
  /// there is none.
  std::int64_t first_behind(WallTime time) const;
  std::int64_t last_before(WallTime time) const;
  bool operator==(const RangeWindows&) const = default;
};

/// What is kept of every level, wherever it is.
struct KeptLevels {
  struct Level {
    Millis length{0};                      // of a pane; 0: the level is not kept
    WallTime since = WallTime::max();      // from here on nothing was dropped
    WallTime held_from = WallTime::max();  // from here on memory has all, whatever the disk lost
    std::vector<Gap> holes{};              // that the disk has at this level; ascending
  };
  std::array<Level, kRollups> levels;  // in the order of Rollup
  /// What was before cannot be read now: no window begins there.
  WallTime known_from = WallTime::min();
  /// From here on memory takes the place of the disk.
  WallTime memory_from = WallTime::min();
  /// Of these times the disk has lost something, at all levels; ascending.
  std::vector<Gap> holes{};
  bool has_holes_of(const KeptLevels& other) const;
};

/// From when on all panes are there that such windows can be made of.
WallTime whole_since(const KeptLevels& kept, const RangeWindows& windows);

/// Times that such windows cover and of which something that came is nowhere any more. Ascending,
/// apart from each other.
std::vector<Gap> holes_in(const KeptLevels& kept, const RangeWindows& windows);

/// Times `within` which something was lost that such windows are read from, but not because it was
/// too old to be kept. As above.
std::vector<Gap> lost_in(const KeptLevels& kept, const RangeWindows& windows, const Gap& within);

enum class Look : std::uint8_t { AtThemselves, Back };

/// The windows that `ask` wants, none later than `newest`, the end of the newest window there is.
/// Where what is needed is kept in coarser panes only, window and step grow to multiples of them;
/// a range no longer than its step still has a window then, the last that ends by its end.
/// No windows at all are no fault, but HistoryUnavailable where there would be some if more could
/// be read now. QueryBadWindow when start is after end, or the slide is no multiple of the base
/// pane.
Result<RangeWindows, query::Fault> range_windows(const query::RangeAsk& ask, const KeptLevels& kept,
                                                 WallTime newest, Look look);

/// With a step so much larger that `rows` of them are at most `points_max` points; what looks back
/// goes on to look at windows as far apart as before. LimitRange where no step can do that.
Result<RangeWindows, query::Fault> coarsened(const RangeWindows& windows, Look look,
                                             std::size_t rows, std::size_t points_max);

}  // namespace ingest::timeline
