#pragma once
// Stat names: the words of Query::stats, read and written. Pure; no state.

#include <optional>
#include <string_view>

#include "ingest/query/query.h"

namespace ingest::query {

/// Every stat a query may ask, in one line for people.
constexpr std::string_view kStatsKnown =
    "count, rate, sum, mean, min, max, stddev, first, last, delta, distinct and p0 to p100 with up "
    "to three decimals";

/// "count", "p99", "p99.9". Nothing when it is no stat.
std::optional<Stat> parse_stat(std::string_view name);

}  // namespace ingest::query
