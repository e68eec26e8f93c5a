#include "ingest/feed/host_feed.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "tests/ingest/codec/collected.h"

namespace ingest::feed {
namespace {

namespace fs = std::filesystem;
constexpr Millis kNoWait{0};

/// A /proc and a /sys of our own.
class HostFeedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path{::testing::TempDir()} /
            ("host_feed_" +
             std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()});
    fs::remove_all(root_);
    write("proc/stat", "cpu  100 0 100 800 0 0 0 0 0 0\n");
    write("proc/loadavg", "0.75 0.5 0.25 1/2 3\n");
    write("proc/meminfo", "MemTotal: 100 kB\nMemFree: 25 kB\nBuffers: 5 kB\nCached: 20 kB\n");
    write("proc/net/dev", "h\nh\n lo: 1000 0 0 0 0 0 0 0 2000 0 0 0 0 0 0 0\n");
    write("proc/diskstats", "254 0 vda 1 0 10 0 1 0 20 0\n254 1 vda1 1 0 10 0 1 0 20 0\n");
    write("proc/self/statm", "500 10 0 0 0 0 0\n");
    write("proc/self/fd/0", "");
    write("proc/self/fd/1", "");
    write("proc/self/fd/2", "");
    write("sys/block/vda/size", "1");
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream{root_ / path} << text;
  }
  void start() {
    feed_ = std::make_unique<HostFeed>(
        *loop_, sink_, HostFeed::Options{Millis{1'000}, root_ / "proc", root_ / "sys"});
  }
  void pass(Millis time) {
    clock_.advance(time);
    loop_->turn(kNoWait);
    feed_->publish();
  }
  /// The values since the last call, by "name{tags}".
  std::map<std::string, double> values() {
    std::map<std::string, double> found;
    for (const codec::Kept& sample : sink_.samples) {
      found[sample.name + '{' + sample.tags + '}'] = sample.value;
      kinds_[sample.name] = sample.kind;
    }
    sink_.samples.clear();
    return found;
  }

  fs::path root_;
  ManualClock clock_;  // begins on a whole second
  std::unique_ptr<io::EventLoop> loop_ = *io::EventLoop::open(clock_);
  codec::Collected sink_;
  std::unique_ptr<HostFeed> feed_;
  std::map<std::string, model::Kind> kinds_;
};

TEST_F(HostFeedTest, SaysAtOnceWhatNeedsOneReading) {
  start();
  pass(Millis{0});
  const auto first = values();
  EXPECT_EQ(first.at("system.cpu.load_average.1m{}"), 0.75);
  EXPECT_EQ(first.at("system.memory.usage{state:used}"), 50 * 1024);
  EXPECT_EQ(first.at("system.memory.usage{state:free}"), 25 * 1024);
  EXPECT_EQ(first.at("system.memory.utilization{state:cached}"), 0.2);
  EXPECT_EQ(first.at("system.memory.utilization{state:buffers}"), 0.05);
  EXPECT_EQ(first.at("process.memory.usage{}"),
            10.0 * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(first.at("process.open_file_descriptor.count{}"), 2);
  EXPECT_EQ(first.count("system.cpu.utilization{mode:user}"), 0u);
  EXPECT_EQ(first.count("system.network.io{device:lo,direction:receive}"), 0u);
}

TEST_F(HostFeedTest, SaysWhatNeedsTwoReadingsAQuarterSecondLater) {
  start();
  pass(Millis{0});
  values();
  write("proc/stat", "cpu  130 0 120 840 10 0 0 0 0 0\n");
  write("proc/net/dev", "h\nh\n lo: 1500 0 0 0 0 0 0 0 2700 0 0 0 0 0 0 0\n");
  write("proc/diskstats", "254 0 vda 1 0 12 0 1 0 23 0\n254 1 vda1 1 0 99 0 1 0 99 0\n");
  pass(Millis{250});
  const auto second = values();
  EXPECT_DOUBLE_EQ(second.at("system.cpu.utilization{mode:user}"), 0.3);
  EXPECT_DOUBLE_EQ(second.at("system.cpu.utilization{mode:idle}"), 0.4);
  EXPECT_DOUBLE_EQ(second.at("system.cpu.utilization{mode:iowait}"), 0.1);
  EXPECT_EQ(second.at("system.network.io{device:lo,direction:receive}"), 500);
  EXPECT_EQ(second.at("system.network.io{device:lo,direction:transmit}"), 700);
  EXPECT_EQ(second.at("system.disk.io{device:vda,direction:read}"), 2 * 512);
  EXPECT_EQ(second.at("system.disk.io{device:vda,direction:write}"), 3 * 512);
  EXPECT_EQ(second.count("system.disk.io{device:vda1,direction:read}"), 0u);  // a partition
  const double own = second.at("process.cpu.utilization{}");
  EXPECT_GE(own, 0);
  EXPECT_LE(own, 1);
  EXPECT_EQ(kinds_.at("system.network.io"), model::Kind::Counter);
  EXPECT_EQ(kinds_.at("system.disk.io"), model::Kind::Counter);
  EXPECT_EQ(kinds_.at("system.cpu.utilization"), model::Kind::Gauge);
}

TEST_F(HostFeedTest, GivesEachSecondOneReadingInItsMiddle) {
  clock_.advance(Millis{137});
  loop_->turn(kNoWait);
  start();
  pass(Millis{0});
  pass(Millis{250});
  values();
  std::vector<std::int64_t> readings;
  for (int i = 0; i < 500; ++i) {
    pass(Millis{10});
    if (!values().empty()) readings.push_back(to_ms(clock_.wall()) % 1'000);
  }
  ASSERT_GE(readings.size(), 4u);
  ASSERT_LE(readings.size(), 5u);
  for (const std::int64_t at : readings) {
    EXPECT_GE(at, 500);
    EXPECT_LT(at, 520);
  }
}

TEST_F(HostFeedTest, AVanishedFileOnlySkipsItsMetrics) {
  start();
  pass(Millis{0});
  pass(Millis{250});
  values();
  fs::remove(root_ / "proc/meminfo");
  fs::remove_all(root_ / "proc/self/fd");
  write("proc/loadavg", "nonsense");
  write("proc/diskstats", "");
  pass(Millis{1'000});
  const auto rest = values();
  EXPECT_EQ(rest.count("system.memory.usage{state:used}"), 0u);
  EXPECT_EQ(rest.count("system.cpu.load_average.1m{}"), 0u);
  EXPECT_EQ(rest.count("process.open_file_descriptor.count{}"), 0u);
  EXPECT_EQ(rest.count("process.memory.usage{}"), 1u);
  EXPECT_EQ(rest.count("system.network.io{device:lo,direction:receive}"), 1u);
  EXPECT_EQ(feed_->ledger().sources_missing, 3u);  // meminfo, fd, diskstats
}

TEST_F(HostFeedTest, ACounterThatBeganAgainGivesNoJump) {
  start();
  pass(Millis{0});
  write("proc/net/dev", "h\nh\n lo: 10 0 0 0 0 0 0 0 20 0 0 0 0 0 0 0\n");
  pass(Millis{250});
  EXPECT_EQ(values().count("system.network.io{device:lo,direction:receive}"), 0u);
  write("proc/net/dev",
        "h\nh\n lo: 15 0 0 0 0 0 0 0 20 0 0 0 0 0 0 0\n new: 900 0 0 0 0 0 0 0 9 0\n");
  pass(Millis{1'000});
  const auto next = values();
  EXPECT_EQ(next.at("system.network.io{device:lo,direction:receive}"), 5);
  EXPECT_EQ(next.count("system.network.io{device:new,direction:receive}"), 0u);
}

TEST_F(HostFeedTest, ReadsThisMachine) {
  HostFeed feed{*loop_, sink_, HostFeed::Options{}};
  loop_->turn(kNoWait);
  const auto found = values();
  EXPECT_GT(found.at("system.memory.usage{state:free}"), 0);
  EXPECT_GT(found.at("process.memory.usage{}"), 0);
  EXPECT_GT(found.at("process.open_file_descriptor.count{}"), 2);
  feed.publish();
  EXPECT_EQ(feed.ledger().sources_missing, 0u);
  EXPECT_EQ(feed.ledger().lines.samples, found.size());
  EXPECT_EQ(feed.name(), "host");
}

TEST_F(HostFeedTest, LeavesNoTimerBehind) {
  start();
  feed_.reset();
  loop_->turn(kNoWait);
  EXPECT_TRUE(sink_.samples.empty());
}

}  // namespace
}  // namespace ingest::feed
