#pragma once
// boards_api: /api/v1/boards and /api/v1/boards/{id}: saved dashboards, each one JSON document
// (boards/document.h) with an entity tag, so that of two who edit the second is told. Any worker's
// thread; what is asked is done on another.
//
//   GET    /api/v1/boards        {"items":[{"id","title","changed"}],"next":null}
//   GET    /api/v1/boards/{id}   the document, and its ETag; 304 with If-None-Match
//   PUT    /api/v1/boards/{id}   If-Match: "<etag>", or If-None-Match: * for one that is not there;
//                                201 or 204 with the new ETag; 412 with the one it has, 428 without
//                                either
//   DELETE /api/v1/boards/{id}   If-Match as above; 204

#include <string_view>

#include "gateway/http/request.h"
#include "gateway/server/work.h"

namespace gateway::server {

struct AnswerContext;

Reply answer_boards(const http::Request& request, std::string_view rest,
                    const AnswerContext& context);
Reply answer_board(const http::Request& request, std::string_view id, const AnswerContext& context);
Reply write_board(const http::Request& request, std::string_view id, const AnswerContext& context);
Reply remove_board(const http::Request& request, std::string_view id, const AnswerContext& context);

}  // namespace gateway::server
