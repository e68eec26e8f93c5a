// rooms: ingest/timeline
// What the hub pays for each second of 100,000 busy timer series from 2 workers: merging what they
// hand over, packing what closed, roll-ups; the worst tick among them; and what a series with 10
// minutes of panes holds.

#include <benchmark/benchmark.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime is POSIX

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "ingest/timeline/timeline.h"

namespace ingest::timeline {
namespace {

constexpr std::size_t kWorkers = 2;
constexpr std::int64_t kTicks = 4;  // a second
constexpr int kSamples = 10;        // of a series in a pane, over all workers

/// As a worker folds it: values with three decimals, as durations come.
model::Partial timer_of(std::uint64_t seed, int samples, WallTime time) {
  model::Partial partial{model::Kind::Timer};
  for (int i = 0; i < samples; ++i) {
    seed = seed * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    model::Sample sample;
    sample.kind = model::Kind::Timer;
    sample.value = static_cast<double>(seed >> 44U) / 1'000.0;
    partial.fold(sample, time);
  }
  return partial;
}

/// CPU time of this thread: the machine may have others to serve.
double busy_ms() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) * 1e3 + static_cast<double>(spent.tv_nsec) * 1e-6;
}

struct Hand {
  std::vector<std::uint32_t> order;  // in which a worker hands its series over
  std::vector<model::PartialMoved> moved;
};

class World {
 public:
  explicit World(std::uint32_t series, bool roll_ups = true)
      : series_(series), timeline_(options(roll_ups), kWorkers, now_), hands_(kWorkers) {
    for (std::size_t worker = 0; worker < kWorkers; ++worker) {
      hands_[worker].order.resize(series);
      std::iota(hands_[worker].order.begin(), hands_[worker].order.end(), 0);
      std::shuffle(hands_[worker].order.begin(), hands_[worker].order.end(), random_);
      for (const std::uint32_t i : hands_[worker].order) {
        const std::string host = "host-" + std::to_string(i);
        timeline_.born(worker, {{i, 1}, {model::Kind::Timer, "m", {{"host", host}}}});
      }
      std::shuffle(hands_[worker].order.begin(), hands_[worker].order.end(), random_);
    }
  }
  /// A tick, and how long the hub was busy with it. What a tick brings was made by other threads.
  double tick() {
    fill();
    const double begin = busy_ms();
    for (std::size_t worker = 0; worker < kWorkers; ++worker) {
      timeline_.merge_all(worker, hands_[worker].moved);
    }
    merging_ms_ += busy_ms() - begin;
    now_ += Millis{1'000 / kTicks};
    timeline_.finish(now_);
    ++tick_;
    return busy_ms() - begin;
  }
  const Timeline& timeline() const { return timeline_; }
  /// Of all ticks so far: what finish() did not take.
  double merging_ms() const { return merging_ms_; }

 private:
  static Timeline::Options options(bool roll_ups) {
    Timeline::Options options;
    options.series_per_name_max = 1'000'000;
    options.series_max = 1'000'000;
    options.values_per_tag_max = 1'000'000;
    options.memory_max = std::size_t{1} << 40;
    if (!roll_ups) options.retention_ten = options.retention_sixty = Millis{0};
    return options;
  }
  // A quarter of each worker's series: the pane that ended leaves over its ticks.
  void fill() {
    std::vector<std::thread> threads;
    for (std::size_t worker = 0; worker < kWorkers; ++worker) {
      threads.emplace_back([this, worker] {
        Hand& hand = hands_[worker];
        hand.moved.clear();  // what the hub sent home
        const auto part = static_cast<std::size_t>(tick_ % kTicks);
        const std::size_t first = hand.order.size() * part / kTicks;
        const std::size_t last = hand.order.size() * (part + 1) / kTicks;
        const WallTime pane = now_ - now_.time_since_epoch() % Millis{1'000} - Millis{1'000};
        for (std::size_t i = first; i < last; ++i) {
          const std::uint64_t seed =
              hand.order[i] * 2'654'435'761U + worker + static_cast<std::uint64_t>(tick_) * 40'503U;
          hand.moved.push_back(
              {{hand.order[i], 1}, pane, timer_of(seed, kSamples / kWorkers, pane)});
        }
      });
    }
    for (std::thread& thread : threads)
      thread.join();
  }

  std::uint32_t series_;
  WallTime now_{Millis{1'700'000'000'000}};
  std::mt19937_64 random_{7};
  Timeline timeline_;
  std::vector<Hand> hands_;
  std::int64_t tick_ = 0;
  double merging_ms_ = 0;
};

void second_of_busy_timers(benchmark::State& state) {
  World world{static_cast<std::uint32_t>(state.range(0)), state.range(1) != 0};
  for (int i = 0; i < 30 * kTicks; ++i)
    world.tick();
  double worst = 0;
  const double merging_before = world.merging_ms();
  for (auto _ : state) {
    double second = 0;
    for (int i = 0; i < kTicks; ++i) {
      const double spent = world.tick();
      worst = std::max(worst, spent);
      second += spent;
    }
    state.SetIterationTime(second / 1e3);
  }
  state.counters["worst_tick_ms"] = worst;
  state.counters["merging_ms"] =
      (world.merging_ms() - merging_before) / static_cast<double>(state.iterations());
  state.counters["ns_a_partial"] =
      benchmark::Counter(static_cast<double>(state.iterations()) *
                             static_cast<double>(state.range(0)) * kWorkers * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(second_of_busy_timers)
    ->ArgNames({"series", "roll_ups"})
    ->ArgsProduct({{1'000, 100'000}, {0, 1}})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

/// 10 minutes of 1 s panes of 10 samples: with the series itself, and the 10 s and 60 s roll-ups.
void bytes_of_a_series(benchmark::State& state) {
  constexpr std::uint32_t kSeries = 2'000;
  double bytes = 0;
  for (auto _ : state) {
    World world{kSeries, state.range(0) != 0};
    const std::size_t before = world.timeline().held_bytes();
    for (int i = 0; i < 605 * kTicks; ++i)
      world.tick();
    bytes = static_cast<double>(world.timeline().held_bytes() - before);
  }
  state.counters["bytes_a_series"] = bytes / kSeries;
}
BENCHMARK(bytes_of_a_series)->ArgName("roll_ups")->Arg(0)->Arg(1)->Iterations(1);

}  // namespace
}  // namespace ingest::timeline
