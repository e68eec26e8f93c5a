#pragma once
// Pacer: when a record is due: its own time since the start, divided by the speed. Pure.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "ingest/base/clock.h"

namespace ingest::record {

/// How many times faster than it was; nothing: as fast as possible.
using Speed = std::optional<double>;

class Pacer {
 public:
  /// `speed` is above 0.
  explicit Pacer(Speed speed) : speed_(speed) {}

  void start(MonoTime now) { start_ = now; }
  /// After start().
  MonoTime due(std::chrono::nanoseconds at) {
    last_ = at;
    if (!speed_) return start_;
    const double ns = static_cast<double>(at.count()) / *speed_;
    return start_ + std::chrono::nanoseconds{static_cast<std::int64_t>(std::min(ns, kFarthestNs))};
  }
  /// The source is played once more: its first record follows the last one at once.
  void begin_again() {
    if (speed_) start_ = due(last_);
    last_ = {};
  }

 private:
  static constexpr double kFarthestNs = 3e18;  // 95 years

  Speed speed_;
  MonoTime start_{};
  std::chrono::nanoseconds last_{0};
};

}  // namespace ingest::record
