// `weir tail` against a whole Weir, into a pipe.
#include "gateway/cli/tail.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "gateway/cli/wiring.h"
#include "ingest/io/real_clock.h"
#include "ingest/io/signals.h"
#include "ingest/io/socket.h"

namespace gateway::cli {
namespace {

using ingest::io::Fd;
using nlohmann::json;

/// A Weir with the host's numbers on free ports.
class Running {
 public:
  Running() {
    config_.http.listen = {config::Address{.host = "127.0.0.1", .port = 0}};
    config_.feeds = {config::HostFeed{}};
    config_.workers = 1;
    config_.archive.path.clear();
    wiring_ = *Wiring::open({.config = &config_, .pages_dir = "", .clock = &clock_, .log = &log_});
    thread_ = std::thread{[this] { EXPECT_TRUE(wiring_->run()); }};
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    wiring_->stop();
    thread_.join();
  }
  std::string address() const { return wiring_->listeners().front().address; }

 private:
  config::Config config_;
  ingest::io::RealClock clock_;
  ingest::io::Logger log_{ingest::io::LogLevel::Error};
  std::unique_ptr<Wiring> wiring_;
  std::thread thread_;
};

struct Tailed {
  Exit exit{};
  std::string out;
  std::string err;
};

Tailed run_tail(const Tail& wanted) {
  int ends[2] = {-1, -1};
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Fd reader{ends[0]};
  Fd writer{ends[1]};
  std::ostringstream err;
  Tailed tailed;
  tailed.exit = tail(wanted, writer.get(), err);
  tailed.err = err.str();
  writer.reset();
  char bytes[4096];
  for (ssize_t count = 0; (count = read(reader.get(), bytes, sizeof bytes)) > 0;)
    tailed.out.append(bytes, static_cast<std::size_t>(count));
  return tailed;
}

Tail wanting(const std::string& metric, const std::string& url) {
  Tail wanted;
  wanted.subscription.metric = metric;
  wanted.url = url;
  return wanted;
}

TEST(Tail, WritesLinesOfJsonIntoAPipeAndEndsAfterItsCount) {
  const Running weir;
  Tail wanted = wanting("system.cpu.logical.count", weir.address());
  wanted.subscription.metric = "system.**";
  wanted.subscription.stats = {"last", "max"};
  wanted.windows = 3;
  const Tailed tailed = run_tail(wanted);
  EXPECT_EQ(tailed.exit, Exit::Good);
  // The first numbers may come after us.
  EXPECT_TRUE(tailed.err.empty() || tailed.err == "weir tail: no series matches system.** yet\n")
      << tailed.err;
  std::istringstream lines{tailed.out};
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const json one = json::parse(line, nullptr, false);
    ASSERT_TRUE(one.is_object()) << line;
    EXPECT_TRUE(one["metric"].get<std::string>().starts_with("system.")) << line;
    EXPECT_TRUE(one["tags"].is_object());
    EXPECT_TRUE(one["stats"].contains("last") && one["stats"].contains("max"));
    EXPECT_EQ(one["window"], 10'000);
    EXPECT_GT(one["time"], 1'600'000'000'000);
  }
  EXPECT_GT(count, 0U);
}

/// Until nothing has been added to a pipe for longer than a window stands still: it is full.
void wait_until_full(int reader) {
  int before = 0;
  for (int quiet = 0, i = 0; quiet < 25 && i < 200; ++i) {
    int now = 0;
    ioctl(reader, FIONREAD, &now);
    quiet = now > 0 && now == before ? quiet + 1 : 0;
    before = now;
    poll(nullptr, 0, 100);
  }
}

TEST(Tail, EndsInOrderByASignalWhileNobodyReads) {
  ASSERT_TRUE(ingest::io::block_signals());
  const Running weir;
  int ends[2] = {-1, -1};
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Fd reader{ends[0]};
  const Fd writer{ends[1]};
  ASSERT_GT(fcntl(writer.get(), F_SETPIPE_SZ, 4'096), 0);
  Tail wanted = wanting("system.**", weir.address());
  wanted.subscription.rate = "250ms";
  std::ostringstream err;
  std::chrono::steady_clock::time_point left;
  std::thread person{[&, tailing = pthread_self()] {
    wait_until_full(reader.get());
    left = std::chrono::steady_clock::now();
    pthread_kill(tailing, SIGINT);
  }};
  EXPECT_EQ(tail(wanted, writer.get(), err), Exit::Good);
  person.join();
  // For half a second the loop went on without the subscription: there was something to write.
  EXPECT_GE(std::chrono::steady_clock::now() - left, std::chrono::milliseconds{450});
}

TEST(Tail, SaysOnceThatNoSeriesMatches) {
  const Running weir;
  Tail wanted = wanting("nothing.such", weir.address());
  wanted.once = true;
  wanted.windows = 1;
  const Tailed plain = run_tail(wanted);
  EXPECT_EQ(plain.exit, Exit::Good);
  EXPECT_EQ(plain.out, "");
  EXPECT_EQ(plain.err, "weir tail: no series matches nothing.such yet\n");
  wanted.subscription.metric = "nothing.*";
  wanted.subscription.rate = "250ms";
  wanted.once = false;
  wanted.windows = 3;
  const Tailed starred = run_tail(wanted);
  EXPECT_EQ(starred.exit, Exit::Good);
  EXPECT_EQ(starred.err,
            "weir tail: no series matches nothing.* yet (* stays within one segment of a name, ** "
            "stands for any run: try nothing.**)\n");
}

TEST(Tail, KeepsToItsLimitOfRows) {
  const Running weir;
  Tail wanted = wanting("system.**", weir.address());
  wanted.order = "@metric:asc";
  wanted.limit = 1;
  wanted.windows = 4;
  std::istringstream lines{run_tail(wanted).out};
  std::set<std::string> metrics;
  for (std::string line; std::getline(lines, line);)
    metrics.insert(json::parse(line)["metric"].get<std::string>());
  EXPECT_LE(metrics.size(), 1U);
}

TEST(Tail, EndsWithStatus2WhenTheServerRefusesTheQuery) {
  const Running weir;
  Tail wanted = wanting("m", weir.address());
  wanted.subscription.stats = {"nonsense"};
  const Tailed tailed = run_tail(wanted);
  EXPECT_EQ(tailed.exit, Exit::Configuration);
  EXPECT_TRUE(tailed.err.starts_with("weir tail: the server refused the query: stats[0]: "))
      << tailed.err;
  EXPECT_EQ(std::count(tailed.err.begin(), tailed.err.end(), '\n'), 1);
}

TEST(Tail, SaysInOneSentenceThatTheServerCannotBeReached) {
  Fd taken = *ingest::io::tcp_listen(*ingest::io::Address::parse("127.0.0.1:0"));
  const std::string address = ingest::io::local_address(taken.get())->text();
  taken.reset();
  Tail wanted = wanting("m", address);
  wanted.once = true;
  wanted.windows = 1;
  const Tailed tailed = run_tail(wanted);
  EXPECT_EQ(tailed.exit, Exit::CannotGoOn);
  EXPECT_EQ(tailed.err, "weir tail: cannot connect to " + address + ": connection refused\n");
}

TEST(Tail, EndsForGoodWhereNoWeirAnswers) {
  const Running weir;
  const Tailed tailed = run_tail(wanting("m", weir.address() + "/nowhere"));
  EXPECT_EQ(tailed.exit, Exit::CannotGoOn);
  EXPECT_EQ(tailed.err,
            "weir tail: the server answered 404 Not Found instead of opening a WebSocket: There is "
            "no such path\n");
}

TEST(Tail, RefusesAUrlThatIsNone) {
  const Tailed tailed = run_tail(wanting("m", "ftp://h/"));
  EXPECT_EQ(tailed.exit, Exit::Configuration);
  EXPECT_TRUE(tailed.err.starts_with("weir tail: bad URL 'ftp://h/': ")) << tailed.err;
}

}  // namespace
}  // namespace gateway::cli
