// rooms: ingest/feed
// What one reading of this machine costs; the feed makes one a second, so 5 ms would be half a
// percent of a core.
#include <benchmark/benchmark.h>

#include <memory>

#include "ingest/feed/host_feed.h"

namespace {

class CountingSink final : public ingest::model::SampleSink {
 public:
  void take(std::span<const ingest::model::Sample> batch) override { count += batch.size(); }
  std::size_t count = 0;
};

void read_once(benchmark::State& state) {
  ingest::ManualClock clock;
  const auto loop = *ingest::io::EventLoop::open(clock);
  CountingSink sink;
  const ingest::feed::HostFeed feed{*loop, sink, {}};
  for ([[maybe_unused]] auto _ : state) {
    clock.advance(ingest::Millis{1'000});
    loop->turn(ingest::Millis{0});
  }
  state.counters["samples"] =
      static_cast<double>(sink.count) / static_cast<double>(state.iterations());
}

BENCHMARK(read_once);

}  // namespace
