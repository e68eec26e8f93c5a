#pragma once
// Counters that one thread writes and any thread may read.

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ingest {

/// One number with one writing thread. Readers see it whole, late by a moment at most.
class Counter {
 public:
  void add(std::uint64_t count = 1) {
    // relaxed: a lone number orders nothing else, and only one thread writes it.
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  /// relaxed: see add().
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A struct of numbers that one thread publishes whole and any thread reads whole (a sequence lock
/// over words), so that sums over its fields add up whenever it is read.
template <class T>
class Published {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(std::uint64_t) == 0);

 public:
  /// The one writing thread.
  void publish(const T& value) {
    std::array<std::uint64_t, kWords> words{};
    std::memcpy(words.data(), &value, sizeof(T));
    const std::uint64_t version =
        version_.load(std::memory_order_relaxed);  // relaxed: only we write it.
    version_.store(version + 1, std::memory_order_relaxed);
    // release on each word: whoever reads a new word also sees the odd version.
    for (std::size_t i = 0; i < kWords; ++i)
      words_[i].store(words[i], std::memory_order_release);
    // release: all words are visible before the even version.
    version_.store(version + 2, std::memory_order_release);
  }

  /// Any thread; repeats while a publication is under way.
  T read() const {
    std::array<std::uint64_t, kWords> words{};
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    do {
      before =
          version_.load(std::memory_order_acquire);  // acquire: words are read after the version.
      // acquire on each word: pairs with its release, and the version is looked at again after all
      // of them.
      for (std::size_t i = 0; i < kWords; ++i)
        words[i] = words_[i].load(std::memory_order_acquire);
      after = version_.load(std::memory_order_relaxed);
    } while (before != after || before % 2 != 0);
    T value;
    std::memcpy(static_cast<void*>(&value), words.data(), sizeof(T));
    return value;
  }

 private:
  static constexpr std::size_t kWords = sizeof(T) / sizeof(std::uint64_t);
  std::atomic<std::uint64_t> version_{0};
  std::array<std::atomic<std::uint64_t>, kWords> words_{};
};

}  // namespace ingest
