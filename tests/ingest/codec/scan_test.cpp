#include "ingest/codec/scan.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/codec/separators.h"

namespace ingest::codec {
namespace {

/// Every line that stands in a block at `at`.
void try_lines(const std::string& block, std::size_t at) {
  for (std::size_t size = 0; at + size <= block.size(); ++size) {
    const Cursor cursor = cursor_of(std::string_view{block}.substr(at, size), block);
    const auto expected = find_any_plain<',', '=', ' ', '\\'>(cursor);
    ASSERT_EQ((find_any<',', '=', ' ', '\\'>(cursor)), expected) << at << "+" << size;
    ASSERT_EQ(find_any<'\xff'>(cursor), find_any_plain<'\xff'>(cursor)) << at << "+" << size;
    ASSERT_EQ(find_string_end(cursor), find_string_end_plain(cursor)) << at << "+" << size;
  }
}

TEST(Scan, AgreesWithALookAtEachByte) {
  for (std::size_t mark = 0; mark < 70; ++mark) {
    std::string block(70, 'a');
    block[mark] = mark % 2 == 0 ? '=' : '\\';
    block[(mark * 7 + 3) % block.size()] = '\xff';
    for (std::size_t at = 0; at <= block.size(); ++at)
      try_lines(block, at);
  }
}

TEST(Scan, AStringEndsWhereALookAtEachByteSaysSo) {
  for (const char end : {'"', '\\', '\x01', '\x1f', ' ', '\x7f', '\x80', '\xff'}) {
    for (std::size_t mark = 0; mark < 40; ++mark) {
      std::string block(40, 'a');
      block[mark] = end;
      for (std::size_t at = 0; at <= block.size(); ++at)
        try_lines(block, at);
    }
  }
}

TEST(Scan, NeverGivesWhatIsBehindTheLine) {
  const std::string block = "abc,def,ghijklmnopqrstuvwxyz";
  const Cursor cursor = cursor_of(std::string_view{block}.substr(4, 3), block);
  EXPECT_EQ(find_any<','>(cursor), block.data() + 7);
  EXPECT_EQ(find_any<'z'>(cursor), block.data() + 7);
}

TEST(SeparatorWalk, GivesWhatALookAtEachByteFindsOneAfterTheOther) {
  std::uint32_t random = 7;
  const auto next = [&random] { return random = random * 1'664'525 + 1'013'904'223; };
  for (std::uint32_t round = 0; round < 200; ++round) {
    std::string block(110, 'a');
    for (char& byte : block)
      if (next() >> 28U < round % 16U) byte = "=; \t"[next() >> 30U];
    for (std::size_t at = 0; at < block.size(); at += 1 + (next() >> 29U)) {
      const std::size_t size = (next() >> 16U) % (block.size() - at + 1);
      Cursor cursor = cursor_of(std::string_view{block}.substr(at, size), block);
      SeparatorWalk<'=', ';', ' ', '\t'> walk{cursor};
      while (!cursor.done()) {
        cursor.at = find_any_plain<'=', ';', ' ', '\t'>(cursor);
        ASSERT_EQ(walk.next(), cursor.at) << at << "+" << size << " of " << block;
        if (!cursor.done()) ++cursor.at;
      }
      EXPECT_EQ(walk.next(), cursor.end);
      EXPECT_EQ(walk.next(), cursor.end) << "and stays there";
    }
  }
}

}  // namespace
}  // namespace ingest::codec
