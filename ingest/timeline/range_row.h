#pragma once
// RangeRow: one row in every window of a range: the panes of its series come in, its columns come
// out. Series may come in any order, each whole. A pane costs one merge, a window two more; so a
// range costs what its panes cost, however its windows overlap. A row that had no living series in
// a window is null there, as no stream had it then. Pure; owned by who evaluates a range. It must
// not know where panes come from.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ingest/model/partial.h"
#include "ingest/timeline/evaluate.h"
#include "ingest/timeline/range_windows.h"
#include "ingest/timeline/window_cells.h"

namespace ingest::timeline {

/// The windows asked for, and those besides that ewma and zscore look at, from kWindows before the
/// first.
struct RangeFrame {
  RangeFrame(const RangeWindows& windows, Look look);

  RangeWindows evaluated;
  std::int64_t skip = 0;   // so many before the first asked for
  std::int64_t every = 1;  // and each so-manieth from there is
  bool is_asked(std::int64_t i) const { return i >= skip && (i - skip) % every == 0; }
};

class RangeRow {
 public:
  struct Options {
    Millis series_ttl{600'000};
  };
  /// What a gauge was before the first pane that add() gives, and when that pane ended.
  struct Before {
    double value = 0;
    WallTime until;
  };

  /// Evaluator, frame and `lost` outlive it: times of which something was lost, as far back as
  /// windows look; ascending.
  RangeRow(const Evaluator& evaluator, const RangeFrame& frame, const std::vector<Gap>& lost,
           const Options& options);

  /// The next series, all of whose panes follow; `part` as query::Columns has it.
  void begin_series(model::Kind kind, std::size_t part, std::optional<Before> before = {});
  /// Of a gauge: what it was before the panes that come next, as somebody knows who knows better.
  void correct(const Before& before);
  /// A packed pane; [start, end) lies in one cell, or in no window. Ascending. False, and nothing
  /// added, when it is damaged or of another kind than its series.
  [[nodiscard]] bool add(WallTime start, WallTime end, std::span<const std::byte> pane);
  /// Windows end before its first pane, and nothing says yet whether it lived then. Never so of a
  /// gauge, whose panes come from as long before.
  bool needs_sign_of_life() const;
  /// Its newest pane before those that add() gives ended then.
  void lived(WallTime until);
  /// How many steps it took: for a gauge one for each few windows.
  std::size_t end_series();
  /// What its cells hold in memory by now.
  std::size_t held_bytes() const;

  /// After the last series: appends its columns for each window asked for, in their order, about so
  /// many steps' worth a call, and returns how many that were. The row is used up when all are.
  std::size_t evaluate(std::size_t steps, Evaluated& to);
  bool is_evaluated() const { return next_window_ == frame_.evaluated.count; }
  /// In one of the windows asked for, of those evaluated so far, some series lived.
  bool has_lived() const { return has_lived_; }

 private:
  /// The series of one kind in one part.
  struct Track {
    model::Kind kind;
    std::size_t part;
    Cells cells;                 // all kinds but gauges: merged over the series
    std::vector<Totals> gauges;  // by window
    RecentPast past;
    std::vector<std::int32_t> living{};  // all but gauges, by window: more series than before it
    std::int32_t lives = 0;              // in the window that is evaluated
  };
  /// A time in which the series that comes in now was known to streams, until it expires.
  struct Life {
    WallTime from = WallTime::max();
    WallTime until = WallTime::min();
  };
  /// What the windows must know of the gauge that comes in now.
  struct Gauge {
    double value = 0;
    WallTime until = WallTime::min();  // the end of its newest pane, or of one that may be lost
    WallTime lost_until = WallTime::min();  // what changed it up to then is not known
    std::size_t next_lost = 0;              // of lost_: what it has not come to yet
    std::vector<double> before;             // by window: its value when the window began
    std::vector<bool> is_lost;              // by window: that value
    std::vector<WallTime> newest;           // by window: the end of the newest pane before its end
    Cells cells;
    std::size_t held_bytes = 0;
  };

  Track& track(model::Kind kind, std::size_t part);
  bool add_to_cell(std::optional<model::Partial>& cell, std::span<const std::byte> pane);
  bool add_to_gauge(WallTime start, WallTime end, std::span<const std::byte> pane);
  void live(WallTime start, WallTime end);
  void end_life();
  void mark_living(WallTime from, WallTime until);
  void follow_gauge(WallTime start);
  void pass_lost(WallTime until);
  bool is_lost(const Gap& time) const;
  void end_gauge();
  Totals totals_of(std::size_t track, std::int64_t window);
  void evaluate_window(std::int64_t window, Evaluated& to);

  const Evaluator& evaluator_;
  const RangeFrame& frame_;
  const std::vector<Gap>& lost_;
  Options options_;
  WindowCells cells_;
  std::vector<Track> tracks_;  // in the order of their kinds
  Track* now_ = nullptr;       // whose series comes in
  Gauge gauge_;
  Life life_;
  WallTime born_ = WallTime::max();  // the start of its first pane, or before
  std::size_t held_bytes_ = 0;       // but for gauge_ and what sliders made of cells
  std::int64_t next_window_ = 0;
  bool has_lived_ = false;
  std::vector<std::optional<CellSlider>> sliders_;  // by track, while windows are evaluated
  std::vector<Totals> totals_;                      // of one window
};

}  // namespace ingest::timeline
