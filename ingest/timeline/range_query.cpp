#include "ingest/timeline/range_query.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/query/columns.h"
#include "ingest/query/cost.h"

namespace ingest::timeline {
namespace {

using query::Code;
using query::Fault;

constexpr std::size_t kBucketsWeight = 64;  // so many values does a list of buckets count as
constexpr Millis kRollupMax{60'000};
constexpr Millis kAgeing{120'000};  // panes leave by whole rounds and roll-ups

query::Query with_window(query::Query query, Millis window) {
  query.window = window;
  return query;
}

/// What range_windows() and coarsened() could have made of this query.
bool belongs_to(const RangeCursor& cursor, const query::Query& query,
                const RangeQuery::Options& options) {
  const RangeWindows& windows = cursor.windows;
  const bool may_be_keyed = query::mixes_kinds(query);
  return windows.fit(options.pane) && windows.step % windows.apart == Millis{0} &&
         windows.window >= query.window && windows.window < query.window + kRollupMax &&
         static_cast<std::size_t>(windows.count) <= options.points_max &&
         (may_be_keyed || !cursor.by_kind) &&
         cursor.key.size() <= query.by.size() + (cursor.by_kind ? 1 : 0);
}

}  // namespace

RangeQuery::RangeQuery(query::RangeAsk ask, const Options& options, query::Selector selector)
    : ask_(std::move(ask)),
      options_(options),
      asked_(hash_of(ask_)),
      rows_(ask_.query, std::move(selector), options.rows_max) {}

Result<RangeQuery, Fault> RangeQuery::open(query::RangeAsk ask, const Options& options) {
  query::Selector selector = TRY(query::Selector::compile(ask.query));
  RangeQuery made{std::move(ask), options, std::move(selector)};
  if (made.ask_.cursor.empty()) return made;
  auto cursor = read_cursor(made.ask_.cursor);
  if (!cursor || cursor->asked != made.asked_ || !belongs_to(*cursor, made.ask_.query, options)) {
    return Failure{Fault{Code::ProtoBadField,
                         "cursor: none that this very question gave (query and step must be those "
                         "of its first page); ask without one for the first page",
                         false}};
  }
  if (cursor->by_kind) {
    made.rows_.key_by_kind();
  } else {
    made.rows_.keep_to(cursor->kind);
  }
  cursor->key.resize(made.rows_.by().size());  // empty values at its end are not written
  made.cursor_ = std::move(cursor);
  return made;
}

// ---- which series ----

void RangeQuery::key_by_kind() {
  if (!cursor_) rows_.key_by_kind();
}

bool RangeQuery::sums_gauges_only() const {
  const auto is_sum = [](const query::Stat& stat) { return stat.name == query::Stat::Name::Sum; };
  return rows_.size() > 0 && query::joined_metrics(ask_.query).empty() && !ask_.query.is_glob() &&
         std::ranges::any_of(ask_.query.stats, is_sum) &&
         std::ranges::all_of(rows_.all(),
                             [](const auto& row) { return row.first.kind == model::Kind::Gauge; });
}

Look RangeQuery::look() const {
  return Evaluator{ask_.query}.looks_back() ? Look::Back : Look::AtThemselves;
}

Result<void, Fault> RangeQuery::refuse_rows() const {
  if (sums_gauges_only()) {
    return Failure{
        Fault{Code::QueryUnknownStat,
              "stats: sum of gauges says nothing; take last, which is the sum over series", false}};
  }
  if (rows_.size() > options_.rows_max) {
    return Failure{Fault{
        Code::LimitRows,
        "by: gives more than " + std::to_string(options_.rows_max) + " rows (limits.rows)", false}};
  }
  return {};
}

/// Of the whole answer, whichever page of it this is: panes once, and windows, which each gauge is
/// looked at in, and of other kinds each row.
Result<void, Fault> RangeQuery::refuse_cost(WallTime newest) const {
  const RangeFrame frame{windows_, look()};
  const auto windows = static_cast<std::uint64_t>(frame.evaluated.count);
  query::Cost all{0, 0, query::cost_of_stats(ask_.query)};
  std::uint64_t reads = windows * rows_.size();
  for (std::size_t i = 0; i < rows_.series().size(); ++i) {
    const std::uint64_t series = rows_.series()[i];
    const bool is_gauge = static_cast<model::Kind>(i) == model::Kind::Gauge;
    const WallTime begin = frame.evaluated.begin() - (is_gauge ? options_.series_ttl : Millis{0});
    const std::uint64_t panes =
        query::panes_between(begin, frame.evaluated.until(), newest, options_.pane);
    reads += series * (panes + (is_gauge ? windows : 0));
    all.series += series;
  }
  all.reads = all.series == 0 ? 0 : (reads + all.series - 1) / all.series;
  if (auto fault = query::too_expensive(all, options_.cost_max)) return Failure{*std::move(fault)};
  return {};
}

Result<void, Fault> RangeQuery::plan(const KeptLevels& kept, WallTime newest) {
  TRY(refuse_rows());
  if (cursor_) {
    windows_ = cursor_->windows;
    told_ = cursor_->told;
    whole_ = cursor_->whole;
  } else {
    const RangeWindows all = TRY(range_windows(ask_, kept, newest, look()));
    windows_ = TRY(coarsened(all, look(), rows_.size(), options_.points_max));
    told_ = newest;
    whole_ = whole_since(kept, windows_);
  }
  page_ = windows_;
  if (windows_.count == 0) return {};
  holes_ = holes_in(kept, windows_);
  TRY(refuse_cost(newest));
  evaluator_.emplace(with_window(ask_.query, windows_.window));
  begin_page();
  lost_ = lost_in_past(kept);
  if (!is_kept(kept, newest)) {
    return Failure{Fault{Code::HistoryUnavailable,
                         "cursor: detail that the first page was made of has left memory and disk "
                         "since; ask again without a cursor",
                         true}};
  }
  return {};
}

std::vector<Gap> RangeQuery::lost_in_past(const KeptLevels& kept) const {
  return lost_in(kept, windows_, needed(model::Kind::Gauge));
}

bool RangeQuery::looks_back() const {
  return evaluator_->looks_back() || std::ranges::any_of(wanted_, [](const Wanted& each) {
           return each.kind == model::Kind::Gauge;
         });
}

bool RangeQuery::is_kept(const KeptLevels& kept, WallTime now) {
  if (is_empty()) return true;
  holes_ = holes_in(kept, windows_);
  const WallTime since = whole_since(kept, windows_);
  if (since <= page_.begin()) return true;
  return whole_ > windows_.begin() && since <= whole_ + std::max(now - told_, Millis{0}) + kAgeing;
}

// ---- which page ----

/// Values that one row at one time counts as.
std::size_t RangeQuery::columns_weight() const {
  std::size_t weight = 0;
  for (const query::Field& field : query::fields(ask_.query)) {
    const bool list = field.stat && field.stat->name == query::Stat::Name::Buckets;
    weight += list ? kBucketsWeight : 1;
  }
  return std::max<std::size_t>(weight, 1);
}

/// How many times a page of so many rows may have.
std::int64_t RangeQuery::times_max(std::size_t rows) const {
  const auto by_values = static_cast<std::int64_t>(
      options_.values_max / (columns_weight() * std::max<std::size_t>(rows, 1)));
  std::int64_t times = std::clamp<std::int64_t>(by_values, 1, windows_.count);
  const auto cells_of = [&](std::int64_t count) {
    return WindowCells{RangeFrame{windows_.part(0, count), look()}.evaluated}.size();
  };
  while (times > 1 && cells_of(times) > options_.cells_max)
    times = (times + 1) / 2;
  return times;
}

RangeCursor RangeQuery::cursor_at(std::int64_t time, const RangeRows::Key& row) const {
  return {asked_, windows_, time, row.values, row.kind, rows_.has_kind_added(), told_, whole_};
}

/// Begins where the cursor stands. A row that has gone since takes its own times with it, not those
/// of the row behind it.
void RangeQuery::choose_page() {
  const RangeRows::Map& rows = rows_.all();
  std::int64_t time = cursor_ ? cursor_->time : 0;
  auto first = rows.cbegin();
  if (cursor_ && !takes_all_rows()) {
    const RangeRows::Key row{cursor_->key, cursor_->kind};
    first = rows.lower_bound(row);
    if (first == rows.cend() || first->first != row) time = 0;
  }
  const std::int64_t left = windows_.count - time;
  const std::int64_t times = std::min(left, times_max(takes_all_rows() ? rows_.size() : 1));
  page_ = windows_.part(time, times);
  auto last = rows.cend();
  if (!takes_all_rows() && first != last) {
    const bool whole = time == 0 && times == windows_.count;
    const std::size_t per_row = static_cast<std::size_t>(times) * columns_weight();
    const std::size_t count = whole ? std::max<std::size_t>(options_.values_max / per_row, 1) : 1;
    last = first;
    for (std::size_t i = 0; i < count && last != rows.cend(); ++i)
      ++last;
  }
  want(first, last);
  next_.reset();
  if (times < left && first != rows.cend()) {
    next_ = cursor_at(time + times, first->first);
  } else if (last != rows.cend()) {
    next_ = cursor_at(0, last->first);
  }
  frame_.emplace(page_, look());
}

void RangeQuery::want(RangeRows::Map::const_iterator first, RangeRows::Map::const_iterator last) {
  wanted_.clear();
  page_rows_.clear();
  for (auto row = first; row != last; ++row) {
    for (const RangeRows::Member& member : row->second)
      wanted_.push_back({member.ref, member.kind, member.part, page_rows_.size()});
    page_rows_.push_back(&row->first);
  }
}

Gap RangeQuery::needed(model::Kind kind) const {
  const RangeWindows& windows = frame_->evaluated;
  if (kind != model::Kind::Gauge) return {windows.begin(), windows.until()};
  // Whole panes of the coarsest level, so that the windows behind stay aligned to them.
  const Millis lives = (options_.series_ttl + kRollupMax - Millis{1}) / kRollupMax * kRollupMax;
  return {windows.begin() - lives, windows.until()};
}

Gap RangeQuery::life_needed(model::Kind kind) const {
  const WallTime begin = frame_->evaluated.begin();
  return {kind == model::Kind::Gauge ? begin : begin - options_.series_ttl, begin};
}

Result<void, Fault> RangeQuery::shrink() {
  if (page_.count <= 1) {
    return Failure{Fault{Code::LimitRange,
                         "window: what came of one row in one window needs more than " +
                             std::to_string(options_.row_bytes_max >> 20U) +
                             " MiB; shorten the window, or make the slide longer",
                         false}};
  }
  const std::size_t cells = WindowCells{frame_->evaluated}.size();
  options_.cells_max = std::max<std::size_t>(std::min(options_.cells_max, cells) / 2, 1);
  begin_page();
  return {};
}

void RangeQuery::begin_page() {
  row_.reset();
  evaluated_.clear();
  lived_.clear();
  at_ = row_at_ = settled_ = 0;
  choose_page();
}

// ---- panes ----

void RangeQuery::begin_series(std::optional<RangeRow::Before> before) {
  CHECK(at_ < wanted_.size() && !has_row());
  const Wanted& series = wanted_[at_];
  row_at_ = series.row;
  if (!row_) row_.emplace(*evaluator_, *frame_, lost_, RangeRow::Options{options_.series_ttl});
  row_->begin_series(series.kind, series.part, before);
}

std::size_t RangeQuery::end_series() {
  ++at_;
  return row_->end_series();
}

std::size_t RangeQuery::evaluate(std::size_t steps) {
  const std::size_t done = row_->evaluate(steps, evaluated_);
  if (!row_->is_evaluated()) return done;
  lived_.push_back(row_->has_lived());
  row_.reset();
  return done;
}

}  // namespace ingest::timeline
