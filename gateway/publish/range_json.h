#pragma once
// range_json: a page of the past as JSON text (DESIGN section 6), for whoever asked: `range` over a
// WebSocket, with the id, and the body of /api/v1/query_range, without. Stateless; any thread.
//
//   {"t":"range","id":9,"fields":["count","p99"],"by":["route"],"window":10000,"step":10000,
//    "k":[["/a"]],"ts":[1764000000000,1764000010000],"c":[[[812,null]],[[88.4,null]]],"next":null}
//
// `c` is [field][row][time]. `window` and `step` are as evaluated, in ms. Where points have marks
// there is "m":{"stale":[[row,first,last]],"overflow":[...]} besides: places in `k` and `ts`.
// Where something of the past is lost there is "holes":[[first,last]]: places in `ts`.

#include <cstdint>
#include <optional>
#include <string>

#include "ingest/query/past.h"
#include "ingest/query/query.h"

namespace gateway::publish {

std::string range_text(std::optional<std::uint64_t> id, const ingest::query::Query& query,
                       const ingest::query::RangePage& page);

}  // namespace gateway::publish
