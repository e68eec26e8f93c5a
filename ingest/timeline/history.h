#pragma once
// history: what a stream of this query would have said at past windows, from the panes in memory,
// for queries that nobody asked then. Pure; the hub's thread. Costs every pane of every matching
// series once for each window that holds it: for charts that open, not for ticks.

#include <string>
#include <vector>

#include "ingest/base/result.h"
#include "ingest/query/query.h"
#include "ingest/query/update.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

struct HistoryRow {
  std::vector<std::string> key;  // as query::RowAdded::key
  model::Kind kind = model::Kind::Counter;
  std::vector<double> values;  // times x fields, time by time; NaN is null
};
struct History {
  std::vector<WallTime> times;   // window ends, ascending
  std::vector<HistoryRow> rows;  // by key, then kind
};

struct HistoryRange {
  WallTime start;
  WallTime end;
  Millis step{1'000};  // made a multiple of the query's slide, upwards
};

/// Windows that end in (start, end], every step, aligned to the epoch. LimitRange when these are
/// more than `points_max` times; QueryBadWindow when start is after end.
Result<History, query::Fault> history(const Timeline& timeline, const query::Query& query,
                                      const HistoryRange& range, std::size_t points_max);

}  // namespace ingest::timeline
