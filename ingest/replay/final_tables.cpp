#include "ingest/replay/final_tables.h"

#include <algorithm>
#include <cmath>

namespace ingest::replay {

FinalTables::FinalTables(const query::Query& query, Give give)
    : order_(query.order), limit_(query.limit), give_(std::move(give)) {
  const std::vector<query::Field> columns = query::fields(query);
  const auto is_it = [&](const query::Field& field) { return field.name == order_->field; };
  if (order_) {
    order_column_ =
        static_cast<std::size_t>(std::ranges::find_if(columns, is_it) - columns.begin());
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].stat && columns[i].stat->is_list()) list_columns_.push_back(i);
  }
}

/// What its cells point at dies with the update: the row keeps it.
void FinalTables::take_lists(std::span<const double> lists, FinalRow& row) const {
  row.lists.clear();
  for (const std::size_t column : list_columns_) {
    double& cell = row.values[column];
    if (std::isnan(cell)) continue;
    const auto both = lists.subspan(static_cast<std::size_t>(cell));
    const auto positive = static_cast<std::size_t>(both[0]) + 1;
    const auto size = positive + static_cast<std::size_t>(both[positive]) + 1;
    cell = static_cast<double>(row.lists.size());
    row.lists.insert(row.lists.end(), both.begin(),
                     both.begin() + static_cast<std::ptrdiff_t>(size));
  }
}

void FinalTables::update(const query::Update& update) {
  for (const query::RowSlot slot : update.removed)
    keys_.erase(slot);
  for (const query::RowAdded& added : update.added)
    keys_[added.slot] = added.key;
  Table& table = open_[update.window.end];
  if (update.revision == query::Revision::Newest) {
    for (const query::RowSlot slot : update.removed)
      table.erase(slot);
  }
  const std::size_t columns = update.rows.empty() ? 0 : update.values.size() / update.rows.size();
  for (std::size_t i = 0; i < update.rows.size(); ++i) {
    FinalRow& row = table[update.rows[i]];
    if (const auto key = keys_.find(update.rows[i]); key != keys_.end()) row.key = key->second;
    const auto values = update.values.subspan(i * columns, columns);
    row.values.assign(values.begin(), values.end());
    take_lists(update.lists, row);
    row.marks = update.marks.empty() ? query::Marks{0} : update.marks[i];
  }
  if (update.revision == query::Revision::Final) finish(update.window);
}

void FinalTables::tick_done(WallTime /*now*/) {}

void FinalTables::finish(const query::Window& window) {
  FinalWindow final{window, {}};
  const auto table = open_.extract(window.end);
  for (auto& [slot, row] : table.mapped())
    final.rows.push_back(std::move(row));
  if (final.rows.empty() || window.end > last_) return;
  put_in_order(final.rows);
  give_(final);
}

/// Nulls last; rows of equal values by key, rows of one key (of two kinds) as they came to be.
void FinalTables::put_in_order(std::vector<FinalRow>& rows) const {
  std::ranges::stable_sort(rows, {}, &FinalRow::key);
  if (order_) {
    const bool descending = order_->direction == query::Order::Direction::Descending;
    std::ranges::stable_sort(rows, [&](const FinalRow& a, const FinalRow& b) {
      const double left = a.values[order_column_];
      const double right = b.values[order_column_];
      if (std::isnan(left) || std::isnan(right)) return !std::isnan(left) && std::isnan(right);
      return descending ? left > right : left < right;
    });
  }
  if (limit_ > 0 && rows.size() > limit_) rows.resize(limit_);
}

}  // namespace ingest::replay
