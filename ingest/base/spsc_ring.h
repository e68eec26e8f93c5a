#pragma once
// SpscRing: a bounded queue from exactly one producing thread to exactly one consuming thread.
// Lock-free and wait-free. Full means "not now": the producer keeps what it has and counts the
// deferral.

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ingest/base/check.h"

namespace ingest {

template <class T>
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): a cache line for each side
class SpscRing {
 public:
  /// capacity is a power of two.
  explicit SpscRing(std::size_t capacity) : slots_(capacity), mask_(capacity - 1) {
    CHECK(std::has_single_bit(capacity));
  }
  SpscRing(const SpscRing&) = delete;
  SpscRing& operator=(const SpscRing&) = delete;
  ~SpscRing() = default;

  /// Producer only. Moves from `value` and returns true, or leaves it untouched and returns false
  /// when full.
  bool try_push(T& value) {
    // relaxed: only this thread writes tail_.
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ > mask_) {
      // acquire: pairs with the consumer's release, so its move out of the slot is over before we
      // overwrite it.
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ > mask_) return false;
    }
    // NOLINTNEXTLINE(clang-analyzer-cplusplus.Move): what was refused when full comes again
    slots_[tail & mask_] = std::move(value);
    // release: the slot is written before the consumer can see the new tail.
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  bool try_push(T&& value) { return try_push(value); }

  /// Consumer only.
  std::optional<T> try_pop() {
    std::optional<T> value;  // the one thing returned, so that it is made in its place
    // relaxed: only this thread writes head_.
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_seen_) {
      // acquire: pairs with the producer's release, so the slot's content is visible.
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head == tail_seen_) return value;
    }
    value.emplace(std::move(slots_[head & mask_]));
    slots_[head & mask_] = T{};
    // release: the slot is emptied before the producer can see that it is free.
    head_.store(head + 1, std::memory_order_release);
    return value;
  }

  /// Producer only. How many it pushed have been taken; a later one may have been meanwhile.
  std::size_t taken() {
    // acquire: as in try_push.
    head_seen_ = head_.load(std::memory_order_acquire);
    return head_seen_;
  }

  std::size_t capacity() const { return mask_ + 1; }

 private:
  static constexpr std::size_t kCacheLine = 64;
  std::vector<T> slots_;
  std::size_t mask_;
  alignas(kCacheLine) std::atomic<std::size_t> head_{0};
  std::size_t tail_seen_ = 0;  // the consumer's last look at tail_
  alignas(kCacheLine) std::atomic<std::size_t> tail_{0};
  std::size_t head_seen_ = 0;  // the producer's last look at head_
};

}  // namespace ingest
