#include "gateway/server/event_post.h"

#include <string>
#include <utility>

#include "gateway/server/answer.h"
#include "gateway/server/event_wish.h"
#include "gateway/server/events_api.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/query_fault.h"
#include "gateway/server/write.h"
#include "gateway/server/write_desk.h"

namespace gateway::server {
namespace {

using http::Response;
using ingest::model::KeptAnnotation;
using ingest::query::Code;

Response bad_time(std::string msg) {
  return refused({Code::ProtoBadField, "time: " + std::move(msg), false});
}

std::string created_text(const KeptAnnotation& event) {
  std::string text = R"({"time":)" + std::to_string(ingest::to_ms(event.time));
  text += R"(,"level":)" + http::quote_json(level_name(event.level));
  text += R"(,"title":)" + http::quote_json(event.title);
  if (event.cut) text += R"(,"cut":true)";
  return text + '}';
}

Response noted_answer(Noted noted, const std::string& created) {
  switch (noted) {
    case Noted::Kept:
      break;
    case Noted::Limited:
      return refused({Code::LimitRate, "this address sent more than http.writers_rate", true});
    case Noted::Crowded:
      return refused({Code::LimitRate, "more events came than leave with a tick", true});
    case Noted::Future:
      return bad_time("is further ahead than time.future");
  }
  Response response = json_answer(created);
  response.status = 201;
  return response;
}

}  // namespace

Response answer_event_post(const http::Request& request, std::string_view /*rest*/,
                           const AnswerContext& context) {
  if (context.desk == nullptr || context.desk->intake == nullptr)
    return fault_answer(503, "Nothing takes events here", request.path);
  if (auto refusal = refuse_rate(request, context)) return *std::move(refusal);
  auto event = read_event(request.body, context.now);
  if (!event) return refused(event.error());
  if (event->time < context.now - context.site.settings.annotations_kept)
    return bad_time("is longer ago than retention.annotations");
  const std::string created = created_text(*event);
  const auto client = context.site.write_rules.client_of(request, context.peer);
  const Noted noted = context.desk->intake->note(*std::move(event), client.value_or(context.peer));
  return noted_answer(noted, created);
}

}  // namespace gateway::server
