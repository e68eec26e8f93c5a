#pragma once
// Allowance: how much of something one connection may have in a second: so much each second, and
// some seconds' worth at once (the generic cell rate algorithm, ITU-T I.371). What is more than
// that at one time may pass, and is waited for afterwards. A value of one time. Pure; one owner.

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "ingest/base/clock.h"

namespace gateway::publish {

class Allowance {
 public:
  /// 0: there is no limit.
  using PerSecond = std::uint64_t;

  /// Nothing more may pass now. `at_once`: so much time's worth may come together.
  bool is_spent(PerSecond most, ingest::MonoTime now,
                std::chrono::nanoseconds at_once = kAtOnce) const {
    return most > 0 && due_ >= now + at_once;
  }
  void spend(std::uint64_t count, PerSecond most, ingest::MonoTime now) {
    if (most == 0) return;
    const std::chrono::duration<double> takes{static_cast<double>(count) /
                                              static_cast<double>(most)};
    due_ = std::max(due_, now) + std::chrono::ceil<std::chrono::nanoseconds>(takes);
  }
  /// When it is not spent any more.
  ingest::MonoTime again(std::chrono::nanoseconds at_once = kAtOnce) const {
    return due_ - at_once + std::chrono::nanoseconds{1};
  }

 private:
  static constexpr std::chrono::nanoseconds kAtOnce = std::chrono::seconds{1};
  ingest::MonoTime due_{};  // when all that passed will have been worth its time
};

}  // namespace gateway::publish
