#pragma once
// ControlOutput: the Pings, Pongs and the one Close that a session has to send, bounded: a Pong and
// a Ping being written, the latest of each waiting, the Close behind them. Pure; owned by a
// session. It holds heap memory only while something waits.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/ws/frame.h"
#include "ingest/base/bytes.h"

namespace gateway::ws {

/// A client's frame carries a key of its own, a server's none.
using FrameKey = std::optional<MaskKey>;

class ControlOutput {
 public:
  /// Answers a Ping. While an earlier answer waits, it is replaced (RFC 6455 section 5.5.3: the
  /// latest is enough).
  void pong(ingest::ByteView payload, FrameKey key);
  /// The same of our own Pings.
  void ping(std::string_view payload, FrameKey key);
  /// At most once; nothing is queued after it. code kCloseNoStatus sends an empty Close; otherwise
  /// it is a wire code. The reason is cut to 123 bytes on a code point boundary.
  void close(std::uint16_t code, std::string_view reason, FrameKey key);

  /// Valid until the next call that is not const.
  ingest::ByteView output() const;
  void output_sent(std::size_t count);

  /// Is output() the Close, and not what goes before it?
  bool output_is_close() const { return close_ == CloseState::Writing; }

  bool close_queued() const { return close_ != CloseState::None; }
  bool close_sent() const { return close_ == CloseState::Sent; }
  /// Heap memory held, in bytes.
  std::size_t stored_bytes() const;

 private:
  enum class CloseState : std::uint8_t { None, Waiting, Writing, Sent };
  struct Frames {
    std::string writing;  // a run of whole frames; writing[0, sent) is out
    std::size_t sent = 0;
    std::string pong;  // waiting: at most one whole frame each
    std::string ping;
    std::string close;
  };
  Frames& frames();
  void refill();

  std::unique_ptr<Frames> frames_;  // null when there is nothing to send
  CloseState close_ = CloseState::None;
};

}  // namespace gateway::ws
