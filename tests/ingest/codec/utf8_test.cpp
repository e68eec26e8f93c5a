#include "ingest/codec/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace ingest::codec {
namespace {

// NOLINTNEXTLINE(misc-unused-using-decls): the literals below
using std::string_view_literals::operator""sv;

TEST(Utf8, TakesEveryLengthAtItsEdges) {
  for (const std::string_view text :
       {""sv, "a"sv, "\x7f"sv, "\x01"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv,
        "\xed\x9f\xbf"sv, "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv,
        "\xf4\x8f\xbf\xbf"sv, "caf\xc3\xa9 cafe\xcc\x81"sv}) {
    EXPECT_TRUE(is_utf8_without_nul(text)) << text;
  }
}

TEST(Utf8, RefusesWhatRfc3629Forbids) {
  for (const std::string_view text : {"\0"sv,
                                      "a\0b"sv,
                                      "\x80"sv,
                                      "\xbf"sv,
                                      "\xc0\x80"sv,
                                      "\xc1\xbf"sv,
                                      "\xe0\x9f\xbf"sv,
                                      "\xed\xa0\x80"sv,
                                      "\xed\xbf\xbf"sv,
                                      "\xf0\x8f\xbf\xbf"sv,
                                      "\xf4\x90\x80\x80"sv,
                                      "\xf5\x80\x80\x80"sv,
                                      "\xff"sv,
                                      "\xfe"sv,
                                      "\xc3"sv,
                                      "\xe2\x82"sv,
                                      "\xf0\x9f\x98"sv,
                                      "\xc3("sv,
                                      "\xe2(\xa1"sv,
                                      "\xe2\x82("sv,
                                      "\xf0\x9f\x98("sv,
                                      "a\xc3"sv,
                                      "\xc3\xa9\xa9"sv}) {
    EXPECT_FALSE(is_utf8_without_nul(text)) << text;
  }
}

/// Every byte at one place among plain ones.
void try_every_byte(std::size_t size, std::size_t at) {
  std::string text(size, 'a');
  for (int byte = 0; byte < 256; ++byte) {
    text[at] = static_cast<char>(byte);
    ASSERT_EQ(is_plain_ascii(text), byte >= 1 && byte <= 0x7f) << byte << " at " << at;
  }
}

TEST(PlainAscii, AgreesWithALookAtEachByte) {
  for (std::size_t size = 0; size < 24; ++size) {
    EXPECT_TRUE(is_plain_ascii(std::string(size, '\x01')));
    EXPECT_TRUE(is_plain_ascii(std::string(size, '\x7f')));
    for (std::size_t at = 0; at < size; ++at)
      try_every_byte(size, at);
  }
}

}  // namespace
}  // namespace ingest::codec
