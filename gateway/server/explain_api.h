#pragma once
// explain_api: GET /api/v1/explain: which tags tell the samples inside a box of a timer's heatmap
// from those outside. Any worker's thread; the panes are merged where every question about the past
// is, window after window and page after page.
//
//   ?metric=http.latency&where=[["env","=","prod"]]&start=<ms>&end=<ms>&low=200&high=800
//
//   {"inside":812,"outside":9200,"start":1764000000000,"end":1764000060000,"items":[{"key":"route",
//    "value":"/slow","inside":0.97,"outside":0.02,"lift":8.9},...]}
//
// Of the samples of [start, end), taken outwards to whole panes, those with a value in [low, high]
// are inside. Items come by `inside` - `outside`, 50 at most: 1 is a tag that all inside have and
// none outside. `lift` is `inside` by the share of all samples.

#include <string_view>

#include "gateway/http/request.h"
#include "gateway/server/work.h"

namespace gateway::server {

struct AnswerContext;

/// ProtoBadField names the parameter; else as a query about the past.
Reply answer_explain(const http::Request& request, std::string_view rest,
                     const AnswerContext& context);

}  // namespace gateway::server
