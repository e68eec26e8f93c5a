#pragma once
// RestPlan: how long a UDP feed lets its descriptor be while datagrams come thick. What a wake-up
// costs is shared by all that came meanwhile, so it rests as long as the receive buffer has ample
// room for what comes, a millisecond at most, and less where the buffer is small: a burst may
// follow a trickle. It ends when they come thin. Pure. A part of a feed, its worker's thread only.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace ingest::feed {

class RestPlan {
 public:
  using Length = std::chrono::microseconds;
  static constexpr Length kLeast{200};
  static constexpr Length kMost{1'000};
  /// So many datagrams in kLeast are thick.
  static constexpr std::size_t kWorth = 2;
  /// Parts of the receive buffer: with more than the first taken after a rest the next one is
  /// shorter, with at most the second longer, so that a doubled rest stays well below the first.
  static constexpr std::size_t kShorterPast = 4;
  static constexpr std::size_t kLongerBelow = 16;

  /// As SO_RCVBUF tells it.
  explicit RestPlan(std::size_t buffer_bytes)
      : buffer_bytes_(buffer_bytes),
        most_(std::clamp(kLeast * static_cast<std::int64_t>(buffer_bytes / kBytesOfLeast), kLeast,
                         kMost)) {}

  /// The first of several.
  Length begin() { return length_ = kLeast; }
  struct Came {
    std::size_t datagrams = 0;
    std::size_t buffer_bytes = 0;  // that they took, as the kernel counts it
  };
  /// The one after a rest in which these came; none when they come thin.
  std::optional<Length> next(const Came& came) {
    const bool thick = came.datagrams >= kWorth * static_cast<std::size_t>(length_ / kLeast);
    if (!thick && length_ == kLeast) return std::nullopt;
    if (!thick || came.buffer_bytes > buffer_bytes_ / kShorterPast) {
      length_ = std::max(kLeast, length_ / 2);
    } else if (came.buffer_bytes <= buffer_bytes_ / kLongerBelow) {
      length_ = std::min(most_, length_ * 2);
    }
    return length_;
  }

 private:
  static constexpr std::size_t kBytesOfLeast = std::size_t{1} << 20U;  // it takes for kLeast

  std::size_t buffer_bytes_;
  Length most_;
  Length length_ = kLeast;
};

}  // namespace ingest::feed
