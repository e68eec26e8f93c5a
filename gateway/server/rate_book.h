#pragma once
// RateBook: how often each of many (addresses, holders of tokens) does something, over all workers,
// and who has done it too often by now. Part of the site; any thread: one short lock for each look.
//
// Of at most kKnownMax it knows one by one, as long as they do not come slower than they may; those
// that find no place share one allowance: a crowd of addresses gains nothing by its number.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/publish/allowance.h"
#include "ingest/base/clock.h"

namespace gateway::server {

class RateBook {
 public:
  static constexpr std::size_t kKnownMax = 16'384;
  static constexpr std::chrono::seconds kSweepEvery{1};  // when it is full

  struct Rate {
    std::uint64_t times = 0;  // 0: as often as they like
    std::chrono::seconds within{1};
    std::chrono::seconds at_once{1};  // so much time's worth may come together
  };
  explicit RateBook(const Rate& rate) : rate_(rate), times_(rate.times) {}
  RateBook(const RateBook&) = delete;
  RateBook& operator=(const RateBook&) = delete;
  ~RateBook() = default;

  /// Any thread, from now on.
  void set_times(std::uint64_t times) { times_.store(times, std::memory_order_relaxed); }

  /// How long `who` has to wait until it may again, which is counted; nothing: it may now.
  std::optional<ingest::Millis> refuses(std::string_view who, ingest::MonoTime now);
  /// It did it.
  void count(std::string_view who, ingest::MonoTime now);

  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  std::size_t known() const { return size_.load(std::memory_order_relaxed); }

 private:
  publish::Allowance& place_of(std::string_view who, ingest::MonoTime now);
  void sweep(ingest::MonoTime now);

  std::uint64_t times() const { return times_.load(std::memory_order_relaxed); }

  const Rate rate_;                   // `times` as it began
  std::atomic<std::uint64_t> times_;  // relaxed: it stands for itself
  mutable std::mutex mutex_;
  std::map<std::string, publish::Allowance, std::less<>> known_;
  publish::Allowance others_;
  ingest::MonoTime swept_{};
  // relaxed: numbers that stand for themselves.
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::size_t> size_{0};
};

}  // namespace gateway::server
