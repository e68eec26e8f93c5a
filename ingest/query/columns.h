#pragma once
// Columns: what has to be evaluated of a row, and how the columns of an answer (fields(query)) come
// out of it. Made once for a query; whoever evaluates rows asks it, so that streams, history and
// instant queries agree. Pure; immutable.
//
// Where a derived field names metrics ("errors.count / requests.count"), rows are *joined*: a row's
// key has no metric and no kind, its parts are the metrics so named, and its columns are the
// derived ones alone. A series of part i counts in part i of its row; a part that no series of the
// row stands in has null for every stat. Where series of several kinds stand in one part, the stat
// is that of the first kind (in the order of model::Kind) for which it is not null.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ingest/query/query.h"

namespace ingest::query {

/// The metrics that a row of `query` joins, sorted; empty where a row is of one metric.
std::vector<std::string> joined_metrics(const Query& query);

class Columns {
 public:
  explicit Columns(const Query& query);

  struct Input {
    std::size_t part = 0;  // into joined_metrics(query); 0 where there are none
    Stat stat;
    bool operator==(const Input&) const = default;
  };
  /// What to evaluate of a row: the query's stats in their order, then what else is derived from.
  std::span<const Input> inputs() const { return inputs_; }
  /// Of an answer: fields(query).size().
  std::size_t size() const { return stats_ + derived_.size(); }
  /// inputs().size() values -> size() values; NaN is null. No allocation.
  void finish(std::span<const double> values, std::span<double> columns) const;

 private:
  struct Derivation {
    Expression expression;
    std::vector<std::size_t> terms;  // into inputs_
  };
  std::size_t stats_;
  std::vector<Input> inputs_;
  std::vector<Derivation> derived_;
};

}  // namespace ingest::query
