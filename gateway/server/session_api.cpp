#include "gateway/server/session_api.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "gateway/server/admission.h"
#include "gateway/server/answer.h"
#include "gateway/server/caller.h"
#include "gateway/server/credentials.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/query_fault.h"

namespace gateway::server {
namespace {

using auth::RightsPtr;
using http::Request;
using http::Response;
using ingest::query::Code;
using Json = nlohmann::json;

/// SameSite: no other site's page may use it. Without Max-Age it ends with the browser.
std::string set_cookie(std::string_view value, std::optional<std::chrono::seconds> age,
                       Scheme scheme) {
  std::string text{session_cookie(scheme)};
  text.append("=").append(value).append("; Path=/; HttpOnly; SameSite=Strict");
  if (scheme == Scheme::Https) text += "; Secure";
  if (age) text += "; Max-Age=" + std::to_string(age->count());
  return text;
}

Response no_content() {
  Response response;
  response.status = 204;
  response.add("Cache-Control", "no-store");
  return response;
}

Response bad(std::string msg) {
  return refused({Code::ProtoBadField, std::move(msg), false});
}

/// Whoever shows none, or one that is nobody's, has not signed in.
RightsPtr signed_in(const Request& request, const AnswerContext& context) {
  const auto shown = shown_token(request, TokenInQuery::No, context.scheme);
  if (!shown || shown->malformed || context.access == nullptr) return nullptr;
  auto rights = identify(shown->token, request, context);
  return rights ? *std::move(rights) : nullptr;
}

Json until_of(const RightsPtr& rights) {
  return rights != nullptr && rights->until ? Json(ingest::to_ms(*rights->until)) : Json();
}

}  // namespace

Response begin_session(const Request& request, std::string_view /*rest*/,
                       const AnswerContext& context) {
  const Json body = Json::parse(request.body, nullptr, false);
  const auto token = body.is_object() ? body.find("token") : body.end();
  if (token == body.end() || !token->is_string()) return bad(R"(want {"token":"..."})");
  const auto& text = *token->get_ptr<const std::string*>();
  if (context.access == nullptr) return refused({Code::AuthInvalidToken, "nobody has a token", {}});
  const auto rights = identify(text, request, context);
  if (!rights) {
    const ingest::query::Fault fault = fault_of(rights.error().kind);
    if (context.counts != nullptr && fault.code != Code::LimitRate)
      context.counts->auth_refused(fault.code);
    return refused(fault);
  }
  if (!(*rights)->may_read()) {
    if (context.counts != nullptr) context.counts->auth_refused(Code::AuthForbidden);
    return refused({Code::AuthForbidden, "this token may not read", false});
  }
  const std::string value = cookie_of(text);
  if (value.size() > kCookieBytesMax)
    return bad("token: too long for a cookie; show it as Authorization: Bearer TOKEN");
  return no_content().add("Set-Cookie", set_cookie(value, std::nullopt, context.scheme));
}

Response answer_session(const Request& request, std::string_view /*rest*/,
                        const AnswerContext& context) {
  const RightsPtr rights = signed_in(request, context);
  const bool required =
      context.access != nullptr && context.access->authenticator().guards_reading();
  Json body{{"required", required}, {"name", nullptr}, {"role", nullptr}};
  body["until"] = until_of(rights);
  if (rights != nullptr) {
    body["name"] = rights->name;
    body["role"] = auth::role_name(rights->role);
  }
  return json_answer(body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Response end_session(const Request& /*request*/, std::string_view /*rest*/,
                     const AnswerContext& context) {
  return no_content().add("Set-Cookie", set_cookie("", std::chrono::seconds{0}, context.scheme));
}

Response issue_ticket(const Request& /*request*/, std::string_view /*rest*/,
                      const AnswerContext& context) {
  const std::string ticket = context.site.tickets->issue(context.rights, context.mono);
  const Json body{{"ticket", ticket}, {"until", ingest::to_ms(context.now + TicketBook::kValid)}};
  return json_answer(body.dump());
}

}  // namespace gateway::server
