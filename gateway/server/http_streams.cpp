// How a request becomes an event stream.

#include <string>
#include <utility>

#include "gateway/publish/stream_wish.h"
#include "gateway/server/admission.h"
#include "gateway/server/answer.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/http_phase.h"
#include "gateway/server/query_fault.h"
#include "gateway/server/sharing.h"

namespace gateway::server {
namespace {

using http::Method;
using http::Request;
using http::Response;

Response stream_head() {
  Response response;
  response.streams = true;
  response.add("Content-Type", "text/event-stream");
  response.add("Cache-Control", "no-store");
  response.add("X-Accel-Buffering", "no");  // nginx passes each event on
  response.add("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace

/// What stands in the way, but for what it asks.
std::optional<Response> HttpPhase::refuse_stream(const Request& request, Commons& commons) {
  const AnswerContext context = context_of(request, commons);
  if (auto refusal = refuse_at_gate(request, context, OriginMatters::Yes)) return refusal;
  if (commons.draining || commons.mail_full) {
    const char* why = commons.draining ? "This server is going away" : "Too much waits for the hub";
    Response busy = http::error_response(503, why, request.path);
    busy.add("Retry-After", "1");
    return busy;
  }
  if (request.method == Method::Options) {
    Response response;
    response.status = 204;
    return response.add("Allow", "GET, HEAD, OPTIONS");
  }
  if (request.method != Method::Get && request.method != Method::Head)
    return fault_answer(405, "An event stream is read with GET", request.path)
        .add("Allow", "GET, HEAD, OPTIONS");
  if (request.has_body) return fault_answer(413, "This path takes no body", request.path);
  return std::nullopt;
}

/// What a page of another origin may read of an answer it may read of a refusal, too.
HttpPhase::Step HttpPhase::open_stream(const Request& request, Outbox& out, Commons& commons) {
  const auto exchange = http::Exchange::of(request, commons.loop.wall());
  const auto refuse = [&](Response refusal) {
    warn_of_refusal(request, refusal.status, context_of(request, commons).scheme, commons);
    return write_last(shared(std::move(refusal), request, commons.site), exchange, out, commons);
  };
  if (auto refusal = refuse_stream(request, commons)) return refuse(*std::move(refusal));
  const AnswerContext context = context_of(request, commons);
  Admission admission = admit_stream(request, context);
  if (auto* refusal = std::get_if<Response>(&admission)) return refuse(std::move(*refusal));
  auto& rights = std::get<auth::RightsPtr>(admission);
  if (auto refusal = refuse_crowd(rights.get(), request, context))
    return refuse(*std::move(refusal));
  auto wish = publish::read_stream_wish(
      {.q = request.query_parameter("q"),
       .rate = request.query_parameter("rate"),
       .history = request.query_parameter("history"),
       .subs = request.query_parameter("subs"),
       .last_event_id = std::string{request.header("last-event-id").value_or("")}},
      commons.site.settings.rules.commands);
  if (!wish) return refuse(refused(wish.error()));
  const Step step = write(shared(stream_head(), request, commons.site), exchange, out, commons);
  if (request.method == Method::Head) return step;
  wish_ = *std::move(wish);
  caller_ = {.rights = std::move(rights), .from = counted_address(request, context)};
  commons.counts.event_streams.add();
  return Step::Streams;
}

}  // namespace gateway::server
