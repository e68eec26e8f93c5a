#pragma once
// Question: what a request asks of another thread, and how the answer is told. A handler gives one
// in place of a response, and so does a work that is done; the connection sends it to the hub as
// mail, reads no further request meanwhile, and answers 503 when Deadlines::answer is over. Part of
// an HttpPhase, on its worker's thread.

#include <cstdint>
#include <functional>
#include <variant>

#include "gateway/http/response.h"
#include "gateway/publish/mail.h"
#include "ingest/query/bounds.h"

namespace gateway::server {

struct Question;
/// What a request gets in the end: an answer, or one that another thread makes.
using Outcome = std::variant<http::Response, Question>;

struct Question {
  enum class Claim : std::uint8_t {
    None,  // refused where too much waits for the hub already
    Owed,  // something was done for it that stays done: asked however much waits
  };
  publish::Question what;
  /// Called once, with the alternative that belongs to `what`; refers to nothing of the request. It
  /// may ask on; all of it has Deadlines::answer together. Where it is owed and no answer came in
  /// time, with a monostate: then it gives a response.
  std::function<Outcome(const publish::Answer&)> respond;
  Claim claim = Claim::None;
  ingest::query::Bounds bounds{};  // of who asks
  std::string party{};             // as publish::Ask has it
};

}  // namespace gateway::server
