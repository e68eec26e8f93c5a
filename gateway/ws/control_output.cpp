#include "gateway/ws/control_output.h"

#include <algorithm>
#include <utility>

#include "gateway/ws/close_code.h"
#include "gateway/ws/utf8.h"
#include "ingest/base/check.h"

namespace gateway::ws {
namespace {

std::string control_frame(Opcode opcode, std::string_view payload) {
  CHECK(payload.size() <= kControlPayloadBytesMax);
  std::string frame{frame_header(opcode, Fin::Yes, payload.size()).text()};
  return frame.append(payload);
}

}  // namespace

void ControlOutput::pong(ingest::ByteView payload) {
  if (close_queued()) return;
  waiting_pong_ = control_frame(Opcode::Pong, ingest::as_text(payload));
  refill();
}

void ControlOutput::ping(std::string_view payload) {
  if (close_queued()) return;
  waiting_ping_ = control_frame(Opcode::Ping, payload);
  refill();
}

void ControlOutput::close(std::uint16_t code, std::string_view reason) {
  if (close_queued()) return;
  std::string payload;
  if (code != kCloseNoStatus) {
    CHECK(is_wire_close_code(code));
    payload += static_cast<char>(code >> 8);
    payload += static_cast<char>(code & 0xFF);
    payload += valid_utf8_prefix(reason, kCloseReasonBytesMax);
  }
  waiting_close_ = control_frame(Opcode::Close, payload);
  close_ = CloseState::Waiting;
  refill();
}

void ControlOutput::output_sent(std::size_t count) {
  CHECK(count <= writing_.size() - sent_);
  sent_ += count;
  refill();
}

/// Moves what waits into writing_ once that is out. A frame that has begun is never taken back.
void ControlOutput::refill() {
  if (sent_ < writing_.size()) return;
  if (close_ == CloseState::Writing) close_ = CloseState::Sent;
  std::string next = std::exchange(waiting_pong_, {});
  writing_.swap(next);  // not assigned: what was written gives its memory back
  sent_ = 0;
  writing_ += std::exchange(waiting_ping_, {});
  writing_ += std::exchange(waiting_close_, {});
  if (close_ == CloseState::Waiting) close_ = CloseState::Writing;
}

}  // namespace gateway::ws
