#pragma once
// event_post: POST /api/v1/events: an event of whoever has no datagram at hand. It goes the way of
// all events, worker to hub; the lists have it after the next tick.

#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace gateway::server {

struct AnswerContext;

/// 201 {"time","level","title"}, with "cut":true where some of it was too long; 400 with the member
/// that is wrong; 429 past a rate, 503 where nothing takes events.
http::Response answer_event_post(const http::Request& request, std::string_view rest,
                                 const AnswerContext& context);

}  // namespace gateway::server
