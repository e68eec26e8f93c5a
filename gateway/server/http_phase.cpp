#include "gateway/server/http_phase.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "gateway/server/answer.h"
#include "gateway/server/credentials.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/session_api.h"
#include "gateway/server/write_work.h"
#include "gateway/ws/handshake.h"
#include "ingest/base/check.h"

namespace gateway::server {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::array<std::string_view, 1> kSubprotocols{publish::kSubprotocol};
constexpr std::size_t kJoinedBodyMax =
    4096;  // a body up to this leaves in one buffer with its head

http::Limits parser_limits(const Limits& limits) {
  http::Limits result;
  result.body_bytes_max = limits.body_max;
  return result;
}

ws::UpgradeRequest upgrade_request(const http::Request& request) {
  return {.is_get = request.method == http::Method::Get,
          .minor_version = request.minor_version,
          .has_body = request.has_body,
          .connection = request.header_values("connection"),
          .upgrade = request.header_values("upgrade"),
          .version = request.header_values("sec-websocket-version"),
          .key = request.header_values("sec-websocket-key"),
          .protocol = request.header_values("sec-websocket-protocol"),
          .extensions = request.header_values("sec-websocket-extensions")};
}

/// As every known path answers OPTIONS.
http::Response websocket_options() {
  http::Response response;
  response.status = 204;
  return response.add("Allow", "GET, OPTIONS");
}

void count_crowded(BodyBook::Room room, Commons& commons) {
  commons.counts.write_refused(room == BodyBook::Room::NoneForAddress ? WriteRefused::NoRoomOfOne
                                                                      : WriteRefused::NoRoom);
}

bool is_for_websocket(const http::Request& request, const Commons& commons) {
  return request.path == kWebSocketPath || commons.site.responder != nullptr;
}

}  // namespace

/// Says in the log which key would help, as the answer does. What a writer showed is never logged.
void HttpPhase::warn_of_refusal(const http::Request& request, int status, Scheme scheme,
                                Commons& commons) {
  const std::string_view origin = request.header("origin").value_or(std::string_view{});
  const bool is_strange = !origin.empty() && !commons.site.host_rules.allows_origin(
                                                 origin, {.scheme = scheme, .host = request.host});
  if (status == 421) commons.warn_sometimes("host_refused", "http.hosts", request.host);
  const bool writes = is_writers_path(request.path);
  if (status == 403 && is_strange) {
    commons.warn_sometimes("origin_refused", "http.origins", origin);
  } else if (status == 403 && writes) {
    commons.warn_sometimes("writer_refused", "key", "http.writers_allow");
  } else if (status == 403) {
    commons.warn_sometimes("reader_refused", "path", request.path);
  }
  if (status != 401) return;
  const bool shown =
      shown_token(request, TokenInQuery::Yes, scheme) || request.path == kSessionPath;
  commons.warn_sometimes(writes ? "writer_unknown" : "reader_unknown", "why",
                         shown ? commons.doorkeeper.why() : "no token");
}

HttpPhase::HttpPhase(publish::Subscriber who, Door door, Commons& commons)
    : parser_(std::make_unique<http::RequestParser>(parser_limits(commons.site.settings.limits))),
      since_(commons.loop.mono()),
      hold_(commons.bodies),
      who_(who),
      door_(door) {}

/// The scheme is the wire's; a proxy of ours knows the client's better.
AnswerContext HttpPhase::context_of(const http::Request& request, Commons& commons) const {
  Scheme scheme = door_.wire == Arrival::Wire::Tls ? Scheme::Https : Scheme::Unknown;
  if (door_.sender == Arrival::Sender::Proxy) {
    const auto forwarded = request.header("x-forwarded-proto");
    if (forwarded == "https") scheme = Scheme::Https;
    if (forwarded == "http") scheme = Scheme::Http;
  }
  return {.site = commons.site,
          .catalogue = commons.desk.catalogue.get(),
          .annotations = commons.annotations.get(),
          .streams = commons.streams.get(),
          .now = commons.loop.wall(),
          .mono = commons.loop.mono(),
          .draining = commons.draining,
          .scheme = scheme,
          .peer = commons.speaker == nullptr ? Peer{} : *commons.speaker,
          .desk = &commons.write_desk,
          .counts = &commons.counts,
          .access = &commons.doorkeeper};
}

HttpPhase::Step HttpPhase::receive(std::span<std::uint8_t>& bytes, Outbox& out, Commons& commons) {
  const bool was_idle = is_idle();
  const bool was_in_head = !parser_->reading_body();
  bytes = bytes.subspan(parser_->receive(bytes));
  if (parser_->state() == http::RequestParser::State::BodyAnnounced) {
    if (const auto answered = answer_announced(out, commons)) return *answered;
    bytes = bytes.subspan(parser_->receive(bytes));
  }
  const bool begins_now = was_idle && !is_idle();
  const bool body_begins_now = was_in_head && parser_->reading_body();
  if ((begins_now && requests_ > 0) || body_begins_now) since_ = commons.loop.mono();
  const std::string& body = parser_->request().body;
  hold_.hold(body.empty() ? 0 : body.capacity());
  if (hold_.room() != BodyBook::Room::Enough) return refuse_crowded(hold_.room(), out, commons);
  if (parser_->wants_continue()) {
    out.add_static(kContinue);
    parser_->continue_sent();
  }
  switch (parser_->state()) {
    case http::RequestParser::State::NeedMore:
    case http::RequestParser::State::BodyAnnounced:
      return Step::NeedMore;
    case http::RequestParser::State::Failed:
      return refuse_unparsed(out, commons);
    case http::RequestParser::State::Ready:
      break;
  }
  http::Request request = parser_->take_request();
  ++requests_;
  since_ = commons.loop.mono();
  Step step = Step::NeedMore;
  if (is_for_websocket(request, commons)) {
    step = upgrade(request, out, commons);
  } else if (request.path == kStreamPath) {
    step = open_stream(request, out, commons);
  } else {
    step = serve(request, out, commons);
  }
  hold_.release();
  return step;
}

/// A body is read only where a route takes it. Everything else is answered by the head alone, and
/// the connection ends, because the body stands in the way of the next request.
std::optional<HttpPhase::Step> HttpPhase::answer_announced(Outbox& out, Commons& commons) {
  http::Request head = parser_->request();
  head.keep_alive = false;
  if (is_for_websocket(head, commons)) return upgrade(head, out, commons);
  if (head.path == kStreamPath) return open_stream(head, out, commons);
  auto decided = answer_head(head, context_of(head, commons));
  if (const auto* wanted = std::get_if<BodyWanted>(&decided)) {
    const AnswerContext context = context_of(head, commons);
    hold_.begin(commons.site.write_rules.client_of(head, context.peer).value_or(context.peer).ip);
    const BodyBook::Room room = hold_.room(1);
    if (room != BodyBook::Room::Enough) return refuse_crowded(room, out, commons);
    parser_->accept_body(wanted->bytes_max);
    return std::nullopt;
  }
  auto& response = std::get<http::Response>(decided);
  warn_of_refusal(head, response.status, context_of(head, commons).scheme, commons);
  return write(std::move(response), http::Exchange::of(head, commons.loop.wall()), out, commons);
}

HttpPhase::Step HttpPhase::serve(http::Request& request, Outbox& out, Commons& commons) {
  Reply reply = answer(request, context_of(request, commons));
  if (auto* work = std::get_if<std::unique_ptr<Work>>(&reply))
    return begin(request, std::move(*work), out, commons);
  if (auto* question = std::get_if<Question>(&reply))
    return ask(request, std::move(*question), out, commons);
  auto& response = std::get<http::Response>(reply);
  warn_of_refusal(request, response.status, context_of(request, commons).scheme, commons);
  return write_last(std::move(response), http::Exchange::of(request, commons.loop.wall()), out,
                    commons);
}

HttpPhase::Step HttpPhase::ask(const http::Request& request, Question question, Outbox& out,
                               Commons& commons) {
  if (commons.mail_full && question.claim == Question::Claim::None) {
    http::Response busy = fault_answer(503, "Too much waits for the hub", request.path);
    busy.add("Retry-After", "1");
    return write_last(std::move(busy), http::Exchange::of(request, commons.loop.wall()), out,
                      commons);
  }
  waiting_ = std::make_unique<Waiting>(Waiting{.ticket = requests_,
                                               .exchange = http::Exchange::of(request, {}),
                                               .path = request.path,
                                               .respond = {}});
  return send(std::move(question), commons);
}

/// Those that are owed find room in any case: no connection has more than one.
HttpPhase::Step HttpPhase::send(Question question, Commons& commons) {
  commons.counts.questions.add();
  waiting_->respond = std::move(question.respond);
  waiting_->claim = question.claim;
  if (!question.party.empty()) waiting_->party = std::move(question.party);  // else it asks on
  commons.desk.to_hub.emplace_back(publish::Ask{who_, waiting_->ticket, std::move(question.what),
                                                std::move(question.bounds), waiting_->party});
  return Step::Waits;
}

/// What the body takes once it is plain has to find room, too; nothing of it is taken before.
HttpPhase::Step HttpPhase::begin(http::Request& request, std::unique_ptr<Work> work, Outbox& out,
                                 Commons& commons) {
  work->keep(std::move(request.body));
  hold_.hold(work->held_bytes());
  const http::Exchange exchange = http::Exchange::of(request, commons.loop.wall());
  if (const BodyBook::Room room = hold_.room(); room != BodyBook::Room::Enough) {
    count_crowded(room, commons);
    return write(no_room_for_body(room, request.path), exchange, out, commons);
  }
  waiting_ = std::make_unique<Waiting>(
      Waiting{.ticket = requests_, .exchange = exchange, .path = request.path, .respond = {}});
  commons.work.add({.who = who_, .work = std::move(work), .hold = std::move(hold_)});
  commons.write_desk.works_wait = true;
  return Step::Waits;
}

HttpPhase::Step HttpPhase::worked(Outcome outcome, Outbox& out, Commons& commons) {
  CHECK(waiting_ != nullptr && !waiting_->respond);
  since_ = commons.loop.mono();
  if (auto* const question = std::get_if<Question>(&outcome))
    return send(std::move(*question), commons);
  auto& response = std::get<http::Response>(outcome);
  const std::unique_ptr<Waiting> waiting = std::move(waiting_);
  waiting->exchange.now = commons.loop.wall();
  return write_last(std::move(response), waiting->exchange, out, commons);
}

std::optional<HttpPhase::Step> HttpPhase::answered(const publish::Answered& answered, Outbox& out,
                                                   Commons& commons) {
  const bool asked = waiting_ && waiting_->respond && waiting_->ticket == answered.ticket;
  if (!asked) return std::nullopt;
  Outcome outcome = waiting_->respond(answered.answer);
  if (auto* const question = std::get_if<Question>(&outcome))
    return send(std::move(*question), commons);
  const std::unique_ptr<Waiting> waiting = std::move(waiting_);
  since_ = commons.loop.mono();
  waiting->exchange.now = commons.loop.wall();
  return write_last(std::get<http::Response>(std::move(outcome)), waiting->exchange, out, commons);
}

void HttpPhase::leave(Commons& commons) {
  if (!waiting_ || !waiting_->respond) return;
  commons.desk.to_hub.emplace_back(publish::Forget{who_, waiting_->ticket});
  waiting_.reset();
}

/// An answer that may be the connection's last.
HttpPhase::Step HttpPhase::write_last(http::Response response, const http::Exchange& exchange,
                                      Outbox& out, Commons& commons) const {
  const bool enough = requests_ >= commons.site.settings.limits.requests_per_connection;
  if (commons.draining || enough) response.close = true;
  return write(std::move(response), exchange, out, commons);
}

HttpPhase::Step HttpPhase::upgrade(const http::Request& request, Outbox& out, Commons& commons) {
  const http::Exchange exchange = http::Exchange::of(request, commons.loop.wall());
  if (commons.site.responder == nullptr) {
    if (auto refusal = refuse_at_gate(request, context_of(request, commons), OriginMatters::Yes)) {
      warn_of_refusal(request, refusal->status, context_of(request, commons).scheme, commons);
      return write(std::move(*refusal), exchange, out, commons);
    }
  }
  if (commons.draining) {
    http::Response busy = http::error_response(503, "This server is going away", request.path);
    busy.add("Retry-After", "1").close = true;
    return write(std::move(busy), exchange, out, commons);
  }
  if (request.method == http::Method::Options)
    return write(websocket_options(), exchange, out, commons);
  Admission admission = admit_upgrade(request, context_of(request, commons));
  if (auto* refusal = std::get_if<http::Response>(&admission)) {
    warn_of_refusal(request, refusal->status, context_of(request, commons).scheme, commons);
    return write(std::move(*refusal), exchange, out, commons);
  }
  auto& rights = std::get<auth::RightsPtr>(admission);
  if (auto refusal = refuse_crowd(rights.get(), request, context_of(request, commons)))
    return write(std::move(*refusal), exchange, out, commons);
  auto checked =
      ws::check_upgrade(upgrade_request(request), kSubprotocols, commons.site.settings.compression);
  if (!checked) {
    const ws::Refusal& refusal = checked.error();
    http::Response response = http::error_response(refusal.status, refusal.sentence, request.path);
    for (const auto& [name, value] : refusal.headers)
      response.add(name, value);
    response.close = refusal.close;
    return write(std::move(response), exchange, out, commons);
  }
  http::Response switching;
  switching.status = 101;
  for (const auto& [name, value] : checked->headers)
    switching.add(name, value);
  write(std::move(switching), exchange, out, commons);
  agreed_ = checked->deflate;
  caller_ = {.rights = std::move(rights),
             .from = counted_address(request, context_of(request, commons))};
  commons.counts.upgrades.add();
  return Step::Upgraded;
}

HttpPhase::Step HttpPhase::refuse_unparsed(Outbox& out, Commons& commons) {
  const http::Fault& fault = parser_->fault();
  if (fault.kind == http::FaultKind::TlsOnPlainPort) {
    commons.warn_sometimes("tls_on_plain_port", "hint", "use http:// or configure http.tls");
    return Step::Broken;  // whoever speaks TLS cannot read an answer in plain text
  }
  const http::Request& request = parser_->request();
  http::Response response = fault_answer(fault.status, fault.sentence, parser_->known_path());
  response.close = true;
  write(std::move(response), {.method = request.method, .now = commons.loop.wall()}, out, commons);
  return Step::Broken;
}

/// The bodies that come in to this worker, or from this address, are more than may be: this one
/// goes.
HttpPhase::Step HttpPhase::refuse_crowded(BodyBook::Room room, Outbox& out, Commons& commons) {
  const auto exchange = http::Exchange::of(parser_->request(), commons.loop.wall());
  http::Response response = no_room_for_body(room, parser_->request().path);
  count_crowded(room, commons);
  *parser_ = http::RequestParser{parser_limits(commons.site.settings.limits)};
  hold_.release();
  return write(std::move(response), exchange, out, commons);
}

HttpPhase::Step HttpPhase::write(http::Response response, const http::Exchange& exchange,
                                 Outbox& out, Commons& commons) {
  const bool open = http::stays_open(response, exchange);
  commons.counts.answered(static_cast<unsigned>(response.status));
  std::string head = http::serialize_head(response, exchange);
  if (!http::sends_body(response, exchange.method)) {
    out.add(std::move(head));
  } else if (http::body_bytes(response).size() <= kJoinedBodyMax) {
    head += http::body_bytes(response);
    out.add(std::move(head));
  } else {
    out.add(std::move(head));
    if (auto* owned = std::get_if<std::string>(&response.body)) {
      out.add(std::move(*owned));
    } else if (auto* shared = std::get_if<std::shared_ptr<const std::string>>(&response.body)) {
      out.add_shared(std::move(*shared));
    } else {
      out.add_static(http::body_bytes(response));
    }
  }
  return open ? Step::Answered : Step::Last;
}

HttpPhase::Patience HttpPhase::patience(const Deadlines& deadlines) const {
  // A work goes on in every turn, and is bounded by limits.bodies.
  if (waits() && !waiting_->respond) return {ingest::MonoTime::max(), Ended::Answered};
  if (waits()) return {since_ + deadlines.answer, Ended::Answered};
  if (parser_->reading_body()) return {since_ + deadlines.body, Ended::HeadTimeout};
  if (!is_idle() || requests_ == 0) return {since_ + deadlines.head, Ended::HeadTimeout};
  return {since_ + deadlines.idle, Ended::IdleTimeout};
}

void HttpPhase::answer_late(Outbox& out, Commons& commons) {
  if (is_idle()) return;
  if (waiting_) {
    commons.counts.answers_late.add();
    http::Exchange exchange = waiting_->exchange;
    exchange.now = commons.loop.wall();
    http::Response late;
    if (waiting_->claim == Question::Claim::Owed) {
      late = std::get<http::Response>(waiting_->respond(publish::Answer{}));
    } else {
      late = fault_answer(503, "The answer did not come in time", waiting_->path);
      late.add("Retry-After", "1");
    }
    late.close = true;
    leave(commons);
    write(std::move(late), exchange, out, commons);
    return;
  }
  const http::Request& request = parser_->request();
  http::Response response =
      fault_answer(408, "The request did not come in time", parser_->known_path());
  response.close = true;
  write(std::move(response), {.method = request.method, .now = commons.loop.wall()}, out, commons);
}

}  // namespace gateway::server
