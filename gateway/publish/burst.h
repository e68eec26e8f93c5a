#pragma once
// Burst: whether too many of some events came within a time. A value that remembers as many times
// as it must. Pure; one owner.

#include <array>
#include <cstddef>
#include <cstdint>

#include "ingest/base/clock.h"

namespace gateway::publish {

template <std::size_t kCount>
class Burst {
 public:
  /// An event at `now`. True when it and the kCount - 1 before it lie within `within`.
  bool add(ingest::MonoTime now, ingest::Millis within) {
    times_[count_++ % kCount] = now;
    return count_ >= kCount && now - times_[count_ % kCount] <= within;
  }

 private:
  std::array<ingest::MonoTime, kCount> times_{};  // a ring by count_
  std::uint32_t count_ = 0;
};

}  // namespace gateway::publish
