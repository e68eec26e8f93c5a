// rooms: ingest/worker
// From a StatsD datagram to a folded partial, without the socket: ns for each sample, with and
// without the hand-over; what a new series costs; how long one slice of a hand-over takes; and how
// many bytes a series holds.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "ingest/codec/sample_batch.h"
#include "ingest/codec/statsd.h"
#include "ingest/worker/worker.h"

namespace {

using ingest::Millis;

constexpr std::size_t kDatagramBytes = 1364;

struct Load {
  std::size_t series = 1'000;
  std::size_t tags = 2;
  std::size_t lines_max = 1'000;  // of a datagram
  const char* kind = "ms";
  std::size_t rounds = 1;  // lines of each series
};

std::string line(const Load& load, std::size_t series, std::mt19937_64& random) {
  std::string text = "svc" + std::to_string(series % 97) + ".http.latency:";
  if (load.kind == std::string_view{"ms"}) {
    const double value = std::lognormal_distribution{3.0, 1.0}(random);
    text += std::to_string(std::round(value * 1000) / 1000).substr(0, 6);
  } else {
    text += "1";
  }
  text += std::string{"|"} + load.kind + "|#route:r" + std::to_string(series);
  const std::vector<std::string> more = {",host:h", ",env:prod", ",region:eu-west-1"};
  for (std::size_t i = 1; i < load.tags; ++i)
    text += more[i - 1] + (i == 1 ? std::to_string(series % 997) : "");
  return text + "\n";
}

/// Each series equally often, in random order: the table's memory is as cold as it gets.
struct Datagrams {
  std::vector<std::string> blocks;
  double lines_each = 0;
};
Datagrams datagrams(const Load& load) {
  std::mt19937_64 random{1};
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < load.series * load.rounds; ++i)
    lines.push_back(line(load, i % load.series, random));
  std::shuffle(lines.begin(), lines.end(), random);
  Datagrams made;
  std::size_t held = load.lines_max;
  for (const std::string& each : lines) {
    const bool full =
        held == load.lines_max ||
        (load.lines_max > 1 && made.blocks.back().size() + each.size() > kDatagramBytes);
    if (full) {
      made.blocks.emplace_back();
      held = 0;
    }
    made.blocks.back() += each;
    ++held;
  }
  made.lines_each = static_cast<double>(lines.size()) / static_cast<double>(made.blocks.size());
  return made;
}

/// A worker whose time the benchmark moves, and a hub that throws everything away.
struct Stage {
  explicit Stage(std::size_t series_max = 2'000'000) {
    options.table.series_max = series_max;
    options.table.series_per_name_max = series_max;
    options.table.values_per_tag_max = series_max;  // never reached: not counted
    worker = std::make_unique<ingest::worker::Worker>(
        options,
        ingest::worker::Worker::Parts{.loop = loop.get(), .link = &link, .wake_hub = [] {}});
    worker->start();
    batch = std::make_unique<ingest::codec::SampleBatch>(*worker);
  }
  void send(const std::string& block) { statsd.parse(block, ledger, *batch); }
  void collect() {
    while (auto popped = link.to_hub.try_pop()) {
      (*popped)->born.clear();
      (*popped)->moved.clear();
      link.to_worker.try_push(ingest::model::HandoverEmptied{std::move(*popped)});
    }
  }
  /// A tick passes, with all its slices.
  void tick() {
    batch->flush();
    clock.advance(Millis{250});
    std::uint64_t before = 0;
    do {
      before = worker->ledger().handovers;
      loop->turn(Millis{0});
      collect();
    } while (worker->ledger().handovers != before);
  }

  ingest::worker::Worker::Options options;
  ingest::ManualClock clock;
  ingest::model::HubLink link;
  std::unique_ptr<ingest::io::EventLoop> loop = *ingest::io::EventLoop::open(clock);
  std::unique_ptr<ingest::worker::Worker> worker;
  ingest::codec::Statsd statsd;
  ingest::codec::LineLedger ledger;
  std::unique_ptr<ingest::codec::SampleBatch> batch;
};

/// A tick after each `lines_a_tick` lines; 0: never.
void run(benchmark::State& state, const Load& load, double lines_a_tick) {
  Stage stage;
  const Datagrams made = datagrams(load);
  for (int round = 0; round < 2; ++round) {
    for (const std::string& block : made.blocks)
      stage.send(block);
    stage.tick();
  }
  std::size_t next = 0;
  double lines = 0;
  for (auto _ : state) {
    stage.send(made.blocks[next]);
    if (++next == made.blocks.size()) next = 0;
    lines += made.lines_each;
    if (lines_a_tick > 0 && lines >= lines_a_tick) {
      lines = 0;
      stage.tick();
    }
  }
  stage.batch->flush();
  state.counters["ns_a_line"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * made.lines_each * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  if (!stage.ledger.adds_up() || stage.ledger.accepted != stage.ledger.received)
    state.SkipWithError("lines were rejected");
}

Load load_of(const benchmark::State& state, const char* kind) {
  return {.series = static_cast<std::size_t>(state.range(0)),
          .tags = static_cast<std::size_t>(state.range(1)),
          .kind = kind,
          .rounds = state.range(0) < 100'000 ? std::size_t{20} : std::size_t{4}};
}

void fold(benchmark::State& state, const char* kind) {
  run(state, load_of(state, kind), 0);
}
BENCHMARK_CAPTURE(fold, counter, "c")->ArgsProduct({{1'000, 100'000, 1'000'000}, {1}});
BENCHMARK_CAPTURE(fold, gauge, "g")->ArgsProduct({{1'000, 100'000}, {1}});
BENCHMARK_CAPTURE(fold, timer, "ms")->ArgsProduct({{1'000, 100'000}, {1, 3}});

/// At 4,000,000 lines a second.
void fold_and_hand_over(benchmark::State& state, const char* kind) {
  run(state, load_of(state, kind), 1e6);
}
BENCHMARK_CAPTURE(fold_and_hand_over, counter, "c")->ArgsProduct({{1'000, 100'000}, {1}});
BENCHMARK_CAPTURE(fold_and_hand_over, timer, "ms")->ArgsProduct({{1'000, 100'000}, {1, 3}});

void one_line_a_datagram(benchmark::State& state) {
  Load load = load_of(state, "ms");
  load.lines_max = 1;
  run(state, load, 1e6);
}
BENCHMARK(one_line_a_datagram)->ArgsProduct({{1'000, 100'000}, {1}});

/// Every line is a new series.
void cold_creation(benchmark::State& state) {
  const Load load{.series = static_cast<std::size_t>(state.range(0)), .tags = 3, .kind = "c"};
  const Datagrams made = datagrams(load);
  for (auto _ : state) {
    state.PauseTiming();
    auto stage = std::make_unique<Stage>();
    state.ResumeTiming();
    for (const std::string& block : made.blocks) {
      stage->send(block);
      stage->batch->flush();
      stage->collect();
    }
    state.PauseTiming();
    stage.reset();
    state.ResumeTiming();
  }
  state.counters["ns_a_series"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * static_cast<double>(load.series) * 1e-9,
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(cold_creation)->Arg(100'000)->Unit(benchmark::kMillisecond);

/// The turns of the loop in which a pane of so many timers leaves: the longest and the mean.
void hand_over(benchmark::State& state) {
  const Load load{.series = static_cast<std::size_t>(state.range(0)), .tags = 1, .rounds = 8};
  const Datagrams made = datagrams(load);
  Stage stage;
  std::vector<double> turns_us;
  for (auto _ : state) {
    for (const std::string& block : made.blocks)
      stage.send(block);
    stage.batch->flush();
    for (int tick = 0; tick < 8; ++tick) {
      stage.clock.advance(Millis{250});
      std::uint64_t before = 0;
      do {
        before = stage.worker->ledger().handovers;
        const auto begin = std::chrono::steady_clock::now();
        stage.loop->turn(Millis{0});
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - begin;
        turns_us.push_back(took.count());
        stage.collect();
      } while (stage.worker->ledger().handovers != before);
    }
  }
  std::sort(turns_us.begin(), turns_us.end());
  state.counters["turn_us_p50"] = turns_us[turns_us.size() / 2];
  state.counters["turn_us_p99"] = turns_us[turns_us.size() * 99 / 100];
  state.counters["turn_us_max"] = turns_us.back();
}
BENCHMARK(hand_over)->Arg(100'000)->Iterations(5)->Unit(benchmark::kMillisecond);

/// Bytes of this worker for each series, key and open pane included; `rounds` samples each.
void bytes_a_series(benchmark::State& state, const char* kind) {
  const Load load{.series = static_cast<std::size_t>(state.range(0)),
                  .tags = 1,
                  .kind = kind,
                  .rounds = static_cast<std::size_t>(state.range(1))};
  const Datagrams made = datagrams(load);
  const auto held = [] {
    const auto info = ::mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
  };
  double bytes = 0;
  for (auto _ : state) {
    const double before = held();
    Stage stage;
    for (const std::string& block : made.blocks) {
      stage.send(block);
      stage.batch->flush();
      stage.collect();
      stage.loop->wake();  // what was emptied goes home
      stage.loop->turn(Millis{0});
    }
    bytes = held() - before;
  }
  state.counters["bytes"] = bytes / static_cast<double>(load.series);
}
BENCHMARK_CAPTURE(bytes_a_series, counter, "c")
    ->Args({100'000, 1})
    ->Args({1'000'000, 1})
    ->Iterations(1);
BENCHMARK_CAPTURE(bytes_a_series, timer, "ms")
    ->Args({100'000, 20})
    ->Args({100'000, 64})
    ->Args({20'000, 1'000})
    ->Iterations(1);

}  // namespace
