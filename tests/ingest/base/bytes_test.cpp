#include "ingest/base/bytes.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>

namespace ingest {
namespace {

TEST(Bytes, TextAndBytesAreViewsOfTheSame) {
  const std::string text = "a\xff";
  const ByteView bytes = as_bytes(text);
  ASSERT_EQ(bytes.size(), 2u);
  EXPECT_EQ(bytes[1], 0xff);
  EXPECT_EQ(as_text(bytes).data(), text.data());
  EXPECT_TRUE(as_bytes("").empty());
}

TEST(ByteQueue, GivesBackWhatItTookInOrder) {
  ByteQueue queue;
  EXPECT_TRUE(queue.empty());
  queue.append("abc");
  queue.append("de");
  EXPECT_EQ(as_text(queue.view()), "abcde");
  queue.consume(1);
  EXPECT_EQ(as_text(queue.view()), "bcde");
  queue.append("f");
  queue.consume(4);
  EXPECT_EQ(as_text(queue.view()), "f");
  EXPECT_EQ(queue.size(), 1u);
  queue.consume(1);
  EXPECT_TRUE(queue.empty());
  queue.consume(0);
  EXPECT_TRUE(queue.empty());
}

TEST(ByteQueue, GivesLargeMemoryBackOnceItIsEmpty) {
  ByteQueue queue;
  queue.append(std::string(100'000, 'x'));
  queue.consume(100'000);
  EXPECT_EQ(queue.held_bytes(), 0u);
  queue.append(std::string(100'000, 'x'));
  queue.clear();
  EXPECT_EQ(queue.held_bytes(), 0u);
  queue.append(std::string(1'000, 'x'));
  queue.clear();
  EXPECT_GE(queue.held_bytes(), 1'000u);  // small memory is kept for the next
}

TEST(ByteQueue, AgreesWithAPlainQueue) {
  std::mt19937 random{11};
  ByteQueue queue;
  std::deque<char> plain;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 2 == 0) {
      const std::string piece(random() % 9, static_cast<char>('a' + i % 26));
      queue.append(piece);
      plain.insert(plain.end(), piece.begin(), piece.end());
    } else {
      const std::size_t count = random() % (plain.size() + 1);
      queue.consume(count);
      plain.erase(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(count));
    }
    ASSERT_EQ(as_text(queue.view()), (std::string{plain.begin(), plain.end()}));
  }
}

}  // namespace
}  // namespace ingest
