#include "gateway/ws/utf8.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace gateway::ws {
namespace {

/// UTF-8 by its definition: how long the well-formed code point at the front is, decoded and
/// checked as a number.
std::optional<std::size_t> plain_code_point(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text[0]);
  if (lead < 0x80) return 1;
  std::size_t size = 0;
  if (lead >> 5 == 0x06) size = 2;
  if (lead >> 4 == 0x0E) size = 3;
  if (lead >> 3 == 0x1E) size = 4;
  if (size == 0 || text.size() < size) return std::nullopt;
  std::uint32_t value = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte >> 6 != 2) return std::nullopt;
    value = value << 6 | (byte & 0x3FU);
  }
  const std::uint32_t least = size == 2 ? 0x80U : size == 3 ? 0x800U : 0x10000U;
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < least || value > 0x10FFFF || surrogate) return std::nullopt;
  return size;
}

bool plain_is_valid(std::string_view text) {
  while (!text.empty()) {
    const auto size = plain_code_point(text);
    if (!size) return false;
    text.remove_prefix(*size);
  }
  return true;
}

/// Where the streaming validator gives up; the size when it does not.
std::size_t refused_at(std::string_view text) {
  Utf8Validator validator;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!validator.accept(ingest::as_bytes(text.substr(i, 1)))) return i;
  }
  return text.size();
}

TEST(WsUtf8, EqualsThePlainOneOnEveryThreeBytesAndTheirContinuations) {
  for (unsigned value = 0; value < 1U << 24; value += value % 5 + 1) {
    const std::string text{static_cast<char>(value >> 16), static_cast<char>(value >> 8),
                           static_cast<char>(value)};
    ASSERT_EQ(is_valid_utf8(text), plain_is_valid(text)) << std::hex << value;
  }
  for (unsigned value = 0; value < 1U << 16; ++value) {
    const std::string text{static_cast<char>(0xF0 | (value & 7)), static_cast<char>(value >> 8),
                           static_cast<char>(0x80 | (value >> 3 & 0x3F)),
                           static_cast<char>(value | 0x80)};
    ASSERT_EQ(is_valid_utf8(text), plain_is_valid(text)) << std::hex << value;
  }
}

TEST(WsUtf8, EqualsThePlainOneWhereverABadByteStands) {
  for (std::size_t size : {1U, 31U, 32U, 33U, 64U, 100U}) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char bad : {'\x80', '\xC3', '\xFF', 'b'}) {
        std::string text(size, 'a');
        text[at] = bad;
        ASSERT_EQ(is_valid_utf8(text), plain_is_valid(text)) << size << " " << at;
      }
    }
  }
}

TEST(WsUtf8, FailsAtTheFirstImpossibleByte) {
  EXPECT_EQ(refused_at("\xF4\x90\x80\x80"), 1U);
  EXPECT_EQ(refused_at("\xC0\xAF"), 0U);
  EXPECT_EQ(refused_at("\xE0\x80\x80"), 1U);
  EXPECT_EQ(refused_at("\xED\xA0\x80"), 1U);
  EXPECT_EQ(refused_at("\xF0\x8F\xBF\xBF"), 1U);
  EXPECT_EQ(refused_at("ab\xE2\x82z"), 4U);
  EXPECT_EQ(refused_at("\xF5\x80"), 0U);
}

TEST(WsUtf8, KnowsWhetherACodePointIsHalfRead) {
  Utf8Validator validator;
  EXPECT_TRUE(validator.accept(ingest::as_bytes("a\xF0\x9F")));
  EXPECT_FALSE(validator.complete());
  EXPECT_TRUE(validator.accept(ingest::as_bytes("\x98\x80")));
  EXPECT_TRUE(validator.complete());
}

TEST(WsUtf8, CutsOnACodePoint) {
  EXPECT_EQ(valid_utf8_prefix("abc", 10), "abc");
  EXPECT_EQ(valid_utf8_prefix("abc", 2), "ab");
  EXPECT_EQ(valid_utf8_prefix("a\xE2\x82\xAC", 3), "a");
  EXPECT_EQ(valid_utf8_prefix("a\xE2\x82\xAC", 4), "a\xE2\x82\xAC");
  EXPECT_EQ(valid_utf8_prefix("a\xFFz", 3), "a");
  EXPECT_EQ(valid_utf8_prefix("", 3), "");
}

}  // namespace
}  // namespace gateway::ws
