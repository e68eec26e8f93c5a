#include "ingest/sketch/hyper_log_log.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ingest::sketch {
namespace {

constexpr int kRankMax = HyperLogLog::kRankMax;
using Histogram = std::array<std::uint32_t, kRankMax + 1>;  // how many registers hold each rank

// Ertl's sigma and tau: series that stop when a term no longer changes the sum.
double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double sum = x;
  double weight = 1;
  for (double before = -1; before != sum;) {
    x *= x;
    before = sum;
    sum += x * weight;
    weight += weight;
  }
  return sum;
}

double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double sum = 1 - x;
  double weight = 1;
  for (double before = -1; before != sum;) {
    x = std::sqrt(x);
    before = sum;
    weight /= 2;
    sum -= (1 - x) * (1 - x) * weight;
  }
  return sum / 3;
}

double estimate(const Histogram& registers_by_rank) {
  constexpr double kAlpha = 0.72134752044448170;  // 1 / (2 ln 2)
  constexpr auto kCount = static_cast<double>(HyperLogLog::kRegisters);
  double sum = kCount * tau(1 - registers_by_rank[kRankMax] / kCount);
  for (std::size_t rank = kRankMax - 1; rank >= 1; --rank)
    sum = (sum + registers_by_rank[rank]) / 2;
  sum += kCount * sigma(registers_by_rank[0] / kCount);
  return kAlpha * kCount * kCount / sum;
}

}  // namespace

void HyperLogLog::add(std::string_view member) {
  add_hash(XXH3_64bits(member.data(), member.size()));
}

void HyperLogLog::add_hash(std::uint64_t hash) {
  if (registers_) {
    raise(*registers_, hash);
    return;
  }
  const auto place = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
  if (place != hashes_.end() && *place == hash) return;
  if (hashes_.size() < kExactMax) {
    hashes_.insert(place, hash);
  } else {
    raise(to_registers(), hash);
  }
}

void HyperLogLog::merge(const HyperLogLog& other) {
  if (other.registers_) {
    Registers& mine = to_registers();
    const Registers& theirs = *other.registers_;
    for (std::size_t i = 0; i < kRegisters; ++i)
      mine[i] = std::max(mine[i], theirs[i]);
    return;
  }
  if (registers_) {
    for (const std::uint64_t hash : other.hashes_)
      raise(*registers_, hash);
    return;
  }
  std::vector<std::uint64_t> both;
  both.reserve(hashes_.size() + other.hashes_.size());
  std::set_union(hashes_.begin(), hashes_.end(), other.hashes_.begin(), other.hashes_.end(),
                 std::back_inserter(both));
  hashes_ = std::move(both);
  if (hashes_.size() > kExactMax) to_registers();
}

double HyperLogLog::distinct() const {
  if (!registers_) return static_cast<double>(hashes_.size());
  Histogram registers_by_rank{};
  for (const std::uint8_t rank : *registers_)
    ++registers_by_rank[rank];
  return estimate(registers_by_rank);
}

bool HyperLogLog::operator==(const HyperLogLog& other) const {
  if (is_exact() != other.is_exact()) return false;
  return is_exact() ? hashes_ == other.hashes_ : *registers_ == *other.registers_;
}

std::span<const std::uint8_t> HyperLogLog::registers() const {
  if (!registers_) return {};
  return *registers_;
}

std::optional<HyperLogLog> HyperLogLog::of_hashes(std::span<const std::uint64_t> hashes) {
  const auto out_of_order = [](std::uint64_t a, std::uint64_t b) { return a >= b; };
  if (hashes.size() > kExactMax) return std::nullopt;
  if (std::adjacent_find(hashes.begin(), hashes.end(), out_of_order) != hashes.end()) {
    return std::nullopt;
  }
  HyperLogLog made;
  made.hashes_.assign(hashes.begin(), hashes.end());
  return made;
}

std::optional<HyperLogLog> HyperLogLog::of_registers(std::span<const std::uint8_t> registers) {
  if (registers.size() != kRegisters) return std::nullopt;
  if (*std::max_element(registers.begin(), registers.end()) > kRankMax) return std::nullopt;
  HyperLogLog made;
  std::copy(registers.begin(), registers.end(), made.registers_.emplace().begin());
  return made;
}

void HyperLogLog::raise(Registers& registers, std::uint64_t hash) {
  // The highest bits choose the register; the rank is the place of the first 1 among the others.
  const std::uint64_t rest = hash << kPrecision;
  const auto rank = static_cast<std::uint8_t>(rest == 0 ? kRankMax : std::countl_zero(rest) + 1);
  std::uint8_t& held = registers[hash >> (64 - kPrecision)];
  held = std::max(held, rank);
}

HyperLogLog::Registers& HyperLogLog::to_registers() {
  if (!registers_) {
    Registers& registers = registers_.emplace();
    for (const std::uint64_t hash : hashes_)
      raise(registers, hash);
    hashes_ = {};
  }
  return *registers_;
}

}  // namespace ingest::sketch
