#pragma once
// unusual_api: GET /api/v1/unusual: which series are not as they were a moment ago: each series'
// usual stat (counter: rate, gauge: last, timer: p99, set: distinct) in the newest window against a
// baseline four windows long (series_judge.h), and series that fell silent. Any worker's thread.
//
//   ?limit=20
//   {"items":[{"metric":"http.latency","kind":"timer","tags":{"route":"/a"},"stat":"p99",
//    "value":812,"baseline":92,"ratio":8.8,"z":31.2,"since":1764000000000,"state":"high"}],
//    "at":1764000010000}
//
// Worked out only when somebody asks, by one question about the past, and kept for a second at
// least, longer the more series there are: kUnusualSeriesASecond are judged. Where more than
// kUnusualSeriesMax may be seen, whole metrics are judged and `tags` is empty.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/server/work.h"

namespace gateway::server {

struct AnswerContext;

constexpr std::uint64_t kUnusualSeriesMax = 4'000;
constexpr std::uint64_t kUnusualSeriesASecond = 4'000;
constexpr std::size_t kUnusualDefault = 20;
constexpr std::size_t kUnusualMax = 100;  // the largest `limit`

Reply answer_unusual(const http::Request& request, std::string_view rest,
                     const AnswerContext& context);

}  // namespace gateway::server
