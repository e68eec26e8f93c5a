// What comes before HTTP: a proxy's header, then the TLS handshake.
#include <string>
#include <utility>

#include "gateway/http/response.h"
#include "gateway/server/connection.h"
#include "ingest/base/check.h"

namespace gateway::server {

/// Goes on as far as what has come allows; the phase says how far that is.
void Connection::greet(Signs signs) {
  if (std::get<Greeting>(phase_).header != nullptr && !take_proxy_header(signs)) return;
  if (!std::holds_alternative<Greeting>(phase_)) return;
  if (!shake_hands() && signs == Signs::Broken && !ended_) gone(Ended::PeerReset);
}

void Connection::begin_http() {
  phase_.emplace<HttpPhase>(who_, door_, commons_);
}

/// True when the header is over and what follows it may be read. Takes it from the socket with what
/// came behind it, which is handed on.
bool Connection::take_proxy_header(Signs signs) {
  auto& greeting = std::get<Greeting>(phase_);
  const Transport::Received received = transport_.read(commons_.received);
  if (received.got == Transport::Got::Nothing) {
    read_nothing(signs);
    return false;
  }
  if (received.got != Transport::Got::Bytes) {
    gone(received.got == Transport::Got::End ? Ended::PeerClosed : Ended::PeerReset);
    return false;
  }
  commons_.counts.bytes_received.add(received.bytes);
  std::span<std::uint8_t> bytes = std::span{commons_.received}.first(received.bytes);
  bytes = bytes.subspan(greeting.header->receive(bytes));
  if (greeting.header->state() == http::ProxyHeader::State::NeedMore) return false;
  const std::unique_ptr<http::ProxyHeader> header = std::move(greeting.header);
  if (!proxy_told(*header)) return false;
  if (greeting.wire == Arrival::Wire::Tls) {
    if (transport_.begin_tls(*commons_.tls, commons_.tls_buffers, bytes)) return true;
    gone(Ended::TlsFailed);
    return false;
  }
  begin_http();
  if (!bytes.empty()) take(bytes);
  return true;
}

/// The client that the proxy speaks for is the peer from here on, and counts as it would have
/// without a proxy. False when the connection is refused.
bool Connection::proxy_told(const http::ProxyHeader& header) {
  if (header.state() == http::ProxyHeader::State::Failed) {
    commons_.warn_sometimes("bad_proxy_header", "why", header.fault().sentence);
    refuse(header.fault().status, header.fault().sentence, Ended::BadRequest);
    return false;
  }
  if (!header.addresses()) return true;  // the proxy speaks for itself
  auto guest = commons_.addresses->admit(Peer::of(header.addresses()->source));
  if (!guest) {
    refuse(503, "There are too many connections from this address", Ended::AddressLimit);
    return false;
  }
  guest_ = *std::move(guest);
  commons_.speaker = &guest_.peer();
  return true;
}

/// Before HTTP has begun: one answer and the end; who waits for TLS could not read it.
void Connection::refuse(int status, std::string_view sentence, Ended why) {
  if (std::get<Greeting>(phase_).wire == Arrival::Wire::Tls) return close_gently(why);
  begin_http();
  http::Response response = http::error_response(status, sentence, {});
  response.close = true;
  const http::Exchange exchange{.now = commons_.loop.wall()};
  outbox_.add(http::serialize_head(response, exchange) + std::string{http::body_bytes(response)});
  commons_.counts.answered(static_cast<unsigned>(status));
  last_ = why;
  mark_due();
}

void Connection::greeting_turn() {
  auto* greeting = std::get_if<Greeting>(&phase_);
  if (ended_ || greeting == nullptr) return;
  commons_.speaker = &guest_.peer();
  greeting->line = Greeting::Line::First;
  read(Signs::Good);
}

/// True when the next step may be done now; else the connection stands in line for it. Each step
/// may cost a signature: only so many a turn, in the order in which they came.
bool Connection::may_shake_hands() {
  auto& greeting = std::get<Greeting>(phase_);
  if (greeting.line == Greeting::Line::Waits) return false;
  const bool first = std::exchange(greeting.line, Greeting::Line::Out) == Greeting::Line::First;
  if (commons_.handshakes_left > 0 && (first || commons_.greetings.empty())) return true;
  greeting.line = Greeting::Line::Waits;
  commons_.greetings.push_back(who_);
  commons_.counts.handshakes_deferred.add();
  return false;
}

/// True when the handshake is over.
bool Connection::shake_hands() {
  if (!may_shake_hands()) return false;
  const tls::Stream::Answer answer = transport_.handshake();
  // Who has nothing to say has signed nothing: half a hello is free.
  const bool said = answer.moved || transport_.holds_output();
  if (said || answer.state != tls::Stream::State::WantRead) --commons_.handshakes_left;
  switch (answer.state) {
    case tls::Stream::State::Done:
      commons_.counts.handshakes.add();
      begin_http();
      look_again(check(commons_.loop.mono()));
      break;
    case tls::Stream::State::WantRead:
    case tls::Stream::State::WantWrite:
      break;
    case tls::Stream::State::Closed:
      gone(Ended::PeerClosed);
      return false;
    case tls::Stream::State::Failed:
      tls_failed();
      return false;
  }
  blocked_ = transport_.holds_output();
  watch();
  return answer.state == tls::Stream::State::Done;
}

/// The alert is out. Whatever follows is dropped for a moment, so that the peer can read it.
void Connection::tls_failed() {
  const tls::Stream& stream = transport_.tls();
  if (stream.met_socket_fault()) return gone(Ended::PeerReset);
  if (stream.met_plain_http())
    commons_.warn_sometimes("plain_http_on_tls_port", "hint", "use https:// or wss://");
  transport_.give_up_tls();
  if (std::holds_alternative<Closing>(phase_)) {  // it ends as it would have
    blocked_ = false;
    return watch();
  }
  outbox_ = {};
  close_gently(Ended::TlsFailed);
  watch();
}

}  // namespace gateway::server
