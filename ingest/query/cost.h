#pragma once
// Cost: what a query would make the process do, estimated before it runs, from what the catalogue
// counts: series matched x panes or nodes read of each x stats. An estimate from above: tags are
// independent of one another in it, and of values that the catalogue leaves out all that is left is
// taken. Pure.

#include <cstdint>
#include <optional>

#include "ingest/base/clock.h"
#include "ingest/query/catalogue.h"
#include "ingest/query/fault.h"
#include "ingest/query/query.h"

namespace ingest::query {

struct Cost {
  std::uint64_t series = 0;
  std::uint64_t reads = 0;  // of each series: nodes of a stream's window, panes of a range
  std::uint64_t stats = 0;
  /// At most 2^64 - 1.
  std::uint64_t total() const;
};

/// So many values of the catalogue are compared with those of matchers: some 5 ms at most.
constexpr std::size_t kValuesLookedAtMax = 200'000;

/// At most so many series of the catalogue match. Past kValuesLookedAtMax all are taken to.
std::uint64_t series_matched(const Query& query, const Catalogue& catalogue);

/// Of one window of a stream: it is merged out of a tree over its slides.
Cost stream_cost(const Query& query, const Catalogue& catalogue);

/// What is evaluated of each row, as a number of stats.
std::uint64_t cost_of_stats(const Query& query);

/// So many panes lie between two instants, asked at `now`. They are as long as they are kept by
/// default: `pane` for 2 h, 10 s for 2 d, then 60 s.
std::uint64_t panes_between(WallTime from, WallTime until, WallTime now, Millis pane);

/// Of the windows that end in (start, end], asked at `now`: every pane once.
struct Span {
  WallTime start;
  WallTime end;
  WallTime now;
  Millis pane{1'000};
};
Cost range_cost(const Query& query, const Catalogue& catalogue, const Span& span);

/// QueryTooExpensive, with the numbers, where `cost` is above `max` (limits.query_cost).
std::optional<Fault> too_expensive(const Cost& cost, std::uint64_t max);

}  // namespace ingest::query
