// rooms: ingest/timeline gateway/exposition
// A scrape of 100,000 series: what the hub pays to tell them (in slices; the longest of them), and
// what the press pays to take the table and to print it. Goal: at most 500 ms in all, and no slice
// of more than 5 ms. Timers: percent of the series that are summaries of ten values a second.
#include <benchmark/benchmark.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/exposition/book.h"
#include "ingest/timeline/exposition_survey.h"

namespace {

using namespace ingest;  // NOLINT(google-build-using-namespace): one bench
using gateway::exposition::Book;
using gateway::exposition::Format;
using gateway::exposition::Mapping;
using gateway::exposition::MappingPtr;
using model::Kind;

constexpr std::uint32_t kSeries = 100'000;
constexpr std::size_t kStepsPerTurn = 2'000;  // as the hub's desk

double now_ms() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Two minutes of a second's panes.
class World {
 public:
  explicit World(std::uint32_t timers) : timeline_({}, 1, now_) {
    timeline_.shape_timers([this](std::string_view name) { return mapping_->shape(name); });
    for (std::uint32_t i = 0; i < kSeries; ++i) {
      const Kind kind = i % 100 < timers ? Kind::Timer : i % 2 == 0 ? Kind::Counter : Kind::Gauge;
      const std::string name = "http.request.m" + std::to_string(i % 100);
      const std::string host = "host-" + std::to_string(i / 100);
      kinds_.push_back(kind);
      timeline_.born(0, {{i, 1}, {kind, name, {{"env", "prod"}, {"host", host}}}});
    }
    for (int second = 0; second < 120; ++second)
      run_second();
  }
  query::ExpositionTablePtr survey(double& longest_ms) {
    timeline::ExpositionSurvey survey{timeline_};
    for (;;) {
      const double begun = now_ms();
      std::size_t steps = kStepsPerTurn;
      auto table = survey.go_on(steps);
      longest_ms = std::max(longest_ms, now_ms() - begun);
      if (table) return table;
    }
  }
  const MappingPtr& mapping() const { return mapping_; }

 private:
  void run_second() {
    for (std::uint32_t i = 0; i < kSeries; ++i) {
      model::Partial partial{kinds_[i]};
      model::Sample sample;
      sample.kind = kinds_[i];
      const int samples = kinds_[i] == Kind::Timer ? 10 : 1;
      for (int each = 0; each < samples; ++each) {
        seed_ = seed_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
        sample.value = static_cast<double>(seed_ >> 44U) / 1'000.0;
        partial.fold(sample, now_);
      }
      timeline_.merge(0, {{i, 1}, now_, std::move(partial)});
    }
    for (int tick = 0; tick < 4; ++tick)
      timeline_.finish(now_ += Millis{250});
  }

  MappingPtr mapping_ = std::make_shared<const Mapping>(Mapping::Defaults{});
  WallTime now_ = wall_from_ms(1'764'000'000'000);
  timeline::Timeline timeline_;
  std::vector<Kind> kinds_;
  std::uint64_t seed_ = 1;
};

World& world(std::uint32_t timers) {
  static std::map<std::uint32_t, std::unique_ptr<World>> all;
  auto& one = all[timers];
  if (one == nullptr) {
    all.clear();  // one at a time: each takes a gigabyte
    return *(all[timers] = std::make_unique<World>(timers));
  }
  return *one;
}

void BM_Table(benchmark::State& state) {
  World& of = world(static_cast<std::uint32_t>(state.range(0)));
  double longest_ms = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(of.survey(longest_ms));
  state.counters["longest_slice_ms"] = longest_ms;
}

void BM_FirstPage(benchmark::State& state) {
  World& of = world(static_cast<std::uint32_t>(state.range(0)));
  double longest_ms = 0;
  const auto table = of.survey(longest_ms);
  for (auto _ : state) {
    Book book{kSeries};
    book.take(table, of.mapping());
    benchmark::DoNotOptimize(book.counts());
  }
}

void BM_Page(benchmark::State& state) {
  World& of = world(static_cast<std::uint32_t>(state.range(0)));
  double longest_ms = 0;
  const auto table = of.survey(longest_ms);
  Book book{kSeries};
  std::string page;
  for (auto _ : state) {
    book.take(table, of.mapping());
    page.clear();
    book.print(Format::OpenMetrics, page);
  }
  state.counters["page_bytes"] = static_cast<double>(page.size());
}

BENCHMARK(BM_Table)->Arg(0)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_FirstPage)->Arg(0)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Page)->Arg(0)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Table)->Arg(20)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_FirstPage)->Arg(20)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Page)->Arg(20)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Table)->Arg(100)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(BM_Page)->Arg(100)->Unit(benchmark::kMillisecond);

}  // namespace
