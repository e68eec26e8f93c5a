#pragma once
// Stat: one number of a row, and its name, read and written. Pure; a value.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ingest::query {

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
    Ewma,  // these two compare a row with its own recent past
    Zscore,
    Quantile,
    QuantileError,  // how far the true quantile may be from the one told, in the values' unit
    Buckets,        // the one stat that is a list: see Update::lists
  };
  Name name = Name::Count;
  /// Quantile and QuantileError only: p99.9 is 99900, that is 100,000 times q.
  std::uint32_t hundred_thousandths = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): the check mistakes the zero inside <=> for a pointer
  auto operator<=>(const Stat&) const = default;
  double q() const { return hundred_thousandths / 100'000.0; }
  bool is_list() const { return name == Name::Buckets; }
};

/// Every stat a query may ask, in one line for people.
constexpr std::string_view kStatsKnown =
    "count, rate, sum, mean, min, max, stddev, first, last, delta, distinct, ewma, zscore, "
    "buckets, "
    "p0 to p100 with up to three decimals, and their bounds as p99_err";

/// "count", "p99", "p99.9", "p99_err". Nothing when it is no stat.
std::optional<Stat> parse_stat(std::string_view name);
/// The inverse.
std::string stat_name(const Stat& stat);

}  // namespace ingest::query
