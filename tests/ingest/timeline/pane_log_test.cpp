#include "ingest/timeline/pane_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

namespace ingest::timeline {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(PaneNumber number, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>(static_cast<std::size_t>(number) * 31 + i);
  return bytes;
}

std::vector<PaneNumber> numbers(const PaneLog& log, PaneNumber first, PaneNumber last) {
  std::vector<PaneNumber> found;
  log.each(first, last, [&](const PaneLog::Record& record) {
    EXPECT_TRUE(std::ranges::equal(record.packed, bytes_of(record.number, record.packed.size())));
    found.push_back(record.number);
  });
  return found;
}

TEST(BlockMemory, GivesAPageBackWhenAllItsBlocksCameBack) {
  BlockMemory memory;
  std::vector<Block*> blocks;
  for (int i = 0; i < 40'000; ++i)
    blocks.push_back(memory.take(1'024));
  EXPECT_EQ(memory.used_bytes(), 40'000U * 1'024);
  EXPECT_GE(memory.held_bytes(), memory.used_bytes());
  EXPECT_LT(memory.held_bytes(), memory.used_bytes() + memory.used_bytes() / 50);
  for (Block* block : blocks)
    memory.give(block);
  EXPECT_EQ(memory.used_bytes(), 0U);
  EXPECT_EQ(memory.held_bytes(), BlockMemory::kPagesSpare * BlockMemory::kPageBytes);
}

TEST(BlockMemory, AnEmptyPageServesAnySize) {
  BlockMemory memory;
  for (std::size_t bytes = 1; bytes <= BlockMemory::kBlockMax; bytes = bytes * 3 + 1) {
    std::vector<Block*> blocks;
    for (int i = 0; i < 20; ++i) {
      blocks.push_back(memory.take(bytes));
      ASSERT_GE(blocks.back()->room + sizeof(Block), bytes);
      std::memset(blocks.back()->bytes(), 0x5a, blocks.back()->room);
    }
    for (Block* block : blocks)
      memory.give(block);
  }
  EXPECT_LE(memory.held_bytes(), BlockMemory::kPagesSpare * BlockMemory::kPageBytes);
}

TEST(BlockMemory, NoTwoBlocksOverlap) {
  BlockMemory memory;
  std::mt19937_64 random{3};
  std::vector<std::pair<Block*, int>> held;
  for (int i = 0; i < 20'000; ++i) {
    if (held.size() < 300 || random() % 2 == 0) {
      Block* const block = memory.take(1 + random() % (random() % 8 == 0 ? 60'000 : 900));
      std::memset(block->bytes(), i & 0xff, block->room);
      held.emplace_back(block, i & 0xff);
      continue;
    }
    std::swap(held[random() % held.size()], held.back());
    const auto [block, mark] = held.back();
    held.pop_back();
    ASSERT_EQ(block->bytes()[0], static_cast<std::byte>(mark));
    ASSERT_EQ(block->bytes()[block->room - 1], static_cast<std::byte>(mark));
    memory.give(block);
  }
}

TEST(PaneLog, IsAQueueWhateverTheLengthsAndGaps) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random{seed};
    BlockMemory memory;
    PaneLog log;
    std::deque<PaneNumber> plain;
    std::vector<PaneNumber> taken;
    std::vector<PaneNumber> all;
    PaneNumber number = 1'700'000'000;
    for (int i = 0; i < 2'000; ++i) {
      number += 1 + static_cast<PaneNumber>(random() % 50 == 0 ? random() % 200'000 : random() % 3);
      const std::size_t size = random() % 60 == 0 ? random() % PaneLog::kRecordMax : random() % 300;
      log.append(number, bytes_of(number, size), memory);
      plain.push_back(number);
      all.push_back(number);
      if (random() % 10 == 0) {
        log.take_marked(number,
                        [&](const PaneLog::Record& record) { taken.push_back(record.number); });
      }
      if (random() % 10 != 0) continue;
      const PaneNumber end = plain[random() % plain.size()];
      std::vector<PaneNumber> gone;
      const std::size_t dropped = log.drop_below(
          end, memory, [&](const PaneLog::Record& record) { gone.push_back(record.number); });
      ASSERT_EQ(dropped, gone.size());
      for (const PaneNumber each : gone) {
        ASSERT_EQ(each, plain.front());
        plain.pop_front();
      }
      ASSERT_EQ(log.size(), plain.size());
      ASSERT_EQ(log.front(), plain.front());
      const PaneNumber first = plain[random() % plain.size()];
      const PaneNumber last = plain.back() - static_cast<PaneNumber>(random() % 20);
      std::vector<PaneNumber> wanted;
      std::ranges::copy_if(plain, std::back_inserter(wanted),
                           [&](PaneNumber each) { return each >= first && each < last; });
      ASSERT_EQ(numbers(log, first, last), wanted);
    }
    // What was taken came in order, each once; what was dropped before is left out.
    ASSERT_TRUE(std::ranges::is_sorted(taken));
    ASSERT_EQ(std::ranges::adjacent_find(taken), taken.end());
    log.clear(memory);
    EXPECT_EQ(memory.used_bytes(), 0U);
    EXPECT_TRUE(log.empty());
  }
}

TEST(PaneLog, TakesEachRecordOnceForTheNextLevel) {
  BlockMemory memory;
  PaneLog log;
  std::vector<PaneNumber> taken;
  const auto take = [&](PaneNumber end) {
    log.take_marked(end, [&](const PaneLog::Record& record) { taken.push_back(record.number); });
  };
  std::vector<PaneNumber> all;
  for (PaneNumber number = 0; number < 200; ++number) {
    log.append(number, bytes_of(number, 90), memory);
    all.push_back(number);
    if (number % 7 == 0) take(number);
    if (number % 31 == 0) log.drop_below(number - 10, memory, [](const PaneLog::Record&) {});
  }
  take(1'000);
  EXPECT_EQ(taken, all);
  log.clear(memory);
}

TEST(PaneLog, HoldsTenMinutesOfTenValuesInFewMoreBytesThanTheyHave) {
  constexpr std::size_t kPacked = 82;
  BlockMemory memory;
  PaneLog log;
  std::size_t most = 0;
  for (PaneNumber number = 0; number < 2'000; ++number) {
    log.append(number, bytes_of(number, kPacked), memory);
    log.drop_below(number - 600, memory, [](const PaneLog::Record&) {});
    most = std::max(most, memory.used_bytes());
  }
  EXPECT_LE(most, 600U * (80 + 15));
  log.clear(memory);
}

}  // namespace
}  // namespace ingest::timeline
