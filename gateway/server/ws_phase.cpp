#include "gateway/server/ws_phase.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "gateway/ws/close_code.h"

namespace gateway::server {
namespace {

ws::ReadLimits read_limits(const Site& site) {
  return {.message_bytes_max = site.settings.rules.commands.text_bytes_max,
          .fragments_max = site.settings.limits.fragments_max,
          .accept = site.responder == nullptr ? ws::Accept::TextOnly : ws::Accept::TextAndBinary};
}

Ended ended_by(publish::CloseCode code) {
  switch (code) {
    case publish::CloseCode::HelloTimeout:
      return Ended::HelloTimeout;
    case publish::CloseCode::PongTimeout:
      return Ended::PongTimeout;
    case publish::CloseCode::Slow:
      return Ended::Stalled;
    case publish::CloseCode::Overloaded:
      return Ended::Overloaded;
    case publish::CloseCode::BadProtocol:
    case publish::CloseCode::AuthRequired:
    case publish::CloseCode::InvalidToken:
    case publish::CloseCode::Forbidden:
    case publish::CloseCode::TooManyErrors:
    case publish::CloseCode::Internal:
    case publish::CloseCode::TokenExpired:
      return Ended::Refused;
  }
  return Ended::Refused;
}

}  // namespace

WsPhase::WsPhase(publish::Subscriber who, Commons& commons,
                 const std::optional<ws::DeflateAgreement>& deflate, Caller caller)
    : session_(read_limits(commons.site), deflate ? &commons.inflater : nullptr),
      subscriptions_(who, commons.next_session(), commons.identity_of(std::move(caller))),
      since_(commons.loop.mono()),
      heard_(since_),
      wrote_(since_),
      window_bits_(deflate ? static_cast<std::uint8_t>(deflate->server_max_window_bits) : 0) {}

void WsPhase::receive(std::span<std::uint8_t> bytes) {
  session_.receive(bytes);
}

/// Any byte says that the peer lives, but not that it will ever finish what it began.
void WsPhase::note_unfinished(ingest::MonoTime now) {
  if (std::exchange(unfinished_, session_.unfinished()) != session_.unfinished()) begun_ = now;
}

std::optional<ingest::MonoTime> WsPhase::message_by(const Deadlines& deadlines) const {
  if (unfinished_ == 0) return std::nullopt;
  return begun_ + deadlines.message;
}

WsPhase::Read WsPhase::continue_reading(Commons& commons) {
  heard_ = commons.loop.mono();
  pinged_.reset();
  answered_bytes_ = 0;
  const std::size_t answers_max = commons.site.settings.limits.output_waiting_max;
  for (std::size_t texts = 0; texts < kTextsInARow && answered_bytes_ < answers_max; ++texts) {
    if (must_rest(commons)) return Read::Rest;
    const std::optional<ws::Event> event = session_.next_event();
    if (!event) {
      note_unfinished(heard_);
      return Read::Done;
    }
    obey(*event, commons);
  }
  return Read::WriteFirst;
}

std::string_view WsPhase::bytes_of(const publish::Frame& frame, Commons& commons) const {
  if (window_bits_ == 0 || !ws::fits_window(frame.payload().size(), window_bits_))
    return frame.bytes;
  const publish::TwinView twin = frame.twin(commons.deflater);
  if (twin.made_now) commons.counts.frames_deflated.add();
  return twin.bytes.empty() ? frame.bytes : twin.bytes;
}

void WsPhase::obey(const ws::Event& event, Commons& commons) {
  if (const auto* text = std::get_if<ws::Text>(&event)) {
    take(*text, commons);
  } else if (const auto* binary = std::get_if<ws::Binary>(&event)) {
    respond(ws::Opcode::Binary, ingest::as_text(binary->bytes), commons);
  } else if (const auto* closed = std::get_if<ws::PeerClosed>(&event)) {
    begin_close(closed->code, Ended::PeerClosed, commons);
  } else if (const auto* failed = std::get_if<ws::Failed>(&event)) {
    begin_close(failed->code, Ended::Protocol, commons);
  }
}

void WsPhase::take(const ws::Text& text, Commons& commons) {
  if (commons.site.responder != nullptr) return respond(ws::Opcode::Text, text.text, commons);
  commons.counts.messages_received.add();
  const bool was_open = !subscriptions_.close_code();
  const std::size_t asked = commons.desk.to_hub.size();
  subscriptions_.receive(text.text, commons.desk, commons.now());
  if (const auto code = subscriptions_.close_code(); code && was_open)
    commons.warn_sometimes("subscriber_refused", "why", publish::close_reason(*code));
  // Words that stay here cost the hub nothing.
  if (commons.mail_full && commons.desk.to_hub.size() > asked) {
    const auto code = publish::CloseCode::Overloaded;
    close(static_cast<std::uint16_t>(code), publish::close_reason(code), Ended::Overloaded,
          commons);
  }
}

/// Only where there is a responder: without one no binary message comes this far.
void WsPhase::respond(ws::Opcode opcode, std::string_view bytes, Commons& commons) {
  commons.counts.messages_received.add();
  const bool deflates = session_.message_was_compressed() && window_bits_ > 0 &&
                        ws::fits_window(bytes.size(), window_bits_);
  publish::FramePtr frame = commons.site.responder->answer(
      {.opcode = opcode, .bytes = bytes, .deflater = deflates ? &commons.deflater : nullptr});
  if (frame == nullptr) return;
  answered_bytes_ += frame->bytes.size();
  subscriptions_.say(std::move(frame));
}

/// `code` is what our Close frame says: an echo, a fault of the peer, or our own word.
void WsPhase::begin_close(std::uint16_t code, Ended why, Commons& commons) {
  if (closing_) return;
  closing_ = true;
  why_ = why;
  close_by_ = commons.loop.mono() + commons.site.settings.deadlines.close;
  commons.counts.closed_with(code);
  subscriptions_.leave(commons.desk);
}

void WsPhase::close(std::uint16_t code, std::string_view reason, Ended why, Commons& commons) {
  session_.close(code, reason);
  begin_close(code, why, commons);
}

void WsPhase::told(publish::Tell tell, Commons& commons) {
  if (!closing_) subscriptions_.told(std::move(tell), commons.desk, commons.now());
}

void WsPhase::joined(publish::Join join, Commons& commons) {
  if (!closing_) subscriptions_.joined(std::move(join), commons.desk);
}

void WsPhase::answered(const publish::Answered& answered, Commons& commons) {
  if (!closing_) subscriptions_.answered(answered, commons.desk, commons.now());
}

void WsPhase::drain(publish::FramePtr bye, Commons& commons) {
  if (closing_ || draining_) return;
  draining_ = true;
  subscriptions_.leave(commons.desk);
  if (commons.site.responder == nullptr) subscriptions_.say(std::move(bye));
}

void WsPhase::control_sent(std::size_t bytes) {
  if (bytes == 0) return;
  control_begun_ = bytes < session_.output().size();
  session_.output_sent(bytes);
}

bool WsPhase::closes_behind_answers() const {
  const bool by_peer = why_ == Ended::PeerClosed || why_ == Ended::Protocol;
  return closing_ && by_peer && answers_wait() && !control_begun_ && session_.output_is_close();
}

void WsPhase::due(Commons& commons, std::size_t frames_max) {
  if (closes_behind_answers())
    subscriptions_.due(commons.desk, commons.now(), commons.frames, frames_max);
  if (!session_.may_send()) return;
  if (frames_max > 0) subscriptions_.due(commons.desk, commons.now(), commons.frames, frames_max);
  if (commons.frames.empty()) close_as_wanted(commons);
}

/// All that was due before it is out.
void WsPhase::close_as_wanted(Commons& commons) {
  if (const std::optional<publish::CloseCode> code = subscriptions_.close_code()) {
    close(static_cast<std::uint16_t>(*code), publish::close_reason(*code), ended_by(*code),
          commons);
  } else if (draining_) {
    close(ws::kCloseGoingAway, "going away", Ended::Drained, commons);
  }
}

void WsPhase::wrote(std::size_t bytes, Commons& commons) {
  wrote_ = commons.loop.mono();
  subscriptions_.spent(commons.desk, wrote_, bytes);
}

bool WsPhase::frames_sent(std::size_t frames, Commons& commons) {
  return subscriptions_.sent(commons.desk, commons.now(), frames);
}

ingest::MonoTime WsPhase::check(ingest::MonoTime now, Flow flow, Commons& commons) {
  if (closing_) return close_by_;
  const Deadlines& deadlines = commons.site.settings.deadlines;
  if (commons.site.responder != nullptr) return check_life(now, flow, commons);
  if (!subscriptions_.is_live()) {
    if (now >= since_ + deadlines.hello) subscriptions_.hello_overdue();
    return now >= since_ + deadlines.hello ? now + deadlines.close : since_ + deadlines.hello;
  }
  const ingest::MonoTime life = check_life(now, flow, commons);
  if (closing_) return life;
  const ingest::MonoTime next = std::min(life, commons.check_rights(subscriptions_));
  if (wants_to_close()) return next;
  if (now >= wrote_ + deadlines.silence) {
    if (flow == Flow::Free) {
      subscriptions_.say(commons.heartbeat());
      commons.counts.heartbeats.add();
    }
    return std::min(next, now + deadlines.silence);
  }
  return std::min(next, wrote_ + deadlines.silence);
}

/// A peer that says nothing gets a ping, and then has to say something.
ingest::MonoTime WsPhase::check_life(ingest::MonoTime now, Flow flow, Commons& commons) {
  const Deadlines& deadlines = commons.site.settings.deadlines;
  if (flow == Flow::Paused) {
    heard_ = now;
    begun_ = now;
    pinged_.reset();
  }
  const auto message_by = this->message_by(deadlines).value_or(ingest::MonoTime::max());
  if (now >= message_by) {
    // Of the liveness codes, whose clients come back: half a message is a lost path or a bug, and
    // not what a policy (1008) forbids.
    const auto code = publish::CloseCode::PongTimeout;
    close(static_cast<std::uint16_t>(code), "message timeout", Ended::MessageTimeout, commons);
    return close_by_;
  }
  if (pinged_ && now >= *pinged_ + deadlines.pong) {
    const auto code = publish::CloseCode::PongTimeout;
    close(static_cast<std::uint16_t>(code), publish::close_reason(code), Ended::PongTimeout,
          commons);
    return close_by_;
  }
  if (!pinged_ && now >= heard_ + deadlines.ping_every) {
    session_.ping({});
    pinged_ = now;
  }
  return std::min(message_by, pinged_ ? *pinged_ + deadlines.pong : heard_ + deadlines.ping_every);
}

}  // namespace gateway::server
