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
#include "ingest/query/fault.h"

namespace ingest::query {

enum class Op : std::uint8_t { Equal, NotEqual, Matches, NotMatches, In, NotIn, Exists };

struct Matcher {
  std::string tag;
  Op op = Op::Equal;
  std::vector<std::string>
      values;  // one for Equal..NotMatches, sorted for In and NotIn, none for Exists
  // NOLINTNEXTLINE(modernize-use-nullptr): the check mistakes the zero inside <=> for a pointer
  auto operator<=>(const Matcher&) const = default;
};

struct Stat {
  enum class Name : std::uint8_t {
    Count,
    Rate,
    Sum,
    Mean,
    Min,
    Max,
    Stddev,
    First,
    Last,
    Delta,
    Distinct,
    Quantile
  };
  Name name = Name::Count;
  std::uint32_t hundred_thousandths = 0;  // Quantile only: p99.9 is 99900, that is 100,000 times q
  // NOLINTNEXTLINE(modernize-use-nullptr): as above
  auto operator<=>(const Stat&) const = default;
  double q() const { return hundred_thousandths / 100'000.0; }
};

/// "count", "p99", "p99.9".
std::string stat_name(const Stat& stat);

struct Query {
  std::string metric;  // a name or a glob
  std::vector<Matcher> where;
  std::vector<std::string> by;
  Millis window{10'000};
  Millis slide{1'000};
  std::vector<Stat> stats;
  bool operator==(const Query&) const = default;
  bool is_glob() const;
};

/// What parsing must know of the configuration.
struct QueryLimits {
  static constexpr std::size_t kBytesMax = 65'536;       // of a query's text
  static constexpr std::size_t kMatcherValuesMax = 256;  // of one `in` or `nin`
  Millis pane{1'000};
  Millis window_max{3'600'000};
  std::size_t matchers_max = 32;
  std::size_t by_max = 8;
  std::size_t stats_max = 32;
};

/// Reads the "q" object of a subscription (DESIGN, Queries), fills in the defaults and makes it
/// canonical. `json` is the text of one JSON object.
Result<Query, Fault> parse_query(std::string_view json, const QueryLimits& limits);

/// Sorts and deduplicates `where`, `by` and `stats`; for who adds matchers to a parsed query
/// (permissions).
void make_canonical(Query& query);

/// The canonical JSON text: equal for equal queries.
std::string canonical_text(const Query& query);

}  // namespace ingest::query
