#include "gateway/cli/bench.h"

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <ostream>

#include "gateway/cli/bench_crowd.h"
#include "gateway/cli/bench_engine.h"
#include "gateway/cli/bench_server.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/subscription.h"
#include "ingest/base/check.h"
#include "ingest/io/real_clock.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using ingest::Millis;
using ingest::Result;

/// Descriptors that are not connections: the loop, the pipe, the standard ones.
constexpr std::uint64_t kOtherDescriptors = 64;

constexpr const char* kFooter =
    R"(Without --connections: the engine's inner loops, from memory, on one core; the median of 7 rounds. With it
also so many subscribers on real sockets of 127.0.0.1, all asking for system.cpu.utilization four times a
second, of a Weir of its own in another process (or of --url, whose memory cannot be seen):
  memory     what the server's heap and stacks grew by, for each subscriber; the kernel's buffers besides
  messages   updates that all subscribers together received in a second
  to all     from the first subscriber that has a frame to the last, the median
The subscribers live on the same machine and take their share of it: the server alone is faster.

Examples:
  weir bench
  weir bench --connections 5000)";

/// printf's numbers in columns, which streams do clumsily.
template <class... Values>
std::string row(const char* format, Values... values) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), format, values...);  // NOLINT(*-vararg): columns
  return text.data();
}

void engine(std::ostream& out) {
  out << row("%-58s %10s %8s\n", "the engine, one core", "ns each", "GB/s") << std::flush;
  measure_engine([&](const EngineNumber& number) {
    const std::string rate =
        number.each_bytes > 0 ? row("%.2f", number.each_bytes / number.each_ns) : "-";
    out << row("%-58s %10.1f %8s\n", number.what.c_str(), number.each_ns, rate.c_str())
        << std::flush;
  });
}

/// As many descriptors as the system lets us have; returns how many connections fit.
std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_max - std::min<std::uint64_t>(limit.rlim_max, kOtherDescriptors);
}

struct CrowdNumbers {
  std::size_t members = 0;
  double seconds = 0;  // until all were subscribed
  std::optional<double> kib_each;
  Crowd::Told told;
};

Result<CrowdNumbers> measure_crowd(const Bench& wanted, std::size_t members) {
  const ingest::io::RealClock clock;
  const auto loop = TRY(ingest::io::EventLoop::open(clock));
  std::optional<BenchServer> own;
  if (wanted.url.empty()) own.emplace(TRY(BenchServer::start(members)));
  auto url = TRY(ws_client::Url::parse(websocket_url(own ? own->address() : wanted.url)));
  if (url.security == ws_client::Security::Tls)
    return Failure{
        ingest::Error{0, "wss:// is not measured here: name the server's ws:// address"}};
  Crowd crowd{*loop, clock, std::move(url)};
  TRY(crowd.grow(1));  // what the first one costs, the channel and its ring, is not each one's
  const auto before = own ? own->memory_bytes() : std::nullopt;
  const ingest::MonoTime begin = clock.mono();
  TRY(crowd.grow(members));
  CrowdNumbers numbers;
  numbers.members = members;
  numbers.seconds = std::chrono::duration<double>(clock.mono() - begin).count();
  numbers.told = TRY(crowd.listen(Millis{static_cast<std::int64_t>(wanted.seconds) * 1'000}));
  const auto after = own ? own->memory_bytes() : std::nullopt;
  if (before && after && members > 1) {
    numbers.kib_each = (static_cast<double>(*after) - static_cast<double>(*before)) / 1'024.0 /
                       static_cast<double>(members - 1);
  }
  return numbers;
}

void print(const CrowdNumbers& numbers, std::ostream& out) {
  const std::string memory = numbers.kib_each ? row("%.2f", *numbers.kib_each) : "-";
  const std::string spread = numbers.told.spread_ms ? row("%.1f", *numbers.told.spread_ms) : "-";
  out << row("\n%-14s %18s %18s %14s %12s\n", "subscribers", "all connected, s", "memory each, KiB",
             "messages/s", "to all, ms")
      << row("%-14zu %18.2f %18s %14.0f %12s\n", numbers.members, numbers.seconds, memory.c_str(),
             static_cast<double>(numbers.told.messages) / numbers.told.seconds, spread.c_str())
      << std::flush;
}

}  // namespace

BenchArguments::BenchArguments(CLI::App& weir)
    : app_(weir.add_subcommand("bench", "Measure the engine on this machine")) {
  app_->footer(kFooter);
  app_->allow_extras();
  app_->add_option("--connections", bench_.connections, "Subscribers besides, on real sockets")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}))
      ->take_last();
  app_->add_option("--url", bench_.url, "Of a running Weir, instead of one of our own")
      ->type_name("URL")
      ->take_last();
  app_->add_option("--seconds", bench_.seconds, "How long messages are counted")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{3'600}))
      ->capture_default_str()
      ->take_last();
}

Exit bench(const Bench& wanted, std::ostream& out, std::ostream& err) {
  if (wanted.connections == 0 && !wanted.url.empty()) {
    err << "weir bench: how many --connections to " << wanted.url << "?" << std::endl;
    return Exit::Configuration;
  }
  const std::uint64_t room = raise_descriptor_limit();
  const std::uint64_t members = std::min(wanted.connections, room);
  engine(out);
  if (members == 0) return Exit::Good;
  if (members < wanted.connections) {
    err << "weir bench: the limit of open files (ulimit -Hn) leaves room for " << members
        << " connections" << std::endl;
  }
  const auto numbers = measure_crowd(wanted, members);
  if (!numbers) {
    err << "weir bench: " << numbers.error().what << std::endl;
    return Exit::CannotGoOn;
  }
  print(*numbers, out);
  return Exit::Good;
}

}  // namespace gateway::cli
