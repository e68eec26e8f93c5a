// rooms: gateway/publish
// One tick of a stream of 10,000 rows x 5 stats: values in, one frame out. Goal: at most 10 ms.
// Changed is the share of rows whose values differ from the tick before, in percent.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "gateway/publish/channel.h"
#include "gateway/publish/row_table.h"

namespace {

using namespace gateway::publish;  // NOLINT(google-build-using-namespace): one bench, one room
using ingest::Millis;
using ingest::query::Query;
using ingest::query::RowAdded;
using ingest::query::Stat;
using ingest::query::Update;
using ingest::query::Window;

constexpr std::size_t kRows = 10'000;

Query five_stats() {
  Query query;
  query.metric = "http.request.duration";
  query.by = {"route"};
  query.stats = {{Stat::Name::Count},
                 {Stat::Name::Rate},
                 {Stat::Name::Mean},
                 {Stat::Name::Quantile, 50'000},
                 {Stat::Name::Quantile, 99'000}};
  return query;
}

struct Feed {
  Feed() {
    for (std::size_t row = 0; row < kRows; ++row) {
      rows.push_back(static_cast<ingest::query::RowSlot>(row));
      added.push_back({rows.back(), {"/api/v2/things/" + std::to_string(row)}});
      values.resize(values.size() + 5);
      change(row);
    }
  }
  void change(std::size_t row) {
    const double latency = std::exponential_distribution<double>{0.01}(random);
    const double count = 1 + static_cast<double>(random() % 500);
    const double next[5] = {count, count / 10, latency, latency * 0.7, latency * 4.6};
    std::copy(std::begin(next), std::end(next), values.begin() + static_cast<long>(row * 5));
  }
  Update update(int tick, bool first) const {
    const auto end = ingest::wall_from_ms(1'764'000'000'000 + tick * 1'000);
    Update update;
    update.stream = 1;
    update.window = Window{end - Millis{10'000}, end};
    if (first) update.added = added;
    update.rows = rows;
    update.values = values;
    return update;
  }
  std::mt19937_64 random{1};
  std::vector<ingest::query::RowSlot> rows;
  std::vector<RowAdded> added;
  std::vector<double> values;
};

void encode_tick(benchmark::State& state) {
  const auto changed = static_cast<std::size_t>(state.range(0));
  Feed feed;
  RowTable table{five_stats(), {}};
  table.keep(RowTable::Corrections::Kept);
  Channel channel{{1, Millis{1'000}, Millis{1'000}}, {}};
  table.apply(feed.update(0, true));
  table.seal();
  channel.start(table, ingest::wall_from_ms(1'764'000'000'000));
  std::vector<Numbered> out;
  std::size_t bytes = 0;
  int tick = 0;
  for (auto _ : state) {
    state.PauseTiming();
    ++tick;
    for (std::size_t row = 0; row < kRows; ++row) {
      if (row % 100 < changed) feed.change(row);
    }
    out.clear();
    state.ResumeTiming();
    table.apply(feed.update(tick, false));
    table.seal();
    channel.advance(table, ingest::wall_from_ms(1'764'000'000'000 + tick * 1'000), out);
    bytes = out.at(0).frame->bytes.size();
  }
  state.counters["frame_bytes"] = static_cast<double>(bytes);
}
BENCHMARK(encode_tick)
    ->ArgName("changed")
    ->Arg(0)
    ->Arg(20)
    ->Arg(100)
    ->Unit(benchmark::kMillisecond);

void encode_snapshot(benchmark::State& state) {
  Feed feed;
  RowTable table{five_stats(), {}};
  table.apply(feed.update(0, true));
  table.seal();
  for (auto _ : state) {
    state.PauseTiming();
    Channel channel{{1, Millis{1'000}, Millis{1'000}}, {}};
    channel.start(table, ingest::wall_from_ms(1'764'000'000'000));
    state.ResumeTiming();
    benchmark::DoNotOptimize(channel.snapshot(table));
  }
}
BENCHMARK(encode_snapshot)->Unit(benchmark::kMillisecond);

}  // namespace
