#pragma once
// HyperLogLog: how many different members. Exact to kExactMax members, by their 64-bit hashes;
// above that 2^12 registers and Ertl's improved raw estimator (O. Ertl, "New cardinality estimation
// algorithms for HyperLogLog sketches", 2017, section 3), which needs no bias tables: standard
// error 1.04/sqrt(4096) = 1.63%. The content is a pure function of the set of members, so merges
// are exact in any order and grouping. A value without a thread of its own.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ingest/sketch/boxed.h"

namespace ingest::sketch {

class HyperLogLog {
 public:
  static constexpr std::size_t kExactMax = 256;
  static constexpr int kPrecision = 12;
  static constexpr std::size_t kRegisters = std::size_t{1} << kPrecision;

  /// Hashes by XXH3 (64 bits).
  void add(std::string_view member);
  void add_hash(std::uint64_t hash);
  void merge(const HyperLogLog& other);

  bool is_exact() const { return !registers_; }
  bool empty() const { return is_exact() && hashes_.empty(); }
  /// About what it holds on the heap.
  std::size_t held_bytes() const {
    return is_exact() ? hashes_.size() * sizeof(std::uint64_t) : sizeof(Registers);
  }
  /// A whole number while exact, an estimate after.
  double distinct() const;

  bool operator==(const HyperLogLog& other) const;

  // ---- to keep it elsewhere, and to make it again; nothing when it cannot have been one ----

  static constexpr int kRankMax = 64 - kPrecision + 1;  // registers hold 0 to 53
  /// Ascending; empty when there are registers, which are empty while it is exact.
  std::span<const std::uint64_t> hashes() const { return hashes_; }
  std::span<const std::uint8_t> registers() const;
  static std::optional<HyperLogLog> of_hashes(std::span<const std::uint64_t> hashes);
  static std::optional<HyperLogLog> of_registers(std::span<const std::uint8_t> registers);

 private:
  using Registers = std::array<std::uint8_t, kRegisters>;
  static void raise(Registers& registers, std::uint64_t hash);
  Registers& to_registers();

  std::vector<std::uint64_t> hashes_;  // ascending, each once; empty when there are registers
  Boxed<Registers> registers_;
};

}  // namespace ingest::sketch
