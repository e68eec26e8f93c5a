#include "ingest/host/memory.h"

#include "tests/ingest/host/machine.h"

namespace ingest::host {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::string_view kMeminfo =
    "MemTotal:        8000000 kB\n"
    "MemFree:         1000000 kB\n"
    "MemAvailable:    5000000 kB\n"
    "Buffers:          200000 kB\n"
    "Cached:          3000000 kB\n"
    "SwapCached:            0 kB\n"
    "SwapTotal:       1000000 kB\n"
    "SwapFree:         750000 kB\n"
    "Dirty:               120 kB\n"
    "SReclaimable:     300000 kB\n"
    "SUnreclaim:        40000 kB\n"
    "HugePages_Total:       0\n";

TEST(MemoryText, StatesAddUpToTheTotal) {
  const auto told = parse_memory(kMeminfo);
  ASSERT_TRUE(told);
  const MemoryUse& use = told->use;
  EXPECT_EQ(use.total, 8'000'000 * kKiB);
  EXPECT_EQ(use.free, 1'000'000 * kKiB);
  EXPECT_EQ(use.buffers, 200'000 * kKiB);
  EXPECT_EQ(use.cached, 3'300'000 * kKiB);
  EXPECT_EQ(use.used + use.free + use.cached + use.buffers, use.total);
}

TEST(MemoryText, RefusesWhatDoesNotAddUp) {
  for (const char* text :
       {"", "MemTotal: 100 kB\n", "MemTotal: 100 kB\nMemFree: 50 kB\nBuffers: 1 kB\n",
        "MemTotal: 100 kB\nMemFree: 90 kB\nBuffers: 10 kB\nCached: 10 kB\n",
        "MemTotal: 0 kB\nMemFree: 0 kB\nBuffers: 0 kB\nCached: 0 kB\n",
        "MemTotal: 100 MB\nMemFree: 5 kB\nBuffers: 1 kB\nCached: 1 kB\n",
        "MemTotal: x kB\nMemFree: 5 kB\nBuffers: 1 kB\nCached: 1 kB\n",
        "MemTotal:\nMemFree:\nBuffers:\nCached:\n"}) {
    EXPECT_FALSE(parse_memory(text)) << text;
  }
}

TEST(MemoryText, SwapWithMoreFreeThanThereIsIsNone) {
  const auto told = parse_memory(
      "MemTotal: 9 kB\nMemFree: 1 kB\nBuffers: 1 kB\nCached: 1 kB\nSwapTotal: 5 kB\nSwapFree: 6 "
      "kB\n");
  ASSERT_TRUE(told);
  EXPECT_FALSE(told->more.swap_total);
}

TEST(MemoryText, AnyCutIsHarmless) {
  for (std::size_t size = 0; size <= kMeminfo.size(); ++size) {
    const std::string cut{kMeminfo.substr(0, size)};  // own memory: the sanitizer sees
    const auto told = parse_memory(cut);
    EXPECT_TRUE(!told || told->use.total == 8'000'000 * kKiB) << size;
  }
}

using MemoryTest = Machine;

TEST_F(MemoryTest, GivesMemoryAndSwap) {
  write("proc/meminfo", std::string{kMeminfo});
  write("proc/vmstat", "pgfault 1000\npgmajfault 10\npswpin 1\npswpout 2\n");
  Memory memory{proc()};
  const auto first = read(memory);
  EXPECT_EQ(first.at("system.memory.usage{state:free}"), 1'000'000.0 * kKiB);
  EXPECT_EQ(first.at("system.memory.utilization{state:free}"), 0.125);
  EXPECT_EQ(first.at("system.memory.limit{}"), 8'000'000.0 * kKiB);
  EXPECT_EQ(first.at("system.linux.memory.available{}"), 5'000'000.0 * kKiB);
  EXPECT_EQ(first.at("system.linux.memory.slab.usage{state:unreclaimable}"), 40'000.0 * kKiB);
  EXPECT_EQ(first.at("system.linux.memory.dirty{}"), 120.0 * kKiB);
  EXPECT_EQ(first.at("system.paging.usage{state:used}"), 250'000.0 * kKiB);
  EXPECT_EQ(first.at("system.paging.utilization{state:used}"), 0.25);
  write("proc/vmstat", "pgfault 1100\npgmajfault 30\npswpin 4\npswpout 2\noom_kill 1\n");
  const auto second = read(memory);
  EXPECT_EQ(second.at("system.paging.faults{type:minor}"), 80);
  EXPECT_EQ(second.at("system.paging.faults{type:major}"), 20);
  EXPECT_EQ(second.at("system.paging.operations{direction:in}"), 3);
  EXPECT_EQ(second.at("system.paging.operations{direction:out}"), 0);
  EXPECT_EQ(report_.missing(), 0u);
}

TEST_F(MemoryTest, WithoutSwapThereIsNoShareOfIt) {
  write("proc/meminfo",
        "MemTotal: 9 kB\nMemFree: 1 kB\nBuffers: 1 kB\nCached: 1 kB\nSwapTotal: 0 kB\nSwapFree: 0 "
        "kB\n");
  Memory memory{proc()};
  const auto said = read(memory);
  EXPECT_EQ(said.at("system.paging.usage{state:used}"), 0);
  EXPECT_FALSE(any_named(said, "system.paging.utilization"));
  EXPECT_EQ(report_.missing(), 1u);  // vmstat
}

}  // namespace
}  // namespace ingest::host
