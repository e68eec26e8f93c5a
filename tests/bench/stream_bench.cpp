// rooms: ingest/timeline
// A stream of 10,000 rows, a window of 10 s sliding by 1 s: what a tick costs when a fifth of the
// series changed, within a window (three ticks of four) and when the window moves (every row is
// evaluated); what merging a partial costs; and the same ticks of a window of 1 h sliding by 1 s,
// filled for its whole length, with what its trees hold.

#include <benchmark/benchmark.h>

#include <random>

#include "ingest/timeline/stream_set.h"

namespace ingest::timeline {
namespace {

constexpr std::uint32_t kSeries = 10'000;
constexpr std::int64_t kTick = 250;

class Nobody final : public query::UpdateSink {
 public:
  std::size_t rows = 0;
  void update(const query::Update& update) override { rows += update.rows.size(); }
  void tick_done(WallTime) override {}
};

model::Partial partial_of(model::Kind kind, std::uint64_t seed, WallTime time) {
  model::Partial partial{kind};
  for (int i = 0; i < 3; ++i) {
    model::Sample sample;
    sample.kind = kind;
    sample.value =
        static_cast<double>((seed * 7'919 + static_cast<std::uint64_t>(i) * 104'729) % 1'000);
    partial.fold(sample, time);
  }
  return partial;
}

struct World {
  explicit World(model::Kind kind_given, Millis window = Millis{10'000}, int ticks = 60)
      : kind(kind_given),
        timeline({}, 1, WallTime{Millis{1'700'000'000'000}}),
        streams({}, timeline) {
    for (std::uint32_t i = 0; i < kSeries; ++i) {
      const std::string host = "host-" + std::to_string(i);
      timeline.born(0, {{i, 1}, model::SeriesKey{kind, "m", {{"host", host}}}});
    }
    query::Query query;
    query.metric = "m";
    query.by = {"host"};
    query.window = window;
    query.stats = {{query::Stat::Name::Count},
                   {query::Stat::Name::Rate},
                   {query::Stat::Name::Mean},
                   {query::Stat::Name::Last},
                   {query::Stat::Name::Quantile, 50'000},
                   {query::Stat::Name::Quantile, 99'000}};
    if (!streams.watch(query)) std::abort();
    while (streams.build(1'000'000)) {
    }
    for (int i = 0; i < ticks; ++i) {
      send(kSeries / 5);
      finish();
    }
  }
  void send(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto series = static_cast<std::uint32_t>(random() % kSeries);
      const WallTime pane = now - now.time_since_epoch() % Millis{1'000};
      timeline.merge(0, {{series, 1}, pane, partial_of(kind, random(), now)});
    }
  }
  void finish() {
    now += Millis{kTick};
    timeline.finish(now);
    streams.finish(now, sink);
  }
  bool moves_next() const { return now.time_since_epoch() % Millis{1'000} == Millis{0}; }

  model::Kind kind;
  Timeline timeline;
  StreamSet streams;
  Nobody sink;
  std::mt19937_64 random{7};
  WallTime now{Millis{1'700'000'000'000}};
};

void tick(benchmark::State& state, World& world, bool moving) {
  for (auto _ : state) {
    state.PauseTiming();
    while (world.moves_next() != moving) {
      world.send(kSeries / 5);
      world.finish();
    }
    world.send(kSeries / 5);
    world.sink.rows = 0;
    state.ResumeTiming();
    world.finish();
  }
  state.counters["rows"] = static_cast<double>(world.sink.rows);
}
void tick_within_a_window(benchmark::State& state) {
  World world{static_cast<model::Kind>(state.range(0))};
  tick(state, world, false);
}
void tick_that_moves_the_window(benchmark::State& state) {
  World world{static_cast<model::Kind>(state.range(0))};
  tick(state, world, true);
}

// A tenth of the series changes in each second of the hour.
void tick_of_an_hour(benchmark::State& state) {
  World world{static_cast<model::Kind>(state.range(0)), Millis{3'600'000}, 0};
  for (int second = 0; second < 3'600; ++second) {
    world.send(kSeries / 10);
    world.now += Millis{1'000};
    world.timeline.finish(
        world.now);  // the stream is told at the end only: it saves the setup time
  }
  for (std::size_t i = 0; i < RowTable::kRound; ++i)
    world.finish();  // all rows are measured
  state.counters["held_MiB"] = static_cast<double>(world.streams.held_bytes()) / (1024.0 * 1024.0);
  tick(state, world, true);
}

void merge(benchmark::State& state) {
  World world{static_cast<model::Kind>(state.range(0))};
  std::vector<model::PartialMoved> moved;
  for (auto _ : state) {
    state.PauseTiming();
    world.finish();
    moved.clear();
    const WallTime pane = world.now - world.now.time_since_epoch() % Millis{1'000};
    for (std::uint32_t i = 0; i < kSeries; ++i) {
      moved.push_back({{i, 1}, pane, partial_of(world.kind, i, world.now)});
    }
    state.ResumeTiming();
    for (model::PartialMoved& one : moved)
      world.timeline.merge(0, std::move(one));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kSeries);
}

// 0 counter, 1 gauge, 2 timer
BENCHMARK(tick_within_a_window)->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);
BENCHMARK(tick_that_moves_the_window)->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);
BENCHMARK(tick_of_an_hour)->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);
BENCHMARK(merge)->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ingest::timeline
