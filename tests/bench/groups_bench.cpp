// rooms: ingest/timeline gateway/publish
// A stream of 10,000 groups of timers, evaluated and encoded at a tick that moves its window, from
// the streams' finish() to the frame. Goal: at most 25 ms.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "gateway/publish/channel.h"
#include "gateway/publish/row_table.h"
#include "ingest/timeline/stream_set.h"

namespace {

using namespace ingest;  // NOLINT(google-build-using-namespace): one bench, all rooms of one path

constexpr std::uint32_t kGroups = 10'000;

class Encoder final : public query::UpdateSink {
 public:
  explicit Encoder(const query::Query& query) : table_(query, {}) {
    table_.keep(gateway::publish::RowTable::Corrections::Kept);
  }
  void update(const query::Update& update) override { table_.apply(update); }
  void tick_done(WallTime now) override {
    if (!table_.is_ready()) return;
    table_.seal();
    if (!channel_.is_started()) return channel_.start(table_, now);
    frames_.clear();
    channel_.advance(table_, now, frames_);
    bytes = 0;
    for (const auto& numbered : frames_)
      bytes += numbered.frame->bytes.size();
    table_.settle(channel_.said());
  }
  std::size_t bytes = 0;

 private:
  gateway::publish::RowTable table_;
  gateway::publish::Channel channel_{{1, Millis{250}, Millis{1'000}}, {}};
  std::vector<gateway::publish::Numbered> frames_;
};

query::Query five_stats() {
  query::Query query;
  query.metric = "m";
  query.by = {"host"};
  query.stats = {{query::Stat::Name::Count},
                 {query::Stat::Name::Rate},
                 {query::Stat::Name::Mean},
                 {query::Stat::Name::Quantile, 50'000},
                 {query::Stat::Name::Quantile, 99'000}};
  return query;
}

struct World {
  World() : timeline({}, 1, now), streams({}, timeline), encoder(five_stats()) {
    for (std::uint32_t i = 0; i < kGroups; ++i) {
      const std::string host = "host-" + std::to_string(i);
      timeline.born(0, {{i, 1}, model::SeriesKey{model::Kind::Timer, "m", {{"host", host}}}});
    }
    if (!streams.watch(five_stats())) std::abort();
    while (streams.build(1'000'000)) {
    }
  }
  void send() {
    const WallTime pane = now - now.time_since_epoch() % Millis{1'000};
    for (std::uint32_t series = 0; series < kGroups; ++series) {
      model::Partial partial{model::Kind::Timer};
      for (int i = 0; i < 3; ++i) {
        model::Sample sample;
        sample.kind = model::Kind::Timer;
        sample.value = std::exponential_distribution<double>{0.01}(random);
        partial.fold(sample, now);
      }
      timeline.merge(0, {{series, 1}, pane, std::move(partial)});
    }
  }
  void finish() {
    now += Millis{1'000};
    timeline.finish(now);
    streams.finish(now, encoder);
    encoder.tick_done(now);
  }

  std::mt19937_64 random{7};
  WallTime now{Millis{1'700'000'000'000}};
  timeline::Timeline timeline;
  timeline::StreamSet streams;
  Encoder encoder;
};

void evaluate_and_encode(benchmark::State& state) {
  World world;
  for (int i = 0; i < 15; ++i) {
    world.send();
    world.finish();
  }
  for (auto _ : state) {
    state.PauseTiming();
    world.send();
    world.now += Millis{1'000};
    world.timeline.finish(world.now);
    state.ResumeTiming();
    world.streams.finish(world.now, world.encoder);
    world.encoder.tick_done(world.now);
  }
  state.counters["frame_bytes"] = static_cast<double>(world.encoder.bytes);
}
BENCHMARK(evaluate_and_encode)->Unit(benchmark::kMillisecond);

}  // namespace
