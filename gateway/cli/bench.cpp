#include "gateway/cli/bench.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <ostream>
#include <utility>

#include "gateway/cli/bench_crowd.h"
#include "gateway/cli/bench_engine.h"
#include "gateway/cli/bench_server.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/subscription.h"
#include "ingest/base/check.h"
#include "ingest/io/descriptor_limit.h"
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
also so many subscribers on real sockets of 127.0.0.1, of a Weir of its own in another process, or of --url,
whose memory cannot be seen. All ask four times a second for system.cpu.utilization:
  messages   updates that all subscribers together received in a second
  to all     from the first subscriber that has a frame to the last, the median
and before that, each time of a fresh Weir, for a metric that nothing has:
  idle       what the server's heap and stacks grew by, for each subscriber; the kernel's buffers besides
  deflate    the same once each connection has agreed to permessage-deflate
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

struct CrowdNumbers {
  std::size_t members = 0;
  double seconds = 0;  // until all were subscribed
  std::optional<double> idle_kib;
  std::optional<double> deflate_kib;
  Crowd::Told told;
};

/// Once it moves no more, or for some seconds.
Result<std::optional<std::uint64_t>> settled_memory(Crowd& crowd, const BenchServer& server) {
  constexpr Millis kLook{500};
  constexpr int kLooksMax = 10;
  std::optional<std::uint64_t> memory = server.memory_bytes();
  for (int i = 0; i < kLooksMax; ++i) {
    TRY(crowd.rest(kLook));
    const auto before = std::exchange(memory, server.memory_bytes());
    if (before == memory) break;
  }
  return memory;
}

/// What a subscriber that hears nothing costs a fresh server, in KiB. nullopt: it cannot be told.
Result<std::optional<double>> idle_memory(std::size_t members, ws::Compression compression) {
  if (members < 2) return std::optional<double>{};
  const ingest::io::RealClock clock;
  const auto loop = TRY(ingest::io::EventLoop::open(clock));
  const BenchServer server = TRY(BenchServer::start(members));
  Crowd crowd{*loop,
              clock,
              {.url = TRY(ws_client::Url::parse(websocket_url(server.address()))),
               .metric = "weir.bench.nothing",
               .compression = compression}};
  TRY(crowd.grow(1));  // what the first one costs, the channel, is not each one's
  const auto before = TRY(settled_memory(crowd, server));
  TRY(crowd.grow(members));
  const auto after = TRY(settled_memory(crowd, server));
  if (!before || !after) return std::optional<double>{};
  const double grown = static_cast<double>(*after) - static_cast<double>(*before);
  return std::optional{grown / 1'024.0 / static_cast<double>(members - 1)};
}

Result<CrowdNumbers> measure_crowd(const Bench& wanted, std::size_t members) {
  CrowdNumbers numbers;
  numbers.members = members;
  if (wanted.url.empty()) {
    numbers.idle_kib = TRY(idle_memory(members, ws::Compression::None));
    numbers.deflate_kib = TRY(idle_memory(members, ws::Compression::Deflate));
  }
  const ingest::io::RealClock clock;
  const auto loop = TRY(ingest::io::EventLoop::open(clock));
  std::optional<BenchServer> own;
  if (wanted.url.empty()) own.emplace(TRY(BenchServer::start(members)));
  auto url = TRY(ws_client::Url::parse(websocket_url(own ? own->address() : wanted.url)));
  if (url.security == ws_client::Security::Tls)
    return Failure{
        ingest::Error{0, "wss:// is not measured here: name the server's ws:// address"}};
  CrowdOptions options;
  options.url = std::move(url);
  Crowd crowd{*loop, clock, std::move(options)};
  const ingest::MonoTime begin = clock.mono();
  TRY(crowd.grow(members));
  numbers.seconds = std::chrono::duration<double>(clock.mono() - begin).count();
  numbers.told = TRY(crowd.listen(Millis{static_cast<std::int64_t>(wanted.seconds) * 1'000}));
  return numbers;
}

void print(const CrowdNumbers& numbers, std::ostream& out) {
  const std::string idle = numbers.idle_kib ? row("%.2f", *numbers.idle_kib) : "-";
  const std::string deflate = numbers.deflate_kib ? row("%.2f", *numbers.deflate_kib) : "-";
  const std::string spread = numbers.told.spread_ms ? row("%.1f", *numbers.told.spread_ms) : "-";
  out << row("\n%-12s %16s %15s %18s %12s %11s\n", "subscribers", "all connected, s",
             "idle each, KiB", "with deflate, KiB", "messages/s", "to all, ms")
      << row("%-12zu %16.2f %15s %18s %12.0f %11s\n", numbers.members, numbers.seconds,
             idle.c_str(), deflate.c_str(),
             static_cast<double>(numbers.told.messages) / numbers.told.seconds, spread.c_str())
      << std::flush;
}

}  // namespace

BenchArguments::BenchArguments(const Syntax& weir)
    : syntax_(weir.command("bench", "Measure the engine on this machine", kFooter)) {
  syntax_.number(bench_.connections, {"--connections", "Subscribers besides, on real sockets", "N"},
                 {1, 1'000'000});
  syntax_.text(bench_.url, {"--url", "Of a running Weir, instead of one of our own", "URL"});
  syntax_.number(bench_.seconds, {"--seconds", "How long messages are counted", "N"}, {1, 3'600});
}

Exit bench(const Bench& wanted, std::ostream& out, std::ostream& err) {
  if (wanted.connections == 0 && !wanted.url.empty()) {
    err << "weir bench: how many --connections to " << wanted.url << "?" << std::endl;
    return Exit::Configuration;
  }
  const std::uint64_t room = ingest::io::raise_descriptor_limit();
  const std::uint64_t members =
      std::min(wanted.connections, room - std::min(room, kOtherDescriptors));
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
