#include "gateway/publish/stream_wish.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/publish/bookmark.h"
#include "gateway/publish/command_fields.h"

namespace gateway::publish {

using ingest::Result;
using ingest::query::Code;
using ingest::query::Fault;
using nlohmann::json;

namespace {

Result<json, Fault> read_json(const std::string& text, const CommandLimits& limits,
                              const char* name) {
  const std::string what = std::string{name} + ": ";
  if (text.size() > limits.text_bytes_max)
    return command_fault(Code::LimitFrame, what + "too long");
  if (is_deeper_than(text, limits.depth_max))
    return command_fault(Code::QueryBadJson, what + "nested too deeply");
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return command_fault(Code::QueryBadJson, what + "not JSON");
  return value;
}

/// The list of bodies that a request with `q` means.
Result<json, Fault> body_of(const StreamWords& words, const CommandLimits& limits) {
  json body = json::object();
  body["id"] = 1U;
  body["q"] = TRY(read_json(*words.q, limits, "q"));
  if (words.rate) body["rate"] = *words.rate;
  if (words.history) body["history"] = *words.history;
  json list = json::array();
  list.push_back(std::move(body));
  return list;
}

}  // namespace

Result<SubBodies, Fault> read_stream_wish(const StreamWords& words, const CommandLimits& limits) {
  if (words.q.has_value() == words.subs.has_value()) {
    return bad_field("which query? ?q=<query JSON>, or ?subs=<a JSON list of sub bodies>");
  }
  const json list =
      words.q ? TRY(body_of(words, limits)) : TRY(read_json(*words.subs, limits, "subs"));
  SubBodies bodies = TRY(read_subs(list, limits));
  const std::vector<ResumePoint> places = read_bookmark(words.last_event_id);
  for (std::size_t i = 0; i < bodies.size() && i < places.size(); ++i) {
    auto* sub = std::get_if<Sub>(&bodies[i]);
    if (sub != nullptr && !sub->from && places[i].ch != 0) sub->from = places[i];
  }
  const bool any = std::any_of(bodies.begin(), bodies.end(),
                               [](const auto& body) { return std::holds_alternative<Sub>(body); });
  if (any) return bodies;
  if (bodies.empty()) return bad_field("subs: at least one is needed");
  return ingest::Failure{std::get<Refusal>(bodies.front()).fault};
}

}  // namespace gateway::publish
