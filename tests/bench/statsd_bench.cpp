// rooms: ingest/codec
// Parsing alone: bytes a second of StatsD blocks as large as a datagram, from memory, into a sink
// that only counts.
#include <benchmark/benchmark.h>

#include <string>

#include "ingest/codec/statsd.h"

namespace {

using ingest::codec::LineLedger;
using ingest::codec::SampleBatch;
using ingest::codec::Statsd;

class CountingSink final : public ingest::model::SampleSink {
 public:
  void take(std::span<const ingest::model::Sample> batch) override {
    for (const auto& sample : batch)
      sum += sample.value;
  }
  double sum = 0;
};

/// Whole lines, 1,364 bytes at most: what fits into an Ethernet frame beside its headers.
std::string block_of(std::string_view value_and_rest) {
  std::string block;
  for (int i = 0;; ++i) {
    const std::string line = "service." + std::to_string(i * 7919 % 1000) +
                             ".requests.latency:" + std::to_string(i * 31 % 500) +
                             std::string{value_and_rest} + '\n';
    if (block.size() + line.size() > 1'364) return block;
    block += line;
  }
}

void parse(benchmark::State& state, std::string_view value_and_rest) {
  const std::string block = block_of(value_and_rest);
  const Statsd statsd;
  CountingSink sink;
  SampleBatch batch{sink};
  LineLedger ledger;
  for ([[maybe_unused]] auto _ : state) {
    statsd.parse(block, ledger, batch);
    batch.flush();
  }
  benchmark::DoNotOptimize(sink.sum);
  if (ledger.accepted != ledger.received) state.SkipWithError("a line was refused");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(block.size()));
  state.SetItemsProcessed(static_cast<std::int64_t>(ledger.received));
}

BENCHMARK_CAPTURE(parse, timers, ".25|ms");
BENCHMARK_CAPTURE(parse, counters, "|c");
BENCHMARK_CAPTURE(parse, counters_with_rate, "|c|@0.1");
BENCHMARK_CAPTURE(parse, timers_with_3_tags, ".5|ms|#route:/checkout,region:eu-west-1,host:web-17");

}  // namespace
