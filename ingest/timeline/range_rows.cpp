#include "ingest/timeline/range_rows.h"

#include <algorithm>
#include <utility>

#include "ingest/query/columns.h"

namespace ingest::timeline {

RangeRows::RangeRows(const query::Query& query, query::Selector selector, std::size_t rows_max)
    : selector_(std::move(selector)),
      parts_(query::joined_metrics(query)),
      by_(query.by),
      rows_max_(rows_max),
      mixes_kinds_(query::mixes_kinds(query)) {}

void RangeRows::key_by_kind() {
  if (!mixes_kinds_ || kind_column_) return;
  const auto place = std::ranges::lower_bound(by_, query::kKindColumn, std::less<>{});
  kind_column_ = static_cast<std::size_t>(place - by_.begin());
  by_.emplace(place, query::kKindColumn);
  for (Map old = std::exchange(rows_, {}); !old.empty();) {
    auto row = old.extract(old.begin());
    insert_kind(row.key());
    rows_.insert(std::move(row));
  }
}

void RangeRows::keep_to(model::Kind kind) {
  if (mixes_kinds_ && !kind_column_) only_ = kind;
}

void RangeRows::insert_kind(Key& key) const {
  const auto place = key.values.begin() + static_cast<std::ptrdiff_t>(*kind_column_);
  key.values.emplace(place, model::kind_name(key.kind));
}

RangeRows::Key RangeRows::key_of(const model::SeriesKey& series) const {
  Key key{selector_.row_key(series), parts_.empty() ? series.kind() : model::Kind::Counter};
  if (kind_column_) insert_kind(key);
  return key;
}

void RangeRows::add(Ref ref, const model::SeriesKey& series) {
  const model::Kind kind = series.kind();
  if (size() > rows_max_ || (only_ && kind != *only_)) return;
  const std::size_t part = selector_.part(series);
  if (part > 0 && part >= parts_.size()) return;
  const auto at = static_cast<std::size_t>(kind);
  const auto others = std::ranges::count_if(series_, [](std::uint64_t count) { return count > 0; });
  if (mixes_kinds_ && !only_ && series_[at] == 0 && others > 0) key_by_kind();
  ++series_[at];
  rows_[key_of(series)].push_back({ref, kind, part});
}

}  // namespace ingest::timeline
