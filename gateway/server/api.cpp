#include "gateway/server/api.h"

#include <charconv>
#include <optional>
#include <utility>

#include "gateway/publish/catalogue_json.h"
#include "ingest/query/fault.h"

namespace gateway::server {
namespace {

using http::quote_json;
using http::Response;
using ingest::query::Catalogue;
using ingest::query::Fault;

Response json(std::string body) {
  Response response;
  response.add("Content-Type", "application/json");
  response.add("Cache-Control", "no-store");
  response.add("X-Content-Type-Options", "nosniff");
  response.body = std::move(body);
  return response;
}

Response bad(const Fault& fault) {
  return http::api_error(400, {.code = ingest::query::code_name(fault.code),
                               .n = static_cast<int>(fault.code),
                               .msg = fault.msg,
                               .retry = fault.retry});
}

/// 0 for what is no number.
std::uint64_t limit_of(const http::Request& request) {
  const std::optional<std::string> text = request.query_parameter("limit");
  if (!text) return publish::kListDefault;
  std::uint64_t limit = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), limit);
  return fault == std::errc{} && end == text->data() + text->size() ? limit : 0;
}

Response listed(const ingest::Result<std::string, Fault>& members) {
  if (!members) return bad(members.error());
  return json('{' + *members + '}');
}

}  // namespace

Response answer_metrics(const Catalogue& catalogue, const http::Request& request) {
  return listed(
      publish::metrics_text(catalogue, {.match = request.query_parameter("match").value_or(""),
                                        .after = request.query_parameter("after").value_or(""),
                                        .limit = limit_of(request)}));
}

Response answer_tags(const Catalogue& catalogue, const http::Request& request) {
  return listed(publish::tags_text(catalogue, {request.query_parameter("metric").value_or("")}));
}

Response answer_status(const Settings& settings, ingest::WallTime now,
                       const StatusNumbers& numbers) {
  std::string body = R"({"version":)" + quote_json(settings.version);
  body += R"(,"epoch":)" + quote_json(settings.rules.epoch);
  body += R"(,"now":)" + std::to_string(ingest::to_ms(now));
  body += R"(,"started":)" + std::to_string(ingest::to_ms(settings.started));
  body += R"(,"listeners":[)";
  for (bool first = true; const ListenerInfo& listener : settings.listeners) {
    if (!std::exchange(first, false)) body += ',';
    body += R"({"what":)" + quote_json(listener.what) + R"(,"address":)" +
            quote_json(listener.address) + '}';
  }
  body += R"(],"connections":)" + std::to_string(numbers.connections);
  body += R"(,"series":)" + std::to_string(numbers.series);
  if (!numbers.ingest.empty()) body += R"(,"ingest":)" + numbers.ingest;
  body += '}';
  return json(std::move(body));
}

}  // namespace gateway::server
