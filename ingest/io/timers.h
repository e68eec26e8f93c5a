#pragma once
// Timers: what is to be called when. A heap with lazy cancelling: a cancelled timer leaves at once
// what it holds, and its entry later; entries are at most twice the waiting timers and kSlack.
// Owned by an EventLoop, its thread only.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "ingest/base/clock.h"

namespace ingest::io {

class Timers {
 public:
  using Id = std::uint64_t;  // generation and slot; never 0

  /// At most `timers_max` wait at once, CHECKed.
  explicit Timers(std::size_t timers_max) : timers_max_(timers_max) {}

  Id add(MonoTime when, std::function<void()> call);
  void cancel(Id timer);
  /// When the first one is due, if any waits.
  std::optional<MonoTime> next();
  /// Runs those due at `now` in order of time, then of adding. Those added meanwhile wait for the
  /// next run.
  void run_due(MonoTime now);

  std::size_t waiting() const { return waiting_; }
  std::size_t entries() const { return heap_.size(); }

 private:
  static constexpr std::size_t kSlack = 64;
  struct Slot {
    std::function<void()> call;
    std::uint32_t generation = 1;
  };
  struct Entry {
    MonoTime when;
    std::uint64_t order = 0;
    Id timer = 0;
  };
  static bool later(const Entry& left, const Entry& right);
  bool waits(Id timer) const;
  /// Frees the timer's slot and gives what it was to call.
  std::function<void()> take(Id timer);
  Entry pop();
  void drop_cancelled();

  std::size_t timers_max_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<Entry> heap_;  // the soonest first
  std::vector<Id> due_;      // scratch of run_due
  std::size_t waiting_ = 0;
  std::uint64_t order_ = 0;
};

}  // namespace ingest::io
