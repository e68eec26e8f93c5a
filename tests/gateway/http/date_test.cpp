#include "gateway/http/date.h"

#include <gtest/gtest.h>

namespace gateway::http {
namespace {

const ingest::WallTime kThen = ingest::wall_from_ms(784'111'777'000);   // of the RFC's examples
const ingest::WallTime kNow = ingest::wall_from_ms(1'763'812'800'000);  // 2025-11-22 12:00:00

std::string read(std::string_view text, ingest::WallTime now = kNow) {
  const auto date = parse_http_date(text, now);
  return date ? http_date(*date) : "none";
}

TEST(Date, ReadsWhatItWrites) {
  EXPECT_EQ(http_date(kThen), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(kNow), "Sat, 22 Nov 2025 12:00:00 GMT");
  for (const std::int64_t ms : {std::int64_t{0}, std::int64_t{784'111'777'000},
                                std::int64_t{951'782'400'000}, std::int64_t{4'102'444'799'000}}) {
    const ingest::WallTime time = ingest::wall_from_ms(ms);
    EXPECT_EQ(parse_http_date(http_date(time), kNow), time);
  }
}

TEST(Date, ReadsAllThreeFormsOfTheRfc) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), kThen);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow), kThen);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", kNow), kThen);
  EXPECT_EQ(read("Sun Nov 16 08:49:37 1994"), "Wed, 16 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(read("Wednesday, 29-Feb-12 00:00:00 GMT"), "Wed, 29 Feb 2012 00:00:00 GMT");
}

TEST(Date, ReadsAYearOfTwoDigitsAsAtMost50YearsAhead) {
  EXPECT_EQ(read("Sunday, 22-Nov-75 12:00:00 GMT"), "Fri, 22 Nov 2075 12:00:00 GMT");
  EXPECT_EQ(read("Sunday, 22-Nov-75 12:00:01 GMT"), "Sat, 22 Nov 1975 12:00:01 GMT");
  EXPECT_EQ(read("Sunday, 01-Jan-76 00:00:00 GMT"), "Thu, 01 Jan 1976 00:00:00 GMT");
  EXPECT_EQ(read("Sunday, 01-Jan-00 00:00:00 GMT"), "Sat, 01 Jan 2000 00:00:00 GMT");
  const ingest::WallTime late = *parse_http_date("Sat, 01 Jan 2072 00:00:00 GMT", kNow);
  EXPECT_EQ(read("Sunday, 06-Nov-21 00:00:00 GMT", late), "Thu, 06 Nov 2121 00:00:00 GMT");
  EXPECT_EQ(read("Sunday, 06-Nov-22 00:00:00 GMT", late), "Sun, 06 Nov 2022 00:00:00 GMT");
  // 2100 is no leap year.
  EXPECT_EQ(read("Tuesday, 29-Feb-00 00:00:00 GMT", late), "Tue, 29 Feb 2000 00:00:00 GMT");
}

TEST(Date, RefusesWhatIsNoDate) {
  for (const std::string_view text : {"",
                                      ",",
                                      " ",
                                      "Sun",
                                      "Sun,",
                                      "Sun, ",
                                      "Sun, 31 Feb 1994 08:49:37 GMT",
                                      "Sun, 06 Nov 1994 24:49:37 GMT",
                                      "Sun, 06 Nov 1994 08:60:37 GMT",
                                      "Sun, 06 Nov 1994 08:49:61 GMT",
                                      "Sun, 06 Nov 1994 08:49:37 UTC",
                                      "Sun, 06 Nov 1994 08:49:37 GMT ",
                                      "Sun, 06 Nov 1994 08:49:37",
                                      "Sun, -6 Nov 1994 08:49:37 GMT",
                                      "Sun,  6 Nov 1994 08:49:37 GMT",
                                      "Sun, 06 nov 1994 08:49:37 GMT",
                                      "sun, 06 Nov 1994 08:49:37 GMT",
                                      "Xyz, 06 Nov 1994 08:49:37 GMT",
                                      "Sunday, 06 Nov 1994 08:49:37 GMT",
                                      "Sun, 06-Nov-94 08:49:37 GMT",
                                      "Sunday, 06-Nov-1994 08:49:37 GMT",
                                      "Sunday,  6-Nov-94 08:49:37 GMT",
                                      "Sunday, 06-Nov-94 08:49:37",
                                      "Sunday, 30-Feb-94 08:49:37 GMT",
                                      "Sunday Nov  6 08:49:37 1994",
                                      "Sun Nov   6 08:49:37 1994",
                                      "Sun Nov 6 08:49:37 1994",
                                      "Sun Nov    08:49:37 1994",
                                      "Sun Nov  6 08:49:37 94",
                                      "Sun Nov  6 08:49:37 1994 GMT",
                                      "Sun, Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(parse_http_date(text, kNow), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace gateway::http
