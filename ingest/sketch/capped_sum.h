#pragma once
// capped_sum: weights stay at 2^64-1 once there. Pure.

#include <cstdint>
#include <limits>

namespace ingest::sketch {

constexpr std::uint64_t capped_sum(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}

}  // namespace ingest::sketch
