#pragma once
// Mailbox: a bounded queue from one thread to the loop of another, which it wakes.
// Built by the wiring, outlives both threads. Full means "not now": the sender keeps its mail and
// counts the deferral.

#include <cstddef>
#include <optional>

#include "ingest/base/spsc_ring.h"
#include "ingest/io/event_loop.h"

namespace ingest::io {

template <class T>
class Mailbox {
 public:
  /// capacity is a power of two. The receiver registers EventLoop::on_wake itself and empties the
  /// box there.
  Mailbox(std::size_t capacity, EventLoop& receiver) : ring_(capacity), receiver_(&receiver) {}

  /// The one sending thread. Moves from `mail` and wakes the receiver; false and untouched when
  /// full.
  bool try_send(T& mail) {
    if (!ring_.try_push(mail)) return false;
    receiver_->wake();
    return true;
  }
  bool try_send(T&& mail) { return try_send(mail); }

  /// The receiver's thread only. Call until it gives nothing: many sends may be one wake.
  std::optional<T> receive() { return ring_.try_pop(); }

  std::size_t capacity() const { return ring_.capacity(); }

 private:
  SpscRing<T> ring_;
  EventLoop* receiver_;
};

}  // namespace ingest::io
