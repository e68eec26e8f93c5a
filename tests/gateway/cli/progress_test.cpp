#include "gateway/cli/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace gateway::cli {
namespace {

using ingest::Millis;
using ingest::MonoTime;

TEST(ProgressText, SaysHowFarHowFastAndHowLong) {
  EXPECT_EQ(progress_text(93'200'000, 300'000'000, Millis{2'733}),
            "[#########---------------------]  31 %  93.2 MB of 300 MB, 34.1 MB/s, 7 s left");
  EXPECT_EQ(progress_text(0, 1'500, Millis{1'000}),
            "[------------------------------]   0 %  0 B of 1.50 kB, 0 B/s");
  EXPECT_EQ(progress_text(1'500, 1'500, Millis{1'000}),
            "[##############################] 100 %  1.50 kB of 1.50 kB, 1.50 kB/s");
  EXPECT_EQ(progress_text(1'000, 1'000'000'000, Millis{1'000}),
            "[------------------------------]   0 %  1.00 kB of 1.00 GB, 1.00 kB/s, 277 h left");
  EXPECT_EQ(progress_text(1'000'000, 301'000'000, Millis{1'000}),
            "[------------------------------]   0 %  1.00 MB of 301 MB, 1.00 MB/s, 5 min left");
}

TEST(ProgressText, WithoutAnEndThereIsNoBar) {
  EXPECT_EQ(progress_text(999'600, 0, Millis{500}), "1.00 MB, 2.00 MB/s");
}

TEST(ProgressText, AFileThatGrewIsNoMoreThanWhole) {
  EXPECT_EQ(progress_text(2'000, 1'000, Millis{1'000}).substr(0, 38),
            "[##############################] 100 %");
}

TEST(Progress, TellsAfterASecondAndFiveTimesASecondAndLeavesNothing) {
  std::ostringstream err;
  {
    Progress progress{err, true};
    MonoTime now{};
    for (int ms = 0; ms <= 2'000; ms += 10)
      progress.at(now + Millis{ms}, static_cast<std::uint64_t>(ms), 4'000);
    std::size_t told = 0;
    const std::string text = err.str();
    for (std::size_t at = text.find('\r'); at != std::string::npos; at = text.find('\r', at + 1))
      ++told;
    EXPECT_EQ(told, 6U);
    EXPECT_NE(text.find("[#######-----------------------]  25 %"), std::string::npos) << text;
  }
  EXPECT_TRUE(err.str().ends_with("\r\x1b[K"));
}

TEST(Progress, WhatIsOverSoonSaysNothingNorDoesAPipe) {
  std::ostringstream err;
  {
    Progress soon{err, true};
    soon.at(MonoTime{}, 1, 2);
    soon.at(MonoTime{} + Millis{999}, 2, 2);
    Progress piped{err, false};
    piped.say("reading");
    piped.at(MonoTime{}, 1, 2);
    piped.at(MonoTime{} + Millis{5'000}, 2, 2);
  }
  EXPECT_EQ(err.str(), "");
}

}  // namespace
}  // namespace gateway::cli
