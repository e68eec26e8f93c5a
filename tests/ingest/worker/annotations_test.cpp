// Events and service checks on their way from a feed to the hub's end of the ring.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/codec/statsd.h"
#include "ingest/worker/worker.h"

namespace ingest::worker {
namespace {

IpAddress ip(const std::string& text) {
  return *parse_ip(text);
}

class LineFeed final : public feed::Feed {
 public:
  explicit LineFeed(const feed::FeedHome& home)
      : Feed("lines/statsd", ""), sink_(*home.sink), batch_(sink_) {}
  void send(const IpAddress& sender, const std::string& lines) {
    batch_.from(sink_.source_of(sender));
    statsd_.parse(lines, book().lines, batch_);
    batch_.flush();
  }

 private:
  model::SampleSink& sink_;
  codec::Statsd statsd_;
  codec::SampleBatch batch_;
};

struct House {
  LineFeed& add(series::SourceRule rule = {}) {
    return **worker.add_feed(
        [](const feed::FeedHome& home) {
          return Result<std::unique_ptr<LineFeed>>{std::make_unique<LineFeed>(home)};
        },
        std::move(rule));
  }
  /// What the hub gets with the next tick.
  std::vector<model::KeptAnnotationPtr> hand_over() {
    clock.advance(Millis{250});
    worker.hand_over();
    std::vector<model::KeptAnnotationPtr> all;
    while (auto slice = link.to_hub.try_pop())
      all.insert(all.end(), (*slice)->annotations.begin(), (*slice)->annotations.end());
    return all;
  }
  WorkerLedger ledger() {
    worker.publish();
    return worker.ledger();
  }

  int sent = 0;
  ManualClock clock;
  std::unique_ptr<io::EventLoop> loop = *io::EventLoop::open(clock);
  model::HubLink link;
  Worker worker{{}, {.loop = loop.get(), .link = &link, .wake_hub = [] {}}};
};

std::string event_line(const std::string& title) {
  return "_e{" + std::to_string(title.size()) + ",2}:" + title + "|hi\n";
}

TEST(WorkerAnnotations, LeaveWithTheNextTickAndOnce) {
  House house;
  LineFeed& feed = house.add();
  feed.send(ip("192.0.2.1"),
            "_e{6,2}:deploy|v2|d:1700000000|h:web-1|p:low|t:warning|k:release|s:chef|#env:prod\n"
            "_sc|db.up|2|h:db-1|#env:prod|m:no answer\n");
  const auto got = house.hand_over();
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0]->title, "deploy");
  EXPECT_EQ(got[0]->text, "v2");
  EXPECT_EQ(got[0]->host, "web-1");
  EXPECT_EQ(got[0]->time, wall_from_ms(1'700'000'000'000));
  EXPECT_EQ(got[0]->priority, model::Annotation::Priority::Low);
  EXPECT_EQ(got[0]->level, model::Annotation::Level::Warning);
  EXPECT_EQ(got[0]->aggregation_key, "release");
  EXPECT_EQ(got[0]->source_type, "chef");
  EXPECT_EQ(got[0]->tags, (std::vector<model::KeptTag>{{"env", "prod"}}));
  EXPECT_EQ(got[1]->of, model::Annotation::Of::Check);
  EXPECT_EQ(got[1]->title, "db.up");
  EXPECT_EQ(got[1]->level, model::Annotation::Level::Error);
  EXPECT_EQ(got[1]->text, "no answer");
  EXPECT_TRUE(house.hand_over().empty());
  EXPECT_EQ(house.ledger().annotations, 2U);
}

TEST(WorkerAnnotations, AFloodLosesItsLastAndCountsThem) {
  House house;
  LineFeed& feed = house.add();
  std::string flood;
  for (std::size_t i = 0; i < Outbox::kAnnotationsMax + 10; ++i)
    flood += event_line("e" + std::to_string(i));
  feed.send(ip("192.0.2.1"), flood);
  const auto got = house.hand_over();
  ASSERT_EQ(got.size(), Outbox::kAnnotationsMax);
  EXPECT_EQ(got.front()->title, "e0");
  EXPECT_EQ(house.ledger().annotations_crowded, 10U);
  feed.send(ip("192.0.2.1"), event_line("after"));
  EXPECT_EQ(house.hand_over().size(), 1U) << "there is room again";
}

TEST(WorkerAnnotations, OfAFloodATickTakesSoManyHoweverManySlicesItHas) {
  House house;
  LineFeed& feed = house.add();
  std::size_t got = 0;
  const auto send = [&](std::size_t series, std::size_t events) {
    std::string lines;
    for (std::size_t i = 0; i < series; ++i)
      lines += "s:1|c|#i:" + std::to_string(house.sent++) + "\n";
    for (std::size_t i = 0; i < events; ++i)
      lines += event_line("e");
    feed.send(ip("192.0.2.1"), lines);
    while (auto slice = house.link.to_hub.try_pop())
      got += (*slice)->annotations.size();
  };
  house.hand_over();
  // New series leave in slices of their own meanwhile, and each takes what waits along.
  for (int i = 0; i < 8; ++i)
    send(Outbox::kBornMax, Outbox::kAnnotationsMax / 2);
  got += house.hand_over().size();
  EXPECT_EQ(got, Outbox::kAnnotationsMax);
  EXPECT_EQ(house.ledger().annotations_crowded, 3 * Outbox::kAnnotationsMax);
}

TEST(WorkerAnnotations, AHubThatTakesNothingIsSentSoManyAtMost) {
  House house;
  LineFeed& feed = house.add();
  std::string lines;
  for (std::size_t i = 0; i < Outbox::kAnnotationsMax; ++i)
    lines += event_line("e");
  for (int i = 0; i < 12; ++i) {
    feed.send(ip("192.0.2.1"), lines);
    house.clock.advance(Millis{250});
    house.worker.hand_over();
  }
  EXPECT_EQ(house.ledger().annotations_crowded, 8 * Outbox::kAnnotationsMax);
  std::size_t got = 0;
  std::size_t held = 0;
  while (auto slice = house.link.to_hub.try_pop()) {
    got += (*slice)->annotations.size();
    held = std::max(held, (*slice)->held_bytes);
  }
  EXPECT_EQ(got, Outbox::kAnnotationsSentMax);
  EXPECT_GE(held, got * sizeof(model::KeptAnnotation)) << "what lies in the ring counts";
  feed.send(ip("192.0.2.1"), event_line("e"));
  EXPECT_EQ(house.hand_over().size(), 1U) << "there is room again";
}

TEST(WorkerAnnotations, AreToldAsHeldUntilTheyHaveLeft) {
  House house;
  LineFeed& feed = house.add();
  house.hand_over();
  const auto held = [&] {
    house.clock.advance(Millis{250});
    house.worker.hand_over();
    std::size_t bytes = 0;
    while (auto slice = house.link.to_hub.try_pop())
      bytes = (*slice)->held_bytes;
    return bytes;
  };
  const std::size_t before = held();
  ASSERT_GT(before, 0U);
  const std::string text(4'000, 'x');
  feed.send(ip("192.0.2.1"), "_e{1,4000}:e|" + text + "\n");
  EXPECT_GE(held(), before + text.size());
  EXPECT_EQ(held(), before);
}

TEST(WorkerAnnotations, OfAStrangerGoNowhere) {
  House house;
  LineFeed& feed = house.add({.allow = {*Network::parse("10.0.0.0/8")}});
  feed.send(ip("192.0.2.1"), event_line("stranger"));
  feed.send(ip("10.1.2.3"), event_line("friend"));
  const auto got = house.hand_over();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0]->title, "friend");
  EXPECT_EQ(house.ledger().annotations_limited, 1U);
}

TEST(WorkerAnnotations, CountAgainstTheRateOfTheirSource) {
  House house;
  LineFeed& feed = house.add({.rate = 10});
  std::string many;
  for (int i = 0; i < 30; ++i)
    many += event_line("e" + std::to_string(i));
  feed.send(ip("192.0.2.1"), many);
  EXPECT_EQ(house.hand_over().size(), 10U);
  EXPECT_EQ(house.ledger().annotations_limited, 20U);
}

TEST(WorkerAnnotations, FromTheFutureAreRefusedAndTheNeighboursStay) {
  House house;
  LineFeed& feed = house.add();
  const std::string ahead = std::to_string(to_ms(house.clock.wall()) / 1000 + 86'400);
  feed.send(ip("192.0.2.1"), "_e{1,1}:a|b|d:" + ahead + "\n" + event_line("now") + "hits:1|c\n");
  const auto got = house.hand_over();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0]->time, house.clock.wall() - Millis{250}) << "no time: that of its arrival";
  EXPECT_EQ(house.ledger().annotations_future, 1U);
}

TEST(WorkerAnnotations, TheLastOnesLeaveWhenTheWorkerEnds) {
  House house;
  house.add().send(ip("192.0.2.1"), event_line("shutdown"));
  ASSERT_TRUE(house.worker.drain());
  std::size_t got = 0;
  while (auto slice = house.link.to_hub.try_pop())
    got += (*slice)->annotations.size();
  EXPECT_EQ(got, 1U);
}

TEST(WorkerAnnotations, TellWhatWasCut) {
  House house;
  const std::string title(300, 't');
  house.add().send(ip("192.0.2.1"), event_line(title));
  const auto got = house.hand_over();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_TRUE(got[0]->cut);
  EXPECT_EQ(house.ledger().annotations_cut, 1U);
}

TEST(WorkerAnnotations, AnEventThatNoLineBroughtLeavesLikeTheOthers) {
  House house;
  const auto rule = house.worker.add_rule({});
  model::KeptAnnotation event;
  event.title = "deploy";
  event.time = house.clock.wall();
  EXPECT_EQ(house.worker.take_event(event, ip("192.0.2.1"), rule), Worker::Noted::Kept);
  const auto got = house.hand_over();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0]->title, "deploy");
  EXPECT_EQ(house.ledger().annotations, 1U);
}

TEST(WorkerAnnotations, AnEventOfNoLineIsHeldToTheLimitsOfTheOthers) {
  House house;
  const auto rule =
      house.worker.add_rule({.rate = 1, .past_rate = series::PastRate::Dropped, .allow = {}});
  model::KeptAnnotation event;
  event.title = "deploy";
  event.time = house.clock.wall() + Millis{10'001};
  EXPECT_EQ(house.worker.take_event(event, ip("192.0.2.1"), rule), Worker::Noted::Future);
  event.time = house.clock.wall();
  Worker::Noted last = Worker::Noted::Kept;
  for (int i = 0; i < 10 && last == Worker::Noted::Kept; ++i)
    last = house.worker.take_event(event, ip("192.0.2.1"), rule);
  EXPECT_EQ(last, Worker::Noted::Limited);
  const auto free = house.worker.add_rule({});
  last = Worker::Noted::Kept;
  for (int i = 0; i < 300 && last == Worker::Noted::Kept; ++i)
    last = house.worker.take_event(event, ip("192.0.2.2"), free);
  EXPECT_EQ(last, Worker::Noted::Crowded);
}

}  // namespace
}  // namespace ingest::worker
