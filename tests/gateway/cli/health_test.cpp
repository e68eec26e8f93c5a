#include "gateway/cli/health.h"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <numeric>

#include "gateway/cli/feed_sums.h"
#include "ingest/codec/line_ledger.h"
#include "ingest/io/event_loop.h"

namespace gateway::cli {
namespace {

using nlohmann::json;

FeedSums udp() {
  FeedSums sums{.name = "udp/statsd", .address = "127.0.0.1:8125"};
  sums.feed.bytes = 900;
  sums.feed.datagrams = {.received = 10, .kernel_dropped = 2, .merged = 0};
  ingest::codec::LineLedger& lines = sums.feed.lines;
  lines.received = 20;
  lines.accepted = 12;
  lines.reject(ingest::codec::Reject::BadValue);
  lines.reject(ingest::codec::Reject::BadValue);
  lines.reject(ingest::codec::Reject::MissingKind);
  lines.ignored = {.blank = 3, .comment = 1, .annotation = 0};
  lines.cut = {.truncated = 1, .tcp_tail = 0};
  sums.samples = {.produced = 15,
                  .own = 9,
                  .overflow = 2,
                  .late = 1,
                  .future = 1,
                  .limited_rate = 1,
                  .limited_source = 1,
                  .late_folded = 4};
  return sums;
}

json parsed(const std::vector<FeedSums>& feeds, const SeriesHealth& series = {}) {
  return json::parse(ingest_json(feeds, series, {}));
}

TEST(Health, TellsWhatWasFoldedBehindTheWorkers) {
  const json all = parsed({udp()}, {.overflowed = 7});
  EXPECT_EQ(all.at("series").at("overflowed"), 7);
}

TEST(Health, EachLedgerAddsUp) {
  const json feed = parsed({udp()}).at("feeds").at(0);
  const json& datagrams = feed.at("datagrams");
  EXPECT_EQ(datagrams.at("offered").get<int>(),
            datagrams.at("received").get<int>() + datagrams.at("kernel_dropped").get<int>());
  const auto sum_of = [](const json& numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), 0,
                           [](int sum, const json& number) { return sum + number.get<int>(); });
  };
  const json& lines = feed.at("lines");
  EXPECT_EQ(lines.at("received").get<int>(),
            lines.at("accepted").get<int>() + sum_of(lines.at("reasons")) +
                sum_of(lines.at("ignored")) + sum_of(lines.at("cut")));
  EXPECT_EQ(lines.at("rejected").get<int>(), sum_of(lines.at("reasons")));
  const json& samples = feed.at("samples");
  int placed = sum_of(samples.at("limited"));
  for (const char* place : {"own", "overflow", "late", "future"})
    placed += samples.at(place).get<int>();
  EXPECT_EQ(samples.at("produced").get<int>(), placed);
}

TEST(Health, ReasonsAreThoseThatHappened) {
  EXPECT_EQ(parsed({udp()}).at("feeds").at(0).at("lines").at("reasons"),
            json::parse(R"({"bad_value":2,"missing_kind":1})"));
}

TEST(Health, PartsOfGoodLinesThatWereLeftOutStandByTheirNames) {
  FeedSums sums = udp();
  sums.feed.lines.notes = {.rate_ignored = 2, .unknown_field = 3, .string_field = 4};
  EXPECT_EQ(parsed({sums}).at("feeds").at(0).at("lines").at("notes"),
            json::parse(R"({"rate_ignored":2,"unknown_field":3,"string_field":4})"));
}

TEST(Health, DropsOfMergedDatagramsAreALowerBound) {
  FeedSums sums = udp();
  EXPECT_FALSE(parsed({sums}).at("feeds").at(0).at("datagrams").at("lower_bound"));
  sums.feed.datagrams.merged = 5;
  EXPECT_TRUE(parsed({sums}).at("feeds").at(0).at("datagrams").at("lower_bound"));
}

TEST(Health, WhatAFeedNeverHasIsNotThere) {
  FeedSums tcp{.name = "tcp/statsd:8126", .address = "127.0.0.1:8126"};
  tcp.feed.connections = {.opened = 5, .closed = 2, .idle = 1, .denied = 1, .refused = 7};
  FeedSums host{.name = "host", .address = ""};
  host.feed.sources_missing = 3;
  const json all = parsed({tcp, host});
  EXPECT_FALSE(all.at("feeds").at(0).contains("datagrams"));
  EXPECT_EQ(all.at("feeds").at(0).at("connections").at("open"), 3);
  EXPECT_FALSE(all.at("feeds").at(1).contains("lines"));
  EXPECT_FALSE(all.at("feeds").at(1).contains("bytes"));
  EXPECT_EQ(all.at("host").at("sources_missing"), 3);
  EXPECT_FALSE(parsed({tcp}).contains("host"));
}

TEST(Health, SeriesStandAgainstTheirCaps) {
  const json series = parsed({}, {.live = 7, .max = 100, .names = 3, .names_max = 50}).at("series");
  EXPECT_EQ(series.at("live"), 7);
  EXPECT_EQ(series.at("max"), 100);
  EXPECT_EQ(series.at("names_max"), 50);
}

TEST(Health, APathOfAnyBytesIsStillJson) {
  const json all = parsed({{.name = "unix/statsd", .address = "/tmp/\xff\"<b>"}});
  EXPECT_EQ(all.at("feeds").at(0).at("address"), "/tmp/\xEF\xBF\xBD\"<b>");
}

/// A feed that was given something.
class Told final : public ingest::feed::Feed {
 public:
  Told(const char* name, std::uint64_t bytes) : Feed(name, "127.0.0.1:1") {
    book().bytes = bytes;
    book().lines.rejected[1] = 2;
    publish();
  }
};

void add_told(ingest::worker::Worker& worker, const char* name) {
  const auto added = worker.add_feed([&](const auto&) {
    return ingest::Result<std::unique_ptr<Told>>{std::make_unique<Told>(name, 5)};
  });
  ASSERT_TRUE(added);
}

TEST(Health, FeedsOfOneNameAreOneOverAllWorkers) {
  ingest::ManualClock clock;
  const auto loop = *ingest::io::EventLoop::open(clock);
  ingest::model::HubLink links[2];
  std::vector<std::unique_ptr<ingest::worker::Worker>> workers;
  std::vector<const ingest::worker::Worker*> seen;
  for (ingest::model::HubLink& link : links) {
    workers.push_back(std::make_unique<ingest::worker::Worker>(
        ingest::worker::Worker::Options{},
        ingest::worker::Worker::Parts{.loop = loop.get(), .link = &link, .wake_hub = {}}));
    seen.push_back(workers.back().get());
    add_told(*workers.back(), "udp/statsd");
    add_told(*workers.back(), "udp/graphite");
  }
  const std::vector<FeedSums> sums = sum_feeds(seen);
  ASSERT_EQ(sums.size(), 2U);  // samples of no feed: there are none
  EXPECT_EQ(sums[0].name, "udp/statsd");
  EXPECT_EQ(sums[0].address, "127.0.0.1:1");
  EXPECT_EQ(sums[0].feed.bytes, 10U);
  EXPECT_EQ(sums[1].feed.lines.rejected_total(), 4U);
}

}  // namespace
}  // namespace gateway::cli
