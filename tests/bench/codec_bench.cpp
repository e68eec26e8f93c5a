// rooms: ingest/codec
// Parsing alone: bytes a second of blocks as large as a datagram, from memory, into a sink that
// only counts. For each format the lines that its senders write.
#include <benchmark/benchmark.h>

#include <string>

#include "ingest/codec/graphite.h"
#include "ingest/codec/influx_line.h"
#include "ingest/codec/json_lines.h"
#include "ingest/codec/statsd.h"

namespace {

using ingest::codec::Codec;
using ingest::codec::Graphite;
using ingest::codec::InfluxLine;
using ingest::codec::JsonLines;
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

/// Whole lines, 1,364 bytes at most: what fits into an Ethernet frame beside its headers. In a line
/// % is a number that changes from line to line, and $ another.
std::string block_of(std::string_view pattern) {
  std::string block;
  for (int i = 0;; ++i) {
    std::string line{pattern};
    line += '\n';
    for (std::size_t at = 0; (at = line.find_first_of("%$")) != std::string::npos;)
      line.replace(at, 1, std::to_string(line[at] == '%' ? i * 7919 % 1000 : i * 31 % 500));
    if (block.size() + line.size() > 1'364) return block;
    block += line;
  }
}

void parse(benchmark::State& state, const Codec& codec, std::string_view pattern) {
  const std::string block = block_of(pattern);
  CountingSink sink;
  SampleBatch batch{sink};
  LineLedger ledger;
  for ([[maybe_unused]] auto _ : state) {
    codec.parse(block, ledger, batch);
    batch.flush();
  }
  benchmark::DoNotOptimize(sink.sum);
  if (ledger.accepted + ledger.ignored.annotation != ledger.received)
    state.SkipWithError("a line was refused");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(block.size()));
  state.SetItemsProcessed(static_cast<std::int64_t>(ledger.samples + ledger.ignored.annotation));
}

void statsd(benchmark::State& state, std::string_view pattern) {
  parse(state, Statsd{}, pattern);
}
void influx(benchmark::State& state, std::string_view pattern) {
  parse(state, InfluxLine{}, pattern);
}
void graphite(benchmark::State& state, std::string_view pattern) {
  parse(state, Graphite{}, pattern);
}
void json(benchmark::State& state, std::string_view pattern) {
  parse(state, JsonLines{}, pattern);
}

BENCHMARK_CAPTURE(statsd, timers, "service.%.requests.latency:$.25|ms");
BENCHMARK_CAPTURE(statsd, counters, "service.%.requests.latency:$|c");
BENCHMARK_CAPTURE(statsd, counters_with_rate, "service.%.requests.latency:$|c|@0.1");
BENCHMARK_CAPTURE(
    statsd, timers_with_3_tags,
    "service.%.requests.latency:$.5|ms|#route:/checkout,region:eu-west-1,host:web-17");
// The same tags as InfluxDB, Librato and SignalFx write them.
BENCHMARK_CAPTURE(statsd, timers_with_3_tags_of_influx,
                  "service.%.requests.latency,route=/checkout,region=eu-west-1,host=web-17:$.5|ms");
BENCHMARK_CAPTURE(statsd, timers_with_3_tags_of_librato,
                  "service.%.requests.latency#route=/checkout,region=eu-west-1,host=web-17:$.5|ms");
BENCHMARK_CAPTURE(
    statsd, timers_with_3_tags_of_signalfx,
    "service.%.requests.latency[route=/checkout,region=eu-west-1,host=web-17]:$.5|ms");
BENCHMARK_CAPTURE(statsd, events, "_e{6,12}:deploy|service web1|#route:/checkout,host:web-17|h:a");
BENCHMARK_CAPTURE(statsd, service_checks, "_sc|db.alive|0|#route:/checkout,host:web-17|m:all well");

BENCHMARK_CAPTURE(influx, telegraf_cpu,
                  "cpu,cpu=cpu-total,host=web-% usage_guest=0,usage_idle=98.20359281437127,"
                  "usage_iowait=0.$,usage_system=1.$,usage_user=2.5 1700000000000000000");
BENCHMARK_CAPTURE(influx, one_field,
                  "requests,route=/checkout,host=web-% latency=$.25 1700000000000000000");
BENCHMARK_CAPTURE(influx, integers_and_a_string,
                  "disk,device=sda%,host=web-17 free=64424509440i,used=$i,path=\"/var/lib\" "
                  "1700000000000000000");

BENCHMARK_CAPTURE(graphite, collectd, "collectd.web-%.cpu-0.cpu-idle 98.$ 1700000000");
BENCHMARK_CAPTURE(graphite, with_3_tags,
                  "requests.latency;route=/checkout;region=eu-west-1;host=web-% $.25 1700000000");

BENCHMARK_CAPTURE(json, full,
                  R"({"name":"requests.latency","kind":"timer","value":$.5,"tags":{"route":"/a",)"
                  R"("host":"web-%"},"ts":1700000000123,"rate":0.5})");
BENCHMARK_CAPTURE(json, spaced,
                  R"({"name": "requests.latency", "value": $.5, "tags": {"host": "web-%"}})");
BENCHMARK_CAPTURE(json, with_an_escape,  // simdjson's way
                  R"({"name":"requests.latency","kind":"timer","value":$.5,"tags":{"route":"\/a",)"
                  R"("host":"web-%"},"ts":1700000000123,"rate":0.5})");

}  // namespace
