#pragma once
// TurnShare: what a feed may take of one turn of its worker's loop, which serves browsers, too: so
// much time, and of datagrams so many in one read that a read stays within that. Pure: the caller
// says how late it is. A part of a feed, its worker's thread only.

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "ingest/base/clock.h"
#include "ingest/feed/receive_room.h"

namespace ingest::feed {

class TurnShare {
 public:
  /// After it nothing more is begun: others come first. About what kBytesAtOnce of lines cost.
  static constexpr std::chrono::microseconds kTimeMax{2'000};
  static constexpr std::size_t kBytesAtOnce = std::size_t{512} * 1024;

  /// `now` moves within a turn, as EventLoop::measure() does.
  void begin(MonoTime now) { until_ = now + kTimeMax; }
  bool is_over(MonoTime now) const { return now >= until_; }

 private:
  MonoTime until_{};
};

/// How many messages a read may ask for. Merged datagrams are up to 64 KiB each, others rarely more
/// than 1.5: as many as the largest of the last read says, at most twice as many as that one asked
/// for. So a read brings kBytesAtOnce, but for one in which messages suddenly are larger: whoever
/// knows that much waits begins anew.
class ReadReach {
 public:
  static constexpr std::size_t kMessagesLeast =
      TurnShare::kBytesAtOnce / ReceiveRoom::kMessageBytesMax;

  explicit ReadReach(std::size_t messages = kMessagesLeast) : messages_(messages) {}
  std::size_t messages() const { return messages_; }
  /// What came, with the length of its longest message.
  void came(std::size_t largest_bytes) {
    const std::size_t fit = TurnShare::kBytesAtOnce / std::max<std::size_t>(largest_bytes, 1);
    messages_ = std::clamp(std::min(fit, 2 * messages_), kMessagesLeast, ReceiveRoom::kMessagesMax);
  }

 private:
  std::size_t messages_;
};

}  // namespace ingest::feed
