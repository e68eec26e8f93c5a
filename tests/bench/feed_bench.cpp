// rooms: ingest/worker
// From a UDP socket to a folded partial: CPU of the worker's thread for each datagram of one line.
#include <benchmark/benchmark.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "ingest/codec/statsd.h"
#include "ingest/feed/udp_feed.h"
#include "ingest/feed/udp_group.h"
#include "ingest/io/log.h"
#include "ingest/io/real_clock.h"
#include "ingest/io/socket.h"
#include "ingest/worker/worker.h"

namespace {

using ingest::feed::UdpFeed;

constexpr std::size_t kLineBytes = 40;
constexpr std::size_t kSegments = 64;

double thread_cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Lines of one length, of `series` timers.
std::vector<std::string> lines_of(std::size_t series) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < series; ++i) {
    std::string number = std::to_string(i);
    number.insert(0, 8 - number.size(), '0');
    lines.push_back("svc.route" + number + ".checkout.lat:1.5|ms");
    lines.back().insert(0, kLineBytes - lines.back().size(), 'a');
  }
  return lines;
}

struct House {
  explicit House(UdpFeed::Rest rest) {
    loop = *ingest::io::EventLoop::open(clock);
    worker = std::make_unique<ingest::worker::Worker>(
        ingest::worker::Worker::Options{},
        ingest::worker::Worker::Parts{.loop = loop.get(), .link = &link, .wake_hub = [] {}});
    const ingest::io::Logger log{ingest::io::LogLevel::Error};
    auto group = *ingest::feed::open_udp_group(*ingest::io::Address::parse("127.0.0.1:0"), 1, log);
    feed = *worker->add_feed([&](const ingest::feed::FeedHome& home) {
      return UdpFeed::open({.home = home,
                            .name = "udp/statsd",
                            .fd = std::move(group[0]),
                            .codec = std::make_unique<ingest::codec::Statsd>(),
                            .room = &room,
                            .rest = rest});
    });
    sender = *ingest::io::udp_connect(*ingest::io::Address::parse(feed->address()));
  }
  ingest::io::RealClock clock;
  ingest::model::HubLink link;
  std::unique_ptr<ingest::io::EventLoop> loop;
  ingest::feed::ReceiveRoom room;
  std::unique_ptr<ingest::worker::Worker> worker;
  UdpFeed* feed = nullptr;
  ingest::io::Fd sender;
};

void per_datagram(benchmark::State& state, double datagrams) {
  state.counters["per_datagram"] =
      benchmark::Counter(datagrams, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// 64 datagrams wait, then the loop takes a turn.
void receive(benchmark::State& state, bool segmented) {
  House house{UdpFeed::Rest::Never};
  const auto lines = lines_of(static_cast<std::size_t>(state.range(0)));
  const int size = kLineBytes;
  if (segmented) ::setsockopt(house.sender.get(), SOL_UDP, UDP_SEGMENT, &size, sizeof size);
  std::size_t next = 0;
  std::uint64_t sent = 0;
  for (auto _ : state) {
    std::string block;
    for (std::size_t i = 0; i < kSegments; ++i, next = (next + 1) % lines.size()) {
      if (segmented) {
        block += lines[next];
      } else {
        ::send(house.sender.get(), lines[next].data(), lines[next].size(), 0);
      }
    }
    if (segmented) ::send(house.sender.get(), block.data(), block.size(), 0);
    sent += kSegments;
    const double begun = thread_cpu_seconds();
    house.loop->turn(ingest::Millis{0});
    state.SetIterationTime(thread_cpu_seconds() - begun);
  }
  house.feed->publish();
  per_datagram(state, static_cast<double>(sent));
  if (house.feed->ledger().lines.accepted != sent) state.SkipWithError("lines went astray");
}
BENCHMARK_CAPTURE(receive, plain, false)->Arg(1'000)->Arg(100'000)->UseManualTime();
BENCHMARK_CAPTURE(receive, segmented, true)->Arg(1'000)->Arg(100'000)->UseManualTime();

/// 100,000 datagrams in a second, evenly spaced, from another thread.
void evenly_spaced(benchmark::State& state, UdpFeed::Rest rest) {
  constexpr std::uint64_t kDatagrams = 100'000;
  constexpr std::chrono::nanoseconds kGap{10'000};
  House house{rest};
  const auto lines = lines_of(1'000);
  std::uint64_t sent = 0;
  for (auto _ : state) {
    sent += kDatagrams;
    std::thread sender{[&] {
      const auto begun = std::chrono::steady_clock::now();
      for (std::uint64_t i = 0; i < kDatagrams; ++i) {
        while (std::chrono::steady_clock::now() < begun + i * kGap) {
        }
        const std::string& line = lines[i % lines.size()];
        ::send(house.sender.get(), line.data(), line.size(), 0);
      }
    }};
    const double begun = thread_cpu_seconds();
    while (house.feed->ledger().datagrams.offered() < sent)
      house.loop->turn(ingest::Millis{1'000});
    state.SetIterationTime(thread_cpu_seconds() - begun);
    sender.join();
  }
  per_datagram(state, static_cast<double>(sent));
  state.counters["dropped"] = static_cast<double>(house.feed->ledger().datagrams.kernel_dropped);
}
BENCHMARK_CAPTURE(evenly_spaced, woken_by_each, UdpFeed::Rest::Never)
    ->UseManualTime()
    ->Iterations(1);
BENCHMARK_CAPTURE(evenly_spaced, with_rests, UdpFeed::Rest::WhenThick)
    ->UseManualTime()
    ->Iterations(1);

}  // namespace
