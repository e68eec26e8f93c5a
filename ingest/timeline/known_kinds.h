#pragma once
// known_kinds: of which kinds the live series are that a query about one name selects. What others
// send under that name is nothing to it: not even whether there is any. Pure; the hub's.

#include <bitset>
#include <cstddef>

#include "ingest/query/query.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

/// By model::Kind.
using Kinds = std::bitset<4>;

/// So many Where::steps() are taken where there are matchers, some 5 ms at most; kinds of series
/// beyond them are not seen.
constexpr std::size_t kKindsStepsMax = 20'000;

/// `query.metric` is a name.
Kinds known_kinds(const Timeline& timeline, const query::Query& query);

}  // namespace ingest::timeline
