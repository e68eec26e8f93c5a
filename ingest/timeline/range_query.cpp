#include "ingest/timeline/range_query.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ingest/base/check.h"
#include "ingest/query/columns.h"

namespace ingest::timeline {
namespace {

using query::Code;
using query::Fault;

constexpr double kNull = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kBucketsWeight = 64;  // so many values does a list of buckets count as
constexpr Millis kRollupMax{60'000};

query::Query with_window(query::Query query, Millis window) {
  query.window = window;
  return query;
}

/// What range_windows() and coarsened() could have made of this query.
bool belongs_to(const RangeCursor& cursor, const query::Query& query,
                const RangeQuery::Options& options) {
  const RangeWindows& windows = cursor.windows;
  return windows.fit(options.pane) && windows.step % windows.apart == Millis{0} &&
         windows.window >= query.window && windows.window < query.window + kRollupMax &&
         static_cast<std::size_t>(windows.count) <= options.points_max &&
         cursor.key.size() <= query.by.size();
}

}  // namespace

RangeQuery::RangeQuery(query::RangeAsk ask, const Options& options, query::Selector selector)
    : ask_(std::move(ask)),
      options_(options),
      selector_(std::move(selector)),
      parts_(query::joined_metrics(ask_.query)) {}

Result<RangeQuery, Fault> RangeQuery::open(query::RangeAsk ask, const Options& options) {
  query::Selector selector = TRY(query::Selector::compile(ask.query));
  std::optional<RangeCursor> cursor;
  if (!ask.cursor.empty()) {
    cursor = read_cursor(ask.cursor);
    if (!cursor || !belongs_to(*cursor, ask.query, options))
      return Failure{Fault{Code::ProtoBadField, "cursor: none that this query gave", false}};
    cursor->key.resize(ask.query.by.size());  // empty values at its end are not written
  }
  RangeQuery made{std::move(ask), options, std::move(selector)};
  made.cursor_ = std::move(cursor);
  return made;
}

// ---- which series ----

void RangeQuery::add_series(Ref ref, const model::SeriesKey& series) {
  const bool joined = !parts_.empty();
  const auto part = std::ranges::find(parts_, series.name());
  if (joined && part == parts_.end()) return;
  Member member{ref, series.kind(), 0};
  if (joined) member.part = static_cast<std::size_t>(part - parts_.begin());
  const model::Kind row_kind = joined ? model::Kind::Counter : series.kind();
  rows_[{selector_.row_key(series), row_kind}].push_back(member);
}

bool RangeQuery::sums_gauges_only() const {
  const auto is_sum = [](const query::Stat& stat) { return stat.name == query::Stat::Name::Sum; };
  return !rows_.empty() && parts_.empty() && !ask_.query.is_glob() &&
         std::ranges::any_of(ask_.query.stats, is_sum) &&
         std::ranges::all_of(
             rows_, [](const auto& row) { return row.first.second == model::Kind::Gauge; });
}

Look RangeQuery::look() const {
  return Evaluator{ask_.query}.looks_back() ? Look::Back : Look::AtThemselves;
}

Result<void, Fault> RangeQuery::plan(const KeptLevels& kept, WallTime newest) {
  if (sums_gauges_only()) {
    return Failure{
        Fault{Code::QueryUnknownStat,
              "stats: sum of gauges says nothing; take last, which is the sum over series", false}};
  }
  if (rows_.size() > options_.rows_max) {
    return Failure{Fault{Code::LimitRows,
                         "by: gives " + std::to_string(rows_.size()) + " rows, more than " +
                             std::to_string(options_.rows_max) + " (limits.rows)",
                         false}};
  }
  if (cursor_) {
    windows_ = cursor_->windows;
  } else {
    const RangeWindows all = TRY(range_windows(ask_, kept, newest, look()));
    windows_ = TRY(coarsened(all, look(), rows_.size(), options_.points_max));
  }
  page_ = windows_;
  if (windows_.count == 0) return {};
  evaluator_.emplace(with_window(ask_.query, windows_.window));
  choose_page(cursor_ ? cursor_->time : 0);
  frame_.emplace(page_, look());
  return {};
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

void RangeQuery::choose_page(std::int64_t first_time) {
  const bool limited = ask_.query.limit > 0;
  auto first = rows_.cbegin();
  if (cursor_ && !limited) first = rows_.lower_bound({cursor_->key, cursor_->kind});
  const std::int64_t left = windows_.count - first_time;
  const std::int64_t times = std::min(left, times_max(limited ? rows_.size() : 1));
  page_ = windows_.part(first_time, times);
  auto last = rows_.cend();
  if (!limited && first != last) {
    const bool whole = first_time == 0 && times == windows_.count;
    const std::size_t per_row = static_cast<std::size_t>(times) * columns_weight();
    const std::size_t rows = whole ? std::max<std::size_t>(options_.values_max / per_row, 1) : 1;
    last = first;
    for (std::size_t i = 0; i < rows && last != rows_.cend(); ++i)
      ++last;
  }
  want(first, last);
  const bool more_times = times < left && first != rows_.cend();
  if (more_times) {
    const RowKey& key = limited ? RowKey{} : first->first;
    next_ = RangeCursor{windows_, first_time + times, key.first, key.second};
  } else if (last != rows_.cend()) {
    next_ = RangeCursor{windows_, 0, last->first.first, last->first.second};
  }
}

void RangeQuery::want(Rows::const_iterator first, Rows::const_iterator last) {
  for (auto row = first; row != last; ++row) {
    for (const Member& member : row->second)
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

// ---- panes ----

void RangeQuery::begin_series(std::optional<RangeRow::Before> before) {
  CHECK(at_ < wanted_.size());
  const Wanted& series = wanted_[at_];
  if (!row_) row_.emplace(*evaluator_, *frame_, RangeRow::Options{options_.series_ttl});
  row_->begin_series(series.kind, series.part, before);
}

void RangeQuery::end_series() {
  row_->end_series();
  const std::size_t row = wanted_[at_++].row;
  if (at_ == wanted_.size() || wanted_[at_].row != row) end_row();
}

void RangeQuery::end_row() {
  row_->finish(evaluated_);
  row_.reset();
}

// ---- the answer ----

query::RangePage RangeQuery::finish() {
  CHECK(at_ == wanted_.size());
  query::RangePage page;
  page.window = windows_.window;
  page.step = windows_.step;
  for (std::int64_t i = 0; i < page_.count; ++i)
    page.times.push_back(page_.end(i));
  find_order_column();
  if (ask_.query.limit > 0 && order_column_) {
    for (std::size_t time = 0; time < page.times.size(); ++time)
      keep_the_first(time);
  }
  write_values(page);
  if (next_) page.next = cursor_text(*next_);
  return page;
}

void RangeQuery::find_order_column() {
  const auto all = query::fields(ask_.query);
  const auto field = std::ranges::find_if(all, [&](const query::Field& each) {
    return ask_.query.order && each.name == ask_.query.order->field;
  });
  if (field != all.end()) order_column_ = static_cast<std::size_t>(field - all.begin());
}

std::span<double> RangeQuery::values_of(std::size_t row, std::size_t time) {
  const std::size_t columns = evaluator_->columns();
  const auto times = static_cast<std::size_t>(page_.count);
  return std::span{evaluated_.values}.subspan((row * times + time) * columns, columns);
}

/// What a row is ordered by at one time, the smaller first: nulls last.
double RangeQuery::rank(std::size_t row, std::size_t time) {
  const double value = values_of(row, time)[*order_column_];
  if (std::isnan(value)) return std::numeric_limits<double>::infinity();
  return ask_.query.order->direction == query::Order::Direction::Descending ? -value : value;
}

/// Rows of the page as they come first at one time; equal values in the order of their keys.
std::vector<std::size_t> RangeQuery::ordered_rows(std::size_t time) {
  std::vector<std::size_t> order(page_rows_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (order_column_)
    std::ranges::stable_sort(order, {}, [&](std::size_t row) { return rank(row, time); });
  return order;
}

/// Makes null, at one time, what is not among the first `limit` rows then.
void RangeQuery::keep_the_first(std::size_t time) {
  const std::vector<std::size_t> order = ordered_rows(time);
  for (std::size_t i = ask_.query.limit; i < order.size(); ++i)
    std::ranges::fill(values_of(order[i], time), kNull);
}

/// From row by row to field by field, without the rows that a limit leaves nothing of. Rows stand
/// in the order that the query asks for, as it is at the newest time.
void RangeQuery::write_values(query::RangePage& page) {
  const std::size_t times = page.times.size();
  const std::size_t columns = evaluator_ ? evaluator_->columns() : 0;
  const auto row_values = [&](std::size_t row) {
    return std::span{evaluated_.values}.subspan(row * times * columns, times * columns);
  };
  std::vector<std::size_t> rows;
  for (const std::size_t row : times > 0 ? ordered_rows(times - 1) : rows) {
    const auto is_null = [](double value) { return std::isnan(value); };
    if (ask_.query.limit > 0 && std::ranges::all_of(row_values(row), is_null)) continue;
    rows.push_back(row);
    page.keys.push_back(page_rows_[row]->first);
  }
  page.values.reserve(rows.size() * times * columns);
  for (std::size_t column = 0; column < columns; ++column) {
    for (const std::size_t row : rows) {
      for (std::size_t time = 0; time < times; ++time)
        page.values.push_back(row_values(row)[time * columns + column]);
    }
  }
  page.lists = evaluated_.lists;
}

}  // namespace ingest::timeline
