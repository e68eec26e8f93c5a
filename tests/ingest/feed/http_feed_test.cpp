#include "ingest/feed/http_feed.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/codec/graphite.h"
#include "ingest/codec/influx_line.h"
#include "ingest/codec/json_lines.h"
#include "tests/ingest/codec/collected.h"

namespace ingest::feed {
namespace {

using codec::Reject;
using Fault = HttpFeed::LineFault;

struct Fed {
  explicit Fed(const codec::Codec& codec_in) : codec(codec_in), feed(codec_in.format(), sink) {}
  HttpFeed::Taken take(std::string_view body) {
    const auto reading = feed.begin({.text = body}, codec);
    do {
      feed.publish();
      EXPECT_TRUE(feed.ledger().lines.adds_up());
    } while (reading->take_some());
    feed.publish();
    EXPECT_TRUE(feed.ledger().lines.adds_up());
    return reading->taken();
  }
  codec::Collected sink;
  const codec::Codec& codec;
  HttpFeed feed;
};

const codec::Statsd kStatsd;
const codec::InfluxLine kInflux;

TEST(HttpFeed, TakesTheLinesOfABodyAndPublishesThem) {
  Fed fed{kStatsd};
  EXPECT_EQ(fed.feed.name(), "http/statsd");
  const HttpFeed::Taken taken = fed.take("a:1|c\n\nb:2|c\r\nc:3|c");
  EXPECT_EQ(taken.accepted, 3u);
  EXPECT_EQ(taken.rejected, 0u);
  EXPECT_TRUE(taken.faults.empty());
  EXPECT_EQ(fed.sink.samples.size(), 3u);
  const FeedLedger ledger = fed.feed.ledger();
  EXPECT_EQ(ledger.lines.received, 4u);
  EXPECT_EQ(ledger.lines.ignored.blank, 1u);
  EXPECT_EQ(ledger.lines.samples, 3u);
  EXPECT_EQ(ledger.bytes, 19u);
}

TEST(HttpFeed, NamesTheFirstRejectedLinesAndTakesTheirNeighbours) {
  Fed fed{kStatsd};
  const HttpFeed::Taken taken = fed.take("a:1|c\nbad\n\nb:1|q\nc:2|c\n:1|c\n");
  EXPECT_EQ(taken.accepted, 2u);
  EXPECT_EQ(taken.rejected, 3u);
  const std::vector<Fault> expected{
      {2, Reject::MissingValue}, {4, Reject::UnknownKind}, {6, Reject::EmptyName}};
  EXPECT_EQ(taken.faults, expected);
  EXPECT_EQ(fed.sink.samples.size(), 2u);  // none twice
}

TEST(HttpFeed, NamesNoMoreThanTen) {
  Fed fed{kStatsd};
  std::string body;
  for (int i = 0; i < 25; ++i)
    body += "bad\n";
  const HttpFeed::Taken taken = fed.take(body);
  EXPECT_EQ(taken.rejected, 25u);
  ASSERT_EQ(taken.faults.size(), HttpFeed::kFaultsMax);
  EXPECT_EQ(taken.faults.back().line, 10u);
  EXPECT_EQ(fed.feed.ledger().lines.rejected_for(Reject::MissingValue), 25u);
}

TEST(HttpFeed, FindsFaultsInEveryBlockOfALargeBody) {
  Fed fed{kStatsd};
  std::string body;
  std::vector<Fault> expected;
  constexpr std::uint64_t kLines = 20'000;
  for (std::uint64_t line = 1; line <= kLines; ++line) {
    const bool bad = line == 1 || line == kLines || line % 4'999 == 0;
    body += bad ? "oh no\n" : "some.counter:1|c|#route:/pay\n";
    if (bad) expected.push_back({line, Reject::MissingValue});
  }
  const HttpFeed::Taken taken = fed.take(body);
  EXPECT_EQ(taken.faults, expected);
  EXPECT_EQ(taken.accepted, kLines - expected.size());
  EXPECT_EQ(fed.sink.samples.size(), kLines - expected.size());
}

TEST(HttpFeed, ALineAboveTheLimitIsNamedAsAnyOther) {
  Fed fed{kStatsd};
  const std::string body = "a:1|c\n" + std::string(codec::kLineBytesMax + 1, 'x') + "\nb:1|c\nbad";
  const HttpFeed::Taken taken = fed.take(body);
  const std::vector<Fault> expected{{2, Reject::LineTooLong}, {4, Reject::MissingValue}};
  EXPECT_EQ(taken.faults, expected);
  EXPECT_EQ(taken.accepted, 2u);
}

TEST(HttpFeed, CountsTheNewlinesOfStringsAsAnEditorDoes) {
  Fed fed{kInflux};
  const HttpFeed::Taken taken = fed.take("m s=\"two\nlines\",f=1\n# why\nm f=\nm f=2\nm\n");
  EXPECT_EQ(taken.accepted, 2u);
  EXPECT_EQ(taken.rejected, 2u);
  const std::vector<Fault> expected{{4, Reject::EmptyValue}, {6, Reject::MissingField}};
  EXPECT_EQ(taken.faults, expected);
  EXPECT_EQ(fed.feed.ledger().lines.ignored.comment, 1u);
}

TEST(HttpFeed, AStringOverTheEndOfABlockIsOneLine) {
  Fed fed{kInflux};
  std::string body;
  while (body.size() < 16 * 1024 - 10)
    body += "m f=1\n";
  body += "m s=\"" + std::string(100, 'a') + "\n" + std::string(100, 'b') + "\",f=7\nm f=\n";
  const HttpFeed::Taken taken = fed.take(body);
  EXPECT_EQ(taken.rejected, 1u);
  EXPECT_EQ(fed.sink.samples.back().value, 7);
}

/// Whole lines of `line` that take several slices.
std::string many(const std::string& line) {
  std::string body;
  while (body.size() < 5 * HttpFeed::kSliceBytes)
    body += line;
  return body;
}

TEST(HttpFeed, TwoBodiesAreReadInTurnSliceBySlice) {
  Fed fed{kStatsd};
  const std::string one = many("one:1|c\n");
  const std::string two = many("two:1|c\nbad\n");
  const auto first = fed.feed.begin({.text = one}, kStatsd);
  const auto second = fed.feed.begin({.text = two}, kStatsd);
  std::uint64_t before = 0;
  for (bool more = true; more;) {
    more = first->take_some();
    more = second->take_some() || more;
    const std::uint64_t taken = first->taken().accepted + second->taken().accepted;
    EXPECT_LE(taken - before, 2 * HttpFeed::kSliceBytes / 8);  // no line is shorter than 8 bytes
    before = taken;
  }
  EXPECT_EQ(first->taken().accepted, one.size() / 8);
  EXPECT_EQ(first->taken().rejected, 0u);
  EXPECT_EQ(second->taken().accepted, two.size() / 12);
  EXPECT_EQ(second->taken().rejected, two.size() / 12);
  EXPECT_EQ(second->taken().faults.front(), (Fault{2, Reject::MissingValue}));
}

TEST(HttpFeed, ABodyWithStringsIsReadInSlicesToo) {
  Fed fed{kInflux};
  const std::string body = many("m s=\"two\nlines\",f=1\n");
  const auto reading = fed.feed.begin({.text = body}, kInflux);
  EXPECT_TRUE(reading->take_some());
  EXPECT_LE(reading->taken().accepted, HttpFeed::kSliceBytes / 20);
  while (reading->take_some())
    continue;
  EXPECT_EQ(reading->taken().accepted, body.size() / 20);
  EXPECT_EQ(reading->taken().rejected, 0u);
}

TEST(HttpFeed, ThePrecisionIsTheCodecs) {
  const codec::InfluxLine seconds{{.precision = codec::TimeUnit::Seconds}};
  const codec::InfluxLine millis{{.precision = codec::TimeUnit::Milliseconds}};
  codec::Collected sink;
  HttpFeed feed{"influx", sink};
  feed.begin({.text = "m f=1 170000000000\n"}, seconds)->take_some();
  feed.begin({.text = "m f=1 170000000000\n"}, millis)->take_some();
  ASSERT_EQ(sink.samples.size(), 2u);
  EXPECT_EQ(sink.samples[0].time_ms, 170'000'000'000'000);
  EXPECT_EQ(sink.samples[1].time_ms, 170'000'000'000);
}

TEST(HttpFeed, EachSampleKnowsWhoSentIt) {
  struct Sources final : model::SampleSink {
    void take(std::span<const model::Sample> batch) override {
      for (const model::Sample& sample : batch)
        seen.push_back(sample.source);
    }
    std::uint32_t source_of(const IpAddress& sender) override { return sender[15]; }
    std::vector<std::uint32_t> seen;
  };
  Sources sink;
  HttpFeed feed{"statsd", sink};
  feed.begin({.text = "a:1|c\nbad\nb:1|c", .sender = ip_of_v4({192, 0, 2, 7})}, kStatsd)
      ->take_some();
  feed.begin({.text = "a:1|c", .sender = ip_of_v4({192, 0, 2, 9})}, kStatsd)->take_some();
  EXPECT_EQ(sink.seen, (std::vector<std::uint32_t>{7, 7, 9}));
}

TEST(HttpFeed, AnEmptyBodyIsNothing) {
  Fed fed{kStatsd};
  const HttpFeed::Taken taken = fed.take("");
  EXPECT_EQ(taken.accepted + taken.rejected, 0u);
  EXPECT_EQ(fed.feed.ledger().lines.received, 0u);
}

TEST(HttpFeed, ReadsEveryFormat) {
  const codec::Graphite graphite;
  Fed lines{graphite};
  EXPECT_EQ(lines.take("a;k=v 1 -1\nb x -1").accepted, 1u);
  const codec::JsonLines json;
  Fed objects{json};
  // The second has an escape: its sample stands in the codec's own memory.
  const HttpFeed::Taken taken =
      objects.take("{\"name\":\"a\",\"value\":1}\n{\"name\":\"b\\u0041\",\"value\":2}\n{\"name\":");
  EXPECT_EQ(taken.accepted, 2u);
  const std::vector<Fault> expected{{3, Reject::BadJson}};
  EXPECT_EQ(taken.faults, expected);
  ASSERT_EQ(objects.sink.samples.size(), 2u);
  EXPECT_EQ(objects.sink.samples[1].name, "bA");
}

}  // namespace
}  // namespace ingest::feed
