// rooms: ingest/worker
// What it costs to know and limit who sends: from a StatsD datagram to a folded partial, with and
// without.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "ingest/codec/sample_batch.h"
#include "ingest/codec/statsd.h"
#include "ingest/worker/worker.h"

namespace {

constexpr std::size_t kLinesADatagram = 20;

/// Datagrams that name each series once, in random order: the table's memory is as cold as it gets.
std::vector<std::string> datagrams(std::size_t series, const std::string& value) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < series; ++i) {
    lines.push_back("checkout.latency" + std::to_string(i % 100) + ":" + value + "|#route:/pay" +
                    std::to_string(i) + ",host:web-" + std::to_string(i % 40) + "\n");
  }
  std::shuffle(lines.begin(), lines.end(), std::mt19937_64{1});
  std::vector<std::string> blocks;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i % kLinesADatagram == 0) blocks.emplace_back();
    blocks.back() += lines[i];
  }
  return blocks;
}

constexpr unsigned kSenders = 64;
enum class Senders : std::uint8_t {
  Nobody,   // samples of no feed, no limit
  Limited,  // kSenders in turn, a datagram each, of a feed with a rate and an allow-list
};

/// Shows what a worker gives a feed.
class Door final : public ingest::feed::Feed {
 public:
  explicit Door(const ingest::feed::FeedHome& home) : Feed("bench", ""), sink(*home.sink) {}
  ingest::model::SampleSink& sink;
};

ingest::model::SampleSink& sink_of(ingest::worker::Worker& worker, Senders senders) {
  if (senders == Senders::Nobody) return worker;
  const auto make = [](const ingest::feed::FeedHome& home) {
    return ingest::Result<std::unique_ptr<Door>>{std::make_unique<Door>(home)};
  };
  return (*worker.add_feed(
              make, {.rate = 1'000'000'000, .allow = {*ingest::Network::parse("10.0.0.0/8")}}))
      ->sink;
}

void statsd_to_partial(benchmark::State& state, const std::string& value,
                       Senders senders = Senders::Nobody) {
  ingest::ManualClock clock;
  ingest::model::HubLink link;
  auto loop = *ingest::io::EventLoop::open(clock);
  ingest::worker::Worker worker{{}, {.loop = loop.get(), .link = &link, .wake_hub = [] {}}};
  const ingest::codec::Statsd statsd;
  ingest::codec::LineLedger ledger;
  ingest::model::SampleSink& sink = sink_of(worker, senders);
  ingest::codec::SampleBatch batch{sink};
  const auto blocks = datagrams(static_cast<std::size_t>(state.range(0)), value);
  unsigned sender = 0;
  const auto send = [&](const std::string& block) {
    if (senders == Senders::Limited)
      batch.from(sink.source_of(
          ingest::ip_of_v4({10, 0, 0, static_cast<std::uint8_t>(sender++ % kSenders)})));
    statsd.parse(block, ledger, batch);
    batch.flush();
  };
  for (int round = 0; round < 3; ++round)
    std::for_each(blocks.begin(), blocks.end(), send);
  std::size_t next = 0;
  for (auto _ : state) {
    send(blocks[next]);
    if (++next == blocks.size()) next = 0;
  }
  state.counters["per_sample"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kLinesADatagram),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  if (!ledger.adds_up() || ledger.accepted != ledger.received)
    state.SkipWithError("lines were rejected");
}
BENCHMARK_CAPTURE(statsd_to_partial, timer, std::string{"12.5|ms"})->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(statsd_to_partial, timer_of_limited_senders, std::string{"12.5|ms"},
                  Senders::Limited)
    ->Arg(1'000)
    ->Arg(100'000);

void table_find(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  ingest::series::SeriesTable table{{}};
  std::vector<std::string> tags;
  for (std::size_t i = 0; i < count; ++i)
    tags.push_back("route:/pay" + std::to_string(i) + ",host:web-1");
  const auto find = [&](const std::string& text) {
    const ingest::model::RawKey raw{"checkout.latency", text};
    const auto kind = ingest::model::Kind::Counter;
    return table.find(kind, raw, table.hash_of(kind, raw), {});
  };
  std::for_each(tags.begin(), tags.end(), find);
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(find(tags[next]));
    if (++next == count) next = 0;
  }
}
BENCHMARK(table_find)->Arg(1'000)->Arg(100'000);

}  // namespace
