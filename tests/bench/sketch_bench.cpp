// rooms: ingest/sketch ingest/model
// What one value costs in a sketch, and what merging two costs.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "ingest/model/partial.h"
#include "ingest/sketch/exp_histogram.h"
#include "ingest/sketch/hyper_log_log.h"
#include "ingest/sketch/space_saving.h"

namespace {

using ingest::sketch::ExpHistogram;
using ingest::sketch::HyperLogLog;

std::vector<double> latencies(double sigma) {
  std::mt19937_64 random{1};
  std::lognormal_distribution<double> draw{3.0, sigma};
  std::vector<double> values(4096);
  for (double& value : values)
    value = draw(random);
  return values;
}

void histogram_insert(benchmark::State& state, double rate) {
  const auto weight = static_cast<ExpHistogram::Weight>(ExpHistogram::kUnit / rate);
  const std::vector<double> values = latencies(0.5);
  ExpHistogram histogram;
  for (const double value : values)
    histogram.add(value, weight);
  std::size_t i = 0;
  for (auto _ : state)
    histogram.add(values[i++ & 4095U], weight);
  state.counters["buckets"] = static_cast<double>(histogram.positive().weights.size());
}
BENCHMARK_CAPTURE(histogram_insert, unit, 1.0);
BENCHMARK_CAPTURE(histogram_insert, sampled_at_a_tenth, 0.1);
BENCHMARK_CAPTURE(histogram_insert, sampled_at_three_tenths, 0.3);

void histogram_insert_exact(benchmark::State& state) {
  ExpHistogram histogram;
  unsigned i = 0;
  for (auto _ : state)
    histogram.add(++i * 7 % 32, ExpHistogram::kUnit);
}
BENCHMARK(histogram_insert_exact);

void histogram_first_values(benchmark::State& state) {
  const std::vector<double> values = latencies(0.5);
  for (auto _ : state) {
    ExpHistogram histogram;
    for (int i = 0; i < state.range(0); ++i)
      histogram.add(values[static_cast<std::size_t>(i)], ExpHistogram::kUnit);
    benchmark::DoNotOptimize(histogram);
  }
}
BENCHMARK(histogram_first_values)->Arg(1)->Arg(2)->Arg(20)->Arg(32)->Arg(40)->Arg(64)->Arg(100);

ExpHistogram of_200_buckets() {
  ExpHistogram made;
  for (int i = 0; i < 200; ++i)
    made.add(ExpHistogram::lower_bound(i, 6) * 1.001, ExpHistogram::kUnit);
  return made;
}

/// The first merge of two panes.
void histogram_merge_200(benchmark::State& state) {
  constexpr std::size_t kPairs = 512;
  const ExpHistogram part = of_200_buckets();
  std::vector<ExpHistogram> sums;
  for (auto _ : state) {
    state.PauseTiming();
    sums.assign(kPairs, part);
    state.ResumeTiming();
    for (ExpHistogram& sum : sums)
      sum.merge(part);
  }
  state.counters["ns_a_merge"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kPairs) * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(histogram_merge_200);

/// Into one that holds much already.
void histogram_merge_200_into_many(benchmark::State& state) {
  const ExpHistogram part = of_200_buckets();
  ExpHistogram sum = part;
  for (auto _ : state)
    sum.merge(part);
  state.counters["buckets"] = static_cast<double>(part.positive().weights.size());
}
BENCHMARK(histogram_merge_200_into_many);

void histogram_quantile(benchmark::State& state) {
  const std::vector<double> values = latencies(0.5);
  ExpHistogram histogram;
  for (const double value : values)
    histogram.add(value, ExpHistogram::kUnit);
  for (auto _ : state)
    benchmark::DoNotOptimize(histogram.quantile(0.99));
}
BENCHMARK(histogram_quantile);

void hyper_log_log_insert(benchmark::State& state) {
  HyperLogLog set;
  for (std::uint64_t i = 0; i < 1000; ++i)
    set.add_hash(i * 0x9E3779B97F4A7C15U);
  std::uint64_t i = 0;
  for (auto _ : state)
    set.add_hash(++i * 0x9E3779B97F4A7C15U);
}
BENCHMARK(hyper_log_log_insert);

void hyper_log_log_merge(benchmark::State& state) {
  HyperLogLog a;
  for (std::uint64_t i = 0; i < 10'000; ++i)
    a.add_hash(i * 0x9E3779B97F4A7C15U);
  HyperLogLog b = a;
  for (auto _ : state)
    b.merge(a);
}
BENCHMARK(hyper_log_log_merge);

std::vector<std::string> names(std::size_t count) {
  std::mt19937_64 random{2};
  std::vector<std::string> all;
  for (std::size_t i = 0; i < 4096; ++i)
    all.push_back("service.requests.latency" + std::to_string(random() % count));
  return all;
}

// 64 counters, as offenders have: of 32 names all have one, of 10,000 most take another's.
void space_saving_add(benchmark::State& state) {
  const std::vector<std::string> keys = names(static_cast<std::size_t>(state.range(0)));
  ingest::sketch::SpaceSaving sketch{64};
  std::size_t i = 0;
  for (auto _ : state)
    sketch.add(keys[i++ & 4095U]);
}
BENCHMARK(space_saving_add)->Arg(32)->Arg(10'000);

void space_saving_merge(benchmark::State& state) {
  ingest::sketch::SpaceSaving a{64};
  ingest::sketch::SpaceSaving b{64};
  for (const std::string& key : names(10'000))
    (key.back() % 2 == 0 ? a : b).add(key);
  for (auto _ : state) {
    ingest::sketch::SpaceSaving both = a;
    both.merge(b);
    benchmark::DoNotOptimize(both);
  }
}
BENCHMARK(space_saving_merge);

/// The first so many samples of a series in a pane.
void timer_first_values(benchmark::State& state) {
  const std::vector<double> values = latencies(1.0);
  std::size_t next = 0;
  for (auto _ : state) {
    ingest::model::TimerPartial partial;
    for (int i = 0; i < state.range(0); ++i)
      partial.fold({.kind = ingest::model::Kind::Timer, .value = values[next++ & 4095U]});
    benchmark::DoNotOptimize(partial);
  }
}
BENCHMARK(timer_first_values)->Arg(20)->Arg(32)->Arg(40)->Arg(64)->Arg(100);

void timer_fold(benchmark::State& state) {
  const std::vector<double> values = latencies(0.5);
  ingest::model::TimerPartial partial;
  std::size_t i = 0;
  for (auto _ : state)
    partial.fold({.kind = ingest::model::Kind::Timer, .value = values[i++ & 4095U]});
}
BENCHMARK(timer_fold);

}  // namespace
