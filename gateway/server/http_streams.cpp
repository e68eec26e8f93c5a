// How a request becomes an event stream.

#include <string>
#include <utility>

#include "gateway/publish/stream_wish.h"
#include "gateway/server/admission.h"
#include "gateway/server/answer.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/http_phase.h"
#include "gateway/server/query_fault.h"

namespace gateway::server {
namespace {

using http::Method;
using http::Request;
using http::Response;

/// A page of an allowed origin may read it.
void add_sharing(Response& response, const Request& request, const Site& site) {
  response.add("Vary", "Origin");
  const auto origin = request.header("origin");
  if (origin && site.host_rules.lists_origin(*origin))
    response.add("Access-Control-Allow-Origin", *origin);
}

Response stream_head(const Request& request, const Site& site) {
  Response response;
  response.streams = true;
  response.add("Content-Type", "text/event-stream");
  response.add("Cache-Control", "no-store");
  response.add("X-Accel-Buffering", "no");  // nginx passes each event on
  response.add("X-Content-Type-Options", "nosniff");
  add_sharing(response, request, site);
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

HttpPhase::Step HttpPhase::open_stream(const Request& request, Outbox& out, Commons& commons) {
  const auto exchange = http::Exchange::of(request, commons.loop.wall());
  if (auto refusal = refuse_stream(request, commons)) {
    warn_of_refusal(request, refusal->status, context_of(request, commons).scheme, commons);
    return write_last(*std::move(refusal), exchange, out, commons);
  }
  Admission admission = admit_stream(request, context_of(request, commons));
  if (auto* refusal = std::get_if<Response>(&admission)) {
    warn_of_refusal(request, refusal->status, context_of(request, commons).scheme, commons);
    add_sharing(*refusal, request, commons.site);
    return write_last(std::move(*refusal), exchange, out, commons);
  }
  auto wish = publish::read_stream_wish(
      {.q = request.query_parameter("q"),
       .rate = request.query_parameter("rate"),
       .history = request.query_parameter("history"),
       .subs = request.query_parameter("subs"),
       .last_event_id = std::string{request.header("last-event-id").value_or("")}},
      commons.site.settings.rules.commands);
  if (!wish) {
    Response refusal = refused(wish.error());
    add_sharing(refusal, request, commons.site);
    return write_last(std::move(refusal), exchange, out, commons);
  }
  const Step step = write(stream_head(request, commons.site), exchange, out, commons);
  if (request.method == Method::Head) return step;
  wish_ = *std::move(wish);
  rights_ = std::get<auth::RightsPtr>(std::move(admission));
  commons.counts.event_streams.add();
  return Step::Streams;
}

}  // namespace gateway::server
