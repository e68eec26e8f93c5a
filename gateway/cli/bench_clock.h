#pragma once
// A small stopwatch for `weir bench`: how long a piece of work takes, on the steady clock. The
// released binary carries no benchmark library.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace gateway::cli {

/// Tells the compiler that this is looked at, so that what made it is not left out.
inline void look_at(const void* value) {
  asm volatile("" : : "r"(value) : "memory");
}

/// Nanoseconds of one call: the median of 7 rounds of at least 15 ms each, after one to warm up.
template <class Work>
double nanoseconds_of(Work&& work) {
  using SteadyClock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kRound{15};
  constexpr std::size_t kRounds = 7;
  std::size_t calls = 1;
  const auto round = [&] {
    const auto begin = SteadyClock::now();
    for (std::size_t i = 0; i < calls; ++i)
      work();
    return SteadyClock::now() - begin;
  };
  while (round() < kRound)
    calls *= 2;
  std::array<double, kRounds> each{};
  for (double& one : each) {
    const std::chrono::duration<double, std::nano> took = round();
    one = took.count() / static_cast<double>(calls);
  }
  std::nth_element(each.begin(), each.begin() + kRounds / 2, each.end());
  return each[kRounds / 2];
}

}  // namespace gateway::cli
