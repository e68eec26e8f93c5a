#include "gateway/server/discovery_api.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "gateway/publish/lookups.h"
#include "gateway/server/answer.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/query_fault.h"

namespace gateway::server {
namespace {

using ingest::Result;
using ingest::query::Code;
using ingest::query::DiscoveredPtr;
using ingest::query::Fault;
using ingest::query::Matcher;
using ingest::query::SeriesAsk;
using publish::MetaWhat;

/// 0 for what is no number.
std::uint64_t limit_of(const http::Request& request) {
  const std::optional<std::string> text = request.query_parameter("limit");
  if (!text) return publish::kListDefault;
  std::uint64_t limit = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), limit);
  return fault == std::errc{} && end == text->data() + text->size() ? limit : 0;
}

std::string text_of(const http::Request& request, std::string_view name) {
  return request.query_parameter(name).value_or("");
}

http::Response listed(const Result<std::string, Fault>& members) {
  if (!members) return refused(members.error());
  return json_answer('{' + *members + '}');
}

Question look_up(MetaWhat what, const AnswerContext& context) {
  publish::Question question = publish::discovery_ask(what, auth::bounds_of(context.rights));
  const auto respond = [what = std::move(what)](const publish::Answer& answer) {
    const auto* found = std::get_if<DiscoveredPtr>(&answer);
    if (found == nullptr || *found == nullptr)
      return refused({Code::ServerInternal, "an answer to another question", false});
    return listed(publish::discovered_text(what, **found));
  };
  return {.what = std::move(question), .respond = respond};
}

Reply answer_catalogue(MetaWhat what, const AnswerContext& context) {
  static const ingest::query::Catalogue kEmpty;
  const auto& all = context.catalogue == nullptr ? kEmpty : *context.catalogue;
  // What is wrong with the question needs no hub.
  auto members = publish::catalogue_text(what, allowed_to(context).empty() ? all : kEmpty);
  if (!members || allowed_to(context).empty()) return listed(members);
  return look_up(std::move(what), context);
}

}  // namespace

const std::vector<Matcher>& allowed_to(const AnswerContext& context) {
  static const std::vector<Matcher> kNone;
  return context.rights == nullptr ? kNone : context.rights->where;
}

Reply answer_metrics(const http::Request& request, std::string_view /*rest*/,
                     const AnswerContext& context) {
  return answer_catalogue(publish::CatalogueList{.match = text_of(request, "match"),
                                                 .after = text_of(request, "after"),
                                                 .limit = limit_of(request)},
                          context);
}

Reply answer_tags(const http::Request& request, std::string_view /*rest*/,
                  const AnswerContext& context) {
  return answer_catalogue(publish::CatalogueTags{text_of(request, "metric")}, context);
}

Reply answer_series(const http::Request& request, std::string_view /*rest*/,
                    const AnswerContext& context) {
  SeriesAsk ask{.metric = text_of(request, "metric"),
                .where = {},
                .after = text_of(request, "after"),
                .limit = limit_of(request)};
  if (const auto where = request.query_parameter("where")) {
    auto matchers =
        ingest::query::parse_matchers(*where, context.site.settings.rules.commands.query);
    if (!matchers) return refused(matchers.error());
    ask.where = *std::move(matchers);
  }
  if (const auto fault = fault_of(ask)) return refused(*fault);
  return look_up(std::move(ask), context);
}

}  // namespace gateway::server
