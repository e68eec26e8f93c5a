#include "ingest/codec/unix_time.h"

#include <gtest/gtest.h>

namespace ingest::codec {
namespace {

TEST(UnixSeconds, AreReadAsText) {
  struct Case {
    std::string_view text;
    std::int64_t ms;
  };
  for (const auto& [text, ms] : {
           Case{"1700000000", 1'700'000'000'000},
           Case{"1700000000.123", 1'700'000'000'123},
           Case{"1700000000.1", 1'700'000'000'100},
           Case{"1700000000.1239", 1'700'000'000'123},
           Case{"0", 0},
           Case{"999999999999", 999'999'999'999'000},
       }) {
    const auto time = parse_unix_time(text, TimeUnit::Seconds);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(to_ms(*time), ms) << text;
  }
}

TEST(UnixSeconds, RefusesEverythingElse) {
  for (const std::string_view text : {"", "-1", "+1", " 1", "1 ", "1e9", "1.", ".5", ".", "1..2",
                                      "1.2.3", "1700000000s", "1000000000000", "nan"}) {
    EXPECT_FALSE(parse_unix_time(text, TimeUnit::Seconds)) << text;
  }
}

// acceptance/ingest.md 30
TEST(UnixTime, IsOfTheUnitThatItsSizeTells) {
  for (const std::string_view text :
       {"1700000000", "1700000000000", "1700000000000000", "1700000000000000000"}) {
    EXPECT_EQ(parse_unix_time(text, TimeUnit::Auto), wall_from_ms(1'700'000'000'000)) << text;
  }
  struct Case {
    std::string_view text;
    std::int64_t ms;
  };
  for (const auto& [text, ms] : {
           Case{"99999999999", 99'999'999'999'000},        // seconds
           Case{"100000000000", 100'000'000'000},          // milliseconds
           Case{"99999999999999", 99'999'999'999'999},     // milliseconds
           Case{"100000000000000", 100'000'000'000},       // microseconds
           Case{"99999999999999999", 99'999'999'999'999},  // microseconds
           Case{"100000000000000000", 100'000'000'000},    // nanoseconds
           Case{"9999999999999999999", 9'999'999'999'999},
           Case{"1700000000.123", 1'700'000'000'123},
           Case{"1700000000000.9", 1'700'000'000'000},
           Case{"1700000000000999999", 1'700'000'000'000},
           Case{"0", 0},
       }) {
    const auto time = parse_unix_time(text, TimeUnit::Auto);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(to_ms(*time), ms) << text;
  }
}

TEST(UnixTime, IsOfTheUnitThatIsAskedFor) {
  struct Case {
    std::string_view precision;
    std::int64_t ms;
  };
  for (const auto& [precision, ms] : {
           Case{"ns", 1},
           Case{"n", 1},
           Case{"us", 1'700},
           Case{"u", 1'700},
           Case{"µ", 1'700},
           Case{"ms", 1'700'000},
           Case{"s", 1'700'000'000},
           Case{"m", 102'000'000'000},
           Case{"h", 6'120'000'000'000},
       }) {
    const auto unit = time_unit_of(precision);
    ASSERT_TRUE(unit) << precision;
    EXPECT_EQ(parse_unix_time("1700000", *unit), wall_from_ms(ms)) << precision;
  }
  for (const std::string_view precision : {"", "S", "sec", "auto", "d", "nss", "Â"})
    EXPECT_FALSE(time_unit_of(precision)) << precision;
}

TEST(UnixTime, RefusesEverythingElse) {
  for (const TimeUnit unit : {TimeUnit::Auto, TimeUnit::Nanoseconds, TimeUnit::Hours}) {
    for (const std::string_view text :
         {"", "-1", "-0", "+1", " 1", "1 ", "1e9", "1.", ".5", ".", "1..2", "1.2.3", "1s", "nan",
          "0x1", "10000000000000000000", "99999999999999999999999"}) {
      EXPECT_FALSE(parse_unix_time(text, unit)) << text;
    }
  }
  EXPECT_FALSE(parse_unix_time("277777778", TimeUnit::Hours));
  EXPECT_TRUE(parse_unix_time("277777777", TimeUnit::Hours));
  EXPECT_FALSE(parse_unix_time("1000000000000000", TimeUnit::Milliseconds));
}

}  // namespace
}  // namespace ingest::codec
