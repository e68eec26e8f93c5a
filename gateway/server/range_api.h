#pragma once
// range_api: GET and POST /api/v1/query_range: past windows of a query, page after page. Any
// worker's thread. The body is that of publish/range_json.h.
//
//   ?metric=http.*&by=route&start=1764000000000&end=1764003600000&step=10s    then, while `next`
//   &cursor=<next> is not null, the same request with it

#include <string_view>

#include "gateway/http/request.h"
#include "gateway/server/work.h"

namespace gateway::server {

struct AnswerContext;

/// Windows that end in (start, end], ms since 1970; `end` absent: now. `step` absent: the query's
/// slide. ProtoBadField for what is none of that, besides the codes of ingest::query::Past.
Reply answer_query_range(const http::Request& request, std::string_view rest,
                         const AnswerContext& context);

}  // namespace gateway::server
