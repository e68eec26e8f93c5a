#pragma once
// Write: the handlers of the paths that take lines: who may, what is asked for, and the answer. A
// body is taken once it is whole, and then all of it, a long one as Work: whoever hears 413 or 408
// knows that none of it counts, so to send it again is right. Whoever hears nothing at all knows
// nothing: all of it counts or none. To send it again is right then with the Weir-Batch-Id that it
// had.

#include <optional>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"
#include "gateway/server/answer.h"
#include "gateway/server/work.h"

namespace gateway::server {

/// On the writers' paths, before any token is looked at: 403 for an address that is not in
/// http.writers_allow.
std::optional<http::Response> refuse_address(const http::Request& request,
                                             const AnswerContext& context);
/// After it, by the head alone: what read_wish() refuses, and 429 for an address that wrote more
/// than http.writers_rate. Nothing for what may go on, and where nothing is written.
std::optional<http::Response> refuse_write(const http::Request& request,
                                           const AnswerContext& context);

/// 429 for an address that wrote more than http.writers_rate.
std::optional<http::Response> refuse_rate(const http::Request& request,
                                          const AnswerContext& context);

/// One whole request on a write path, not refused. With ack=durable the answer waits for the disk.
Reply answer_write(const http::Request& request, std::string_view rest,
                   const AnswerContext& context);

}  // namespace gateway::server
