// RangeQuery's answer: which rows come first, and the page as it is told.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/timeline/range_query.h"

namespace ingest::timeline {

constexpr double kNull = std::numeric_limits<double>::quiet_NaN();

bool RangeQuery::settle(std::size_t steps) {
  CHECK(at_ == wanted_.size() && !row_);
  if (settled_ == 0) blank_holes();
  find_order_column();
  if (ask_.query.limit == 0 || !order_column_) return false;
  const auto times = static_cast<std::size_t>(page_.count);
  for (std::size_t done = 0; settled_ < times && done < steps; done += page_rows_.size() + 1)
    keep_the_first(settled_++);
  return settled_ < times;
}

query::RangePage RangeQuery::finish() {
  CHECK(at_ == wanted_.size() && !row_);
  query::RangePage page;
  page.window = windows_.window;
  page.step = windows_.step;
  page.by = rows_.by();
  for (std::int64_t i = 0; i < page_.count; ++i)
    page.times.push_back(page_.end(i));
  const std::vector<std::size_t> rows = rows_to_tell();
  for (const std::size_t row : rows)
    page.keys.push_back(page_rows_[row]->values);
  write_values(rows, page);
  write_marks(rows, page);
  page.holes = is_empty() ? hole_times() : hole_times_;
  page.lists = std::move(evaluated_.lists);
  if (next_) page.next = cursor_text(*next_);
  return page;
}

/// The windows of the page that overlap a hole: each hole names its first and its last.
RangeQuery::HoleTimes RangeQuery::hole_times() const {
  HoleTimes times;
  for (const Gap& each : holes_) {
    const std::int64_t first = page_.first_behind(each.from);
    const std::int64_t last = page_.last_before(each.until);
    if (first > last) continue;
    const std::pair here{static_cast<std::size_t>(first), static_cast<std::size_t>(last)};
    if (!times.empty() && here.first <= times.back().second + 1) {
      times.back().second = std::max(times.back().second, here.second);
    } else {
      times.push_back(here);
    }
  }
  return times;
}

void RangeQuery::blank_holes() {
  hole_times_ = hole_times();
  for (std::size_t row = 0; row < page_rows_.size(); ++row)
    for (const auto& [first, last] : hole_times_)
      for (std::size_t time = first; time <= last; ++time)
        blank(row, time);
}

void RangeQuery::blank(std::size_t row, std::size_t time) {
  std::ranges::fill(values_of(row, time), kNull);
  mark_of(row, time) = 0;
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

query::Marks& RangeQuery::mark_of(std::size_t row, std::size_t time) {
  return evaluated_.marks[row * static_cast<std::size_t>(page_.count) + time];
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
  for (std::size_t i = ask_.query.limit; i < order.size(); ++i) {
    std::ranges::fill(values_of(order[i], time), kNull);
    mark_of(order[i], time) = 0;
  }
}

/// As they stand at the newest time, without those that did not live, or that a limit leaves
/// nothing of.
std::vector<std::size_t> RangeQuery::rows_to_tell() {
  if (page_.count == 0) return {};
  const auto times = static_cast<std::size_t>(page_.count);
  find_order_column();
  std::vector<std::size_t> rows = ordered_rows(times - 1);
  std::erase_if(rows, [&](std::size_t row) { return !lived_[row]; });
  if (ask_.query.limit == 0) return rows;
  std::erase_if(rows, [&](std::size_t row) {
    const std::span<const double> values{values_of(row, 0).data(), times * evaluator_->columns()};
    return std::ranges::all_of(values, [](double value) { return std::isnan(value); });
  });
  return rows;
}

/// From row by row to field by field.
void RangeQuery::write_values(const std::vector<std::size_t>& rows, query::RangePage& page) {
  const std::size_t columns = evaluator_ ? evaluator_->columns() : 0;
  const std::size_t times = page.times.size();
  page.values.reserve(rows.size() * times * columns);
  for (std::size_t column = 0; column < columns; ++column) {
    for (const std::size_t row : rows) {
      for (std::size_t time = 0; time < times; ++time)
        page.values.push_back(values_of(row, time)[column]);
    }
  }
}

void RangeQuery::write_marks(const std::vector<std::size_t>& rows, query::RangePage& page) {
  const auto is_marked = [](query::Marks marks) { return marks != 0; };
  if (std::ranges::none_of(evaluated_.marks, is_marked)) return;
  page.marks.reserve(rows.size() * page.times.size());
  for (const std::size_t row : rows) {
    for (std::size_t time = 0; time < page.times.size(); ++time)
      page.marks.push_back(mark_of(row, time));
  }
}

}  // namespace ingest::timeline
