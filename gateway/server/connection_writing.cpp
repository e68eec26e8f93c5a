// What a connection writes: everything that is due, in one call a turn.

#include <sys/epoll.h>

#include <algorithm>
#include <string>
#include <utility>

#include "gateway/server/connection.h"

namespace gateway::server {

void Connection::flush() {
  due_ = false;
  fanned_ = false;
  if (ended_) return;
  commons_.speaker = &guest_.peer();
  if (severed_) return take_the_rest();
  if (std::holds_alternative<Greeting>(phase_)) return read(Signs::Good);
  if (may_read() && transport_.holds_input()) read(Signs::Good);
  if (ended_) return;
  write_due();
  if (ended_) return;
  after_write();
  if (ended_) return;
  if (!transport_.holds_output()) write_first_ = false;
  if (may_read() && transport_.holds_input()) mark_due();  // epoll would not tell
  watch();
}

/// While blocked there is nothing to try: epoll will say when.
void Connection::write_due() {
  if (blocked_ || write_broken_) return;
  const Gathered gathered = gather();
  more_ = false;
  if (gathered.total() == 0 && !transport_.holds_output()) return;
  const Transport::Sent sent = transport_.write(commons_.buffers);
  commons_.counts.writes.add();
  if (sent.broken) return write_broke();
  wrote(gathered, sent.taken);
  if (sent.moved) moved_ = commons_.loop.mono();
  const auto* ws = std::get_if<WsPhase>(&phase_);
  // The pong behind the one that went out shows only now.
  const bool pong = ws != nullptr && !ws->control().empty();
  more_ = gathered.more || sent.taken < gathered.total() || pong;
  blocked_ = sent.blocked;
  if (!blocked_) return;
  commons_.counts.short_writes.add();
  blocked_by_kernel();
}

/// From here on the peer has to take something within Deadlines::stalled.
void Connection::blocked_by_kernel() {
  blocked_ = true;
  moved_ = commons_.loop.mono();
  look_again(moved_ + commons_.site.settings.deadlines.stalled);
}

/// The peer takes no more. What it sent before may still wait in the kernel: epoll reports the
/// error until it is read.
void Connection::write_broke() {
  if (paused_) return severed();
  if (peer_finished_) return gone(Ended::PeerReset);
  write_broken_ = true;
  moved_ = commons_.loop.mono();
  look_again(moved_ + commons_.site.settings.deadlines.stalled);
}

Connection::Gathered Connection::gather() {
  std::vector<iovec>& buffers = commons_.buffers;
  buffers.clear();
  commons_.frames.clear();
  Gathered gathered;
  outbox_.gather(buffers, Commons::kBuffersMax);
  for (const iovec& buffer : buffers)
    gathered.outbox += buffer.iov_len;
  gathered.more = gathered.outbox < outbox_.bytes();
  if (auto* ws = std::get_if<WsPhase>(&phase_)) gather_ws(*ws, gathered);
  if (auto* sse = std::get_if<SsePhase>(&phase_)) gather_sse(*sse, gathered);
  return gathered;
}

void Connection::gather_sse(SsePhase& sse, Gathered& gathered) {
  std::vector<iovec>& buffers = commons_.buffers;
  gathered.frames_at = buffers.size();
  gathered.parts = SsePhase::kParts;
  const std::size_t room = Commons::kBuffersMax - buffers.size();
  if (room >= SsePhase::kParts) sse.gather(commons_, room);
  for (std::size_t i = gathered.frames_at; i < buffers.size(); ++i)
    gathered.frames += buffers[i].iov_len;
  gathered.more = gathered.more || commons_.frames.size() >= room / SsePhase::kParts;
}

void Connection::gather_ws(WsPhase& ws, Gathered& gathered) {
  std::vector<iovec>& buffers = commons_.buffers;
  constexpr std::size_t kForControl = 1;
  if (buffers.size() + kForControl >= Commons::kBuffersMax) {
    gathered.more = true;
    return;
  }
  const std::size_t room = Commons::kBuffersMax - kForControl - buffers.size();
  ws.due(commons_, room);  // may queue our Close
  gathered.more = commons_.frames.size() >= room;
  gathered.control_last = ws.closes_behind_answers();
  if (!gathered.control_last) gather_control(ws, gathered);
  gathered.frames_at = buffers.size();
  for (const publish::FramePtr& frame : commons_.frames) {
    buffers.push_back(to_iovec(ws.bytes_of(*frame, commons_)));
    gathered.frames += buffers.back().iov_len;
  }
  if (gathered.control_last && !gathered.more) gather_control(ws, gathered);
}

void Connection::gather_control(const WsPhase& ws, Gathered& gathered) {
  const std::string_view control = ws.control();
  gathered.control = control.size();
  if (!control.empty()) commons_.buffers.push_back(to_iovec(control));
}

void Connection::wrote(const Gathered& gathered, std::size_t count) {
  if (count == 0) return;
  const ingest::MonoTime now = commons_.loop.mono();
  moved_ = now;
  commons_.counts.bytes_sent.add(count);
  const std::size_t from_outbox = std::min(count, gathered.outbox);
  outbox_.sent(from_outbox);
  const std::size_t rest = count - from_outbox;
  const std::size_t before_control = gathered.control_last ? gathered.frames : 0;
  const std::size_t from_control =
      std::min(rest - std::min(rest, before_control), gathered.control);
  if (auto* ws = std::get_if<WsPhase>(&phase_)) ws->control_sent(from_control);
  // A ping is nothing that a page hears.
  if (count > from_control)
    with_reader([&](auto& reader) { reader.wrote(count - from_control, commons_); });
  frames_wrote(gathered, rest - from_control);
}

/// A frame of which a byte is out is taken from its channel; its rest waits in the outbox.
void Connection::frames_wrote(const Gathered& gathered, std::size_t bytes) {
  std::size_t begun = 0;
  for (; begun < commons_.frames.size() && bytes > 0; ++begun) {
    const auto parts = std::span{commons_.buffers}.subspan(
        gathered.frames_at + begun * gathered.parts, gathered.parts);
    bytes = frame_wrote(commons_.frames[begun], parts, bytes);
  }
  if (begun == 0) return;
  bool more = false;
  with_reader([&](auto& reader) { more = reader.frames_sent(begun, commons_); });
  if (more) mark_due();
}

/// What is left of `bytes` for the frames behind it. The last of several parts is only here, all
/// others live as long as the frame or longer.
std::size_t Connection::frame_wrote(const publish::FramePtr& frame, std::span<const iovec> parts,
                                    std::size_t bytes) {
  if (parts.size() == 1) {
    commons_.counts.frame_sent(frame->bytes.size(), parts[0].iov_len);
  } else {
    commons_.counts.frames_sent.add();
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view part = to_text(parts[i]);
    const std::string_view rest = part.substr(std::min(bytes, part.size()));
    bytes -= part.size() - rest.size();
    if (rest.empty()) continue;
    if (i > 0 && i + 1 == parts.size()) {
      outbox_.add(std::string{rest});
    } else {
      outbox_.add_rest(frame, rest);
    }
  }
  return bytes;
}

void Connection::after_write() {
  commons_.frames.clear();
  resume_reading();
  if (ended_) return;
  if (auto* ws = std::get_if<WsPhase>(&phase_)) return after_ws_write(*ws);
  if (const auto* sse = std::get_if<SsePhase>(&phase_)) return after_sse_write(*sse);
  if (std::holds_alternative<Closing>(phase_)) return after_closing_write();
  if (all_out() && waits()) return;
  if (paused_ || !all_out()) {
    // What resumed requests added is written in the next turn.
    more_ = true;
    look_again(moved_ + commons_.site.settings.deadlines.stalled);
    return;
  }
  if (last_) close_gently(*last_);
}

void Connection::after_ws_write(const WsPhase& ws) {
  if (!paused_ && must_wait(ws)) pause({});
  if (ws.is_over() && all_out()) return close_gently(ws.why());
  if (ws.is_closing()) look_again(ws.close_by());
  look_again(ws.look_at(commons_));
  // Our Close waits for what is before it: the next turn finds it due.
  if (ws.wants_to_close()) more_ = true;
}

void Connection::after_sse_write(const SsePhase& sse) {
  if (sse.is_over() && all_out()) return close_gently(sse.why());
  look_again(sse.look_at(commons_));
  if (sse.wants_to_end()) more_ = true;
}

/// The end of TLS is out, and our half is shut.
void Connection::after_closing_write() {
  if (!transport_.holds_output() && peer_finished_) end(*last_);
}

void Connection::watch() {
  if (severed_) return;
  const bool reads = may_read();
  const bool writes = (blocked_ || more_) && !write_broken_;
  const std::uint32_t wanted = (reads ? EPOLLIN : 0U) | (writes ? EPOLLOUT : 0U);
  if (wanted == watched_) return;
  watched_ = wanted;
  commons_.loop.modify(transport_.fd(), wanted, *this);
}

}  // namespace gateway::server
