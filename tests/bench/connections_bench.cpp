// rooms: gateway/cli gateway/server
// What many connections cost, with the whole gateway in this process and real clients in others:
//   - memory of an idle subscribed connection, from the heap's own count, with and without deflate;
//   - how late a fast reader hears of a tick while others never read.
// connections_bench [connections] [slow readers]
#include <malloc.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "gateway/cli/wiring.h"
#include "gateway/server/connection.h"
#include "ingest/io/descriptor_limit.h"
#include "ingest/io/log.h"
#include "ingest/io/real_clock.h"
#include "tests/bench/crowd.h"

namespace {

using std::chrono::milliseconds;
using tests::Crowd;
using tests::CrowdOptions;

constexpr int kTickMs = 250;
constexpr int kRows = 500;
constexpr std::size_t kFastReaders = 20;
constexpr milliseconds kMeasured{10'000};
constexpr const char* kIdle = R"({"t":"sub","id":1,"q":{"metric":"bench.idle"},"rate":"1s"})";
constexpr const char* kRowsSub =
    R"({"t":"sub","id":1,"q":{"metric":"bench.rows","by":["row"],"window":"10s","slide":"1s"},"rate":"250ms"})";

// ---- the other processes ----

struct Lags {
  double p50_us = 0;
  double p99_us = 0;
  double count = 0;
};

/// How long after the tick each frame came: frames leave at multiples of kTickMs of the wall clock.
Lags measure(Crowd& crowd) {
  std::vector<std::int64_t> lags;
  const auto until = Crowd::Clock::now() + kMeasured;
  while (Crowd::Clock::now() < until) {
    crowd.turn(100, [&](std::int64_t now_us) { lags.push_back(now_us % (kTickMs * 1000)); });
  }
  std::sort(lags.begin(), lags.end());
  const auto at = [&](double share) {
    return static_cast<double>(
        lags[static_cast<std::size_t>(static_cast<double>(lags.size() - 1) * share)]);
  };
  return {.p50_us = at(0.5), .p99_us = at(0.99), .count = static_cast<double>(lags.size())};
}

/// Says a byte when all have joined, then does as it is told by bytes: 'm' measures, 'q' ends.
[[noreturn]] void be_clients(CrowdOptions options, std::size_t count, int in, int out) {
  ingest::io::raise_descriptor_limit();
  Crowd crowd{std::move(options)};
  crowd.join(count);
  CHECK(write(out, "r", 1) == 1);
  for (;;) {
    crowd.turn(50, nullptr);
    epoll_event event{};
    ingest::io::Fd poll{epoll_create1(EPOLL_CLOEXEC)};
    event.events = EPOLLIN;
    epoll_ctl(poll.get(), EPOLL_CTL_ADD, in, &event);
    if (epoll_wait(poll.get(), &event, 1, 0) == 0) continue;
    char order = 0;
    if (read(in, &order, 1) != 1 || order != 'm') _exit(0);
    const Lags lags = measure(crowd);
    CHECK(write(out, &lags, sizeof lags) == sizeof lags);
  }
}

class Clients {
 public:
  /// Before any thread: the child may do as it likes.
  Clients() {
    int down[2];
    int up[2];
    CHECK(pipe(down) == 0 && pipe(up) == 0);
    pid_ = fork();
    CHECK(pid_ >= 0);
    if (pid_ == 0) {
      close(down[1]);
      close(up[0]);
      wait_for_orders(down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    to_ = ingest::io::Fd{down[1]};
    from_ = ingest::io::Fd{up[0]};
  }
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;
  ~Clients() { leave(); }

  /// Returns when all have joined.
  void join(const CrowdOptions& options, std::size_t count) const {
    const std::string order = options.address + "\n" + options.subscription + "\n" +
                              (options.deflate ? "1" : "0") + (options.reads ? "1" : "0") + "\n" +
                              std::to_string(count) + "\n";
    CHECK(write(to_.get(), order.data(), order.size()) == static_cast<ssize_t>(order.size()));
    char ready = 0;
    CHECK(read(from_.get(), &ready, 1) == 1);
  }
  Lags measure() const {
    CHECK(write(to_.get(), "m", 1) == 1);
    Lags lags;
    CHECK(read(from_.get(), &lags, sizeof lags) == sizeof lags);
    return lags;
  }
  void leave() {
    if (!to_) return;
    // A word, not the end of the pipe: the other children hold copies of it.
    static_cast<void>(write(to_.get(), "q\n", 2));
    to_.reset();
    waitpid(pid_, nullptr, 0);
  }

 private:
  static std::string line(int in) {
    std::string text;
    for (char c = 0; read(in, &c, 1) == 1 && c != '\n';)
      text += c;
    return text;
  }
  [[noreturn]] static void wait_for_orders(int in, int out) {
    CrowdOptions options;
    options.address = line(in);
    if (options.address == "q") _exit(0);  // never needed
    options.subscription = line(in);
    const std::string flags = line(in);
    options.deflate = flags[0] == '1';
    options.reads = flags[1] == '1';
    be_clients(options, std::stoul(line(in)), in, out);
  }
  pid_t pid_ = 0;
  ingest::io::Fd to_;
  ingest::io::Fd from_;
};

// ---- this process ----

/// Time goes by in a measurement.
void rest(milliseconds time) {
  poll(nullptr, 0, static_cast<int>(time.count()));
}

/// Bytes that the program asked the heap for and has not given back, of all threads.
double heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

std::string address_of(const gateway::cli::Wiring& wiring, std::string_view what) {
  for (const auto& listener : wiring.listeners())
    if (listener.what == what) return listener.address;
  std::abort();
}

/// Samples for kRows rows, all in every tick.
void feed(const std::string& address, const std::atomic<bool>& stop) {
  const auto socket = ingest::io::udp_connect(*ingest::io::Address::parse(address));
  std::string lines;
  for (unsigned round = 0; !stop.load(); ++round) {
    for (int row = 0; row < kRows; ++row) {
      lines += "bench.rows:" + std::to_string((round * 7 + static_cast<unsigned>(row) * 13) % 997) +
               "|ms|#row:r" + std::to_string(row) + "\n";
      if (lines.size() < 1'300 && row + 1 < kRows) continue;
      static_cast<void>(::send(socket->get(), lines.data(), lines.size(), 0));
      lines.clear();
    }
    rest(milliseconds{kTickMs / 2});
  }
}

void print_sizes() {
  namespace server = gateway::server;
  namespace publish = gateway::publish;
  std::printf(
      "sizeof: Connection %zu, of it WsPhase %zu (ServerSession %zu, Subscriptions %zu), "
      "HttpPhase %zu, Outbox %zu; Cursor %zu\n",
      sizeof(server::Connection), sizeof(server::WsPhase), sizeof(gateway::ws::ServerSession),
      sizeof(publish::Subscriptions), sizeof(server::HttpPhase), sizeof(server::Outbox),
      sizeof(publish::Cursor));
}

struct Bench {
  std::string http;
  std::size_t connections = 10'000;
  std::size_t slow = 1'000;
};

void memory(const Bench& bench, Clients& clients, bool deflate) {
  {  // what the first connection makes once for all
    Crowd one{{.address = bench.http, .subscription = kIdle, .deflate = deflate}};
    one.join(1);
    rest(milliseconds{1'500});
  }
  rest(milliseconds{500});
  const double before = heap_bytes();
  const auto begun = std::chrono::steady_clock::now();
  clients.join({.address = bench.http, .subscription = kIdle, .deflate = deflate},
               bench.connections);
  const double took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  rest(milliseconds{3'000});
  const double each = (heap_bytes() - before) / static_cast<double>(bench.connections);
  std::printf("%zu connections, each reading one metric%s: %.0f bytes each (connected in %.1f s)\n",
              bench.connections, deflate ? ", deflate agreed" : "", each, took);
  std::fflush(stdout);
  clients.leave();
  rest(milliseconds{2'500});
  std::printf("  when they have gone: %.0f bytes each are left\n",
              (heap_bytes() - before) / static_cast<double>(bench.connections));
}

void print(const char* when, const Lags& lags) {
  std::printf("  %-18s p50 %.2f  p99 %.2f  (%.0f frames)\n", when, lags.p50_us / 1000,
              lags.p99_us / 1000, lags.count);
  std::fflush(stdout);
}

/// Before, while and after others never read, so that what else the machine does shows too.
void slow_readers(const Bench& bench, Clients& fast, Clients& idle, Clients& slow) {
  idle.join({.address = bench.http,
             .subscription = R"({"t":"sub","id":1,"q":{"metric":"bench.idle"},"rate":"60s"})"},
            bench.connections - bench.slow - kFastReaders);
  fast.join({.address = bench.http, .subscription = kRowsSub}, kFastReaders);
  std::printf("a fast reader among %zu connections, ms after the tick (%d rows, tick %d ms):\n",
              bench.connections, kRows, kTickMs);
  const Lags before = fast.measure();
  print("nobody slow:", before);
  slow.join({.address = bench.http, .subscription = kRowsSub, .reads = false}, bench.slow);
  rest(milliseconds{2'000});  // until their kernel buffers are full
  const Lags with = fast.measure();
  print((std::to_string(bench.slow) + " never read:").c_str(), with);
  slow.leave();
  rest(milliseconds{2'000});
  const Lags after = fast.measure();
  print("nobody slow again:", after);
  std::printf("  ratio: p50 %.2f  p99 %.2f\n", 2 * with.p50_us / (before.p50_us + after.p50_us),
              2 * with.p99_us / (before.p99_us + after.p99_us));
}

}  // namespace

int main(int count, char** arguments) {
  ingest::io::raise_descriptor_limit();
  Clients plain;
  Clients deflated;
  Clients idle;
  Clients fast;
  Clients slow;
  Bench bench;
  if (count > 1) bench.connections = std::stoul(arguments[1]);
  if (count > 2) bench.slow = std::stoul(arguments[2]);
  gateway::config::Config config;
  config.http.listen = {{.host = "127.0.0.1", .port = 0}};
  gateway::config::SocketFeed feed_config;
  feed_config.address = {.host = "127.0.0.1", .port = 0};
  config.feeds = {feed_config};
  config.time.tick = milliseconds{kTickMs};
  config.archive.path.clear();
  const ingest::io::RealClock clock;
  const ingest::io::Logger log{ingest::io::LogLevel::Error};
  auto wiring = gateway::cli::Wiring::open(
      {.config = &config, .pages_dir = {}, .clock = &clock, .log = &log});
  CHECK(wiring.has_value());
  bench.http = address_of(**wiring, "http");
  std::atomic<bool> stop{false};
  std::thread gateway{[&] { CHECK((*wiring)->run().has_value()); }};
  print_sizes();
  rest(milliseconds{1'000});
  memory(bench, plain, false);
  memory(bench, deflated, true);
  std::thread feeder{[&] { feed(address_of(**wiring, "udp/statsd"), stop); }};
  rest(milliseconds{12'000});  // the window of 10 s is full, tables are made
  slow_readers(bench, fast, idle, slow);
  stop = true;
  feeder.join();
  for (Clients* clients : {&fast, &idle, &slow})
    clients->leave();
  (*wiring)->stop();
  gateway.join();
}
