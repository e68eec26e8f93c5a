#pragma once
// Wheel: coarse deadlines of many, in O(1) each: a ring of buckets of one tick. Entries are never
// cancelled: whoever is called looks at its own state and says when to look again. Pure; owned by
// one worker.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "ingest/base/clock.h"

namespace gateway::server {

class Wheel {
 public:
  static constexpr ingest::Millis kTick{250};
  static constexpr std::size_t kBuckets = 512;  // 128 s; what is due later goes round again

  static constexpr std::size_t kEntriesKept = 64;  // of an empty bucket's memory

  struct Entry {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    ingest::MonoTime when;
  };

  explicit Wheel(ingest::MonoTime now) : next_(tick_of(now) + 1) {}

  /// Due at the first advance() at or after `when`, one tick later at most.
  void add(Entry entry) {
    // A moment inside a tick is over when the tick is; what is past is due at the next one.
    const std::int64_t tick = std::max(tick_of(entry.when) + 1, next_);
    const std::int64_t furthest = next_ + static_cast<std::int64_t>(kBuckets) - 1;
    bucket(std::min(tick, furthest)).push_back(entry);
    ++size_;
  }

  /// Calls `due(entry)` for each whose time has come. `due` may add().
  template <class Due>
  void advance(ingest::MonoTime now, Due due) {
    const std::int64_t last = tick_of(now);
    // After a long sleep once round is enough: it visits every bucket.
    if (last - next_ >= static_cast<std::int64_t>(kBuckets))
      next_ = last - static_cast<std::int64_t>(kBuckets) + 1;
    while (next_ <= last)
      visit(now, due);
  }

  std::size_t size() const { return size_; }

 private:
  static std::int64_t tick_of(ingest::MonoTime time) {
    return std::chrono::floor<ingest::Millis>(time.time_since_epoch()) / kTick;
  }
  template <class Due>
  void visit(ingest::MonoTime now, Due& due) {
    std::vector<Entry> visited = std::exchange(bucket(next_), {});
    ++next_;
    size_ -= visited.size();
    for (const Entry& entry : visited) {
      if (entry.when > now) {
        add(entry);
      } else {
        due(entry);
      }
    }
    give_back(std::move(visited));
  }
  std::vector<Entry>& bucket(std::int64_t tick) {
    return buckets_[static_cast<std::size_t>(tick) % kBuckets];
  }
  /// Keeps the memory of the bucket just visited, unless somebody was added to it meanwhile. Not
  /// that of a crowd: as it wanders round the ring, every bucket would hold room for it.
  void give_back(std::vector<Entry>&& visited) {
    std::vector<Entry>& home = bucket(next_ - 1);
    if (home.capacity() > 0 || visited.capacity() > kEntriesKept) return;
    visited.clear();
    home = std::move(visited);
  }

  std::array<std::vector<Entry>, kBuckets> buckets_;
  std::int64_t next_;  // the first tick not visited yet
  std::size_t size_ = 0;
};

}  // namespace gateway::server
