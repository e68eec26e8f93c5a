#include "gateway/server/connection.h"

#include <sys/epoll.h>

#include <utility>

namespace gateway::server {
Connection::Connection(publish::Subscriber who, Arrival arrival, Commons& commons)
    : commons_(commons),
      transport_(std::move(arrival.fd)),
      guest_(std::move(arrival.guest)),
      who_(who),
      door_{.wire = arrival.wire, .sender = arrival.sender},
      moved_(commons.loop.mono()),
      phase_(Greeting{.until = moved_ + commons.site.settings.deadlines.handshake,
                      .header = nullptr,
                      .wire = arrival.wire}) {
  const bool proxied = arrival.proxied == Arrival::Proxied::Yes;
  if (proxied) std::get<Greeting>(phase_).header = std::make_unique<http::ProxyHeader>();
  if (!proxied && arrival.wire == Arrival::Wire::Plain) begin_http();
}

Connection::~Connection() {
  with_reader([this](auto& reader) { reader.leave(commons_); });
  if (auto* http = std::get_if<HttpPhase>(&phase_)) http->leave(commons_);
  if (commons_.loop.watches(transport_.fd())) commons_.loop.remove(transport_.fd());
}

bool Connection::start() {
  const auto* greeting = std::get_if<Greeting>(&phase_);
  if (greeting != nullptr && greeting->header == nullptr &&
      !transport_.begin_tls(*commons_.tls, commons_.tls_buffers, {}))
    return false;
  transport_.tune();
  watched_ = EPOLLIN;
  if (!commons_.loop.add(transport_.fd(), watched_, *this)) return false;
  look_again(check(commons_.loop.mono()));
  return true;
}

// ---- reading ----

/// A hang-up or an error is believed once all that came before it is read.
void Connection::ready(std::uint32_t events) {
  if (ended_) return;
  commons_.speaker = &guest_.peer();
  const Signs signs = (events & (EPOLLERR | EPOLLHUP)) != 0 ? Signs::Broken : Signs::Good;
  const bool reads = may_read();
  if (reads && (signs == Signs::Broken || (events & EPOLLIN) != 0)) read(signs);
  if (!reads && signs == Signs::Broken) return severed();
  if ((events & EPOLLOUT) != 0) {
    blocked_ = false;
    mark_due();
  }
}

void Connection::read(Signs signs) {
  if (std::holds_alternative<Greeting>(phase_)) greet(signs);
  if (std::holds_alternative<Greeting>(phase_)) return;
  read_some(signs);
  if (ended_) return;
  // What TLS itself has to say, the answer to a key update, may not have gone out.
  if (transport_.holds_output() && !blocked_ && !write_broken_) blocked_by_kernel();
  if (may_read() && transport_.holds_input()) mark_due();
  watch();
}

/// As much as one connection may in a turn.
void Connection::read_some(Signs signs) {
  for (int i = 0; i < Commons::kReadsMax && !ended_ && may_read(); ++i) {
    const Transport::Received received = transport_.read(commons_.received);
    switch (received.got) {
      case Transport::Got::Bytes:
        commons_.counts.bytes_received.add(received.bytes);
        take(std::span{commons_.received}.first(received.bytes));
        break;
      case Transport::Got::Nothing:
        if (!received.more) return read_nothing(signs);
        break;
      case Transport::Got::End:
        return peer_finished();
      case Transport::Got::WriteFirst:
        write_first_ = true;
        return;
      case Transport::Got::Reset:
        return gone(Ended::PeerReset);
      case Transport::Got::BadTls:
        return tls_failed();
    }
    if (!received.more) return;
  }
}

void Connection::read_nothing(Signs signs) {
  if (signs == Signs::Broken) gone(Ended::PeerReset);
}

void Connection::take(std::span<std::uint8_t> bytes) {
  if (last_ || std::holds_alternative<Closing>(phase_)) return;
  if (std::holds_alternative<SsePhase>(phase_)) return;  // it has said all it may
  if (std::holds_alternative<WsPhase>(phase_)) return take_ws(bytes);
  take_http(bytes);
}

/// Nothing more is read until resume_reading().
void Connection::pause(std::span<const std::uint8_t> unread) {
  kept_ = std::make_unique<std::vector<std::uint8_t>>(unread.begin(), unread.end());
  paused_ = true;
}

/// Answers pipelined requests while there is room for their answers.
void Connection::take_http(std::span<std::uint8_t> bytes) {
  auto& http = std::get<HttpPhase>(phase_);
  if (outbox_.empty()) moved_ = commons_.loop.mono();
  HttpPhase::Step step = HttpPhase::Step::Answered;
  while (step == HttpPhase::Step::Answered) {
    if (outbox_.bytes() > commons_.site.settings.limits.output_waiting_max) {
      pause(bytes);
      break;
    }
    step = http.receive(bytes, outbox_, commons_);
  }
  mark_due();
  if (step == HttpPhase::Step::Last) last_ = Ended::Answered;
  if (step == HttpPhase::Step::Broken) last_ = Ended::BadRequest;
  if (step == HttpPhase::Step::Waits) pause(bytes);
  if (step == HttpPhase::Step::Upgraded) {
    const auto agreed = http.agreed();
    Caller caller = http.take_caller();
    phase_.emplace<WsPhase>(who_, commons_, agreed, std::move(caller));
    if (!bytes.empty()) take_ws(bytes);  // what came in the same segment as the request
  }
  if (step == HttpPhase::Step::Streams) {
    publish::SubBodies wish = http.take_wish();
    Caller caller = http.take_caller();
    phase_.emplace<SsePhase>(who_, std::move(wish), std::move(caller), commons_);
  }
  look_again(check(commons_.loop.mono()));
}

/// While the kernel takes no more and answers wait, further messages stay unread: a peer that sends
/// and never reads costs no more than this. So do those of one that has said more than its share:
/// it is its own sending that stands still then, and none of its words is lost.
void Connection::take_ws(std::span<std::uint8_t> bytes) {
  auto& ws = std::get<WsPhase>(phase_);
  ws.receive(bytes);
  auto read = WsPhase::Read::WriteFirst;
  while (!must_wait(ws) && !ended_) {
    read = ws.continue_reading(commons_);
    if (read != WsPhase::Read::WriteFirst) break;
    write_due();
  }
  if (must_wait(ws) || read == WsPhase::Read::Rest) pause(ws.take_unread());
  if (read == WsPhase::Read::Rest) look_again(ws.rests_until());
  mark_due();
  if (ws.is_closing()) return look_again(ws.close_by());
  if (const auto by = ws.message_by(commons_.site.settings.deadlines)) look_again(*by);
}

/// A client that shuts its half after a request still gets the answer; a WebSocket peer without a
/// Close is gone.
void Connection::peer_finished() {
  peer_finished_ = true;
  const bool answering = std::holds_alternative<HttpPhase>(phase_) && !all_out();
  if (!answering || write_broken_) {
    transport_.finish();
    return gone(write_broken_ ? Ended::PeerReset : Ended::PeerClosed);
  }
  if (!last_) last_ = Ended::PeerClosed;
  mark_due();
  watch();
}

void Connection::resume_reading() {
  if (!paused_ || waits() || std::holds_alternative<Closing>(phase_)) return;
  auto* ws = std::get_if<WsPhase>(&phase_);
  if (ws != nullptr && must_wait(*ws)) return;
  if (ws != nullptr && ws->must_rest(commons_)) return look_again(ws->rests_until());
  if (ws == nullptr && outbox_.bytes() > commons_.site.settings.limits.output_waiting_max) return;
  paused_ = false;
  const std::unique_ptr<std::vector<std::uint8_t>> kept = std::move(kept_);
  take(*kept);
}

// ---- the hub's mail ----

void Connection::told(publish::Tell tell) {
  if (ended_) return;
  if (with_reader([&](auto& reader) { reader.told(std::move(tell), commons_); })) mark_due();
}

void Connection::joined(publish::Join join) {
  if (ended_) return;
  if (with_reader([&](auto& reader) { reader.joined(std::move(join), commons_); })) mark_due();
}

/// What waited behind the request is read when the answer is out.
void Connection::answered(const publish::Answered& answered) {
  if (ended_) return;
  if (with_reader([&](auto& reader) { reader.answered(answered, commons_); })) return mark_due();
  auto* http = std::get_if<HttpPhase>(&phase_);
  if (http == nullptr) return;
  const auto step = http->answered(answered, outbox_, commons_);
  if (step) answer_came(*step);
}

void Connection::worked(Outcome outcome) {
  auto* http = std::get_if<HttpPhase>(&phase_);
  if (http == nullptr || ended_ || !http->waits()) return;
  answer_came(http->worked(std::move(outcome), outbox_, commons_));
  if (waits()) look_again(check(moved_));  // a question has a deadline, a work has none
}

void Connection::answer_came(HttpPhase::Step step) {
  if (step == HttpPhase::Step::Last) last_ = Ended::Answered;
  moved_ = commons_.loop.mono();
  mark_due();
}

std::optional<SlowReader> Connection::as_reader() const {
  const auto* ws = std::get_if<WsPhase>(&phase_);
  const auto* sse = std::get_if<SsePhase>(&phase_);
  if (ended_ || (ws == nullptr && sse == nullptr)) return std::nullopt;
  const publish::Subscriptions& reader = ws != nullptr ? ws->subscriptions() : sse->subscriptions();
  return SlowReader{.address = guest_.peer().text(),
                    .identity = std::string{reader.holder()},
                    .over = ws != nullptr ? "websocket" : "event-stream",
                    .subs = reader.size(),
                    .behind = reader.behind(commons_.desk),
                    .lag = {}};
}

bool Connection::waits() const {
  const auto* http = std::get_if<HttpPhase>(&phase_);
  return http != nullptr && http->waits();
}

void Connection::mark_due() {
  if (due_ || ended_) return;
  due_ = true;
  commons_.due.push_back(who_);
}

void Connection::mark_fanned() {
  if (fanned_ || ended_) return;
  fanned_ = true;
  commons_.fanned.push_back(who_);
}

}  // namespace gateway::server
