// When a connection has waited long enough (the deadlines of HTTP, of a WebSocket and of the
// close), and how it ends.

#include <algorithm>
#include <utility>

#include "gateway/server/connection.h"

namespace gateway::server {

/// Entries of the wheel are never cancelled: a later wish waits for the earlier entry.
void Connection::look_again(ingest::MonoTime when) {
  if (ended_ || when >= armed_) return;
  armed_ = when;
  commons_.wheel.add({.slot = who_.slot, .generation = who_.generation, .when = when});
}

void Connection::deadline(ingest::MonoTime when) {
  if (ended_ || when != armed_) return;
  armed_ = kNever;
  look_again(check(commons_.loop.mono()));
}

ingest::MonoTime Connection::check(ingest::MonoTime now) {
  if (const auto* greeting = std::get_if<Greeting>(&phase_)) {
    if (now >= greeting->until)
      end(greeting->header != nullptr ? Ended::HeadTimeout : Ended::HandshakeTimeout);
    return greeting->until;
  }
  if (auto* closing = std::get_if<Closing>(&phase_)) {
    if (now >= closing->until) end(*last_);
    return closing->until;
  }
  if (auto* ws = std::get_if<WsPhase>(&phase_)) return check_ws(*ws, now);
  if (auto* sse = std::get_if<SsePhase>(&phase_)) return check_sse(*sse, now);
  return check_http(std::get<HttpPhase>(phase_), now);
}

ingest::MonoTime Connection::check_http(HttpPhase& http, ingest::MonoTime now) {
  const Deadlines& deadlines = commons_.site.settings.deadlines;
  if (!all_out() || last_) {
    if (now >= moved_ + deadlines.stalled) abort(Ended::Stalled);
    return moved_ + deadlines.stalled;
  }
  const HttpPhase::Patience patience = http.patience(deadlines);
  if (now < patience.until) return patience.until;
  http.answer_late(outbox_, commons_);
  if (outbox_.empty()) {
    end(patience.why);
  } else {
    last_ = patience.why;
    moved_ = now;
    mark_due();
  }
  return moved_ + deadlines.stalled;
}

ingest::MonoTime Connection::check_ws(WsPhase& ws, ingest::MonoTime now) {
  const Deadlines& deadlines = commons_.site.settings.deadlines;
  if (ws.is_closing()) {
    if (now >= ws.close_by()) {
      const bool answered = ws.is_over() || ws.why() == Ended::Stalled ||
                            ws.why() == Ended::MessageTimeout;  // it could not answer
      abort(answered ? ws.why() : Ended::CloseTimeout);
    }
    return ws.close_by();
  }
  if (blocked_ && now >= moved_ + deadlines.stalled) {
    const auto code = publish::CloseCode::Slow;
    ws.close(static_cast<std::uint16_t>(code), publish::close_reason(code), Ended::Stalled,
             commons_);
    ws.close_by(now + deadlines.abort);
    mark_due();
    return ws.close_by();
  }
  const auto flow = paused_    ? WsPhase::Flow::Paused
                    : blocked_ ? WsPhase::Flow::Blocked
                               : WsPhase::Flow::Free;
  const ingest::MonoTime next = ws.check(now, flow, commons_);
  mark_due();
  return blocked_ ? std::min(next, moved_ + deadlines.stalled) : next;
}

/// There is no Close to say: who takes nothing is cut off.
ingest::MonoTime Connection::check_sse(SsePhase& sse, ingest::MonoTime now) {
  const ingest::MonoTime stalled = moved_ + commons_.site.settings.deadlines.stalled;
  if (blocked_ && now >= stalled) abort(Ended::Stalled);
  const auto flow = blocked_ ? SsePhase::Flow::Blocked : SsePhase::Flow::Free;
  const ingest::MonoTime next = sse.check(now, flow, commons_);
  mark_due();
  return blocked_ ? std::min(next, stalled) : next;
}

// ---- ends ----

void Connection::drain(const publish::FramePtr& bye) {
  if (ended_) return;
  if (auto* ws = std::get_if<WsPhase>(&phase_)) {
    ws->drain(bye, commons_);
    mark_due();
    return;
  }
  if (auto* sse = std::get_if<SsePhase>(&phase_)) {
    sse->drain(bye, commons_);
    return mark_due();
  }
  if (std::holds_alternative<Greeting>(phase_)) return end(Ended::Drained);
  const auto* http = std::get_if<HttpPhase>(&phase_);
  if (http == nullptr) return;
  if (!http->is_idle() || paused_) return;  // what has begun gets its answer
  if (all_out()) {
    transport_.finish();
    return end(Ended::Drained);
  }
  if (!last_) last_ = Ended::Drained;
}

void Connection::close_gently(Ended why) {
  last_ = why;
  transport_.finish();
  if (peer_finished_ && !transport_.holds_output()) return end(why);
  const ingest::MonoTime until = commons_.loop.mono() + commons_.site.settings.deadlines.linger;
  with_reader([this](auto& reader) { reader.leave(commons_); });
  phase_.emplace<Closing>(Closing{.until = until});
  blocked_ = transport_.holds_output();
  more_ = false;
  paused_ = false;
  kept_.reset();
  look_again(until);
}

/// Resets the connection: what waits in the kernel is dropped with it.
void Connection::abort(Ended why) {
  transport_.reset_at_close();
  end(why);
}

/// The peer went. Where we had ended the conversation before, that stays the reason.
void Connection::gone(Ended how) {
  const auto* ws = std::get_if<WsPhase>(&phase_);
  if (ws != nullptr && ws->is_closing()) return end(ws->why());
  end(last_.value_or(how));
}

void Connection::end(Ended why) {
  if (ended_) return;
  ended_ = true;
  commons_.counts.ended_by(why);
  commons_.ended.push_back(who_);
}

}  // namespace gateway::server
