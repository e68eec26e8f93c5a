#pragma once
// SendQueue: whole frames that wait for the socket, bounded in bytes; what does not fit is refused,
// never dropped later. Pure; owned by a Connection.

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "ingest/base/check.h"

namespace gateway::ws_client {

class SendQueue {
 public:
  explicit SendQueue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// False, and nothing taken, when it would hold more than its maximum. An empty queue takes any
  /// one frame.
  bool push(std::string frame) {
    if (!frames_.empty() && bytes_ + frame.size() > bytes_max_) return false;
    bytes_ += frame.size();
    frames_.push_back(std::move(frame));
    return true;
  }
  bool empty() const { return frames_.empty(); }
  std::size_t frames() const { return frames_.size(); }
  /// Bytes not yet written.
  std::size_t bytes() const { return bytes_; }
  /// The first frame is partly out: nothing else may be written before its rest.
  bool is_cut() const { return sent_ > 0; }
  /// What is left of the frame at `index`, which is below frames(). Lives until the next call that
  /// is not const.
  std::string_view rest(std::size_t index) const {
    const std::string_view frame = frames_[index];
    return index == 0 ? frame.substr(sent_) : frame;
  }
  /// `count` bytes from the front are out; at most bytes().
  void sent(std::size_t count) {
    CHECK(count <= bytes_);
    bytes_ -= count;
    sent_ += count;
    while (!frames_.empty() && sent_ >= frames_.front().size()) {
      sent_ -= frames_.front().size();
      frames_.pop_front();
    }
  }
  /// Forgets all but the rest of a frame that is partly out. Returns how many frames that were.
  std::size_t clear_whole() {
    const std::size_t kept = is_cut() ? 1 : 0;
    const std::size_t gone = frames_.size() - kept;
    frames_.resize(kept);
    bytes_ = kept == 0 ? 0 : frames_.front().size() - sent_;
    return gone;
  }

 private:
  std::deque<std::string> frames_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::size_t sent_ = 0;  // of the first frame
};

}  // namespace gateway::ws_client
