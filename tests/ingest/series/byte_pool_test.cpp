#include "ingest/series/byte_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace ingest::series {
namespace {

TEST(BytePool, BlocksKeepWhatWasWrittenWhateverComesAndGoes) {
  std::mt19937_64 random{3};
  BytePool pool;
  std::map<BytePool::Ref, std::string> held;
  for (int step = 0; step < 40'000; ++step) {
    if (held.empty() || random() % 100 < 55) {
      const std::size_t most = random() % 20 == 0 ? BytePool::kBlockBytesMax : 300;
      std::string text(1 + random() % most, static_cast<char>('a' + random() % 26));
      const BytePool::Ref block = pool.take(text.size());
      ASSERT_FALSE(held.contains(block));
      std::memcpy(pool.at(block), text.data(), text.size());
      held[block] = std::move(text);
    } else {
      const auto most = std::uint64_t{held.rbegin()->first} + 1;
      auto gone = held.lower_bound(static_cast<BytePool::Ref>(random() % most));
      ASSERT_EQ(std::memcmp(pool.at(gone->first), gone->second.data(), gone->second.size()), 0);
      pool.give(gone->first);
      held.erase(gone);
    }
  }
  for (const auto& [block, text] : held)
    ASSERT_EQ(std::memcmp(pool.at(block), text.data(), text.size()), 0);
}

TEST(BytePool, EverySizeFitsAndWastesLittle) {
  for (std::size_t bytes = 1; bytes <= BytePool::kBlockBytesMax; ++bytes) {
    BytePool pool;
    const BytePool::Ref first = pool.take(bytes);
    const BytePool::Ref second = pool.take(bytes);
    std::memset(pool.at(first), 1, bytes);
    std::memset(pool.at(second), 2, bytes);
    ASSERT_EQ(pool.at(first)[bytes - 1], 1);
    if (bytes > 1024) continue;
    const auto apart = static_cast<std::size_t>(pool.at(second) - pool.at(first));
    ASSERT_GE(apart, bytes);
    ASSERT_LE(apart, bytes + 8 + bytes / 8) << bytes;
  }
}

TEST(BytePool, MemoryThatLeftOneSizeServesAnother) {
  BytePool pool;
  std::vector<BytePool::Ref> blocks;
  for (int i = 0; i < 20'000; ++i)
    blocks.push_back(pool.take(72));
  const std::size_t held = pool.held_bytes();
  EXPECT_LE(held, 20'000U * 74);
  for (const BytePool::Ref each : blocks)
    pool.give(each);
  EXPECT_GT(pool.pages_empty(), 80U);
  blocks.clear();
  for (int i = 0; i < 10'000; ++i)
    blocks.push_back(pool.take(136));
  EXPECT_EQ(pool.held_bytes(), held);
}

}  // namespace
}  // namespace ingest::series
