#include "ingest/codec/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "ingest/codec/short_number.h"

namespace ingest::codec {
namespace {

using Is = Number::Is;

TEST(Number, ReadsPlainDecimals) {
  struct Case {
    std::string_view text;
    double value;
  };
  for (const auto& [text, value] : {
           Case{"0", 0},
           Case{"1", 1},
           Case{"+4", 4},
           Case{"-10", -10},
           Case{"12.5", 12.5},
           Case{"1.", 1},
           Case{".5", 0.5},
           Case{"-.5", -0.5},
           Case{"007", 7},
           Case{"1e3", 1000},
           Case{"1E3", 1000},
           Case{"1e-3", 0.001},
           Case{"1.5e+2", 150},
           Case{"0.1", 0.1},
           Case{"123456789012345", 123456789012345.0},
           Case{"1234567890123456", 1234567890123456.0},
           Case{"9007199254740993", 9007199254740992.0},
           Case{"0.30000000000000004", 0.30000000000000004},
           Case{"1.7976931348623157e308", std::numeric_limits<double>::max()},
           Case{"5e-324", 5e-324},
           Case{"1e-999", 0},
           Case{"-1e-999", 0},
       }) {
    const Number number = parse_number(text);
    EXPECT_EQ(number.is, Is::Finite) << text;
    EXPECT_EQ(number.value, value) << text;
  }
  EXPECT_EQ(parse_number("0." + std::string(400, '0') + "1").value, 0);
  EXPECT_EQ(parse_number("1" + std::string(300, '0') + "e-300").value, 1);
}

TEST(Number, NeverGivesMinusZero) {
  for (const std::string_view text :
       {"-0", "-0.0", "-0e5", "-1e-999", "-.0", "-0000000000000000"}) {
    EXPECT_FALSE(std::signbit(parse_number(text).value)) << text;
    EXPECT_EQ(parse_number(text).is, Is::Finite) << text;
  }
}

TEST(Number, RefusesWhatIsNotFinite) {
  for (const std::string_view text : {"nan", "NaN", "-nan", "inf", "Inf", "+inf", "-inf",
                                      "infinity", "1e999", "-1e999", "2e308"}) {
    EXPECT_EQ(parse_number(text).is, Is::NotFinite) << text;
  }
  const std::string nines(400, '9');
  EXPECT_EQ(parse_number(nines).is, Is::NotFinite);
  EXPECT_EQ(parse_number(nines + ".5e-10").is, Is::NotFinite);
}

TEST(Number, RefusesWhatIsNoNumber) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view text : {""sv,      " "sv,     " 1"sv,
                                      "1 "sv,    "\t1"sv,   "0x10"sv,
                                      "0X1"sv,   "1_000"sv, "1,000"sv,
                                      "1e"sv,    "e5"sv,    "1e+"sv,
                                      "."sv,     "-"sv,     "+"sv,
                                      "+-4"sv,   "--4"sv,   "-+4"sv,
                                      "++4"sv,   "1.2.3"sv, "1f"sv,
                                      "1d"sv,    "1e5 "sv,  "infx"sv,
                                      "nanx"sv,  "1\0"sv,   "\0"sv,
                                      "1-2"sv,   "-e5"sv,   "½"sv,
                                      "1e1e1"sv, "1e1.5"sv, "12345678901234567890x"sv}) {
    EXPECT_EQ(parse_number(text).is, Is::Bad) << text;
  }
}

TEST(Number, TheShortPathAgreesWithTheCLibrary) {
  std::mt19937_64 random{3};
  for (int i = 0; i < 200'000; ++i) {
    std::string text = std::to_string(random() >> (random() % 64));
    if (random() % 2 == 0) text.insert(random() % (text.size() + 1), ".");
    if (random() % 4 == 0) text.insert(0, "-");
    const Number number = parse_number(text);
    ASSERT_EQ(number.is, Is::Finite) << text;
    ASSERT_EQ(number.value, std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(ShortNumber, EndsWhereTheNumberEnds) {
  struct Case {
    std::string_view text;
    std::string_view rest;
    double value;
  };
  for (const auto& [text, rest, value] :
       {Case{"12|c", "|c", 12}, Case{"-1.50,f", ",f", -1.5}, Case{"1e5", "e5", 1},
        Case{".5 ", " ", 0.5}, Case{"1.", "", 1}, Case{"1.2.3", ".3", 1.2}, Case{"+7i", "i", 7},
        Case{"123456789012345x", "x", 123456789012345.0}, Case{"0.00000000000001", "", 1e-14}}) {
    const char* const end = text.data() + text.size();
    const ShortNumber number = short_number(text.data(), end, end);
    ASSERT_NE(number.end, nullptr) << text;
    EXPECT_EQ(std::string(number.end, end), rest) << text;
    EXPECT_EQ(number.value, value) << text;
  }
  for (const std::string_view text : {"", "-", ".", "x", "|", "-x", " 1", "1234567890123456",
                                      "1.234567890123456", "12345678901234567890123"}) {
    EXPECT_EQ(short_number(text.data(), text.data() + text.size(), text.data() + text.size()).end,
              nullptr)
        << text;
  }
}

TEST(ShortNumber, AWordAtOnceAgreesWithByteByByteWhateverFollows) {
  constexpr std::string_view kBytes = "0123456789.0123456789.-+|e \n\x80\xff";
  std::mt19937_64 random{5};
  for (int i = 0; i < 300'000; ++i) {
    std::string text(24, ' ');
    for (char& each : text)
      each = kBytes[random() % (random() % 2 == 0 ? kBytes.size() : 11)];
    const char* const at = text.data();
    const char* const end = at + random() % 12;
    const ShortNumber plain = unsigned_number_plain(at, end);
    const ShortNumber whole = short_number(at, end, at + text.size());
    if (at == end || *at == '-' || *at == '+') continue;
    ASSERT_EQ(whole.end, plain.end) << text << " " << end - at;
    ASSERT_EQ(whole.value, plain.value) << text << " " << end - at;
  }
}

TEST(Digits, EightAtOnceAgreeWithOneByOne) {
  const std::string digits = "98765432101234567890";
  for (std::size_t at = 0; at <= digits.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = digits;
      text.insert(at, 1, static_cast<char>(byte));
      const char* const end = text.data() + text.size();
      const Digits plain = take_digits_plain(text.data(), end, 7);
      const Digits fast = take_digits(text.data(), end, 7);
      ASSERT_EQ(fast.end, plain.end) << text;
      ASSERT_EQ(fast.value, plain.value) << text;
    }
  }
}

TEST(Rate, IsTheDecimalThatWasWritten) {
  struct Case {
    std::string_view text;
    std::uint32_t numerator;
    std::uint32_t denominator;
  };
  for (const auto& [text, numerator, denominator] : {
           Case{"1", 1, 1},
           Case{"1.0", 1, 1},
           Case{"1.", 1, 1},
           Case{"0.1", 1, 10},
           Case{"0.10", 1, 10},
           Case{".1", 1, 10},
           Case{"0.07", 7, 100},
           Case{"0.3", 3, 10},
           Case{"0.5", 5, 10},
           Case{"1e-05", 1, 100000},
           Case{"5E-1", 5, 10},
           Case{"0.01e1", 1, 10},
           Case{"0.333333333333333333333333", 333333333, 1000000000},
           Case{"0.6666666666", 666666667, 1000000000},
           Case{"0.9999999999", 1, 1},
           Case{"0.000000001", 1, 1000000000},
           Case{"0.0000000005", 1, 1000000000},
           Case{"100000000000000000000e-20", 1, 1},
       }) {
    const auto rate = parse_rate(text);
    ASSERT_TRUE(rate) << text;
    EXPECT_EQ(rate->numerator, numerator) << text;
    EXPECT_EQ(rate->denominator, denominator) << text;
  }
}

TEST(Rate, RefusesWhatIsNotAboveZeroAndAtMostOne) {
  for (const std::string_view text : {"",
                                      "0",
                                      "0.0",
                                      "-1",
                                      "-0.5",
                                      "+0.5",
                                      "1.5",
                                      "2",
                                      "10",
                                      "1.0000000001",
                                      "nan",
                                      "inf",
                                      "0.1x",
                                      " 0.1",
                                      "0.1 ",
                                      "0,1",
                                      "0x1",
                                      ".",
                                      "1e1",
                                      "1e999999999999",
                                      "0.0000000004",
                                      "1e-10",
                                      "1e-999",
                                      "..1",
                                      "0.1.1",
                                      "1e",
                                      "99999999999999999999999999"}) {
    EXPECT_FALSE(parse_rate(text)) << text;
  }
}

}  // namespace
}  // namespace ingest::codec
