#pragma once
// ControlOutput: the Pings, Pongs and the one Close that a session has to send, bounded: one frame
// being written, the latest Pong waiting, the Close behind it. Pure; owned by a session.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/ws/frame.h"
#include "ingest/base/bytes.h"

namespace gateway::ws {

class ControlOutput {
 public:
  /// Answers a Ping. While an earlier answer waits, it is replaced (RFC 6455 section 5.5.3: the
  /// latest is enough).
  void pong(ingest::ByteView payload);
  void ping(std::string_view payload);
  /// At most once; nothing is queued after it. code kCloseNoStatus sends an empty Close; otherwise
  /// it is a wire code. The reason is cut to 123 bytes on a code point boundary.
  void close(std::uint16_t code, std::string_view reason);

  /// Valid until the next call that is not const.
  ingest::ByteView output() const {
    return ingest::as_bytes(std::string_view{writing_}.substr(sent_));
  }
  void output_sent(std::size_t count);

  bool close_queued() const { return close_ != CloseState::None; }
  bool close_sent() const { return close_ == CloseState::Sent; }

 private:
  enum class CloseState : std::uint8_t { None, Waiting, Writing, Sent };
  void refill();

  std::string writing_;  // a run of whole frames; writing_[0, sent_) is out
  std::size_t sent_ = 0;
  std::string waiting_pong_;  // at most one whole frame
  std::string waiting_ping_;  // at most one whole frame
  std::string waiting_close_;
  CloseState close_ = CloseState::None;
};

}  // namespace gateway::ws
