#pragma once
// Pulse: whether the loops of all workers still turn. One thread asks; each loop answers in its
// next turn, by the wake-up that every loop serves in any case, so an answer says that it gets to
// its events. A loop that ended owes no answer. Owned by the wiring.

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "ingest/io/event_loop.h"

namespace gateway::cli {

class Pulse {
 public:
  /// Before the loop runs. The loop outlives the last ask().
  void watch(ingest::io::EventLoop& loop);
  /// The asking thread.
  void ask();
  /// The asking thread: whether each loop has turned since it was asked; no one was before.
  bool felt() const;
  /// The loop's own thread: it turns no more. `index` as in the order of watch().
  void ended(std::size_t index);

 private:
  struct Watched {
    ingest::io::EventLoop* loop = nullptr;
    std::atomic<std::uint64_t> answered{0};
  };
  std::atomic<std::uint64_t> asked_{0};
  std::vector<std::unique_ptr<Watched>> loops_;
};

}  // namespace gateway::cli
