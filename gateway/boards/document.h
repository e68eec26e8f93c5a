#pragma once
// Document: what a board's JSON may be. Pure; any thread.
//
//   {"title":"Checkout","cards":[{"x":0,"y":0,"w":6,"h":3,"title":"Latency","metric":"http.latency",
//    "by":["route"],"where":[["env","=","prod"]],"stat":"p99","kind":"line",
//    "threshold":{"warn":200,"crit":500,"above":true}}]}
//
// The grid has kColumns columns. `title`, `by`, `where` and `threshold` of a card may be absent or
// null. Members that are not known here are kept: they are of those who draw.

#include <cstddef>
#include <string>
#include <string_view>

#include "ingest/base/result.h"

namespace gateway::boards {

constexpr std::size_t kTitleBytesMax = 200;
constexpr std::size_t kCardsMax = 200;
constexpr int kColumns = 12;
constexpr int kRowsMax = 10'000;  // y + h

/// Its title; or what is wrong, and where: "cards[2].stat: unknown stat \"p101\"".
ingest::Result<std::string, std::string> check_document(std::string_view text);

}  // namespace gateway::boards
