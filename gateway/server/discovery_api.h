#pragma once
// discovery_api: GET /api/v1/metrics, /tags and /series: what there is to ask for. Who sees
// everything reads metrics and tags from the catalogue that each worker has; the rest the hub looks
// up. Any worker's thread.
//
//   /metrics?match=http.*&limit=200&after=<next>          the bodies are those of
//   /tags?metric=http.*                                   publish/catalogue_json.h
//   /series?metric=http.*&where=[["env","=","prod"]]&limit=200&after=<next>

#include <string_view>
#include <vector>

#include "gateway/http/request.h"
#include "gateway/server/work.h"
#include "ingest/query/query.h"

namespace gateway::server {

struct AnswerContext;

Reply answer_metrics(const http::Request& request, std::string_view rest,
                     const AnswerContext& context);
Reply answer_tags(const http::Request& request, std::string_view rest,
                  const AnswerContext& context);
Reply answer_series(const http::Request& request, std::string_view rest,
                    const AnswerContext& context);

/// What everything that is asked has to satisfy besides; none: whoever asks sees everything.
const std::vector<ingest::query::Matcher>& allowed_to(const AnswerContext& context);

}  // namespace gateway::server
