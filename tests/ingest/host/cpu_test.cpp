#include "ingest/host/cpu.h"

#include <numeric>

#include "tests/ingest/host/machine.h"

namespace ingest::host {
namespace {

TEST(CpuLine, IsOfOneCoreOrOfAll) {
  const auto all = parse_cpu_line("cpu  74608 2520 24433 1117073 6176 4054 7 9 11 13");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->cpu, "");
  EXPECT_EQ(all->times, (CpuTimes{74608, 2520, 24433, 1117073, 6176, 4054, 7, 9}));
  EXPECT_EQ(parse_cpu_line("cpu12 1 2 3 4 5 6 7 8")->cpu, "12");
}

TEST(CpuLine, RefusesWhatIsNone) {
  for (const char* line :
       {"", "cpu", "cpux 1 2 3 4 5 6 7 8", "cpu 1 2 3 4 5 6 7", "intr 1 2 3", "cpu 1 2 x 4 5 6 7 8",
        "cpu -1 2 3 4 5 6 7 8", "cpu 1 2 3 4 5 6 7 99999999999999999999999"}) {
    EXPECT_FALSE(parse_cpu_line(line)) << line;
  }
}

TEST(CpuShares, OfTheTimeThatPassedAddUpToOne) {
  const auto shares = cpu_shares({100, 0, 50, 1000, 10, 0, 0, 0}, {150, 10, 70, 1110, 20, 0, 0, 0});
  ASSERT_TRUE(shares);
  EXPECT_DOUBLE_EQ((*shares)[0], 0.25);
  EXPECT_DOUBLE_EQ((*shares)[3], 0.55);
  EXPECT_DOUBLE_EQ(std::accumulate(shares->begin(), shares->end(), 0.0), 1);
}

TEST(CpuShares, AModeThatStepsBackHasNone) {
  const auto shares = cpu_shares({10, 0, 0, 10, 50, 0, 0, 0}, {20, 0, 0, 20, 40, 0, 0, 0});
  ASSERT_TRUE(shares);
  EXPECT_EQ((*shares)[4], 0);
  EXPECT_EQ((*shares)[0], 0.5);
}

TEST(CpuShares, AreNoneWhereNoTimePassed) {
  const CpuTimes times{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_FALSE(cpu_shares(times, times));
  EXPECT_FALSE(cpu_shares(times, CpuTimes{}));
}

TEST(CpuLoad, IsThreeNumbers) {
  EXPECT_EQ(parse_load("0.75 0.50 0.25 1/123 4567\n"), (std::array{0.75, 0.5, 0.25}));
  for (const char* text : {"", "1", "1 2", "x 1 2", "-1 0 0", "nan 0 0", "inf 1 1", "0,75 1 1"}) {
    EXPECT_FALSE(parse_load(text)) << text;
  }
}

class CpuTest : public Machine {
 protected:
  /// Two cores in user and idle ticks, and the line of both.
  void cores(std::uint64_t user0, std::uint64_t idle0, std::uint64_t user1, std::uint64_t idle1) {
    const auto line = [](const std::string& name, std::uint64_t user, std::uint64_t idle) {
      return name + ' ' + std::to_string(user) + " 0 0 " + std::to_string(idle) + " 0 0 0 0 0 0\n";
    };
    write("proc/stat", line("cpu ", user0 + user1, idle0 + idle1) + line("cpu0", user0, idle0) +
                           line("cpu1", user1, idle1) +
                           "intr 5 0 0\nprocesses 900\nprocs_running 3\nprocs_blocked 1\n");
  }
};

TEST_F(CpuTest, GivesSecondsOfEachCoreAndSharesOfAll) {
  cores(100, 900, 200, 800);
  write("proc/loadavg", "0.75 0.5 0.25 1/2 3\n");
  Cpu cpu{proc()};
  const auto first = read(cpu);
  EXPECT_EQ(first.at("system.cpu.logical.count{}"), 2);
  EXPECT_EQ(first.at("system.cpu.load_average.1m{}"), 0.75);
  EXPECT_EQ(first.at("system.cpu.load_average.15m{}"), 0.25);
  EXPECT_EQ(first.at("system.process.count{state:running}"), 3);
  EXPECT_EQ(first.at("system.process.count{state:blocked}"), 1);
  EXPECT_FALSE(any_named(first, "system.cpu.time"));
  cores(150, 950, 200, 900);
  const auto second = read(cpu);
  EXPECT_DOUBLE_EQ(second.at("system.cpu.time{cpu:0,mode:user}"), 0.5);  // ticks of 10 ms
  EXPECT_DOUBLE_EQ(second.at("system.cpu.time{cpu:1,mode:idle}"), 1);
  EXPECT_EQ(second.at("system.cpu.time{cpu:1,mode:user}"), 0);
  EXPECT_DOUBLE_EQ(second.at("system.cpu.utilization{mode:user}"), 0.25);
  EXPECT_DOUBLE_EQ(second.at("system.cpu.utilization{mode:idle}"), 0.75);
  EXPECT_EQ(second.at("system.process.created{}"), 0);
  EXPECT_EQ(kinds_.at("system.cpu.time"), model::Kind::Counter);
  EXPECT_EQ(kinds_.at("system.cpu.utilization"), model::Kind::Gauge);
}

TEST_F(CpuTest, ACoreThatGoesAndComesGivesNoSpike) {
  cores(100, 900, 200, 800);
  Cpu cpu{proc()};
  read(cpu);
  write("proc/stat", "cpu  110 0 0 910 0 0 0 0\ncpu0 110 0 0 910 0 0 0 0\n");
  const auto alone = read(cpu);
  EXPECT_EQ(alone.at("system.cpu.logical.count{}"), 1);
  EXPECT_FALSE(any_named(alone, "system.cpu.time{cpu:1"));
  cores(120, 920, 99'999, 99'999);
  EXPECT_FALSE(any_named(read(cpu), "system.cpu.time{cpu:1"));
  cores(120, 920, 99'999, 99'999 + 10);
  EXPECT_DOUBLE_EQ(read(cpu).at("system.cpu.time{cpu:1,mode:idle}"), 0.1);
}

TEST_F(CpuTest, AnyCutOfItsTextIsHarmless) {
  cores(100, 900, 200, 800);
  std::ifstream file{path("proc/stat")};
  const std::string whole{std::istreambuf_iterator<char>{file}, {}};
  Cpu cpu{proc()};
  for (std::size_t size = 1; size <= whole.size(); ++size) {
    write("proc/stat", whole.substr(0, size));
    EXPECT_LE(read(cpu).size(), 40u);
  }
}

}  // namespace
}  // namespace ingest::host
