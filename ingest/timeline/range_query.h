#pragma once
// RangeQuery: one page of an answer about the past, worked out: which series it needs, which panes
// of them, and what comes of those. An engine without I/O: series and panes are given to it, from
// memory, from disk or from a test. Pure; owned by who asked, on its thread.
//
//   open -> add_series ... -> plan -> for each of wanted(): begin_series, add ..., end_series ->
//   finish
//
// A page is some rows at all times; one row at some times where those are too many; or, with a
// limit, all rows at some times, because which rows come first is decided for every window anew.
// Inside a page rows stand in the order that the query asks for, as it is at the newest time, and
// by their keys where it asks for none.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ingest/base/result.h"
#include "ingest/model/series_key.h"
#include "ingest/query/fault.h"
#include "ingest/query/past.h"
#include "ingest/query/selector.h"
#include "ingest/timeline/range_cursor.h"
#include "ingest/timeline/range_row.h"
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
  };
  /// The caller's own name for a series.
  using Ref = std::uint32_t;
  struct Wanted {
    Ref ref = 0;
    model::Kind kind = model::Kind::Counter;
    std::size_t part = 0;
    std::size_t row = 0;
  };

  /// ProtoBadField for a cursor that is none of ours; what Selector::compile() gives.
  static Result<RangeQuery, query::Fault> open(query::RangeAsk ask, const Options& options);

  const query::Query& query() const { return ask_.query; }
  bool wants(const model::SeriesKey& series) const { return selector_.matches(series); }
  /// One that it wants, once.
  void add_series(Ref ref, const model::SeriesKey& series);
  /// All series are known. `newest` is the end of the newest window there is. LimitRows,
  /// LimitRange, QueryBadWindow; QueryUnknownStat for a sum of gauges only.
  Result<void, query::Fault> plan(const KeptLevels& kept, WallTime newest);

  /// What the page needs, row by row: panes must come in this order.
  const std::vector<Wanted>& wanted() const { return wanted_; }
  /// The time whose panes count: of gauges more than the windows, as far back as they live.
  Gap needed(model::Kind kind) const;
  /// Panes of this length may be given.
  bool takes(Millis pane) const { return page_.fit(pane); }
  /// Rows of the page: none where nothing matches, or no window is asked for.
  bool is_empty() const { return wanted_.empty(); }

  /// The next of wanted().
  void begin_series(std::optional<RangeRow::Before> before = {});
  void correct(const RangeRow::Before& before) { row_->correct(before); }
  /// [start, end) of time, within needed(), ascending; no instant twice.
  void add(WallTime start, WallTime end, const model::Partial& pane) {
    row_->add(start, end, pane);
  }
  void end_series();

  /// When all of wanted() has come.
  query::RangePage finish();

 private:
  using RowKey = std::pair<std::vector<std::string>, model::Kind>;
  struct Member {
    Ref ref = 0;
    model::Kind kind = model::Kind::Counter;
    std::size_t part = 0;
  };
  using Rows = std::map<RowKey, std::vector<Member>>;

  RangeQuery(query::RangeAsk ask, const Options& options, query::Selector selector);
  bool sums_gauges_only() const;
  Look look() const;
  std::size_t columns_weight() const;
  void choose_page(std::int64_t first_time);
  std::int64_t times_max(std::size_t rows) const;
  void want(Rows::const_iterator first, Rows::const_iterator last);
  void end_row();
  void find_order_column();
  std::span<double> values_of(std::size_t row, std::size_t time);
  double rank(std::size_t row, std::size_t time);
  std::vector<std::size_t> ordered_rows(std::size_t time);
  void keep_the_first(std::size_t time);
  void write_values(query::RangePage& page);

  query::RangeAsk ask_;
  Options options_;
  query::Selector selector_;
  std::vector<std::string> parts_;  // the metrics that a row joins
  std::optional<RangeCursor> cursor_;
  Rows rows_;
  RangeWindows windows_;  // of the whole answer
  RangeWindows page_;
  std::optional<RangeCursor> next_;
  std::optional<Evaluator> evaluator_;
  std::optional<RangeFrame> frame_;
  std::vector<const RowKey*> page_rows_;
  std::vector<Wanted> wanted_;
  std::size_t at_ = 0;  // in wanted_
  std::optional<RangeRow> row_;
  Evaluated evaluated_;  // row by row, time by time
  std::optional<std::size_t> order_column_;
};

}  // namespace ingest::timeline
