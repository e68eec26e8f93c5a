#pragma once
// session_api: how a page gets in where readers need a token. Any worker's thread.
//
//   POST   /api/v1/session {"token":"..."}   204 with the cookie of the session, or 401
//   GET    /api/v1/session                   {"required":true,"name":"ops","role":"reader",
//                                             "until":1764003600000}; name, role and until are null
//                                            for who has not signed in
//   DELETE /api/v1/session                   204, and the cookie is gone
//   POST   /api/v1/ticket                    {"ticket":"...","until":1764000030000}: stands once
//                                            for the asker's rights, in ?ticket= of /v1/ws and
//                                            /v1/stream

#include <cstddef>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace gateway::server {

struct AnswerContext;

constexpr std::string_view kSessionPath = "/api/v1/session";
constexpr std::size_t kSessionBodyMax = std::size_t{16} * 1024;

http::Response begin_session(const http::Request& request, std::string_view rest,
                             const AnswerContext& context);
http::Response answer_session(const http::Request& request, std::string_view rest,
                              const AnswerContext& context);
http::Response end_session(const http::Request& request, std::string_view rest,
                           const AnswerContext& context);
http::Response issue_ticket(const http::Request& request, std::string_view rest,
                            const AnswerContext& context);

}  // namespace gateway::server
