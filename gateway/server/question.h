#pragma once
// Question: what a request asks of another thread, and how the answer is told. A handler gives one
// in place of a response; the connection sends it to the hub as mail, reads no further request
// meanwhile, and answers 503 when Deadlines::answer is over. Part of an HttpPhase, on its worker's
// thread.

#include <functional>
#include <memory>
#include <variant>

#include "gateway/http/response.h"
#include "gateway/publish/mail.h"
#include "gateway/server/work.h"

namespace gateway::server {

struct Question {
  publish::Question what;
  /// Called once, with the alternative that belongs to `what`; refers to nothing of the request.
  std::function<http::Response(const publish::Answer&)> respond;
};

/// What a request gets: an answer, or one that comes in a later turn.
using Reply = std::variant<http::Response, Question, std::unique_ptr<Work>>;

}  // namespace gateway::server
