#include "gateway/server/influx_api.h"

#include <optional>
#include <string>

#include "gateway/http/characters.h"
#include "gateway/server/fault_answer.h"

namespace gateway::server {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kSpoken = "1.8.10";  // the API that is spoken

std::string version_of(const Site& site) {
  return std::string{kSpoken} + "-weir-" + site.settings.version;
}

/// `q` of the query, else of the form in the body.
std::optional<std::string> statement_of(const Request& request) {
  auto text = request.query_parameter("q");
  if (text) return text;
  Request form;
  form.query = request.body;
  return form.query_parameter("q");
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Takes the next word off the front.
std::string_view next_word(std::string_view& rest) {
  while (!rest.empty() && is_blank(rest.front()))
    rest.remove_prefix(1);
  std::size_t end = 0;
  while (end < rest.size() && !is_blank(rest[end]) && rest[end] != ';')
    ++end;
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

enum class Statement : std::uint8_t { CreateDatabase, ShowDatabases, Other };
Statement read_statement(std::string_view text) {
  const std::string_view first = next_word(text);
  const std::string_view second = next_word(text);
  const bool create =
      http::equals_ignoring_case(first, "create") && http::equals_ignoring_case(second, "database");
  if (create && !next_word(text).empty()) return Statement::CreateDatabase;
  const bool show =
      http::equals_ignoring_case(first, "show") && http::equals_ignoring_case(second, "databases");
  return show ? Statement::ShowDatabases : Statement::Other;
}

}  // namespace

Response answer_ping(const Request& request, std::string_view /*rest*/,
                     const AnswerContext& context) {
  const std::string version = version_of(context.site);
  Response response;
  if (request.query_parameter("verbose")) {
    response = json_answer(R"({"version":)" + http::quote_json(version) + "}\n");
  } else {
    response.status = 204;
  }
  return response.add("X-Influxdb-Build", "weir").add("X-Influxdb-Version", version);
}

Response answer_query(const Request& request, std::string_view /*rest*/,
                      const AnswerContext& context) {
  const auto text = statement_of(request);
  if (!text) return fault_answer(400, "missing required parameter \"q\"", request.path);
  Response response;
  switch (read_statement(*text)) {
    case Statement::CreateDatabase:
      response = json_answer("{\"results\":[{\"statement_id\":0}]}\n");
      break;
    case Statement::ShowDatabases:
      response = json_answer(
          R"({"results":[{"statement_id":0,"series":[{"name":"databases","columns":["name"],)"
          "\"values\":[[\"weir\"]]}]}]}\n");
      break;
    case Statement::Other:
      return fault_answer(
          400,
          "error parsing query: Weir speaks no InfluxQL but CREATE DATABASE and SHOW "
          "DATABASES; ask /v1/ws or the dashboard",
          request.path);
  }
  return response.add("X-Influxdb-Version", version_of(context.site));
}

Response answer_health(const Request& /*request*/, std::string_view /*rest*/,
                       const AnswerContext& context) {
  const bool ready = !context.draining;
  Response response = json_answer(
      std::string{R"({"name":"weir","message":)"} +
      (ready ? R"("ready for writes","status":"pass")" : R"("going away","status":"fail")") +
      R"(,"checks":[],"version":)" + http::quote_json(version_of(context.site)) + "}\n");
  if (!ready) response.status = 503;
  return response;
}

}  // namespace gateway::server
