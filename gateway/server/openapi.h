#pragma once
// openapi: GET /api/v1/openapi.json: the API described for programs and people, in OpenAPI 3.1. The
// text stands beside the table of routes (answer.cpp); a test holds each to the other. Any thread.

#include <string>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace gateway::server {

struct AnswerContext;

http::Response answer_openapi(const http::Request& request, std::string_view rest,
                              const AnswerContext& context);

/// The whole document.
std::string openapi_text(std::string_view version);

/// Its member "components", and the list behind "paths".
std::string_view openapi_components();
std::string_view openapi_paths();

}  // namespace gateway::server
