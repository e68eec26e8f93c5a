// rooms: ingest/feed
// What one reading of a machine costs; the feed makes one a second, so 5 ms would be half a percent
// of a core. this_machine reads the real /proc (start it with sockets open to see what they cost);
// large_machine reads files that say 64 cores, 20 disks, 70 interfaces and all counters moving.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "ingest/feed/host_feed.h"

namespace {

namespace fs = std::filesystem;
using ingest::feed::HostFeed;

class CountingSink final : public ingest::model::SampleSink {
 public:
  void take(std::span<const ingest::model::Sample> batch) override { count += batch.size(); }
  std::size_t count = 0;
};

/// Two lines for each file: what it says at even readings, and at odd ones.
class LargeMachine {
 public:
  static constexpr int kCores = 64;
  static constexpr int kDisks = 20;
  static constexpr int kInterfaces = 70;

  LargeMachine() {
    for (int i = 0; i < kDisks; ++i)
      fs::create_directories(root / "sys/block" / disk(i));
    fs::create_directories(root / "proc/net");
  }
  LargeMachine(const LargeMachine&) = delete;
  LargeMachine& operator=(const LargeMachine&) = delete;
  ~LargeMachine() { fs::remove_all(root); }

  void write(std::uint64_t turn) const {
    const std::string number = std::to_string(1'000'000 + turn);
    std::string stat;
    for (int i = -1; i < kCores; ++i)
      stat += "cpu" + (i < 0 ? " " : std::to_string(i)) + repeat(number, 8) + " 0 0\n";
    std::ofstream{root / "proc/stat"} << stat << "intr" << repeat("0", 3'000)
                                      << "\nprocesses 5\nprocs_running 1\nprocs_blocked 0\n";
    std::string disks;
    for (int i = 0; i < kDisks; ++i)
      disks += "8 " + std::to_string(i) + ' ' + disk(i) + repeat(number, 17) + '\n';
    std::ofstream{root / "proc/diskstats"} << disks;
    std::string interfaces;
    for (int i = 0; i < kInterfaces; ++i)
      interfaces += "eth" + std::to_string(i) + ':' + repeat(number, 16) + '\n';
    std::ofstream{root / "proc/net/dev"} << interfaces;
  }

  const fs::path root = fs::temp_directory_path() / "weir_host_feed_bench";

 private:
  static std::string disk(int i) { return "sd" + std::to_string(i); }
  static std::string repeat(const std::string& word, int times) {
    std::string text;
    for (int i = 0; i < times; ++i)
      text += ' ' + word;
    return text;
  }
};

void count_samples(benchmark::State& state, const CountingSink& sink) {
  state.counters["samples"] =
      static_cast<double>(sink.count) / static_cast<double>(state.iterations());
}

void this_machine(benchmark::State& state) {
  ingest::ManualClock clock;
  const auto loop = *ingest::io::EventLoop::open(clock);
  CountingSink sink;
  const HostFeed feed{*loop, sink, {}};
  for ([[maybe_unused]] auto _ : state) {
    clock.advance(ingest::Millis{1'000});
    loop->turn(ingest::Millis{0});
  }
  count_samples(state, sink);
}
BENCHMARK(this_machine);

void large_machine(benchmark::State& state) {
  const LargeMachine machine;
  ingest::ManualClock clock;
  const auto loop = *ingest::io::EventLoop::open(clock);
  CountingSink sink;
  const HostFeed feed{*loop,
                      sink,
                      {.every = ingest::Millis{1'000},
                       .from = {.proc = machine.root / "proc",
                                .sys = machine.root / "sys",
                                .ask = ingest::host::Connections::Ask::FilesOnly}}};
  std::uint64_t turn = 0;
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();
    machine.write(++turn);
    clock.advance(ingest::Millis{1'000});
    state.ResumeTiming();
    loop->turn(ingest::Millis{0});
  }
  count_samples(state, sink);
}
BENCHMARK(large_machine);

}  // namespace
