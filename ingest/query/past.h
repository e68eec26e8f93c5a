#pragma once
// Past: what may be asked of time that is over, also by queries that nobody watched then. Data, and
// the hub as the publisher sees it; all calls are on the hub's thread, which only collects what the
// question needs: the panes are merged elsewhere, so an answer comes later.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/query/fault.h"
#include "ingest/query/query.h"
#include "ingest/query/update.h"

namespace ingest::query {

/// The windows of `query` that end in (start, end], `step` apart, aligned to the epoch. One window
/// alone is a range as long as its step.
struct RangeAsk {
  Query query;  // canonical
  WallTime start;
  WallTime end;
  Millis step{0};      // made a multiple of the slide, upwards; 0: the slide itself
  std::string cursor;  // RangePage::next of the page before; empty for the first
};

/// A rectangle of the answer: some rows at some times. All pages of one answer have the same window
/// and step; together they hold every row at every time once.
struct RangePage {
  Millis window{0};  // as evaluated: wider than asked where only coarser panes are kept
  Millis step{0};    // coarser than asked where limits.history_points or the panes kept say so
  std::vector<WallTime> times;  // window ends, ascending
  std::vector<std::string> by;  // Query::by; with @kind where two kinds have the plain name
  std::vector<std::vector<std::string>> keys;  // one value for each of `by`
  std::vector<double> values;  // [field][row][time]; NaN is null; of `buckets` as Update::values
  std::vector<double> lists;   // as Update::lists
  std::vector<Marks> marks;    // [row][time], or none at all
  /// First and last places in `times` of runs of windows of which something that came is nowhere
  /// any more: null for all rows.
  std::vector<std::pair<std::size_t, std::size_t>> holes{};
  std::string next;  // the cursor of the page after it; empty: the last
};

/// LimitRange, QueryBadWindow, ServerOverloaded, ...
using RangeAnswer = Result<RangePage, Fault>;
using RangeAnswerPtr = std::shared_ptr<const RangeAnswer>;

class Past {
 public:
  using Id = std::uint64_t;
  using Done = std::function<void(const RangeAnswerPtr&)>;
  Past() = default;
  Past(const Past&) = delete;
  Past& operator=(const Past&) = delete;
  virtual ~Past() = default;
  /// `done` is called once, after ask() has returned, unless drop() comes before.
  virtual Id ask(RangeAsk ask, Done done) = 0;
  /// Nobody waits for it any more. Harmless for a question that was answered.
  virtual void drop(Id id) = 0;
};

}  // namespace ingest::query
