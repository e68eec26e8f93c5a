#pragma once
// demo_api: POST and DELETE /api/v1/demo: made-up data for somebody who has nothing to measure yet.

#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace gateway::server {

struct AnswerContext;

/// 200 {"running":true}; again it lasts from now. 409 where the data is not ours to start.
http::Response begin_demo(const http::Request& request, std::string_view rest,
                          const AnswerContext& context);
/// 200 {"running":false}, whether it ran or not.
http::Response end_demo(const http::Request& request, std::string_view rest,
                        const AnswerContext& context);

}  // namespace gateway::server
