#include "gateway/publish/json_text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

namespace gateway::publish {
namespace {

std::string json_of(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6U));
    put(0x80 | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12U));
    put(0x80 | ((point >> 6U) & 0x3FU));
    put(0x80 | (point & 0x3FU));
  } else {
    put(0xF0 | (point >> 18U));
    put(0x80 | ((point >> 12U) & 0x3FU));
    put(0x80 | ((point >> 6U) & 0x3FU));
    put(0x80 | (point & 0x3FU));
  }
}

TEST(JsonText, EveryCodePointReadsBackTheSame) {
  constexpr std::uint32_t kBlock = 512;
  for (std::uint32_t block = 0; block < 0x110000; block += kBlock) {
    if (block >= 0xD800 && block < 0xE000) continue;  // surrogates are no characters
    std::string text;
    for (std::uint32_t point = block; point < block + kBlock; ++point)
      append_utf8(text, point);
    const auto read = nlohmann::json::parse(json_of(text), nullptr, false);
    ASSERT_TRUE(read.is_string()) << block;
    ASSERT_EQ(read.get<std::string>(), text) << block;
  }
}

TEST(JsonText, MarkupAndQuotesStayWhatTheyAre) {
  EXPECT_EQ(json_of("<img src=x onerror=\"a\\b\">"), R"("<img src=x onerror=\"a\\b\">")");
  EXPECT_EQ(json_of(std::string_view{"\0\n\r\t\x1b\x7f", 6}), R"("\u0000\n\r\t\u001b\u007f")");
}

TEST(JsonText, WhatIsNotUtf8BecomesTheReplacementCharacter) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(json_of("\xff"), "\"" + mark + "\"");
  EXPECT_EQ(json_of("a\x80z"), "\"a" + mark + "z\"");
  EXPECT_EQ(json_of("\xC0\xAF"), "\"" + mark + mark + "\"");             // overlong
  EXPECT_EQ(json_of("\xED\xA0\x80"), "\"" + mark + mark + mark + "\"");  // a surrogate
  EXPECT_EQ(json_of("\xE2\x82"), "\"" + mark + mark + "\"");             // cut off
  EXPECT_EQ(json_of("\xF4\x90\x80\x80").size(), 2 + 4 * mark.size());    // above U+10FFFF
}

TEST(JsonText, AnyBytesGiveOneValidString) {
  std::mt19937 random{11};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    const std::size_t size = random() % 24;
    while (text.size() < size)
      text += static_cast<char>(random());
    ASSERT_TRUE(nlohmann::json::parse(json_of(text), nullptr, false).is_string());
  }
}

TEST(JsonText, IntegersOfEverySize) {
  std::string out;
  append_integer(out, std::numeric_limits<std::int64_t>::min());
  out += ' ';
  append_unsigned(out, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(out, "-9223372036854775808 18446744073709551615");
}

}  // namespace
}  // namespace gateway::publish
