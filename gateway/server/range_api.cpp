#include "gateway/server/range_api.h"

#include <utility>
#include <variant>

#include "gateway/publish/range_json.h"
#include "gateway/server/answer.h"
#include "gateway/server/discovery_api.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/query_fault.h"
#include "gateway/server/query_wish.h"
#include "ingest/base/units.h"

namespace gateway::server {
namespace {

using ingest::Failure;
using ingest::Millis;
using ingest::Result;
using ingest::query::Code;
using ingest::query::Fault;
using ingest::query::RangeAnswerPtr;
using ingest::query::RangeAsk;

Failure<Fault> bad_field(std::string msg) {
  return Failure{Fault{Code::ProtoBadField, std::move(msg), false}};
}

Result<RangeAsk, Fault> read_ask(const http::Request& request, const AnswerContext& context) {
  RangeAsk ask{TRY(read_query(request, context.site.settings.rules.commands.query, context.rights)),
               {},
               {},
               {},
               ""};
  const auto start = TRY(read_time(request, "start"));
  if (!start) return bad_field("start: missing; want ms since 1970, as 1764000000000");
  ask.start = *start;
  ask.end = TRY(read_time(request, "end")).value_or(context.now);
  if (const auto text = request.query_parameter("step")) {
    const auto step = ingest::read_duration(*text);
    if (!step) return bad_field("step: " + step.error());
    if (*step <= Millis{0}) return bad_field("step: want a duration above 0, as 10s");
    ask.step = *step;
  }
  ask.cursor = request.query_parameter("cursor").value_or("");
  return ask;
}

}  // namespace

Reply answer_query_range(const http::Request& request, std::string_view /*rest*/,
                         const AnswerContext& context) {
  auto ask = read_ask(request, context);
  if (!ask) return refused(ask.error());
  const auto respond = [query = ask->query](const publish::Answer& answer) {
    const auto* page = std::get_if<RangeAnswerPtr>(&answer);
    if (page == nullptr || *page == nullptr)
      return refused({Code::ServerInternal, "an answer to another question", false});
    if (!**page) return refused((*page)->error());
    return json_answer(publish::range_text(std::nullopt, query, ***page));
  };
  return Question{*std::move(ask), respond, Question::Claim::None, auth::bounds_of(context.rights)};
}

}  // namespace gateway::server
