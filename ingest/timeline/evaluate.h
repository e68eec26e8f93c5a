#pragma once
// evaluate: the columns of a row in a window, out of its merged totals: every stat, then what is
// derived. Streams, history and instant queries all end here, so that they agree to the bit. What
// does not apply to a kind is NaN, which everybody prints as null. Pure; it must not know where
// totals come from.
//
// | kind    | count        | rate      | sum  | mean, min, max | stddev, pNN, | first, last, |
// distinct | |         |              |           |      |                | pNN_err,     | delta |
// | |         |              |           |      |                | buckets      |              | |
// | counter | scaled total | total / s | =    | null           | null         | null         | null
// | | timer   | weighted     | count / s | yes  | yes            | yes          | null         |
// null     | | set     | null         | null      | null | null           | null         | null |
// yes      | | gauge   | samples      | null      | null | mean of means  | null         | sums
// over    | null     | |         |              |           |      |                | | series | |
//
// ewma and zscore: recent_past.h. Of an empty window count, sum, rate and distinct are 0 and the
// rest null; a gauge keeps its last value, and its row is marked stale.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/partial.h"
#include "ingest/model/timer_reader.h"
#include "ingest/query/columns.h"
#include "ingest/query/query.h"
#include "ingest/query/update.h"
#include "ingest/timeline/recent_past.h"

namespace ingest::timeline {

/// Gauges merge first over time within each series, then over series.
class GaugeGroup {
 public:
  /// One series: its panes in the window, merged; and its value when the window began, NaN when
  /// unknown.
  void add(const model::GaugePartial& in_window, double before);
  /// The same where what came before the window was lost: what would stand on that is null.
  void add_lost(const model::GaugePartial& in_window);
  double evaluate(const query::Stat& stat) const;
  /// A value is known, and none of it came within the window.
  bool is_stale() const { return is_known() && lost_ == 0 && samples_ == 0 && changes_ == 0; }
  /// A series has a value, be it one that was lost.
  bool is_known() const { return series_ > 0 || lost_ > 0; }
  /// A sum over series left the doubles.
  bool is_overflowed() const;

 private:
  void add_samples(const model::GaugePartial& in_window);

  std::uint64_t samples_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t means_ = 0;   // series that have one
  std::uint64_t series_ = 0;  // that have a value
  std::uint64_t lost_ = 0;    // that have one, but nobody knows which
  model::CompensatedSum mean_;
  model::CompensatedSum first_;
  model::CompensatedSum last_;
  double min_ = 0;  // over `means_` series
  double max_ = 0;
};

/// What the series of one kind, in one part of a row, have in one window. A part is a metric that
/// the row joins (query/columns.h); a row of a plain query has one part and one kind.
class Totals {
 public:
  explicit Totals(model::Kind kind, std::size_t part = 0) : kind_(kind), part_(part) {}

  /// Counters, timers, sets: any piece of the window, in any order. The first is not copied unless
  /// a second comes: it has to live as long as this.
  void add(const model::Partial& piece);
  /// Gauges: as GaugeGroup::add().
  void add_gauge(const model::GaugePartial& in_window, double before) {
    gauges_.add(in_window, before);
  }
  void add_lost_gauge(const model::GaugePartial& in_window) { gauges_.add_lost(in_window); }
  /// Whence ewma and zscore come: the levels up to `window`, its own level() among them.
  void look_back(const RecentPast& past, WindowNumber window) {
    past_ = &past;
    window_ = window;
  }

  model::Kind kind() const { return kind_; }
  std::size_t part() const { return part_; }
  const model::Partial& merged() const;
  const GaugeGroup& gauges() const { return gauges_; }
  /// Anything came in this window; of gauges: a value is known.
  bool is_seen() const;
  const RecentPast* past() const { return past_; }
  WindowNumber window() const { return window_; }

 private:
  model::Kind kind_;
  std::size_t part_;
  const model::Partial* only_ = nullptr;
  std::optional<model::Partial> merged_;
  GaugeGroup gauges_;
  const RecentPast* past_ = nullptr;
  WindowNumber window_ = 0;
};

/// The number that ewma and zscore are about. `length` is the window's.
Level level_of(const Totals& totals, Millis length);

/// Rows' columns, one row after another, as query::Update has them.
struct Evaluated {
  std::vector<double> values;
  std::vector<double> lists;
  std::vector<query::Marks> marks;
  // Of the last row; memory kept between rows.
  std::vector<double> inputs;
  std::vector<std::optional<model::TimerReader>> timers;  // one for each of its totals
  void clear() {
    values.clear();
    lists.clear();
    marks.clear();
  }
};

class Evaluator {
 public:
  explicit Evaluator(const query::Query& query);

  std::size_t columns() const { return columns_.size(); }
  /// Totals::look_back() is needed: ewma or zscore is asked.
  bool looks_back() const { return looks_back_; }
  /// Appends one row. `totals` in the order of their kinds; a part without totals is null.
  void append(std::span<const Totals> totals, Evaluated& to) const;
  /// One column of it alone, such as rows are ordered by. `memory` is overwritten.
  double column(std::span<const Totals> totals, std::size_t index, Evaluated& memory) const;

 private:
  static void read(std::span<const Totals> totals, Evaluated& memory);
  double input(std::span<const Totals> totals, const query::Columns::Input& input,
               Evaluated& memory) const;

  query::Columns columns_;
  std::size_t stats_;
  Millis window_;
  bool looks_back_ = false;
};

}  // namespace ingest::timeline
