#pragma once
// HiddenIds: numbers that are given out in order, shown so that nobody learns from two of them how
// many lie between: a permutation under a key of this process (a Feistel network of four rounds,
// Luby and Rackoff 1988, with AES-128 as its function). Immutable; any thread.

#include <array>
#include <cstdint>

namespace gateway::server {

class HiddenIds {
 public:
  /// Numbers below 2^(2 * half_bits), under a key that nobody knows: of the usual 52 bits every
  /// JSON reader holds each exactly.
  explicit HiddenIds(unsigned half_bits = 26);

  /// 0 is none, and stays so. Others give one of 1 to 2^(2 * half_bits).
  std::uint64_t hide(std::uint64_t id) const;
  /// What was hidden so; of a number that never was, any other.
  std::uint64_t show(std::uint64_t hidden) const;

 private:
  static constexpr int kRounds = 4;
  std::uint64_t round(int number, std::uint64_t half) const;

  unsigned half_bits_;
  std::uint64_t half_;  // its bits
  std::array<std::uint8_t, 16> key_{};
};

}  // namespace gateway::server
