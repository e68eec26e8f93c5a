#include "ingest/feed/proc_text.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

namespace ingest::feed::proc {
namespace {

constexpr std::string_view kStat =
    "cpu  74608 2520 24433 1117073 6176 4054 7 9 11 13\n"
    "cpu0 37304 1260 12216 558536 3088 2027 3 4 5 6\n"
    "intr 8885917 17 0 0\nctxt 2222\nbtime 1062191376\n";

constexpr std::string_view kMeminfo =
    "MemTotal:        8000000 kB\n"
    "MemFree:         1000000 kB\n"
    "MemAvailable:    5000000 kB\n"
    "Buffers:          200000 kB\n"
    "Cached:          3000000 kB\n"
    "SwapCached:            0 kB\n"
    "SReclaimable:     300000 kB\n"
    "HugePages_Total:       0\n";

constexpr std::string_view kNetDev =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop "
    "fifo colls "
    "carrier compressed\n"
    "    lo: 11000     120    0    0    0     0          0         0    11000     120    0    0    "
    "0     0       "
    "0          0\n"
    "  eth0:123456789 1000    0    0    0     0          0         0 987654321    2000    0    0   "
    " 0     0       "
    "0          0\n"
    "eth0:1: 5 1 0 0 0 0 0 0 6 1 0 0 0 0 0 0\n";

constexpr std::string_view kDiskstats =
    "   7       0 loop0 10 0 20 1 0 0 0 0 0 1 1\n"
    "   1       0 ram0 1 0 2 1 0 0 0 0 0 1 1\n"
    " 254       0 vda 1000 5 20000 300 400 6 8000 700 0 900 1000 0 0 0 0 1 2\n"
    " 254       1 vda1 900 5 18000 300 400 6 8000 700 0 900 1000\n"
    " 259       0 nvme0n1 1 0 8 0 1 0 16 0 0 0 0\n";

TEST(ProcCpu, ReadsTheLineOfAllCores) {
  const auto times = parse_cpu(kStat);
  ASSERT_TRUE(times);
  EXPECT_EQ(*times, (CpuTimes{74608, 2520, 24433, 1117073, 6176, 4054, 7, 9}));
}

TEST(ProcCpu, RefusesWhatIsNotThatLine) {
  for (const char* text :
       {"", "\n", "cpu", "cpu0 1 2 3 4 5 6 7 8\n", "cpu 1 2 3 4 5 6 7\n", "cpu 1 2 x 4 5 6 7 8\n",
        "cpu -1 2 3 4 5 6 7 8", "cpu 1 2 3 4 5 6 7 99999999999999999999999\n",
        "intr 1\ncpu 1 2 3 4 5 6 7 8\n", "cpu 1\n2 3 4 5 6 7 8\n"}) {
    EXPECT_FALSE(parse_cpu(text)) << text;
  }
}

TEST(ProcCpu, SharesOfTheTimeThatPassedAddUpToOne) {
  const CpuTimes before{100, 0, 50, 1000, 10, 0, 0, 0};
  const CpuTimes now{150, 10, 70, 1110, 20, 0, 0, 0};
  const auto shares = cpu_shares(before, now);
  ASSERT_TRUE(shares);
  EXPECT_DOUBLE_EQ((*shares)[0], 0.25);
  EXPECT_DOUBLE_EQ((*shares)[3], 0.55);
  EXPECT_DOUBLE_EQ(std::accumulate(shares->begin(), shares->end(), 0.0), 1);
}

TEST(ProcCpu, AModeThatStepsBackHasNoShare) {
  const auto shares = cpu_shares({10, 0, 0, 10, 50, 0, 0, 0}, {20, 0, 0, 20, 40, 0, 0, 0});
  ASSERT_TRUE(shares);
  EXPECT_EQ((*shares)[4], 0);
  EXPECT_EQ((*shares)[0], 0.5);
}

TEST(ProcCpu, NoTimeGivesNoShares) {
  const CpuTimes times{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_FALSE(cpu_shares(times, times));
  EXPECT_FALSE(cpu_shares(times, CpuTimes{}));
}

TEST(ProcLoad, ReadsTheFirstNumber) {
  EXPECT_EQ(parse_load_1m("0.75 0.50 0.25 1/123 4567\n"), 0.75);
  for (const char* text : {"", "x 1 2", "-1 0 0", "nan 0 0", "inf", "0,75 1"}) {
    EXPECT_FALSE(parse_load_1m(text)) << text;
  }
}

TEST(ProcMemory, StatesAddUpToTheTotal) {
  const auto memory = parse_memory(kMeminfo);
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->total, std::uint64_t{8'000'000} * 1024);
  EXPECT_EQ(memory->free, std::uint64_t{1'000'000} * 1024);
  EXPECT_EQ(memory->buffers, std::uint64_t{200'000} * 1024);
  EXPECT_EQ(memory->cached, std::uint64_t{3'300'000} * 1024);
  EXPECT_EQ(memory->used + memory->free + memory->cached + memory->buffers, memory->total);
}

TEST(ProcMemory, RefusesWhatDoesNotAddUp) {
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

TEST(ProcNetwork, ReadsBytesOfEachInterface) {
  const auto devices = parse_network(kNetDev);
  ASSERT_EQ(devices.size(), 3u);
  EXPECT_EQ(devices[0].device, "lo");
  EXPECT_EQ(devices[0].in, 11'000u);
  EXPECT_EQ(devices[0].out, 11'000u);
  EXPECT_EQ(devices[1].device, "eth0");
  EXPECT_EQ(devices[1].in, 123'456'789u);
  EXPECT_EQ(devices[1].out, 987'654'321u);
  EXPECT_EQ(devices[2].device, "eth0:1");
  EXPECT_EQ(devices[2].out, 6u);
}

TEST(ProcNetwork, SkipsLinesThatSayNothing) {
  EXPECT_TRUE(parse_network("").empty());
  EXPECT_TRUE(parse_network("eth0: 1 2 3\n:1 2 3 4 5 6 7 8 9\neth0 1 2 3 4 5 6 7 8 9\n").empty());
  EXPECT_TRUE(parse_network("eth0: x 0 0 0 0 0 0 0 9\n").empty());
  EXPECT_TRUE(parse_network("a,b: 1 0 0 0 0 0 0 0 9\n\xff: 1 0 0 0 0 0 0 0 9\n").empty());
}

TEST(ProcNetwork, TakesNoMoreThanItsMaximum) {
  std::string text;
  for (int i = 0; i < 1'000; ++i)
    text += "veth" + std::to_string(i) + ": 1 0 0 0 0 0 0 0 2 0\n";
  EXPECT_EQ(parse_network(text).size(), kDevicesMax);
}

TEST(ProcDisks, ReadsBytesWithoutLoopAndRam) {
  const auto devices = parse_disks(kDiskstats);
  ASSERT_EQ(devices.size(), 3u);
  EXPECT_EQ(devices[0].device, "vda");
  EXPECT_EQ(devices[0].in, 20'000u * 512);
  EXPECT_EQ(devices[0].out, 8'000u * 512);
  EXPECT_EQ(devices[1].device, "vda1");
  EXPECT_EQ(devices[2].device, "nvme0n1");
}

TEST(ProcDisks, SkipsLinesThatSayNothing) {
  EXPECT_TRUE(parse_disks("").empty());
  EXPECT_TRUE(parse_disks("254 0 vda\n\n254 0 vda 1 2 x 4 5 6 7\n254 0 vda 1 2 3 4 5 6\n").empty());
}

TEST(ProcStatm, ReadsResidentPages) {
  EXPECT_EQ(parse_resident_pages("5000 1234 900 100 0 800 0\n"), 1234u);
  for (const char* text : {"", "5000", "5000 x", "5000 -1"}) {
    EXPECT_FALSE(parse_resident_pages(text)) << text;
  }
}

TEST(ProcText, AnyCutOfATextIsHarmless) {
  for (const std::string_view text : {kStat, kMeminfo, kNetDev, kDiskstats}) {
    for (std::size_t size = 0; size <= text.size(); ++size) {
      const std::string cut{text.substr(0, size)};  // own memory: ASan sees
      parse_cpu(cut);
      parse_memory(cut);
      parse_load_1m(cut);
      parse_resident_pages(cut);
      EXPECT_LE(parse_network(cut).size(), 3u);
      EXPECT_LE(parse_disks(cut).size(), 3u);
    }
  }
}

}  // namespace
}  // namespace ingest::feed::proc
