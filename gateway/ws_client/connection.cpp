// Reading, and the life of a connection. The upgrade is in connection_upgrade.cpp, what goes out in
// connection_write.cpp.
#include "gateway/ws_client/connection.h"

#include <sys/epoll.h>

#include <utility>

#include "ingest/base/check.h"

namespace gateway::ws_client {
namespace {

/// Reads in one turn, so that a flood from one server leaves room for the others of the loop.
constexpr int kReadsMax = 4;

std::string in_ms(ingest::Millis time) {
  return std::to_string(time.count()) + " ms";
}

}  // namespace

Connection::Connection(const Parts& parts, Transport transport)
    : parts_(parts), transport_(std::move(transport)), queue_(parts.options->send_bytes_max) {}

Connection::~Connection() {
  abandon();
}

void Connection::start() {
  const ingest::Millis patience = parts_.options->deadlines.handshake;
  at(patience, "the server did not finish the handshake in " + in_ms(patience));
  if (!parts_.loop->add(transport_.fd(), EPOLLIN, *this)) {
    return fail("the socket cannot be watched");
  }
  go_on();
}

void Connection::ready(std::uint32_t /*events*/) {
  go_on();
}

/// Whatever the socket said: everything that can be done now is done.
void Connection::go_on() {
  inside_ = true;
  if (phase_ == Phase::Handshake) {
    const Answer answer = transport_.handshake();
    if (answer.state == Transport::State::Done) {
      begin_upgrade();
    } else if (!take(answer)) {
      inside_ = false;
      return;
    }
  }
  if (phase_ != Phase::Handshake) read();
  inside_ = false;
  if (phase_ != Phase::Over) flush();
}

// ---- reading ----

void Connection::read() {
  for (int i = 0; i < kReadsMax && phase_ != Phase::Over; ++i) {
    const std::span<std::uint8_t> buffer{parts_.tools->buffer};
    const Answer answer = transport_.read(buffer);
    if (answer.state == Transport::State::Done) {
      heard();
      take_bytes(buffer.first(answer.bytes));
    } else if (!take(answer) || !answer.more) {
      return;
    }
    if (i + 1 == kReadsMax && answer.more && phase_ != Phase::Over) go_on_soon();
  }
}

/// What is not Done: false when the connection is over with it.
bool Connection::take(Answer answer) {
  switch (answer.state) {
    case Transport::State::Done:
    case Transport::State::WantRead:
      return true;
    case Transport::State::WantWrite:
      want_write(true);
      return true;
    case Transport::State::Closed:
    case Transport::State::Failed:
      peer_ended(answer);
      return false;
  }
  return false;
}

void Connection::take_bytes(std::span<std::uint8_t> bytes) {
  switch (phase_) {
    case Phase::Upgrading:
    case Phase::Refused:
      return take_answer(bytes);
    case Phase::Open:
      return take_frames(bytes);
    case Phase::Handshake:
    case Phase::Lingering:  // nothing more is said to us
    case Phase::Over:
      return;
  }
}

void Connection::take_frames(std::span<std::uint8_t> bytes) {
  session_->receive(bytes);
  while (phase_ == Phase::Open) {
    const auto event = session_->next_event();
    if (!event) return;
    deliver(*event);
  }
}

void Connection::deliver(const ws::Event& event) {
  if (const auto* text = std::get_if<ws::Text>(&event)) {
    parts_.listener->text(text->text);
  } else if (const auto* binary = std::get_if<ws::Binary>(&event)) {
    parts_.listener->binary(binary->bytes);
  } else if (const auto* closed = std::get_if<ws::PeerClosed>(&event)) {
    if (!ending_) ending_ = closed_by_server(closed->code, closed->reason);
    ending_->close_code = closed->code;
    ending_->clean = true;
    hear_no_more();
  } else if (const auto* failed = std::get_if<ws::Failed>(&event)) {
    Ending ending;
    ending.sentence = "the server broke the WebSocket protocol: " + std::string{failed->reason};
    ending_ = std::move(ending);
    hear_no_more();
  }
}

/// The server's last word came, or its first wrong one: what waits will not be read, our Close goes
/// out behind what is partly written.
void Connection::hear_no_more() {
  queue_.clear_whole();
  at(parts_.options->deadlines.close, "");
}

// ---- the end ----

void Connection::peer_ended(const Answer& answer) {
  if (ending_) return end(*ending_);
  const bool failed = answer.state == Transport::State::Failed;
  if (phase_ == Phase::Handshake) {
    return fail("TLS failed: " + (failed ? transport_.fault() : "the server closed"));
  }
  if (phase_ == Phase::Refused || (phase_ == Phase::Upgrading && !failed)) {
    parser_.end();
    return take_answer({});
  }
  fail(failed ? "the connection broke: " + transport_.fault()
              : "the server closed the connection without a Close frame");
}

void Connection::fail(std::string sentence, Again again) {
  Ending ending;
  ending.sentence = std::move(sentence);
  ending.again = again;
  end(ending);
}

void Connection::end(const Ending& ending) {
  if (phase_ == Phase::Over) return;
  abandon();
  parts_.listener->ended(ending);
}

void Connection::abandon() {
  if (phase_ == Phase::Over) return;
  phase_ = Phase::Over;
  for (auto* timer : {&deadline_, &life_, &flush_})
    parts_.loop->cancel(std::exchange(*timer, 0));
  if (parts_.loop->watches(transport_.fd())) parts_.loop->remove(transport_.fd());
  transport_.shut();
}

/// One deadline at a time: where its phase does not end by then, the connection does, with what is
/// known or with this sentence.
void Connection::at(ingest::Millis wait, std::string sentence) {
  parts_.loop->cancel(deadline_);
  deadline_ = parts_.loop->at(parts_.loop->mono() + wait, [this, text = std::move(sentence)] {
    if (ending_) return end(*ending_);
    if (phase_ == Phase::Refused) {
      parser_.end();
      return take_answer({});
    }
    fail(text);
  });
}

// ---- liveness ----

void Connection::heard() {
  heard_ = parts_.loop->mono();
  pinged_ = false;
}

/// Armed once and moved when it fires, not at every message.
void Connection::check_life() {
  const Deadlines& deadlines = parts_.options->deadlines;
  const ingest::MonoTime now = parts_.loop->mono();
  const ingest::MonoTime ping_at = heard_ + deadlines.quiet;
  const ingest::MonoTime lost_at = ping_at + deadlines.pong;
  if (now >= lost_at) {
    return fail("nothing was heard from the server for " + in_ms(deadlines.quiet + deadlines.pong));
  }
  if (now >= ping_at && !pinged_) {
    pinged_ = true;
    session_->ping("");
    flush_soon();
  }
  life_ = parts_.loop->at(now >= ping_at ? lost_at : ping_at, [this] { check_life(); });
}

}  // namespace gateway::ws_client
