#include "ingest/worker/worker.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <map>
#include <string>
#include <vector>

#include "ingest/codec/statsd.h"
#include "ingest/feed/udp_feed.h"
#include "ingest/feed/udp_group.h"
#include "ingest/io/log.h"
#include "ingest/io/socket.h"

namespace ingest::worker {
namespace {

using model::Handover;
using model::Kind;
using model::Sample;
using model::SeriesKey;

constexpr WallTime kStart = wall_from_ms(1'700'000'000'000);
WallTime at(int ms) {
  return kStart + Millis{ms};
}

Sample sample(std::string_view name, std::string_view tags = {}, double value = 1) {
  return {.kind = Kind::Counter, .key = {name, tags}, .value = value};
}

/// A worker on a loop whose time the test moves, and the hub's end of its rings.
struct Stage {
  explicit Stage(Worker::Options options = {}) {
    loop = *io::EventLoop::open(clock);
    worker = std::make_unique<Worker>(
        options, Worker::Parts{.loop = loop.get(), .link = &link, .wake_hub = [this] { ++wakes; }});
    worker->start();
  }
  ~Stage() { worker.reset(); }

  void take(const Sample& each) { worker->take({&each, 1}); }
  /// Lets time pass, and the loop run once.
  void pass(int ms) {
    clock.advance(Millis{ms});
    loop->turn(Millis{0});
  }
  /// What the hub would have merged by now: the totals of each series and pane.
  void collect() {
    while (auto popped = link.to_hub.try_pop()) {
      ++handovers;
      Handover& handover = **popped;
      last_tick = handover.tick;
      for (const auto& born : handover.born)
        keys[born.series.index] = born.key;
      for (const auto& moved : handover.moved) {
        ASSERT_TRUE(keys.contains(moved.series.index)) << "a partial of a series never born";
        totals[{std::string{keys[moved.series.index].bytes()}, to_ms(moved.pane)}] +=
            moved.partial.counter().total();
      }
      for (const auto& gone : handover.expired)
        keys.erase(gone.index);
      link.to_worker.try_push(model::HandoverEmptied{std::move(*popped)});
    }
  }
  double total() const {
    double sum = 0;
    for (const auto& [key, value] : totals)
      sum += value;
    return sum;
  }
  SampleLedger samples() const { return worker->feeds().back().samples; }

  ManualClock clock{kStart};
  model::HubLink link;
  int wakes = 0;
  std::unique_ptr<io::EventLoop> loop;
  feed::ReceiveRoom room;
  std::unique_ptr<Worker> worker;
  int handovers = 0;
  WallTime last_tick;
  std::map<std::uint32_t, SeriesKey> keys;
  std::map<std::pair<std::string, std::int64_t>, double> totals;  // by key bytes and pane
};

void watch(Stage& stage, std::vector<std::string> globs) {
  auto list = std::make_shared<const model::WatchList>(model::WatchList{std::move(globs)});
  stage.link.to_worker.try_push(model::WatchChanged{std::move(list)});
  stage.loop->wake();
  stage.loop->turn(Millis{0});
}

TEST(Worker, HandsOverAtEachTickEvenNothing) {
  Stage stage;
  for (int i = 0; i < 4; ++i)
    stage.pass(250);
  stage.collect();
  EXPECT_EQ(stage.handovers, 4);
  EXPECT_EQ(stage.last_tick, at(1000));
  EXPECT_EQ(stage.wakes, 4);
}

TEST(Worker, TicksAlignToTheWallClock) {
  Stage stage;
  stage.pass(100);
  stage.collect();
  EXPECT_EQ(stage.handovers, 0);
  stage.pass(170);  // the loop was late by 20 ms
  stage.collect();
  EXPECT_EQ(stage.last_tick, at(250));
  stage.pass(229);
  stage.collect();
  EXPECT_EQ(stage.handovers, 1);
  stage.pass(1);
  stage.collect();
  EXPECT_EQ(stage.last_tick, at(500));
}

TEST(Worker, WatchedSeriesArriveWithinATick) {
  Stage stage;
  watch(stage, {"http.*"});
  stage.take(sample("http.request", "route:/a", 5));
  stage.take(sample("disk"));
  stage.pass(250);
  stage.collect();
  EXPECT_EQ(stage.total(), 5);
  stage.take(sample("http.request", "route:/a", 7));
  stage.pass(250);
  stage.collect();
  EXPECT_EQ(stage.total(), 12);
}

TEST(Worker, AWatchFindsWhatWasFoldedBefore) {
  Stage stage;
  stage.take(sample("disk", {}, 3));
  watch(stage, {"disk"});
  stage.pass(250);
  stage.collect();
  EXPECT_EQ(stage.total(), 3);
}

TEST(Worker, UnwatchedSeriesArriveOnceTheirPaneHasEnded) {
  Stage stage;
  for (int i = 0; i < 40; ++i)
    stage.take(sample("disk", "d:" + std::to_string(i)));
  for (int i = 0; i < 3; ++i)
    stage.pass(250);
  stage.collect();
  EXPECT_EQ(stage.total(), 0);
  for (int i = 0; i < 4; ++i)
    stage.pass(250);
  stage.collect();
  EXPECT_EQ(stage.total(), 40);
}

TEST(Worker, TimestampsChooseThePane) {
  Stage stage;
  Sample old = sample("m");
  old.time = at(-1500);
  stage.take(old);
  stage.take(sample("m"));
  for (int i = 0; i < 16; ++i)
    stage.pass(250);
  stage.collect();
  ASSERT_EQ(stage.totals.size(), 2U);
  EXPECT_EQ(stage.totals.begin()->first.second, to_ms(at(-2000)));
}

TEST(Worker, LateAndFutureSamplesAreDroppedAndCounted) {
  Stage stage;
  for (const int ms : {-3001, -3000, -2001, -2000, 10'000, 10'001, 86'400'000}) {
    Sample timed = sample("m");
    timed.time = at(ms);
    stage.take(timed);
  }
  stage.pass(1);
  const SampleLedger ledger = stage.samples();
  EXPECT_EQ(ledger.produced, 7U);
  EXPECT_EQ(ledger.late, 3U);  // the pane [-3000, -2000) closed at 0
  EXPECT_EQ(ledger.future, 2U);
  EXPECT_EQ(ledger.own, 2U);
  EXPECT_TRUE(ledger.adds_up());
}

TEST(Worker, ARejectedSampleMakesNoSeries) {
  Stage stage;
  Sample timed = sample("m");
  timed.time = at(86'400'000);
  stage.take(timed);
  stage.pass(250);
  EXPECT_EQ(stage.worker->ledger().series, 0U);
}

TEST(Worker, LateSamplesCountAsNowWhenAskedTo) {
  Stage stage{{.late = LatePolicy::Now}};
  Sample timed = sample("m");
  timed.time = wall_from_ms(0);
  stage.take(timed);
  while (!stage.worker->drain())
    stage.collect();
  stage.collect();
  ASSERT_EQ(stage.totals.size(), 1U);
  EXPECT_EQ(stage.totals.begin()->first.second, to_ms(at(0)));
  EXPECT_EQ(stage.samples().late, 0U);
  EXPECT_EQ(stage.samples().late_folded, 1U);
  EXPECT_TRUE(stage.samples().adds_up());
}

TEST(Worker, AnOverflowingCapKeepsEveryTotal) {
  Stage stage{{.table = {.series_max = 10, .names_max = 4}}};
  double sent = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string name = "name" + std::to_string(i % 7);
    const std::string tags = "i:" + std::to_string(i % 100);
    stage.take(sample(name, tags, i));
    sent += i;
    if (i % 50 == 0) stage.pass(50);
    stage.collect();
  }
  while (!stage.worker->drain())
    stage.collect();
  stage.collect();
  EXPECT_EQ(stage.total(), sent);
  const SampleLedger ledger = stage.samples();
  EXPECT_EQ(ledger.produced, 3000U);
  EXPECT_GT(ledger.overflow, 0U);
  EXPECT_GT(ledger.own, 0U);
  EXPECT_TRUE(ledger.adds_up());
  EXPECT_LE(stage.worker->ledger().names, 5U);
  bool has_overflow_name = false;
  for (const auto& [at_pane, value] : stage.totals)
    has_overflow_name |= at_pane.first == "weir.overflow";
  EXPECT_TRUE(has_overflow_name);
}

TEST(Worker, AFullRingLosesNothing) {
  Stage stage;
  watch(stage, {"**"});
  const int ticks = static_cast<int>(model::HubLink::kHandoversMax) * 3;
  for (int i = 0; i < ticks; ++i) {
    stage.take(sample("m"));
    stage.pass(250);
  }
  EXPECT_GT(stage.worker->ledger().handovers_deferred, 0U);
  stage.collect();
  for (int i = 0; i < 20; ++i)
    stage.pass(250);
  stage.collect();
  EXPECT_EQ(stage.total(), ticks);
  EXPECT_EQ(stage.worker->ledger().samples_misplaced, 0U);
}

TEST(Worker, APaneLeavesBeforeItClosesHoweverLongTheTurnsTake) {
  Stage stage;
  constexpr int kSeries = 60'000;
  for (int i = 0; i < kSeries; ++i)
    stage.take(sample("m", "i:" + std::to_string(i)));
  for (int i = 0; i < 59; ++i) {
    stage.pass(50);  // as long as a flood of merged datagrams keeps a turn busy
    stage.collect();
  }
  EXPECT_LT(stage.loop->wall(), at(3'000));  // then the hub closes the pane
  EXPECT_EQ(stage.total(), kSeries);
}

TEST(Worker, EmptiedMemoryIsUsedAgain) {
  Stage stage;
  stage.take(sample("m"));
  while (!stage.worker->drain())
    stage.collect();
  auto first = stage.link.to_hub.try_pop();
  const Handover* const memory = first->get();
  EXPECT_FALSE((*first)->moved.empty());  // as the hub leaves it
  stage.link.to_worker.try_push(model::HandoverEmptied{std::move(*first)});
  stage.worker->hand_over();
  auto second = stage.link.to_hub.try_pop();
  EXPECT_EQ(second->get(), memory);
  EXPECT_TRUE((*second)->moved.empty());
  EXPECT_TRUE((*second)->born.empty());
}

TEST(Worker, IdleSeriesExpireAndAreBornAgain) {
  Stage stage{{.table = {.series_ttl = Millis{1000}}}};
  stage.take(sample("m"));
  for (int i = 0; i < 40; ++i)
    stage.pass(250);
  stage.collect();
  EXPECT_TRUE(stage.keys.empty());
  EXPECT_EQ(stage.worker->ledger().series_expired, 1U);
  stage.take(sample("m"));
  for (int i = 0; i < 8; ++i)
    stage.pass(250);
  stage.collect();
  EXPECT_EQ(stage.total(), 2);
}

TEST(Worker, TimeGoesOnWhenTheWallClockStepsBack) {
  Stage stage;
  watch(stage, {"m"});
  stage.pass(1500);
  stage.clock.step_wall(Millis{-10'000});
  for (int i = 0; i < 8; ++i) {
    stage.take(sample("m"));
    stage.pass(250);
  }
  stage.collect();
  ASSERT_EQ(stage.totals.size(), 2U);  // 2 s at half the pace: 1.5 s to 2.5 s
  EXPECT_EQ(stage.totals.begin()->first.second, to_ms(at(1000)));
  EXPECT_EQ(stage.totals.rbegin()->first.second, to_ms(at(2000)));
  EXPECT_EQ(stage.total(), 8);
  EXPECT_EQ(stage.last_tick, at(2500));
  stage.pass(20'000);
  stage.collect();
  EXPECT_EQ(stage.last_tick, at(13'500));
}

TEST(Worker, DrainHandsOverEverythingThatIsOpen) {
  Stage stage;
  for (int ms = -1000; ms <= 9000; ms += 500) {
    Sample timed = sample("m");
    timed.time = at(ms);
    stage.take(timed);
  }
  ASSERT_TRUE(stage.worker->drain());
  stage.collect();
  EXPECT_EQ(stage.total(), 21);
}

TEST(Worker, DrainSaysWhenTheRingIsFull) {
  Stage stage;
  for (std::size_t i = 0; i < model::HubLink::kHandoversMax; ++i)
    stage.worker->hand_over();
  stage.take(sample("m"));
  EXPECT_FALSE(stage.worker->drain());
  stage.collect();
  EXPECT_TRUE(stage.worker->drain());
  stage.collect();
  EXPECT_EQ(stage.total(), 1);
}

// ---- from a real socket ----

TEST(Worker, ADatagramBecomesAPartial) {
  Stage stage;
  watch(stage, {"checkout.latency"});
  const io::Logger log{io::LogLevel::Error};
  auto group = feed::open_udp_group(*io::Address::parse("127.0.0.1:0"), 1, log);
  ASSERT_TRUE(group);
  auto udp = stage.worker->add_feed([&](const feed::FeedHome& home) {
    return feed::UdpFeed::open({.home = home,
                                .name = "udp/statsd",
                                .fd = std::move((*group)[0]),
                                .codec = std::make_unique<codec::Statsd>(),
                                .room = &stage.room});
  });
  ASSERT_TRUE(udp);
  auto sender = io::udp_connect(*io::Address::parse((*udp)->address()));
  ASSERT_TRUE(sender);
  const std::string text =
      "checkout.latency:12.5|ms|#route:/pay\nbad\ncheckout.latency:7.5:10|ms|#route:/pay\n";
  ASSERT_EQ(::send(sender->get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  while (stage.worker->feeds()[0].samples.produced < 3)
    stage.loop->turn(Millis{1000});
  stage.pass(250);
  auto popped = stage.link.to_hub.try_pop();
  ASSERT_TRUE(popped);
  const Handover& handover = **popped;
  ASSERT_EQ(handover.born.size(), 1U);
  EXPECT_EQ(handover.born[0].key, SeriesKey(Kind::Timer, "checkout.latency", {{"route", "/pay"}}));
  ASSERT_EQ(handover.moved.size(), 1U);
  EXPECT_EQ(handover.moved[0].partial.timer().count(), 3);
  EXPECT_EQ(handover.moved[0].partial.timer().sum(), 30);
  EXPECT_EQ(handover.moved[0].pane, at(0));
  const auto feeds = stage.worker->feeds();
  ASSERT_EQ(feeds.size(), 2U);
  EXPECT_EQ(feeds[0].name, "udp/statsd");
  EXPECT_EQ(feeds[0].ledger.lines.received, 3U);
  EXPECT_EQ(feeds[0].ledger.lines.rejected_total(), 1U);
  EXPECT_EQ(feeds[0].ledger.lines.samples, feeds[0].samples.produced);
  EXPECT_TRUE(feeds[0].samples.adds_up());
}

}  // namespace
}  // namespace ingest::worker
