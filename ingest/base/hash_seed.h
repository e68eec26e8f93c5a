#pragma once
// A seed for hashes of bytes that strangers choose, so that nobody outside can tell which names
// collide. It differs from process to process as far as the loader places programs at random, and
// is not to be stored, sent or relied on for an order. Pure; any thread.

#include <cstdint>

namespace ingest {

inline std::uint64_t hash_seed() {
  static constexpr char kSomewhere = 0;
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15;  // 2^64 / the golden ratio
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): an address as a number
  return reinterpret_cast<std::uintptr_t>(&kSomewhere) * kSpread;
}

}  // namespace ingest
