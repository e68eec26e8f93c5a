#include "ingest/sketch/space_saving.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace ingest::sketch {
namespace {

using Exact = std::map<std::string, std::uint64_t>;

/// Everything that the head of space_saving.h promises.
void expect_promises(const SpaceSaving& sketch, const Exact& exact) {
  std::uint64_t weight = 0;
  for (const auto& [key, count] : exact)
    weight += count;
  ASSERT_EQ(sketch.weight(), weight);
  ASSERT_LE(sketch.size(), sketch.counters_max());
  ASSERT_LE(sketch.floor(), weight / sketch.counters_max());
  Exact present;
  for (const SpaceSaving::Item& item : sketch.top(sketch.counters_max())) {
    const auto found = exact.find(item.key);
    const std::uint64_t truth = found == exact.end() ? 0 : found->second;
    ASSERT_LE(truth, item.estimate) << item.key;
    ASSERT_LE(item.error, item.estimate) << item.key;
    ASSERT_LE(item.estimate - item.error, truth) << item.key;
    ASSERT_EQ(sketch.estimate(item.key), item.estimate) << item.key;
    present[item.key] = item.estimate;
  }
  ASSERT_EQ(present.size(), sketch.size());
  for (const auto& [key, count] : exact) {
    if (present.contains(key)) continue;
    ASSERT_LE(count, sketch.floor()) << key;
    ASSERT_LE(count, weight / sketch.counters_max()) << key;
  }
}

/// Few heavy ones, many light ones.
std::string key_of(std::mt19937_64& random, unsigned keys) {
  const double uniform = std::uniform_real_distribution<double>{0, 1}(random);
  return "name-" + std::to_string(static_cast<unsigned>(uniform * uniform * uniform * keys));
}

TEST(SpaceSaving, IsExactWhileItHasRoom) {
  SpaceSaving sketch{3};
  sketch.add("a", 5);
  sketch.add("b");
  sketch.add("a", 2);
  sketch.add("c", 3);
  const std::vector<SpaceSaving::Item> expected{{"a", 7, 0}, {"c", 3, 0}, {"b", 1, 0}};
  EXPECT_EQ(sketch.top(10), expected);
  EXPECT_EQ(sketch.floor(), 0U);
  EXPECT_EQ(sketch.weight(), 11U);
  EXPECT_EQ(sketch.estimate("never seen"), 0U);
}

TEST(SpaceSaving, ANewcomerTakesTheLightestsPlaceAndItsError) {
  SpaceSaving sketch{2};
  sketch.add("a", 5);
  sketch.add("b", 2);
  sketch.add("c", 1);
  const std::vector<SpaceSaving::Item> expected{{"a", 5, 0}, {"c", 3, 2}};
  EXPECT_EQ(sketch.top(10), expected);
  EXPECT_EQ(sketch.estimate("b"), 2U);
}

TEST(SpaceSaving, EqualOnesStandByKey) {
  SpaceSaving sketch{4};
  for (const char* key : {"d", "b", "a", "c"})
    sketch.add(key, 2);
  EXPECT_EQ(sketch.top(2), (std::vector<SpaceSaving::Item>{{"a", 2, 0}, {"b", 2, 0}}));
}

TEST(SpaceSaving, AWeightOfNothingChangesNothing) {
  SpaceSaving sketch{1};
  sketch.add("a", 3);
  sketch.add("b", 0);
  EXPECT_EQ(sketch.top(2), (std::vector<SpaceSaving::Item>{{"a", 3, 0}}));
}

TEST(SpaceSaving, IsEmptyAfterClear) {
  SpaceSaving sketch{1};
  sketch.add("a", 3);
  sketch.add("b", 3);
  sketch.clear();
  EXPECT_TRUE(sketch.top(1).empty());
  EXPECT_EQ(sketch.floor(), 0U);
  EXPECT_EQ(sketch.weight(), 0U);
}

TEST(SpaceSaving, KeepsItsPromisesAgainstExactCounts) {
  std::mt19937_64 random{20};
  for (int round = 0; round < 300; ++round) {
    SpaceSaving sketch{1 + random() % 40};
    Exact exact;
    const unsigned keys = 1 + static_cast<unsigned>(random() % 300);
    for (std::uint64_t i = random() % 2'000; i > 0; --i) {
      const std::string key = key_of(random, keys);
      const std::uint64_t weight = random() % 4 == 0 ? random() % 1'000 : 1;
      sketch.add(key, weight);
      exact[key] += weight;
    }
    ASSERT_NO_FATAL_FAILURE(expect_promises(sketch, exact)) << round;
  }
}

void add_some(std::mt19937_64& random, std::uint64_t count, std::vector<SpaceSaving>& parts,
              Exact& exact) {
  for (; count > 0; --count) {
    const std::string key = key_of(random, 200);
    const std::uint64_t weight = 1 + random() % 50;
    parts[random() % parts.size()].add(key, weight);
    exact[key] += weight;
  }
}

// Parts, merged in any order, some of them added to afterwards.
TEST(SpaceSaving, KeepsItsPromisesAfterAnySplitAndMerge) {
  std::mt19937_64 random{21};
  for (int round = 0; round < 300; ++round) {
    const std::size_t counters = 1 + random() % 30;
    std::vector<SpaceSaving> parts(1 + random() % 8, SpaceSaving{counters});
    Exact exact;
    add_some(random, random() % 1'500, parts, exact);
    while (parts.size() > 1) {
      const std::size_t into = random() % (parts.size() - 1);
      parts[into].merge(parts.back());
      parts.pop_back();
      add_some(random, random() % 100, parts, exact);
    }
    ASSERT_NO_FATAL_FAILURE(expect_promises(parts.front(), exact)) << round;
  }
}

TEST(SpaceSaving, EitherMayMergeTheOther) {
  std::mt19937_64 random{22};
  for (int round = 0; round < 100; ++round) {
    SpaceSaving a{10};
    SpaceSaving b{10};
    for (int i = 0; i < 500; ++i)
      (random() % 2 == 0 ? a : b).add(key_of(random, 60), 1 + random() % 9);
    SpaceSaving ab = a;
    ab.merge(b);
    SpaceSaving ba = b;
    ba.merge(a);
    ASSERT_EQ(ab.top(10), ba.top(10));
    ASSERT_EQ(ab.floor(), ba.floor());
  }
}

}  // namespace
}  // namespace ingest::sketch
