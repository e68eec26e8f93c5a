#include "gateway/server/answer.h"

#include <algorithm>
#include <array>
#include <string>
#include <variant>

#include "gateway/http/negotiate.h"
#include "gateway/http/representation.h"
#include "gateway/http/routes.h"
#include "gateway/server/api.h"
#include "gateway/server/boards_api.h"
#include "gateway/server/caller.h"
#include "gateway/server/demo_api.h"
#include "gateway/server/demo_switch.h"
#include "gateway/server/discovery_api.h"
#include "gateway/server/event_post.h"
#include "gateway/server/event_wish.h"
#include "gateway/server/events_api.h"
#include "gateway/server/explain_api.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/framing.h"
#include "gateway/server/influx_api.h"
#include "gateway/server/openapi.h"
#include "gateway/server/pages.h"
#include "gateway/server/query_api.h"
#include "gateway/server/range_api.h"
#include "gateway/server/scrape.h"
#include "gateway/server/session_api.h"
#include "gateway/server/sharing.h"
#include "gateway/server/unusual_api.h"
#include "gateway/server/write.h"
#include "ingest/base/check.h"
#include "ingest/query/query.h"
#include "ingest/query/where.h"

namespace gateway::server {
namespace {

using http::Method;
using http::Request;
using http::Response;

Response text(int status, std::string_view content_type, std::string body) {
  Response response;
  response.status = status;
  response.add("Content-Type", content_type);
  response.add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

Response options_answer(std::string_view allow) {
  Response response;
  response.status = 204;
  return response.add("Allow", allow);
}

const ingest::query::Annotations& annotations_of(const AnswerContext& context) {
  static const ingest::query::Annotations kEmpty;
  return context.annotations == nullptr ? kEmpty : *context.annotations;
}

/// What whoever asks may see of events and checks; nothing where that is everything.
std::optional<Sight> sight_of(const AnswerContext& context) {
  const auto& allowed = allowed_to(context);
  if (allowed.empty()) return std::nullopt;
  auto where = ingest::query::Where::compile(allowed);
  CHECK(where.has_value());  // whoever made the rights has parsed them
  return Sight{*std::move(where), context.site.hidden_ids};
}

Response events_list(const Request& request, std::string_view /*rest*/,
                     const AnswerContext& context) {
  const std::optional<Sight> sight = sight_of(context);
  return answer_events(annotations_of(context), request, context.site.settings.rules.epoch,
                       sight ? &*sight : nullptr);
}
Response checks_list(const Request& request, std::string_view /*rest*/,
                     const AnswerContext& context) {
  const std::optional<Sight> sight = sight_of(context);
  return answer_checks(annotations_of(context), request, sight ? &*sight : nullptr);
}
Response status(const Request& request, std::string_view /*rest*/, const AnswerContext& context) {
  const Site& site = context.site;
  std::optional<StatusNumbers> numbers;
  if (allowed_to(context).empty()) {
    numbers = {.connections = site.dealer.connections(),
               .series = context.catalogue == nullptr ? 0 : context.catalogue->series,
               .ingest = site.ingest ? site.ingest() : std::string{},
               .archive = site.archive ? site.archive() : std::string{},
               .exposition = site.exposition ? site.exposition() : std::string{},
               .slow = site.slow->worst(),
               .streams = context.streams,
               .demo = site.demo != nullptr && site.demo->is_on(context.mono),
               .audience = is_admin(request, context) ? Audience::Admin : Audience::Reader};
  }
  return answer_status(site.settings, context.now, numbers);
}
Response rejected(const Request& request, std::string_view /*rest*/, const AnswerContext& context) {
  const auto& lines = context.site.rejected;
  const std::string feed = request.query_parameter("feed").value_or("");
  return json_answer(lines ? lines(feed) : R"({"items":[],"passed_over":0})");
}
Response thresholds(const Request& /*request*/, std::string_view /*rest*/,
                    const AnswerContext& context) {
  return json_answer(R"({"items":)" + context.site.settings.thresholds + '}');
}
Response healthy(const Request& /*request*/, std::string_view /*rest*/,
                 const AnswerContext& /*context*/) {
  return text(200, "text/plain; charset=utf-8", "ok\n");
}
Response ready(const Request& /*request*/, std::string_view /*rest*/,
               const AnswerContext& context) {
  constexpr std::string_view kType = "text/plain; charset=utf-8";
  if (context.draining) return text(503, kType, "draining\n");
  if (context.catalogue == nullptr) return text(503, kType, "waiting for the hub\n");
  // It serves what is in memory: a load balancer has no reason to leave, a person to look.
  const bool away = context.site.archive_away && context.site.archive_away();
  return text(200, kType,
              away ? "ready\narchive: the disk cannot be written, the past is in memory alone\n"
                   : "ready\n");
}
Response page(const Request& request, std::string_view rest, const AnswerContext& context) {
  const Settings& settings = context.site.settings;
  const PageFolder folder{settings.pages_dir, settings.limits.page_bytes_max, settings.origins};
  return answer_page(folder, rest, request, context.now);
}

Response answer_file(const Request& request, const Site& site);

/// One address, two meanings: people's browsers ask for HTML and get the dashboard's screen,
/// clients of InfluxDB do not.
Response health(const Request& request, std::string_view rest, const AnswerContext& context) {
  const std::optional<std::string_view> accept = request.header("accept");
  const bool person = accept && accept->find("text/html") != std::string_view::npos;
  Response response =
      person ? answer_file(request, context.site) : answer_health(request, rest, context);
  response.add("Vary", "Accept");
  return response;
}

using http::kAnyBody;
using ingest::query::QueryLimits;
constexpr http::Methods kGet{Method::Get};
constexpr http::Methods kPost{Method::Post};
constexpr http::Methods kGetOrPost{Method::Get, Method::Post};
using R = http::Route<Endpoint>;

// What is served without a token tells nothing of what was measured.
constexpr std::array kRoutes{
    R{"/api/v1/metrics", kGet, {answer_metrics, Needs::Reader}},
    R{"/api/v1/tags", kGet, {answer_tags, Needs::Reader}},
    R{"/api/v1/series", kGet, {answer_series, Needs::Reader}},
    R{"/api/v1/query", kGetOrPost, {answer_query_now, Needs::Reader}, QueryLimits::kBytesMax},
    R{"/api/v1/query_range",
      kGetOrPost,
      {answer_query_range, Needs::Reader},
      QueryLimits::kBytesMax},
    R{"/api/v1/events", kGet, {events_list, Needs::Reader}},
    R{"/api/v1/events", kPost, {answer_event_post, Needs::Writer}, kEventBodyMax},
    R{"/api/v1/checks", kGet, {checks_list, Needs::Reader}},
    R{"/api/v1/explain", kGet, {answer_explain, Needs::Reader}},
    R{"/api/v1/unusual", kGet, {answer_unusual, Needs::Reader}},
    R{"/api/v1/thresholds", kGet, {thresholds, Needs::Reader}},
    R{"/api/v1/boards", kGet, {answer_boards, Needs::Reader}},
    R{"/api/v1/boards/*", kGet, {answer_board, Needs::Reader}},
    R{"/api/v1/boards/*", {Method::Put}, {write_board, Needs::Author}, publish::kBoardBytesMax},
    R{"/api/v1/boards/*", {Method::Delete}, {remove_board, Needs::Author}},
    R{"/api/v1/status", kGet, {status, Needs::Reader}},
    R{"/api/v1/rejected", kGet, {rejected, Needs::Everything}},
    R{"/api/v1/demo", kPost, {begin_demo, Needs::Admin}},
    R{"/api/v1/demo", {Method::Delete}, {end_demo, Needs::Admin}},
    R{"/api/v1/openapi.json", kGet, answer_openapi},
    R{kSessionPath, kPost, begin_session, kSessionBodyMax},
    R{kSessionPath, kGet, answer_session},
    R{kSessionPath, {Method::Delete}, end_session},
    R{"/api/v1/ticket", kPost, {issue_ticket, Needs::Reader}},
    R{"/metrics", kGet, {answer_scrape, Needs::Scraper}},
    R{"/healthz", kGet, healthy},
    R{"/readyz", kGet, ready},
    R{"/pages/*", kGet, page},
    R{"/api/v1/write", kPost, {answer_write, Needs::Writer}, kAnyBody},
    R{"/write", kPost, {answer_write, Needs::Writer}, kAnyBody},
    R{"/api/v2/write", kPost, {answer_write, Needs::Writer}, kAnyBody},
    R{"/query", kGetOrPost, {answer_query, Needs::Writer}, kQueryBodyMax},
    R{"/ping", kGet, answer_ping},
    R{"/health", kGet, health},
};

/// The SDK and what comes beside it: /weir.js, /weir-chart.js, and their types.
bool is_sdk(const Asset& asset) {
  return asset.path.starts_with("/weir.") || asset.path.starts_with("/weir-");
}

/// The SDK may be imported by pages of allowed origins.
void add_sharing(Response& response, const Asset& asset, const Request& request, const Site& site) {
  if (!is_sdk(asset)) return;
  const std::optional<std::string_view> origin = request.header("origin");
  if (!origin || !site.host_rules.lists_origin(*origin)) return;
  response.add("Access-Control-Allow-Origin", *origin);
}

/// Addresses of the dashboard's screens: one page, which looks at its address.
bool is_screen(std::string_view path) {
  return path == "/index.html" || path == "/health" || path == "/explore" || path == "/boards" ||
         path.starts_with("/boards/");
}

Response answer_file(const Request& request, const Site& site) {
  const std::string_view asked = request.path;
  const std::string_view path = is_screen(asked) ? "/" : asked;
  if (path == "/") {
    if (auto refusal = refuse_framing(request, site)) return *std::move(refusal);
  }
  const Asset* asset = find_asset(path);
  if (asset == nullptr && path == "/") {
    return http::error_response(
        404, "This binary was built without the dashboard; deploy/run.sh builds both",
        request.path);
  }
  if (asset == nullptr) return http::error_response(404, "There is no such path", request.path);
  constexpr http::Methods kMethods{Method::Get};
  if (kMethods.has(request.method)) return answer_asset(*asset, request, site);
  if (request.method == Method::Options) return options_answer(kMethods.allow());
  return http::error_response(405, "Only GET and HEAD are known here", request.path)
      .add("Allow", kMethods.allow());
}

using Route = http::RouteAnswer<Endpoint>;

Route route_of(const Request& request, const Site& site) {
  if (!site.routes.empty() && request.path != "*") {
    Route own = http::find_route(site.routes, request.method, request.path);
    if (!std::holds_alternative<http::NotFound>(own)) return own;
  }
  return http::find_route(usual_routes(), request.method, request.path);
}

Response no_body_here(const Request& request) {
  return fault_answer(413, "This path takes no body", request.path);
}

Needs needs_of(const Route& route) {
  const auto* found = std::get_if<http::Found<Endpoint>>(&route);
  return found == nullptr ? Needs::Nothing : found->handler.needs;
}

/// The gates, one behind the other; the context of who passed them has his rights.
std::optional<Response> refuse_request(const Request& request, const Route& route,
                                       AnswerContext& context) {
  const bool reads = request.method == Method::Get || request.method == Method::Head;
  const auto origin = reads ? OriginMatters::No : OriginMatters::Yes;
  if (auto refusal = refuse_at_gate(request, context, origin)) return refusal;
  const Needs needs = needs_of(route);
  if (needs == Needs::Writer) {
    if (auto refusal = refuse_address(request, context)) return refusal;
  }
  Admission admission = admit(request, needs, context);
  if (auto* refusal = std::get_if<Response>(&admission)) return std::move(*refusal);
  context.rights = std::get<auth::RightsPtr>(std::move(admission));
  return needs == Needs::Writer ? refuse_write(request, context) : std::nullopt;
}

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

Routes usual_routes() {
  return Routes{kRoutes};
}

Response answer_asset(const Asset& asset, const Request& request, const Site& site) {
  const http::Offer offer = asset.gzip.empty() ? http::Offer::IdentityOnly : http::Offer::GzipToo;
  const std::optional<http::Encoding> encoding = http::choose_encoding(request, offer);
  if (!encoding)
    return http::error_response(406, "None of the stored encodings is acceptable", request.path);
  const bool gzip = *encoding == http::Encoding::Gzip;

  Response response;
  response.add("Cache-Control",
               asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  // One Vary for both reasons: a cache must not give one origin's answer to another.
  response.add("Vary", is_sdk(asset) ? "Accept-Encoding, Origin" : "Accept-Encoding");
  add_sharing(response, asset, request, site);
  if (asset.content_type.starts_with("text/html")) {
    http::add_html_headers(response, site.settings.origins);
  } else {
    response.add("X-Content-Type-Options", "nosniff");
  }
  const ingest::ByteView bytes = gzip ? asset.gzip : asset.plain;
  const http::Slice slice = http::select(
      request,
      {.validators = {.etag = gzip ? asset.gzip_etag : asset.etag, .last_modified = std::nullopt},
       .content_type = asset.content_type,
       .content_encoding = gzip ? "gzip" : "",
       .size_bytes = bytes.size()},
      response);
  if (slice.count > 0) response.body = ingest::as_text(bytes.subspan(slice.first, slice.count));
  return response;
}

std::optional<Response> refuse_at_gate(const Request& request, const AnswerContext& context,
                                       OriginMatters origin_matters) {
  const Site& site = context.site;
  if (!site.host_rules.allows_host(request.host)) {
    const std::string name{split_host(request.host).host};
    return fault_answer(421,
                        "Host \"" + name +
                            "\" is not known here. If it is yours, add it to "
                            "http.hosts: --set http.hosts=" +
                            name,
                        request.path);
  }
  const std::optional<std::string_view> origin = request.header("origin");
  if (origin_matters == OriginMatters::No || !origin) return std::nullopt;
  if (site.host_rules.allows_origin(*origin, {context.scheme, request.host})) return std::nullopt;
  const std::string name{*origin};
  Response refusal =
      fault_answer(403,
                   "Origin \"" + name +
                       "\" is not allowed here. If it is yours, add it to http.origins: "
                       "--set http.origins=" +
                       name,
                   request.path);
  refusal.close = true;
  return refusal;
}

namespace {

/// What is asked on later is asked by the same.
Reply of_party(Reply reply, const Request& request, const AnswerContext& context) {
  if (auto* question = std::get_if<Question>(&reply)) question->party = party_of(request, context);
  return reply;
}

Reply unshared_answer(const Request& request, const AnswerContext& asked) {
  AnswerContext context = asked;
  const Route route = route_of(request, context.site);
  if (auto refusal = refuse_request(request, route, context)) return std::move(*refusal);
  if (const Needs needs = needs_of(route); needs == Needs::Reader || needs == Needs::Everything) {
    if (auto refusal = refuse_question(request, context)) return std::move(*refusal);
  }
  return std::visit(
      Overloaded{[&](const http::Found<Endpoint>& found) -> Reply {
                   const Endpoint& endpoint = found.handler;
                   if (endpoint.later != nullptr)
                     return of_party(endpoint.later(request, found.rest, context), request,
                                     context);
                   return endpoint.at_once(request, found.rest, context);
                 },
                 [&](const http::NotFound&) -> Reply { return answer_file(request, context.site); },
                 [&](const http::MethodNotAllowed& fault) -> Reply {
                   return fault_answer(405, "This path does not know that method", request.path)
                       .add("Allow", fault.allow);
                 },
                 [](const http::AnswerOptions& options) -> Reply {
                   return options_answer(options.allow);
                 }},
      route);
}

std::variant<BodyWanted, Response> unshared_head(const Request& head, const AnswerContext& asked) {
  const Route route = route_of(head, asked.site);
  AnswerContext context = asked;
  if (auto refusal = refuse_request(head, route, context)) return std::move(*refusal);
  if (const auto* found = std::get_if<http::Found<Endpoint>>(&route)) {
    if (found->body_bytes_max > 0)
      return BodyWanted{std::min(found->body_bytes_max, context.site.settings.limits.body_max)};
    return no_body_here(head);
  }
  Reply reply = unshared_answer(head, context);
  if (auto* response = std::get_if<Response>(&reply);
      response != nullptr && response->status >= 400)
    return std::move(*response);
  return no_body_here(head);
}

}  // namespace

Reply answer(const Request& request, const AnswerContext& asked) {
  return shared(unshared_answer(request, asked), request, asked.site);
}

std::variant<BodyWanted, Response> answer_head(const Request& head, const AnswerContext& asked) {
  auto decided = unshared_head(head, asked);
  if (auto* response = std::get_if<Response>(&decided))
    return shared(std::move(*response), head, asked.site);
  return decided;
}

}  // namespace gateway::server
