#include "gateway/ws/control_output.h"

#include <utility>

#include "gateway/ws/close_code.h"
#include "gateway/ws/mask.h"
#include "gateway/ws/utf8.h"
#include "ingest/base/check.h"

namespace gateway::ws {
namespace {

std::string control_frame(Opcode opcode, std::string_view payload, FrameKey key) {
  CHECK(payload.size() <= kControlPayloadBytesMax);
  return make_frame(
      {.opcode = opcode, .fin = Fin::Yes, .rsv1 = false, .mask = key, .payload_bytes = 0}, payload);
}

}  // namespace

void ControlOutput::pong(ingest::ByteView payload, FrameKey key) {
  if (close_queued()) return;
  frames().pong = control_frame(Opcode::Pong, ingest::as_text(payload), key);
  refill();
}

void ControlOutput::ping(std::string_view payload, FrameKey key) {
  if (close_queued()) return;
  frames().ping = control_frame(Opcode::Ping, payload, key);
  refill();
}

void ControlOutput::close(std::uint16_t code, std::string_view reason, FrameKey key) {
  if (close_queued()) return;
  std::string payload;
  if (code != kCloseNoStatus) {
    CHECK(is_wire_close_code(code));
    payload += static_cast<char>(code >> 8);
    payload += static_cast<char>(code & 0xFF);
    payload += valid_utf8_prefix(reason, kCloseReasonBytesMax);
  }
  frames().close = control_frame(Opcode::Close, payload, key);
  close_ = CloseState::Waiting;
  refill();
}

ingest::ByteView ControlOutput::output() const {
  if (!frames_) return {};
  return ingest::as_bytes(std::string_view{frames_->writing}.substr(frames_->sent));
}

void ControlOutput::output_sent(std::size_t count) {
  CHECK(count <= output().size());
  if (!frames_) return;
  frames_->sent += count;
  refill();
}

std::size_t ControlOutput::stored_bytes() const {
  if (!frames_) return 0;
  return sizeof(Frames) + frames_->writing.capacity() + frames_->pong.capacity() +
         frames_->ping.capacity() + frames_->close.capacity();
}

ControlOutput::Frames& ControlOutput::frames() {
  if (!frames_) frames_ = std::make_unique<Frames>();
  return *frames_;
}

/// Moves what waits into writing once that is out. A frame that has begun is never taken back, and
/// the Close stands alone, so that what else is due can go before it.
void ControlOutput::refill() {
  Frames& frames = *frames_;
  if (frames.sent < frames.writing.size()) return;
  if (close_ == CloseState::Writing) close_ = CloseState::Sent;
  frames.writing = std::exchange(frames.pong, {});
  frames.writing += std::exchange(frames.ping, {});
  frames.sent = 0;
  if (!frames.writing.empty()) return;
  frames.writing = std::exchange(frames.close, {});
  if (close_ == CloseState::Waiting) close_ = CloseState::Writing;
  if (frames.writing.empty()) frames_.reset();
}

}  // namespace gateway::ws
