#include "ingest/host/cgroup.h"

#include "tests/ingest/host/machine.h"

namespace ingest::host {
namespace {

TEST(CgroupText, HoldsThePathOfVersionTwo) {
  EXPECT_EQ(parse_cgroup_path("9:name=systemd:/\n0::/system.slice/weir.service\n"),
            "/system.slice/weir.service");
  EXPECT_EQ(parse_cgroup_path("0::/\n"), "/");
  for (const char* text : {"", "0::", "1:cpu:/a\n", "0:cpu:/\n"})
    EXPECT_FALSE(parse_cgroup_path(text)) << text;
}

TEST(CgroupText, HoldsLimits) {
  EXPECT_EQ(parse_cpu_limit("150000 100000\n"), 1.5);
  for (const char* text : {"", "max 100000\n", "5\n", "5 0\n", "0 5\n", "x 5\n"})
    EXPECT_FALSE(parse_cpu_limit(text)) << text;
  EXPECT_EQ(parse_memory_limit("536870912\n"), 536870912u);
  for (const char* text : {"", "max\n", "-1\n"})
    EXPECT_FALSE(parse_memory_limit(text)) << text;
}

using CgroupTest = Machine;

TEST_F(CgroupTest, SaysTheLimitsOfAContainer) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/memory.max", "1000000\n");
  write("sys/fs/cgroup/memory.current", "250000\n");
  write("sys/fs/cgroup/memory.events", "low 0\nhigh 0\nmax 3\noom 0\noom_kill 0\n");
  write("sys/fs/cgroup/cpu.max", "50000 100000\n");
  write("sys/fs/cgroup/cpu.stat", "usage_usec 9\nuser_usec 5\nsystem_usec 4\nthrottled_usec 0\n");
  Cgroup cgroup{proc(), sys()};
  const auto first = read(cgroup);
  EXPECT_EQ(first.at("container.memory.limit{}"), 1'000'000);
  EXPECT_EQ(first.at("container.memory.usage{}"), 250'000);
  EXPECT_EQ(first.at("container.cpu.limit{}"), 0.5);
  write("sys/fs/cgroup/cpu.stat",
        "usage_usec 9\nuser_usec 500005\nsystem_usec 4\nthrottled_usec 100000\n");
  write("sys/fs/cgroup/memory.events", "oom_kill 1\n");
  const auto second = read(cgroup);
  EXPECT_DOUBLE_EQ(second.at("container.cpu.time{mode:user}"), 0.5);
  EXPECT_DOUBLE_EQ(second.at("container.cpu.throttled_time{}"), 0.1);
  EXPECT_EQ(second.at("container.memory.oom_kills{}"), 1);
}

TEST_F(CgroupTest, WithoutALimitNothingIsSaidAndNothingIsMissing) {
  Cgroup none{proc(), sys()};
  EXPECT_TRUE(read(none).empty());
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/memory.max", "max\n");
  write("sys/fs/cgroup/a/b/memory.current", "5\n");
  write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  Cgroup unlimited{proc(), sys()};
  EXPECT_TRUE(read(unlimited).empty());
  EXPECT_EQ(report_.missing(), 0u);
}

TEST_F(CgroupTest, ALimitThatIsSetLaterIsSeen) {
  write("proc/self/cgroup", "0::/a\n");
  write("sys/fs/cgroup/a/memory.max", "max\n");
  write("sys/fs/cgroup/a/memory.current", "5\n");
  Cgroup cgroup{proc(), sys()};
  EXPECT_TRUE(read(cgroup).empty());
  write("sys/fs/cgroup/a/memory.max", "10\n");
  EXPECT_EQ(read(cgroup).at("container.memory.limit{}"), 10);
}

}  // namespace
}  // namespace ingest::host
