#include "ingest/host/pressure.h"

#include "ingest/host/words.h"
#include "tests/ingest/host/machine.h"

namespace ingest::host {
namespace {

TEST(PressureText, HoldsTheTotals) {
  const StallTimes times = parse_pressure(
      "some avg10=1.50 avg60=0.00 avg300=0.00 total=123456\nfull avg10=0.00 avg60=0.00 "
      "avg300=0.00 total=42\n");
  EXPECT_EQ(times.some_us, 123456u);
  EXPECT_EQ(times.full_us, 42u);
}

TEST(PressureText, WhatIsNotSaidIsNot) {
  for (const char* text : {"", "some", "some total=", "some total=x", "some avg10=1"}) {
    EXPECT_EQ(parse_pressure(text).some_us, kUnsaid) << text;
    EXPECT_EQ(parse_pressure(text).full_us, kUnsaid) << text;
  }
}

using PressureTest = Machine;

TEST_F(PressureTest, GivesSecondsThatTasksStood) {
  write("proc/pressure/cpu", "some avg10=0 total=1000000\n");
  write("proc/pressure/io", "some avg10=0 total=5\nfull avg10=0 total=5\n");
  Pressure pressure{proc()};
  read(pressure);
  write("proc/pressure/cpu", "some avg10=0 total=1250000\n");
  const auto grown = read(pressure);
  EXPECT_DOUBLE_EQ(grown.at("system.linux.psi.total_time{resource:cpu,stall_type:some}"), 0.25);
  EXPECT_EQ(grown.at("system.linux.psi.total_time{resource:io,stall_type:full}"), 0);
  EXPECT_FALSE(any_named(grown, "system.linux.psi.total_time{resource:memory"));
  EXPECT_EQ(report_.missing(), 0u);
}

TEST_F(PressureTest, AKernelWithoutItIsCountedOnce) {
  Pressure pressure{proc()};
  for (int i = 0; i < 200; ++i)
    EXPECT_TRUE(read(pressure).empty());
  EXPECT_EQ(report_.missing(), 1u);
}

}  // namespace
}  // namespace ingest::host
