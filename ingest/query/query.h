#pragma once
// Query: what a subscriber asks, in canonical form: defaults filled in, lists sorted and
// deduplicated, durations in ms. Two queries that mean the same are equal and print the same.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/query/expression.h"
#include "ingest/query/fault.h"
#include "ingest/query/stat.h"

namespace ingest::query {

/// Names of `by` and `where` that are no tags: what a series is called and its kind ("counter",
/// "gauge", "timer", "set"); and in `by` alone, as one text, all of its tags but Query::without
/// ("region=eu,route=/a": by key, and \ before each , = \ of keys and values).
constexpr std::string_view kMetricColumn = "@metric";
constexpr std::string_view kKindColumn = "@kind";
constexpr std::string_view kTagsColumn = "@tags";

enum class Op : std::uint8_t { Equal, NotEqual, Matches, NotMatches, In, NotIn, Exists };

struct Matcher {
  std::string tag;
  Op op = Op::Equal;
  std::vector<std::string>
      values;  // one for Equal..NotMatches, sorted for In and NotIn, none for Exists
  // NOLINTNEXTLINE(modernize-use-nullptr): the check mistakes the zero inside <=> for a pointer
  auto operator<=>(const Matcher&) const = default;
};

/// A column made of others; `name` is its field.
struct Derived {
  std::string name;
  Expression expression;
  bool operator==(const Derived&) const = default;
};

/// Which rows come first: by a field, nulls last; rows of equal values by their keys.
struct Order {
  enum class Direction : std::uint8_t { Descending, Ascending };
  std::string field;
  Direction direction = Direction::Descending;
  bool operator==(const Order&) const = default;
};

struct Query {
  std::string metric;  // a name or a glob
  std::vector<Matcher> where;
  std::vector<std::string> by;       // the columns of a row's key
  std::vector<std::string> without;  // sorted; only where `by` has @tags
  Millis window{10'000};
  Millis slide{1'000};
  std::vector<Stat> stats;
  std::vector<Derived> derive;  // by name; never a stat's name
  std::optional<Order> order;   // by one of fields(); always where there is a limit
  std::uint32_t limit = 0;      // rows: the first in that order; 0: all
  bool operator==(const Query&) const = default;
  bool is_glob() const;
};

/// Whether `by` has @tags.
bool groups_by_all_tags(const Query& query);

/// Whether rows of two kinds could have the same key: of a plain name, where `by` has no @kind and
/// `where` asks for no one kind. (A glob's rows have @kind already; rows that join have no kind.)
bool mixes_kinds(const Query& query);
/// The same query with @kind in its key.
Query keyed_by_kind(Query query);

/// A column of an answer: a stat, or what is derived where there is none.
struct Field {
  std::string name;
  std::optional<Stat> stat;
  bool operator==(const Field&) const = default;
};
/// The columns of a query, in their order: stats, then what is derived. `subd.fields`, the values
/// of an Update and the columns of every answer are these.
std::vector<Field> fields(const Query& query);

/// What parsing must know of the configuration.
struct QueryLimits {
  static constexpr std::size_t kBytesMax = 65'536;       // of a query's text
  static constexpr std::size_t kMatcherValuesMax = 256;  // of one `in` or `nin`
  static constexpr std::size_t kDerivedNameBytesMax = 64;
  static constexpr std::size_t kWildcardsMax = 16;  // `*`, `**` and `?` of a metric
  Millis pane{1'000};
  Millis window_max{3'600'000};
  std::size_t matchers_max = 32;
  std::size_t by_max = 8;  // tags in `by` or `without`
  std::size_t stats_max = 32;
  std::size_t derive_max = 16;
  std::size_t rows_max = 10'000;  // the largest `limit`: limits.rows
  /// Where a query has no `slide`: the largest divisor of the window up to its tenth; or, for who
  /// asks for one window at a time of his own, the pane.
  enum class Slide : std::uint8_t { Tenth, Pane };
  Slide default_slide = Slide::Tenth;
};

/// Reads the "q" object of a subscription (DESIGN, Queries), fills in the defaults and makes it
/// canonical. `json` is the text of one JSON object.
Result<Query, Fault> parse_query(std::string_view json, const QueryLimits& limits);

/// Reads the value of "where" alone, as permissions have it; canonical. Faults as parse_query's.
Result<std::vector<Matcher>, Fault> parse_matchers(std::string_view json,
                                                   const QueryLimits& limits);

/// Sorts and deduplicates `where`, `by` and `stats`.
void make_canonical(Query& query);
void make_canonical(std::vector<Matcher>& where);

/// Only what `allowed` lets through: permissions are matchers of the query itself, so that whatever
/// is shared between equal queries is shared between equal rights alone. The result is canonical,
/// and may have more matchers than one parsed.
void restrict(Query& query, const std::vector<Matcher>& allowed);
/// The same of matchers alone.
void restrict(std::vector<Matcher>& where, const std::vector<Matcher>& allowed);

/// The canonical JSON text: equal for equal queries.
std::string canonical_text(const Query& query);

}  // namespace ingest::query
