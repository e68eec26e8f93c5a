#pragma once
// HubPort: the hub thread's end of the mail with the workers: the publisher's way out, and the
// commands on their way in. Knows nothing of what is inside the mail. Built by the wiring, used by
// the hub's thread alone.
//
// Order is kept for each worker, but for lists that replace each other (the catalogue, the
// annotations): of each one is on its way to a worker and the newest waits here until that has been
// taken, so what an old one holds is freed. A list is never told before what was sent ahead of it;
// what was sent behind it may be.
//
// When a worker does not take its mail, up to kOverflowMax messages wait here; then frames of
// channels are left out (counted; the reader's cursor finds the hole and asks for a snapshot) and
// that worker's commands stay in their ring until it has caught up, so that answers are bounded
// too.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "gateway/publish/mail.h"
#include "ingest/base/counters.h"
#include "ingest/base/spsc_ring.h"

namespace gateway::server {

/// The two rings between one worker's connections and the publisher. Outlives both threads.
struct MailLink {
  static constexpr std::size_t kToHubMax = 4096;
  static constexpr std::size_t kToWorkerMax = 4096;
  ingest::SpscRing<publish::ToHub> to_hub{kToHubMax};
  ingest::SpscRing<publish::ToWorker> to_worker{kToWorkerMax};
  /// The hub has mail that did not fit: a worker that made room wakes it.
  std::atomic<bool> hub_waits{false};
};

class HubPort final : public publish::Outlet {
 public:
  static constexpr std::size_t kOverflowMax = std::size_t{16} * 1024;  // messages for one worker
  static constexpr std::size_t kDrainMax = 1024;  // commands of one worker in one drain

  /// One for each worker, in order of their index.
  struct Seat {
    MailLink* link = nullptr;
    std::function<void()> wake;
  };
  explicit HubPort(std::vector<Seat> seats);

  /// Keeps the message's place in order, a list's as said above. Wakes nobody: flush() does.
  void send(std::uint32_t worker, publish::ToWorker message) override;

  /// Gives what the workers said to `receive`, in each worker's order. True when more may wait: the
  /// caller wakes its own loop.
  bool drain(const std::function<void(publish::ToHub&&)>& receive);

  /// At the end of a turn of the hub's loop: moves what waited into the rings and wakes the workers
  /// that got something.
  void flush();

  /// Any thread: frames of channels left out because a worker did not take its mail.
  std::uint64_t frames_dropped() const { return frames_dropped_.get(); }
  std::uint64_t deferred() const { return deferred_.get(); }

 private:
  /// Of one kind of list.
  struct List {
    std::optional<publish::ToWorker> newest;  // not yet in the ring
    std::size_t sent = 0;                     // as many as were pushed with the one before
  };
  struct State {
    Seat seat;
    std::deque<publish::ToWorker> waiting;
    std::array<List, 2> lists;  // NewCatalogue, NewAnnotations
    std::size_t pushed = 0;     // into the ring
    bool news = false;

    bool waits() const { return !waiting.empty() || lists[0].newest || lists[1].newest; }
  };
  static bool push(State& state, publish::ToWorker& message);
  static void push_lists(State& state);
  void move_waiting(State& state);

  std::vector<State> states_;
  ingest::Counter frames_dropped_;
  ingest::Counter deferred_;
};

}  // namespace gateway::server
