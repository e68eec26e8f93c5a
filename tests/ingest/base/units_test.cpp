#include "ingest/base/units.h"

#include <gtest/gtest.h>

#include <string_view>

namespace ingest {
namespace {

TEST(Duration, IsAWholeNumberWithAUnit) {
  EXPECT_EQ(*read_duration("250ms"), Millis{250});
  EXPECT_EQ(*read_duration("10s"), Millis{10'000});
  EXPECT_EQ(*read_duration("2m"), Millis{120'000});
  EXPECT_EQ(*read_duration("2min"), Millis{120'000});
  EXPECT_EQ(*read_duration("1h"), Millis{3'600'000});
  EXPECT_EQ(*read_duration("1d"), Millis{86'400'000});
}

TEST(Duration, IsMillisecondsWithoutAUnitWhereThatIsAllowed) {
  EXPECT_EQ(*read_duration("250"), Millis{250});
  EXPECT_EQ(read_duration("250", Units::Required).error(), "250 has no unit");
}

TEST(Duration, RefusesEverythingElse) {
  for (const std::string_view bad :
       {"", "s", "-1s", "+1s", "1.5s", "1 s", " 1s", "1s ", "1S", "1w", "0x1s",
        "9223372036854775808", "9223372036854775807s", "99999999999999999999s", "1e3"}) {
    EXPECT_FALSE(read_duration(bad)) << bad;
  }
}

TEST(Duration, IsPrintedInItsLargestWholeUnit) {
  EXPECT_EQ(duration_text(Millis{0}), "0s");
  EXPECT_EQ(duration_text(Millis{250}), "250ms");
  EXPECT_EQ(duration_text(Millis{90'000}), "90s");
  EXPECT_EQ(duration_text(Millis{600'000}), "10m");
  EXPECT_EQ(duration_text(Millis{172'800'000}), "2d");
}

TEST(Size, IsAWholeNumberWithAUnit) {
  EXPECT_EQ(*read_size("64KiB"), 65'536U);
  EXPECT_EQ(*read_size("8MiB"), 8'388'608U);
  EXPECT_EQ(*read_size("512"), 512U);
  for (const std::string_view bad : {"", "KiB", "1KB", "1 KiB", "-1B", "8589934592GiB"})
    EXPECT_FALSE(read_size(bad)) << bad;
  EXPECT_EQ(size_text(65'536), "64KiB");
}

}  // namespace
}  // namespace ingest
