#pragma once
// Selector: a query compiled, so that the hub can ask of each new series: does it match, and in
// which row does it stand? Immutable; owned by its stream on the hub's thread.
//
// Names that begin with @ are no tags: @metric is the series' name, @kind its kind ("counter",
// "gauge", "timer", "set"). A query whose metric is a glob has @metric, and @kind unless it asks
// for one kind, in `by`: parse_query() puts them there, so that the columns of a row are always
// exactly Query::by. Totals of different kinds never mix: a plain name that is sent in two kinds
// gives a row for each, told apart by @kind when `by` names it. @tags is all tags but those in
// Query::without. A query that joins metrics (columns.h) selects these alone; part() says which one
// a series belongs to.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/result.h"
#include "ingest/model/glob.h"
#include "ingest/model/series_key.h"
#include "ingest/query/fault.h"
#include "ingest/query/query.h"
#include "ingest/query/where.h"

namespace ingest::query {

/// What stands in every column of the row that takes what is past limits.rows.
constexpr std::string_view kOverflow = "weir_overflow";

class Selector {
 public:
  /// Faults as parse_query gives them: only a query that did not come from there can have any.
  static Result<Selector, Fault> compile(const Query& query);

  bool matches(const model::SeriesKey& series) const;
  /// What matches() may cost, as a number of simple comparisons of a key: for who works in slices.
  std::size_t steps() const { return where_.steps(); }
  /// One value for each name in Query::by, in that order; empty for an absent tag.
  std::vector<std::string> row_key(const model::SeriesKey& series) const;
  /// Where the metric of a series that matches stands in joined_metrics(query); 0 where rows join
  /// none.
  std::size_t part(const model::SeriesKey& series) const;

 private:
  Selector() = default;
  bool is_named(std::string_view name) const;
  std::string tags_text(const model::SeriesKey& series) const;

  std::string metric_;
  std::optional<model::Glob> glob_;
  std::vector<std::string> joined_;  // sorted
  Where where_;
  std::vector<std::string> by_;
  std::vector<std::string> without_;  // sorted
};

}  // namespace ingest::query
