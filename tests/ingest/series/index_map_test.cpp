#include "ingest/series/index_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <unordered_map>
#include <vector>

namespace ingest::series {
namespace {

using Index = IndexMap::Index;

/// Looks for the record whose key is its index.
Index find(const IndexMap& map, std::uint64_t hash, Index wanted) {
  return map.find(hash, [&](Index each) { return each == wanted; });
}

TEST(IndexMap, FindsWhatWasPutThere) {
  IndexMap map;
  EXPECT_EQ(find(map, 7, 1), IndexMap::kNone);
  EXPECT_TRUE(map.insert(7, 1));
  EXPECT_EQ(find(map, 7, 1), 1U);
  EXPECT_EQ(find(map, 7, 2), IndexMap::kNone);
  EXPECT_EQ(find(map, ~std::uint64_t{7}, 1), IndexMap::kNone);
  EXPECT_EQ(map.size(), 1U);
}

TEST(IndexMap, AFingerprintIsNoProofOfAKey) {
  IndexMap map;
  for (Index i = 0; i < 5; ++i)
    ASSERT_TRUE(map.insert(42, i));
  for (Index i = 0; i < 5; ++i)
    EXPECT_EQ(find(map, 42, i), i);
}

TEST(IndexMap, AgreesWithAPlainMapThroughInsertsErasesAndGrowth) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    std::mt19937_64 random{seed};
    IndexMap map;
    std::unordered_map<Index, std::uint64_t> plain;
    std::vector<Index> live;
    Index next = 0;
    for (int step = 0; step < 60'000; ++step) {
      const bool grows = step / 10'000 % 2 == 0;
      if (live.empty() || random() % 10 < (grows ? 8U : 3U)) {
        // Fingerprints that meet, and homes that meet at a segment's end, are no rarity here.
        const std::uint64_t hash = random() % 8 == 0 ? (random() % 64 + 224) << 32U : random();
        if (!map.insert(hash, next)) continue;
        plain[next] = hash;
        live.push_back(next++);
      } else {
        const std::size_t at = random() % live.size();
        const Index gone = live[at];
        ASSERT_TRUE(map.erase(plain[gone], gone));
        ASSERT_FALSE(map.erase(plain[gone], gone));
        ASSERT_EQ(find(map, plain[gone], gone), IndexMap::kNone);
        plain.erase(gone);
        live[at] = live.back();
        live.pop_back();
      }
      ASSERT_EQ(map.size(), plain.size());
      if (step % 5'000 != 0) continue;
      for (const auto& [index, hash] : plain)
        ASSERT_EQ(find(map, hash, index), index);
    }
  }
}

TEST(IndexMap, AnInsertionMovesABoundedNumberOfSlots) {
  std::mt19937_64 random{5};
  IndexMap map;
  std::size_t most = 0;
  std::size_t all = 0;
  constexpr Index kCount = 200'000;
  for (Index i = 0; i < kCount; ++i) {
    ASSERT_TRUE(map.insert(random(), i));
    most = std::max(most, map.moved());
    all += map.moved();
  }
  EXPECT_GT(most, 0U);
  EXPECT_LE(most, 2 * IndexMap::kSegmentFull);  // a split, rarely one of its halves too
  EXPECT_LE(all, 3 * std::size_t{kCount});
}

TEST(IndexMap, StaysAtMostHalfFullAndBelowThirtyBytesAnEntry) {
  std::mt19937_64 random{6};
  IndexMap map;
  Index next = 0;
  for (const Index count : {10'000U, 30'000U, 100'000U, 250'000U}) {
    while (next < count)
      ASSERT_TRUE(map.insert(random(), next++));
    EXPECT_GE(map.held_bytes(), std::size_t{count} * 16);
    EXPECT_LE(map.held_bytes(), std::size_t{count} * 30) << count;
  }
}

TEST(IndexMap, ComingAndGoingLeavesNoTombstones) {
  std::mt19937_64 random{7};
  IndexMap map;
  std::vector<std::uint64_t> hashes(1'000);
  for (Index i = 0; i < hashes.size(); ++i) {
    hashes[i] = random();
    ASSERT_TRUE(map.insert(hashes[i], i));
  }
  const std::size_t before = map.held_bytes();
  for (int round = 0; round < 200; ++round) {
    for (Index i = 0; i < hashes.size(); ++i) {
      ASSERT_TRUE(map.erase(hashes[i], i));
      hashes[i] = random();
      ASSERT_TRUE(map.insert(hashes[i], i));
    }
  }
  EXPECT_LE(map.held_bytes(), before * 2);
  // A search for what is not there ends after a few slots: none of them was left behind.
  std::size_t looks = 0;
  for (int i = 0; i < 1'000; ++i) {
    map.find(random(), [&](Index) {
      ++looks;
      return false;
    });
  }
  EXPECT_LE(looks, 5U);
}

TEST(IndexMap, FingerprintsChosenToCollideAreRefusedNotLost) {
  IndexMap map;
  constexpr std::uint64_t kHash = std::uint64_t{0xABCDEF} << 32U;
  Index taken = 0;
  while (taken < 10'000 && map.insert(kHash, taken))
    ++taken;
  EXPECT_EQ(taken, IndexMap::kSegmentSlots - 1 - IndexMap::kSlotsKept);
  for (Index i = 0; i < taken; ++i)
    ASSERT_EQ(find(map, kHash, i), i);
  EXPECT_EQ(find(map, kHash, taken), IndexMap::kNone);
  EXPECT_TRUE(map.insert(~kHash, taken));
  EXPECT_TRUE(map.erase(kHash, 3));
  EXPECT_TRUE(map.insert(kHash, 3));
}

TEST(IndexMap, WhatMustFindAPlaceFindsOneAmongFingerprintsChosenToCollide) {
  IndexMap map;
  constexpr std::uint64_t kHash = std::uint64_t{0xABCDEF} << 32U;
  Index next = 0;
  while (next < 10'000 && map.insert(kHash, next))
    ++next;
  for (std::size_t i = 0; i < IndexMap::kSlotsKept; ++i, ++next) {
    ASSERT_TRUE(map.insert(kHash, next, IndexMap::Need::Must));
    EXPECT_EQ(find(map, kHash, next), next);
  }
  EXPECT_EQ(find(map, kHash, next), IndexMap::kNone);
}

}  // namespace
}  // namespace ingest::series
