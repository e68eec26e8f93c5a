#pragma once
// RangeQuery: one page of an answer about the past, worked out: which series it needs, which panes
// of them, and what comes of those. An engine without I/O: series and panes are given to it, from
// memory, from disk or from a test. Pure; owned by who asked, on its thread.
//
//   open -> add_series ... -> plan -> for each of wanted(): begin_series, add ..., end_series, and
//   evaluate() while has_row() -> settle() while it says so -> finish
//
// A page is some rows at all times, by their keys; one row at some times where those are too many;
// or, with an order, all rows at some times, because which rows come first is decided for every
// window anew: they stand as at the page's newest time. Where a row's panes turn out to be too
// large, the page begins anew with half as many times.
//
// A row is null where none of its series lived, and is not told where that is so all over the page.
//
// A window of which something that came is nowhere any more is a hole: null for all rows, and told.
//
// Nothing here takes long at once: what may be much is done in steps, each a merge or so.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "ingest/base/result.h"
#include "ingest/model/series_key.h"
#include "ingest/query/fault.h"
#include "ingest/query/past.h"
#include "ingest/timeline/range_cursor.h"
#include "ingest/timeline/range_row.h"
#include "ingest/timeline/range_rows.h"
#include "ingest/timeline/range_windows.h"
#include "ingest/timeline/stretches.h"

namespace ingest::timeline {

class RangeQuery {
 public:
  struct Options {
    Millis pane{1'000};
    Millis series_ttl{600'000};
    std::size_t rows_max = 10'000;     // more are LimitRows
    std::size_t points_max = 200'000;  // rows x times of the whole answer
    std::size_t values_max = 65'536;   // of a page, but at least one row at one time
    std::size_t cells_max = 16'384;    // of a row, but at least one window
    std::size_t row_bytes_max = std::size_t{64} << 20U;  // of a row while it is worked out
    std::uint64_t cost_max = std::numeric_limits<std::uint64_t>::max();  // limits.query_cost
  };
  using Ref = RangeRows::Ref;
  struct Wanted {
    Ref ref = 0;
    model::Kind kind = model::Kind::Counter;
    std::size_t part = 0;
    std::size_t row = 0;
  };

  /// ProtoBadField for a cursor that is none of ours, or of another question; what
  /// Selector::compile() gives.
  static Result<RangeQuery, query::Fault> open(query::RangeAsk ask, const Options& options);

  const query::Query& query() const { return ask_.query; }
  /// Two kinds of the plain name that is asked for are known: rows are told apart by them.
  void key_by_kind();
  bool wants(const model::SeriesKey& series) const { return rows_.wants(series); }
  /// How many steps wants() takes.
  std::size_t steps_to_look() const { return rows_.steps_to_look(); }
  /// One that it wants, once.
  void add_series(Ref ref, const model::SeriesKey& series) { rows_.add(ref, series); }
  /// All series are known. `newest` is the end of the newest window there is. LimitRows,
  /// LimitRange, QueryBadWindow, QueryTooExpensive; QueryUnknownStat for a sum of gauges only;
  /// HistoryUnavailable where detail that an earlier page was made of has left since. May be called
  /// again, with what is kept by then: the page begins anew.
  Result<void, query::Fault> plan(const KeptLevels& kept, WallTime newest);

  /// What this page is made of is still there, but for what has aged meanwhile of a range that was
  /// not whole from the first, which is a hole from then on. `now` is the end of the newest window.
  bool is_kept(const KeptLevels& kept, WallTime now);
  /// Holes that were not known when the page was planned may be what its windows look back into.
  bool looks_back() const;

  /// What the page needs, row by row: panes must come in this order.
  const std::vector<Wanted>& wanted() const { return wanted_; }
  /// The time whose panes count: of gauges more than the windows, as far back as they live.
  Gap needed(model::Kind kind) const;
  /// The time before in which a pane, however long, says that a series still lived; empty for
  /// gauges, whose panes of then are needed.
  Gap life_needed(model::Kind kind) const;
  /// Panes of this length may be given.
  bool takes(Millis pane) const { return page_.fit(pane); }
  /// Rows of the page: none where nothing matches, or no window is asked for.
  bool is_empty() const { return wanted_.empty(); }

  /// The next of wanted().
  void begin_series(std::optional<RangeRow::Before> before = {});
  void correct(const RangeRow::Before& before) { row_->correct(before); }
  /// A packed pane: [start, end) of time, within needed(), ascending; no instant twice. False, and
  /// nothing added, when it is damaged.
  [[nodiscard]] bool add(WallTime start, WallTime end, std::span<const std::byte> pane) {
    return row_->add(start, end, pane);
  }
  /// Before end_series(): whether it lived before its first pane is to be found out, and was.
  bool needs_sign_of_life() const { return row_->needs_sign_of_life(); }
  void lived(WallTime until) { row_->lived(until); }
  /// How many steps it took.
  std::size_t end_series();

  /// What came of a row is more than Options::row_bytes_max.
  bool is_too_large() const { return row_ && row_->held_bytes() > options_.row_bytes_max; }
  /// Begins the page anew, with half as many times: all of the new wanted() comes again.
  /// LimitRange where one time alone is too large.
  Result<void, query::Fault> shrink();

  /// The last series of a row has come: the next may come when it is evaluated.
  bool has_row() const { return row_ && (at_ == wanted_.size() || wanted_[at_].row != row_at_); }
  /// Evaluates windows of it, about so many steps' worth; how many it took.
  std::size_t evaluate(std::size_t steps);

  /// When all of wanted() has come: decides who is among the first, one time after another, about
  /// so many steps. Whether there is more to do.
  bool settle(std::size_t steps);
  query::RangePage finish();

 private:
  RangeQuery(query::RangeAsk ask, const Options& options, query::Selector selector);
  Result<void, query::Fault> refuse_rows() const;
  Result<void, query::Fault> refuse_cost(WallTime newest) const;
  bool sums_gauges_only() const;
  bool takes_all_rows() const { return ask_.query.order.has_value(); }
  Look look() const;
  std::vector<Gap> lost_in_past(const KeptLevels& kept) const;
  std::size_t columns_weight() const;
  void choose_page();
  void begin_page();
  std::int64_t times_max(std::size_t rows) const;
  void want(RangeRows::Map::const_iterator first, RangeRows::Map::const_iterator last);
  RangeCursor cursor_at(std::int64_t time, const RangeRows::Key& row) const;
  void find_order_column();
  std::span<double> values_of(std::size_t row, std::size_t time);
  query::Marks& mark_of(std::size_t row, std::size_t time);
  double rank(std::size_t row, std::size_t time);
  std::vector<std::size_t> ordered_rows(std::size_t time);
  void keep_the_first(std::size_t time);
  using HoleTimes = std::vector<std::pair<std::size_t, std::size_t>>;
  HoleTimes hole_times() const;
  void blank_holes();
  void blank(std::size_t row, std::size_t time);
  std::vector<std::size_t> rows_to_tell();
  void write_values(const std::vector<std::size_t>& rows, query::RangePage& page);
  void write_marks(const std::vector<std::size_t>& rows, query::RangePage& page);

  query::RangeAsk ask_;
  Options options_;
  std::uint64_t asked_;  // hash_of(ask_)
  std::optional<RangeCursor> cursor_;
  RangeRows rows_;
  RangeWindows windows_;  // of the whole answer
  RangeWindows page_;
  WallTime told_;   // the first page
  WallTime whole_;  // from here on all was there then
  std::optional<RangeCursor> next_;
  std::optional<Evaluator> evaluator_;
  std::optional<RangeFrame> frame_;
  std::vector<const RangeRows::Key*> page_rows_;
  std::vector<Wanted> wanted_;
  std::size_t at_ = 0;      // in wanted_
  std::size_t row_at_ = 0;  // in page_rows_: that row_ is
  std::optional<RangeRow> row_;
  Evaluated evaluated_;      // row by row, time by time
  std::vector<bool> lived_;  // by row
  std::optional<std::size_t> order_column_;
  std::size_t settled_ = 0;  // times
  std::vector<Gap> holes_;   // as of the last look
  std::vector<Gap> lost_;    // as it was planned: as far back as windows look
  HoleTimes hole_times_;     // of the page, as it was settled
};

}  // namespace ingest::timeline
