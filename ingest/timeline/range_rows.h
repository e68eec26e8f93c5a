#pragma once
// RangeRows: which rows an answer about the past has, and which series stand in each. Rows come in
// the order of their keys. Pure; owned by who asked, on its thread. It must not know windows.
//
// Kinds never share a row. Where the key of a plain name has no @kind, and a second kind comes, all
// keys get it: as a stream's do that begins when two kinds are known (StreamSet::keyed).

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ingest/model/series_key.h"
#include "ingest/query/query.h"
#include "ingest/query/selector.h"

namespace ingest::timeline {

class RangeRows {
 public:
  /// The caller's own name for a series.
  using Ref = std::uint32_t;
  struct Key {
    std::vector<std::string> values;  // one for each of by()
    model::Kind kind = model::Kind::Counter;
    // NOLINTNEXTLINE(modernize-use-nullptr): the check mistakes the zero inside <=> for a pointer
    auto operator<=>(const Key&) const = default;
  };
  struct Member {
    Ref ref = 0;
    model::Kind kind = model::Kind::Counter;
    std::size_t part = 0;  // as query::Columns has it
  };
  using Map = std::map<Key, std::vector<Member>>;

  /// Past `rows_max` rows one more is kept, and no further ones.
  RangeRows(const query::Query& query, query::Selector selector, std::size_t rows_max);

  /// What keys are of: Query::by, and @kind once it has to be there.
  const std::vector<std::string>& by() const { return by_; }
  bool has_kind_added() const { return kind_column_.has_value(); }
  /// Adds @kind to the keys, unless rows need none.
  void key_by_kind();
  /// Where rows need it and have none, only this kind's count from now on: the others came later
  /// than the answer's first page.
  void keep_to(model::Kind kind);

  bool wants(const model::SeriesKey& series) const { return selector_.matches(series); }
  std::size_t steps_to_look() const { return selector_.steps(); }
  /// One that it wants, once.
  void add(Ref ref, const model::SeriesKey& series);

  const Map& all() const { return rows_; }
  std::size_t size() const { return rows_.size(); }
  /// Series of each kind, in the order of model::Kind.
  const std::array<std::uint64_t, 4>& series() const { return series_; }

 private:
  Key key_of(const model::SeriesKey& series) const;
  void insert_kind(Key& key) const;

  query::Selector selector_;
  std::vector<std::string> parts_;  // the metrics that a row joins
  std::vector<std::string> by_;
  std::size_t rows_max_;
  bool mixes_kinds_;
  std::optional<std::size_t> kind_column_;  // where @kind was added
  std::optional<model::Kind> only_;
  Map rows_;
  std::array<std::uint64_t, 4> series_{};
};

}  // namespace ingest::timeline
