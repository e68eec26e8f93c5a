#include "gateway/tools/load_pool.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "gateway/tools/server_numbers.h"
#include "ingest/codec/line_ledger.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/model/series_key.h"

namespace gateway::tools {
namespace {

using ingest::codec::Format;
using ingest::model::Kind;

class Counting final : public ingest::model::SampleSink {
 public:
  void take(std::span<const ingest::model::Sample> batch) override {
    for (const auto& sample : batch)
      series.insert(
          std::string{ingest::model::SeriesKey::from_raw(sample.kind, sample.key).bytes()});
  }
  std::set<std::string> series;
};

struct Parsed {
  std::uint64_t accepted = 0;
  std::size_t series = 0;
};

Parsed parsed(const LoadPool& pool, Format format) {
  Counting sink;
  ingest::codec::SampleBatch batch{sink};
  ingest::codec::LineLedger ledger;
  const auto codec = make_codec(format);
  for (std::size_t i = 0; i < pool.packets(); ++i)
    codec->parse(pool.run(i, 1), ledger, batch);
  batch.flush();
  EXPECT_EQ(ledger.accepted, ledger.received);
  return {ledger.accepted, sink.series.size()};
}

TEST(LoadPool, IsValidLinesOfJustSoManySeries) {
  for (const Format format : ingest::codec::kFormats) {
    const bool gauge = format == Format::Influx || format == Format::Graphite;
    const LoadWish wish{.format = format,
                        .kind = gauge ? Kind::Gauge : Kind::Timer,
                        .series = 300,
                        .tags = 3,
                        .lines_least = 5'000};
    const auto pool = LoadPool::make(wish);
    ASSERT_TRUE(pool) << pool.error();
    const Parsed lines = parsed(*pool, format);
    EXPECT_EQ(lines.accepted, pool->packets() * pool->lines_per_packet());
    EXPECT_EQ(lines.series, 300u);
    EXPECT_LE(pool->packet_bytes(), 1'364u);
    EXPECT_GT(pool->packet_bytes(), 1'200u);
  }
}

TEST(LoadPool, HasAsManyLinesAPacketAsWanted) {
  const auto pool = LoadPool::make({.series = 10, .lines_per_packet = 1, .lines_least = 1'000});
  ASSERT_TRUE(pool);
  EXPECT_EQ(pool->lines_per_packet(), 1u);
  EXPECT_EQ(pool->run(0, 1).find('\n'), std::string_view::npos);
  const auto stream = LoadPool::make(
      {.series = 10, .lines_per_packet = 7, .lines_least = 1'000, .ends = LoadWish::Ends::Every});
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->run(0, 1).back(), '\n');
  EXPECT_EQ(parsed(*stream, Format::Statsd).accepted, stream->packets() * 7);
}

TEST(LoadPool, RefusesWhatFitsNoPacket) {
  EXPECT_FALSE(LoadPool::make({.packet_bytes = 10}));
  EXPECT_FALSE(LoadPool::make({.lines_per_packet = 10'000}));
  EXPECT_FALSE(LoadPool::make({.format = Format::Graphite, .kind = Kind::Timer}));
}

TEST(ServerNumbers, AreReadFromTheTextOfMetrics) {
  const FeedNumbers seen = read_feed_numbers(
      "# HELP x y\n"
      "weir_ingest_datagrams_total{feed=\"udp/statsd\",result=\"received\"} 10\n"
      "weir_ingest_datagrams_total{feed=\"udp/statsd\",result=\"kernel_dropped\"} 3\n"
      "weir_ingest_datagrams_total{feed=\"udp/statsd:8126\",result=\"received\"} 5\n"
      "weir_ingest_datagrams_total{feed=\"udp/json\",result=\"received\"} 100\n"
      "weir_ingest_lines_total{feed=\"udp/statsd\",result=\"accepted\"} 40\n"
      "weir_ingest_lines_total{feed=\"udp/statsd\",result=\"rejected\"} 2\n"
      "weir_ingest_samples_total{feed=\"udp/statsd\",result=\"own\"} 1.5e+06\n"
      "weir_ingest_samples_total{feed=\"udp/statsd\",result=\"late\"} 1\n"
      "weir_series 12\n",
      "udp/statsd");
  EXPECT_EQ(seen, (FeedNumbers{.datagrams_received = 15,
                               .datagrams_dropped = 3,
                               .lines = 42,
                               .lines_accepted = 40,
                               .samples = 1'500'001,
                               .samples_own = 1'500'000,
                               .series = 12}));
}

TEST(ServerNumbers, OfAProcessAreItsOwn) {
  const auto own = process_numbers(::getpid());
  ASSERT_TRUE(own);
  EXPECT_GT(own->memory_bytes, 100'000u);
  EXPECT_FALSE(process_numbers(0));
}

}  // namespace
}  // namespace gateway::tools
