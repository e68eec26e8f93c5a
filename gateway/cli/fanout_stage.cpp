#include "gateway/cli/fanout_stage.h"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

#include "ingest/io/socket.h"

namespace gateway::cli {
namespace {

using ingest::Millis;
using ingest::Result;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kDatagramBytes = 1'364;

/// Half a tick after each multiple of `every`, so that lines and ticks do not meet.
SteadyClock::time_point next_feed(Millis every) {
  const auto wall = std::chrono::system_clock::now().time_since_epoch() % every;
  const auto left = every / 2 - wall;
  return SteadyClock::now() +
         std::chrono::duration_cast<SteadyClock::duration>(left.count() > 0 ? left : left + every);
}

}  // namespace

FanoutStage::FanoutStage(BenchServer server, ingest::io::Fd feed)
    : server_(std::move(server)), feed_(std::move(feed)) {}

Result<FanoutStage> FanoutStage::open(const Options& options) {
  const auto ms = [](Millis time) { return std::to_string(time.count()) + "ms"; };
  const std::string room = std::to_string(options.connections + 100);
  BenchServer server = TRY(BenchServer::start_with(
      {"feeds=[{listen: \"udp://127.0.0.1:0\", format: statsd}]",
       "workers=" + std::to_string(options.workers), "time.tick=" + ms(options.tick),
       "http.timeouts.stalled=" + ms(options.stalled), "limits.connections=" + room,
       "limits.new_series_per_source=off", "retention.panes=2min", "retention.ten_seconds=0s",
       "retention.minutes=0s"}));
  const auto address = TRY(ingest::io::Address::parse(server.address_of("udp/statsd")));
  return FanoutStage{std::move(server), TRY(ingest::io::udp_connect(address))};
}

std::string FanoutStage::hello(std::size_t metrics, Millis rate, Millis slide) {
  std::string text = R"({"t":"hello","v":1,"sdk":"weir-bench","subs":[)";
  for (std::size_t metric = 0; metric < metrics; ++metric) {
    const std::string id = std::to_string(metric);
    if (metric > 0) text += ",";
    text += R"({"t":"sub","id":)" + std::to_string(metric + 1) + R"(,"rate":)" +
            std::to_string(rate.count()) + R"(,"q":{"metric":"weir.bench.)" + id +
            R"(","by":["host"],"window":"10s","slide":)" + std::to_string(slide.count()) +
            R"(,"stats":["count","rate","mean","p50","p99"]}})";
  }
  return text + "]}";
}

void FanoutStage::run(FanoutCrowd& crowd, const FanoutLoad& load, Millis time) {
  run_with_pings(crowd, load, time, Millis{0});
}

void FanoutStage::run_with_pings(FanoutCrowd& crowd, const FanoutLoad& load, Millis time,
                                 Millis every) {
  const auto never = SteadyClock::time_point::max();
  const auto until = SteadyClock::now() + time;
  auto feed_at = load.rows > 0 ? next_feed(load.every) : never;
  auto ping_at = every > Millis{0} ? SteadyClock::now() : never;
  for (auto now = SteadyClock::now(); now < until; now = SteadyClock::now()) {
    if (now >= feed_at) {
      feed(load);
      feed_at = next_feed(load.every);
    }
    if (now >= ping_at) {
      crowd.ping();
      ping_at += every;
    }
    const auto next = std::min({until, feed_at, ping_at});
    crowd.turn(std::clamp(std::chrono::ceil<Millis>(next - now), Millis{0}, Millis{50}));
  }
}

/// Values that look like measurements.
void FanoutStage::feed(const FanoutLoad& load) {
  constexpr std::uint64_t kValues = 9'973;
  if (load.rows == 0) return;
  for (std::size_t i = 0; i < load.rows_each_time; ++i) {
    next_row_ = (next_row_ + 1) % load.rows;
    for (std::size_t metric = 0; metric < load.metrics; ++metric) {
      numbers_ = numbers_ * 6364136223846793005U + 1442695040888963407U;
      lines_ += "weir.bench." + std::to_string(metric) + ":" +
                std::to_string((numbers_ >> 33U) % kValues) + "|ms|#host:host-" +
                std::to_string(next_row_) + "\n";
      if (lines_.size() > kDatagramBytes - 64) send_lines();
    }
  }
  send_lines();
}

/// A datagram that is lost costs one row one value.
void FanoutStage::send_lines() {
  static_cast<void>(send(feed_.get(), lines_.data(), lines_.size(), MSG_NOSIGNAL));
  lines_.clear();
}

std::uint64_t FanoutStage::cpu_ns() const {
  constexpr std::uint64_t kSecondNs = 1'000'000'000;
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(server_.pid(), &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<std::uint64_t>(time.tv_sec) * kSecondNs +
         static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace gateway::cli
