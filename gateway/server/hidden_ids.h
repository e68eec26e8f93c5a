#pragma once
// HiddenIds: numbers that are given out in order, shown so that nobody learns from two of them how
// many lie between: a permutation under a key of this process (a Feistel network of four rounds,
// Luby and Rackoff 1988, with AES-128 as its function). Immutable; any thread.

#include <array>
#include <cstdint>

namespace gateway::server {

class HiddenIds {
 public:
  /// Under a key that nobody knows.
  HiddenIds();

  /// 0 is none, and stays so. Others, below 2^52, give one of 1 to 2^52, which every JSON reader
  /// holds exactly.
  std::uint64_t hide(std::uint64_t id) const;
  /// What was hidden so; of a number that never was, any other.
  std::uint64_t show(std::uint64_t hidden) const;

 private:
  static constexpr int kRounds = 4;
  std::uint64_t round(int number, std::uint64_t half) const;

  std::array<std::uint8_t, 16> key_{};
};

}  // namespace gateway::server
