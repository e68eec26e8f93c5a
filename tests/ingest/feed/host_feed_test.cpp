#include "ingest/feed/host_feed.h"

#include "tests/ingest/host/machine.h"

namespace ingest::feed {
namespace {

constexpr Millis kNoWait{0};

class HostFeedTest : public host::Machine {
 protected:
  void SetUp() override {
    write("proc/stat", "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 0 0\n");
    write("proc/loadavg", "0.75 0.5 0.25 1/2 3\n");
    write("proc/meminfo", "MemTotal: 100 kB\nMemFree: 25 kB\nBuffers: 5 kB\nCached: 20 kB\n");
    write("proc/vmstat", "pgfault 1\n");
    write("proc/net/dev", "h\nh\n lo: 1000 0 0 0 0 0 0 0 2000 0 0 0 0 0 0 0\n");
    write("proc/net/snmp", "Tcp: CurrEstab\nTcp: 3\n");
    write("proc/net/netstat", "TcpExt: ListenDrops\nTcpExt: 0\n");
    write("proc/net/sockstat", "TCP: inuse 1 orphan 0 tw 2\n");
    write("proc/diskstats", "254 0 vda 1 0 10 0 1 0 20 0 0 0 0\n");
    write("proc/pressure/cpu", "some total=1\n");
    write("proc/self/stat", "1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 9 18 19 40960 10 20\n");
    write("proc/self/mountinfo", "36 35 0:21 / /proc rw - proc proc rw\n");
    write("proc/self/fd/0", "");
    write("proc/sys/fs/file-nr", "5 0 10\n");
    write("sys/block/vda/size", "1");
  }
  void start() {
    feed_ = std::make_unique<HostFeed>(
        *loop_, sink_,
        HostFeed::Options{
            .every = Millis{1'000},
            .from = {.proc = proc(), .sys = sys(), .ask = host::Connections::Ask::FilesOnly}});
  }
  std::map<std::string, double> pass(Millis time) {
    clock_.advance(time);
    loop_->turn(kNoWait);
    feed_->publish();
    return said();
  }

  ManualClock clock_;  // begins on a whole second
  std::unique_ptr<io::EventLoop> loop_ = *io::EventLoop::open(clock_);
  std::unique_ptr<HostFeed> feed_;
};

TEST_F(HostFeedTest, SaysAtOnceWhatNeedsOneReading) {
  start();
  const auto first = pass(Millis{0});
  EXPECT_EQ(first.at("system.cpu.load_average.1m{}"), 0.75);
  EXPECT_EQ(first.at("system.memory.usage{state:used}"), 50 * 1024);
  EXPECT_EQ(first.at("system.memory.utilization{state:cached}"), 0.2);
  EXPECT_EQ(first.at("system.network.connection.count{transport:tcp,state:established}"), 3);
  EXPECT_EQ(first.at("process.thread.count{}"), 9);
  EXPECT_EQ(first.at("system.file_descriptor.limit{}"), 10);
  EXPECT_FALSE(host::any_named(first, "system.cpu.utilization"));
  EXPECT_FALSE(host::any_named(first, "system.network.io"));
  EXPECT_EQ(feed_->ledger().sources_missing, 0u);
}

TEST_F(HostFeedTest, SaysWhatNeedsTwoReadingsAQuarterSecondLater) {
  start();
  pass(Millis{0});
  write("proc/stat", "cpu  130 0 120 840 10 0 0 0 0 0\n");
  write("proc/net/dev", "h\nh\n lo: 1500 0 0 0 0 0 0 0 2700 0 0 0 0 0 0 0\n");
  write("proc/diskstats", "254 0 vda 1 0 12 0 1 0 23 0 0 0 0\n");
  const auto second = pass(Millis{250});
  EXPECT_DOUBLE_EQ(second.at("system.cpu.utilization{mode:user}"), 0.3);
  EXPECT_DOUBLE_EQ(second.at("system.cpu.utilization{mode:iowait}"), 0.1);
  EXPECT_EQ(second.at("system.network.io{device:lo,direction:receive}"), 500);
  EXPECT_EQ(second.at("system.disk.io{device:vda,direction:write}"), 3 * 512);
}

TEST_F(HostFeedTest, GivesEachSecondOneReadingInItsMiddle) {
  clock_.advance(Millis{137});
  loop_->turn(kNoWait);
  start();
  pass(Millis{0});
  pass(Millis{250});
  std::vector<std::int64_t> readings;
  for (int i = 0; i < 500; ++i) {
    if (!pass(Millis{10}).empty()) readings.push_back(to_ms(clock_.wall()) % 1'000);
  }
  ASSERT_GE(readings.size(), 4u);
  ASSERT_LE(readings.size(), 5u);
  for (const std::int64_t at : readings) {
    EXPECT_GE(at, 500);
    EXPECT_LT(at, 520);
  }
}

TEST_F(HostFeedTest, ASourceThatStopsOnlySkipsItsMetricsAndIsCountedOnce) {
  start();
  pass(Millis{0});
  pass(Millis{250});
  write("proc/meminfo", "");
  write("proc/diskstats", "");
  write("proc/loadavg", "nonsense");
  for (int i = 0; i < 3; ++i) {
    const auto rest = pass(Millis{1'000});
    EXPECT_FALSE(host::any_named(rest, "system.memory"));
    EXPECT_FALSE(host::any_named(rest, "system.cpu.load_average"));
    EXPECT_EQ(rest.count("process.memory.usage{}"), 1u);
  }
  EXPECT_EQ(feed_->ledger().sources_missing, 2u);
}

TEST_F(HostFeedTest, OfAMachineThatSaysNothingItLives) {
  std::filesystem::remove_all(root_);
  start();
  pass(Millis{0});
  const std::uint64_t missing = feed_->ledger().sources_missing;
  EXPECT_GT(missing, 5u);
  for (int i = 0; i < 200; ++i)
    pass(Millis{1'000});
  EXPECT_EQ(feed_->ledger().sources_missing, missing);
}

TEST_F(HostFeedTest, WhatFoldedIsInItsLedger) {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += "veth" + std::to_string(i) + ": 1 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\n";
  write("proc/net/dev", text);
  start();
  pass(Millis{0});
  EXPECT_EQ(feed_->ledger().devices_folded, 100 - host::Interfaces::kInterfacesMax);
}

TEST_F(HostFeedTest, ReadsThisMachine) {
  feed_ = std::make_unique<HostFeed>(*loop_, sink_, HostFeed::Options{});
  const auto found = pass(Millis{0});
  EXPECT_GT(found.at("system.memory.usage{state:free}"), 0);
  EXPECT_GT(found.at("system.cpu.logical.count{}"), 0);
  EXPECT_GT(found.at("process.memory.usage{}"), 0);
  EXPECT_GT(found.at("process.open_file_descriptor.count{}"), 2);
  EXPECT_EQ(feed_->ledger().lines.samples, found.size());
  EXPECT_EQ(feed_->name(), "host");
}

TEST_F(HostFeedTest, LeavesNoTimerBehind) {
  start();
  feed_.reset();
  loop_->turn(kNoWait);
  EXPECT_TRUE(sink_.samples.empty());
}

}  // namespace
}  // namespace ingest::feed
