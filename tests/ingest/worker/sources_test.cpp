// Limits of each source: what passes, what does not, and where all of it stands in the ledger.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "ingest/codec/statsd.h"
#include "ingest/worker/worker.h"

namespace ingest::worker {
namespace {

IpAddress ip(const std::string& text) {
  return *parse_ip(text);
}

/// A feed that says who sends.
class NamedFeed final : public feed::Feed {
 public:
  explicit NamedFeed(const feed::FeedHome& home)
      : Feed("named/statsd", ""), sink_(*home.sink), batch_(sink_) {}
  void send(const IpAddress& sender, std::string lines) {
    batch_.from(sink_.source_of(sender));
    // The samples look into the text until they are flushed.
    statsd_.parse(texts_.emplace_back(std::move(lines)), book().lines, batch_);
  }
  void flush() {
    batch_.flush();
    texts_.clear();
  }
  bool allows(const IpAddress& sender) const { return sink_.allows(sender); }
  std::chrono::nanoseconds wait_of(const IpAddress& sender) { return sink_.wait_of(sender); }

 private:
  model::SampleSink& sink_;
  codec::Statsd statsd_;
  codec::SampleBatch batch_;
  std::deque<std::string> texts_;
};

struct House {
  explicit House(const Worker::Options& options = {})
      : worker(options, {.loop = loop.get(), .link = &link, .wake_hub = [] {}}) {}
  NamedFeed& add(series::SourceRule rule) { return add(worker.add_rule(std::move(rule))); }
  NamedFeed& add(RuleIndex rule) {
    return **worker.add_feed(
        [](const feed::FeedHome& home) {
          return Result<std::unique_ptr<NamedFeed>>{std::make_unique<NamedFeed>(home)};
        },
        rule);
  }
  SampleLedger samples(std::size_t feed = 0) {
    worker.publish();
    return worker.feeds()[feed].samples;
  }

  ManualClock clock;
  std::unique_ptr<io::EventLoop> loop = *io::EventLoop::open(clock);
  model::HubLink link;
  Worker worker;
};

std::string lines(int count, const std::string& line = "a:1|c") {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += line + "\n";
  return text;
}

TEST(WorkerSources, ASourceOverItsRateLosesOnlyItsOwn) {
  House house;
  NamedFeed& feed = house.add({.rate = 100});
  feed.send(ip("192.0.2.1"), lines(60));
  feed.send(ip("192.0.2.2"), lines(60));
  feed.send(ip("192.0.2.1"), lines(60));
  feed.send(ip("192.0.2.2"), lines(30));
  feed.flush();
  const SampleLedger ledger = house.samples();
  EXPECT_EQ(ledger.produced, 210U);
  EXPECT_EQ(ledger.own, 190U);
  EXPECT_EQ(ledger.limited_rate, 20U);
  EXPECT_TRUE(ledger.adds_up());
  const auto worst = house.worker.offenders()->sources(10);
  ASSERT_EQ(worst.size(), 1U);
  EXPECT_EQ(worst[0].address, "192.0.2.1");
  EXPECT_EQ(worst[0].offence, series::Offence::Rate);
  EXPECT_EQ(worst[0].samples, 20U);
}

TEST(WorkerSources, TheRateIsOfTheFeed) {
  House house;
  NamedFeed& slow = house.add({.rate = 10});
  NamedFeed& fast = house.add({});
  slow.send(ip("192.0.2.1"), lines(1'000));
  slow.flush();
  fast.send(ip("192.0.2.1"), lines(1'000));
  fast.flush();
  EXPECT_EQ(house.samples(0).limited_rate, 990U);
  EXPECT_EQ(house.samples(1).own, 1'000U);
}

// Of HTTP, whose every format is a feed.
TEST(WorkerSources, FeedsOfOneRuleHaveOneRateForEachSource) {
  House house;
  const RuleIndex rule =
      house.worker.add_rule({.rate = 100, .past_rate = series::PastRate::Owed, .allow = {}});
  NamedFeed& one = house.add(rule);
  NamedFeed& other = house.add(rule);
  one.send(ip("192.0.2.1"), lines(150));
  one.flush();
  EXPECT_EQ(other.wait_of(ip("192.0.2.1")), Millis{510});
  EXPECT_EQ(other.wait_of(ip("192.0.2.2")).count(), 0);
  EXPECT_EQ(house.samples(0).own, 150U);
  EXPECT_EQ(house.samples(0).limited_rate, 0U);
  const auto worst = house.worker.offenders()->sources(10);
  ASSERT_EQ(worst.size(), 1U);
  EXPECT_EQ(worst[0].address, "192.0.2.1");
  EXPECT_EQ(worst[0].offence, series::Offence::Writes);
  EXPECT_EQ(worst[0].samples, 1U);
}

TEST(WorkerSources, SamplesOfAStrangerAreCountedAndGoNowhere) {
  House house;
  NamedFeed& feed = house.add({.allow = {*Network::parse("10.0.0.0/8")}});
  EXPECT_FALSE(feed.allows(ip("192.0.2.1")));
  EXPECT_TRUE(feed.allows(ip("10.1.2.3")));
  feed.send(ip("10.1.2.3"), lines(5));
  feed.send(ip("192.0.2.1"), lines(7));
  feed.send({}, lines(3));  // who has no address
  feed.flush();
  const SampleLedger ledger = house.samples();
  EXPECT_EQ(ledger.produced, 15U);
  EXPECT_EQ(ledger.own, 8U);
  EXPECT_EQ(ledger.limited_source, 7U);
  EXPECT_TRUE(ledger.adds_up());
  const auto worst = house.worker.offenders()->sources(10);
  ASSERT_EQ(worst.size(), 1U);
  EXPECT_EQ(worst[0].address, "192.0.2.1");
  EXPECT_EQ(worst[0].offence, series::Offence::NotAllowed);
}

TEST(WorkerSources, TheBookIsCounted) {
  House house;
  NamedFeed& feed = house.add({});
  feed.send(ip("192.0.2.1"), lines(1));
  feed.send(ip("192.0.2.2"), lines(1));
  feed.flush();
  house.worker.publish();
  EXPECT_EQ(house.worker.ledger().sources, 2U);
  EXPECT_EQ(house.worker.ledger().sources_forgotten, 0U);
  EXPECT_EQ(house.worker.ledger().sources_crowded, 0U);
}

// Any mix of senders, limits, times and batch ends: every sample stands in one place, and no sender
// gets less than its rate because of another.
TEST(WorkerSources, EverySampleStandsInOnePlace) {
  std::mt19937 random{5};
  for (int round = 0; round < 30; ++round) {
    House house;
    constexpr std::uint64_t kRate = 50;
    NamedFeed& feed = house.add({.rate = kRate, .allow = {*Network::parse("10.0.0.0/29")}});
    std::uint64_t sent = 0;
    std::uint64_t strangers = 0;
    for (int i = 0; i < 200; ++i) {
      const auto last = static_cast<std::uint8_t>(random() % 12);
      const int count = static_cast<int>(random() % 30);
      feed.send(ip_of_v4({10, 0, 0, last}), lines(count));
      sent += static_cast<std::uint64_t>(count);
      if (last >= 8) strangers += static_cast<std::uint64_t>(count);
      if (random() % 4 == 0) feed.flush();
    }
    feed.flush();
    const SampleLedger ledger = house.samples();
    ASSERT_TRUE(ledger.adds_up());
    ASSERT_EQ(ledger.produced, sent);
    ASSERT_EQ(ledger.limited_source, strangers);
    ASSERT_EQ(ledger.own, 8 * kRate);  // all eight sent more than that
    ASSERT_EQ(ledger.limited_rate, sent - strangers - 8 * kRate);
  }
}

}  // namespace
}  // namespace ingest::worker
