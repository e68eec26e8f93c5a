#include "ingest/sketch/hyper_log_log.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace ingest::sketch {
namespace {

HyperLogLog members(std::uint64_t from, std::uint64_t to) {
  HyperLogLog set;
  for (std::uint64_t i = from; i < to; ++i)
    set.add("member:" + std::to_string(i));
  return set;
}

TEST(HyperLogLog, IsExactTo256) {
  HyperLogLog set = members(0, 256);
  set.merge(members(0, 256));
  EXPECT_TRUE(set.is_exact());
  EXPECT_EQ(set.distinct(), 256);
  set.add("one more");
  EXPECT_FALSE(set.is_exact());
  EXPECT_NEAR(set.distinct(), 257, 257 * 0.049);
}

TEST(HyperLogLog, IsEmptyAtFirst) {
  EXPECT_TRUE(HyperLogLog{}.empty());
  EXPECT_EQ(HyperLogLog{}.distinct(), 0);
}

TEST(HyperLogLog, AnEmptyMemberIsAMember) {
  HyperLogLog set;
  set.add("");
  EXPECT_EQ(set.distinct(), 1);
}

TEST(HyperLogLog, StaysWithinThreeSigma) {
  HyperLogLog set;
  std::uint64_t next = 0;
  for (const std::uint64_t count : {300U, 1'000U, 5'000U, 12'000U, 20'000U, 100'000U, 1'000'000U}) {
    while (next < count)
      set.add("user-" + std::to_string(next++));
    const auto truth = static_cast<double>(count);
    EXPECT_LE(std::abs(set.distinct() - truth) / truth, 0.049) << count;
  }
}

TEST(HyperLogLog, SurvivesTheExtremeHashes) {
  HyperLogLog set = members(0, 300);
  set.add_hash(0);
  set.add_hash(~std::uint64_t{0});
  set.add_hash(std::uint64_t{1} << 63U);
  EXPECT_TRUE(std::isfinite(set.distinct()));
  HyperLogLog full;
  for (std::uint64_t i = 0; i < HyperLogLog::kRegisters; ++i)
    full.add_hash(i << 52U);  // every register at its top
  EXPECT_GT(full.distinct(), 1e15);
}

TEST(HyperLogLog, AnySplitAndGroupingMergesToOnePass) {
  std::mt19937_64 random{3};
  for (const std::uint64_t count : {1U, 200U, 256U, 257U, 700U, 5'000U}) {
    const HyperLogLog one_pass = members(0, count);
    for (int trial = 0; trial < 5; ++trial) {
      std::vector<HyperLogLog> parts(1 + random() % 7);
      for (std::uint64_t i = 0; i < count; ++i) {  // some of them twice
        parts[random() % parts.size()].add("member:" + std::to_string(i));
        if (i % 3 == 0) parts[random() % parts.size()].add("member:" + std::to_string(i));
      }
      while (parts.size() > 1) {
        const HyperLogLog moved = parts.back();
        parts.pop_back();
        parts[random() % parts.size()].merge(moved);
      }
      EXPECT_TRUE(parts.front() == one_pass) << count;
    }
  }
}

}  // namespace
}  // namespace ingest::sketch
