// rooms: ingest/sketch
// Three HyperLogLogs, added to and merged as the input says, against a set of all hashes: exact to
// 256, and above that whatever one pass gives. Besides, any bytes as what one kept elsewhere. An
// input: steps of two bytes, where and what; members of a step are up to eight bytes more.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "ingest/sketch/hyper_log_log.h"

namespace {

using ingest::sketch::HyperLogLog;

constexpr std::size_t kHashesMax = 20'000;  // of an input

void expect(bool promise) {
  if (!promise) std::abort();
}

struct Pair {
  HyperLogLog sketch{};
  std::set<std::uint64_t> plain{};
};

void expect_kept(const HyperLogLog& sketch) {
  const auto again = sketch.is_exact() ? HyperLogLog::of_hashes(sketch.hashes())
                                       : HyperLogLog::of_registers(sketch.registers());
  expect(again.has_value() && *again == sketch && again->distinct() == sketch.distinct());
}

void check(const Pair& pair) {
  HyperLogLog one_pass;
  for (const std::uint64_t hash : pair.plain)
    one_pass.add_hash(hash);
  expect(pair.sketch == one_pass && pair.sketch.is_exact() == one_pass.is_exact());
  expect(pair.sketch.is_exact() == (pair.plain.size() <= HyperLogLog::kExactMax));
  expect(pair.sketch.empty() == pair.plain.empty());
  if (pair.sketch.is_exact()) {
    expect(pair.sketch.distinct() == static_cast<double>(pair.plain.size()));
  } else {
    expect(pair.sketch.distinct() > 0);
  }
  expect_kept(pair.sketch);
}

/// Bytes that were kept somewhere: taken whole or not at all, and what is taken is as good as any.
void check_foreign(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint64_t> hashes(bytes.size() / sizeof(std::uint64_t));
  if (!hashes.empty()) std::memcpy(hashes.data(), bytes.data(), hashes.size() * sizeof hashes[0]);
  if (const auto taken = HyperLogLog::of_hashes(hashes)) {
    expect(std::ranges::equal(taken->hashes(), hashes) && taken->is_exact());
    expect_kept(*taken);
  }
  std::vector<std::uint8_t> registers(HyperLogLog::kRegisters);
  for (std::size_t i = 0; i < registers.size() && !bytes.empty(); ++i)
    registers[i] = bytes[i % bytes.size()];
  if (const auto taken = HyperLogLog::of_registers(registers)) {
    HyperLogLog merged = *taken;
    merged.add_hash(bytes.size());
    expect(merged.distinct() > 0 && std::ranges::equal(taken->registers(), registers));
    expect_kept(merged);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes{data, size};
  std::array<Pair, 3> pairs;
  std::size_t hashes = 0;
  for (std::size_t i = 0; i + 1 < size && hashes < kHashesMax; i += 2) {
    Pair& pair = pairs[data[i] % pairs.size()];
    const unsigned what = data[i + 1];
    if (what % 8 == 0) {  // merges its neighbour, which begins again
      Pair& other = pairs[what / 8 % pairs.size()];
      if (&other == &pair) continue;
      pair.sketch.merge(other.sketch);
      pair.plain.merge(other.plain);
      other = {};
      continue;
    }
    std::uint64_t hash = 0;
    const std::size_t taken = std::min(sizeof hash, size - i - 2);
    std::memcpy(&hash, data + i + 2, taken);
    i += taken;
    // Of one number many, some spread over all bits, some neighbours of each other.
    const std::uint64_t stride = what % 8 == 1 ? 1 : 0x9E3779B97F4A7C15;
    for (unsigned n = 0; n < what; ++n, ++hashes) {
      pair.sketch.add_hash(hash + n * stride);
      pair.plain.insert(hash + n * stride);
    }
  }
  for (const Pair& pair : pairs)
    check(pair);
  check_foreign(bytes);
  return 0;
}
