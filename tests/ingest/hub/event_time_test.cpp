// time.clock: event, with a real hub and real workers on one thread.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "ingest/hub/hub.h"
#include "ingest/query/query.h"
#include "ingest/worker/worker.h"

namespace ingest::hub {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::int64_t kPast = 1'000'000'000'000;  // when the samples are of

/// What the windows of one stream said last, by their ends in ms after kPast.
class Windows final : public query::UpdateSink {
 public:
  std::map<std::int64_t, double> counts;
  std::map<std::int64_t, int> finals;
  std::vector<WallTime> ticks;
  void update(const query::Update& update) override {
    const std::int64_t end = to_ms(update.window.end) - kPast;
    EXPECT_LT(update.window.start, update.window.end);
    if (!update.values.empty()) counts[end] = update.values.front();
    if (update.revision == query::Revision::Final) {
      EXPECT_EQ(++finals[end], 1);
    }
  }
  void tick_done(WallTime now) override {
    if (!ticks.empty()) {
      EXPECT_LT(ticks.back(), now);
    }
    ticks.push_back(now);
  }
};

class EventTime : public ::testing::Test {
 protected:
  EventTime() {
    hub_loop = *io::EventLoop::open(clock);
    std::vector<Hub::Worker> peers;
    for (std::uint32_t i = 0; i < 2; ++i) {
      links.push_back(std::make_unique<model::HubLink>());
      loops.push_back(*io::EventLoop::open(clock));
      peers.push_back({links.back().get(), [loop = loops.back().get()] { loop->wake(); }});
      workers.push_back(std::make_unique<worker::Worker>(
          worker::Worker::Options{.index = i, .time_by = TimeBy::Event},
          worker::Worker::Parts{.loop = loops.back().get(),
                                .link = links.back().get(),
                                .wake_hub = [this] { hub_loop->wake(); }}));
      workers.back()->start();
    }
    hub =
        std::make_unique<Hub>(Hub::Options{.time_by = TimeBy::Event}, std::move(peers), *hub_loop);
    hub->publish_to(sink);
    hub->start();
    const auto query =
        query::parse_query(R"({"metric":"m","stats":["count"],"window":"1s","slide":"1s"})", {});
    EXPECT_TRUE(hub->watch(*query));
    turns();
  }
  ~EventTime() override { workers.clear(); }

  void turns() {
    for (int i = 0; i < 4; ++i) {
      for (const auto& loop : loops)
        loop->turn(Millis{0});
      hub_loop->turn(Millis{0});
    }
  }
  void pass(std::int64_t ms) {
    for (std::int64_t passed = 0; passed < ms; passed += 250) {
      clock.advance(Millis{250});
      turns();
    }
  }
  /// A sample that says that it is of `ms` after kPast.
  void say(std::size_t worker, std::int64_t ms) {
    model::Sample sample{.kind = model::Kind::Counter, .key = {"m", {}}, .value = 1};
    sample.time = wall_from_ms(kPast + ms);
    workers[worker]->take({&sample, 1});
  }
  worker::SampleLedger samples(std::size_t worker) {
    turns();
    return workers[worker]->feeds().back().samples;
  }
  /// Of windows that are closed.
  bool closed(std::int64_t end) const { return sink.finals.contains(end); }
  double total() const {
    double all = 0;
    for (const auto& [end, count] : sink.counts)
      all += count;
    return all;
  }

  ManualClock clock{wall_from_ms(kNow)};
  Windows sink;
  std::unique_ptr<io::EventLoop> hub_loop;
  std::vector<std::unique_ptr<io::EventLoop>> loops;
  std::vector<std::unique_ptr<model::HubLink>> links;
  std::vector<std::unique_ptr<worker::Worker>> workers;
  std::unique_ptr<Hub> hub;
};

TEST_F(EventTime, WindowsAreThoseOfTheSamplesAndNotOfTheClock) {
  for (std::int64_t s = 0; s < 20; ++s) {
    say(0, s * 1'000 + 100);
    say(1, s * 1'000 + 200);
    pass(500);  // twice as fast as time
  }
  for (std::int64_t end = 1'000; end <= 16'000; end += 1'000) {
    EXPECT_EQ(sink.counts[end], 2) << end;
    EXPECT_TRUE(closed(end)) << end;
  }
  EXPECT_FALSE(closed(19'000));
  EXPECT_EQ(samples(0).own, 20U);
  EXPECT_EQ(samples(0).late + samples(1).late, 0U);
}

TEST_F(EventTime, StandsStillWhileNoSampleComesAndGoesOnTelling) {
  say(0, 600);
  pass(1'000);
  const std::size_t ticks = sink.ticks.size();
  pass(10'000);
  EXPECT_EQ(sink.ticks.size(), ticks + 40);
  EXPECT_FALSE(closed(1'000));
  say(0, 700);
  pass(500);
  EXPECT_EQ(sink.counts[1'000], 2);
}

TEST_F(EventTime, WindowsGoOnClosingAfterASourceStoppedAndItsReturnStallsNothing) {
  for (std::int64_t s = 0; s < 10; ++s) {
    say(0, s * 1'000);
    say(1, s * 1'000);
    pass(1'000);
  }
  for (std::int64_t s = 10; s < 30; ++s) {
    say(0, s * 1'000);
    pass(1'000);
  }
  EXPECT_TRUE(closed(26'000));
  for (std::int64_t s = 30; s < 40; ++s) {
    say(0, s * 1'000);
    say(1, (s - 20) * 1'000);  // goes on where it stopped
    pass(1'000);
  }
  EXPECT_EQ(samples(1).late, 10U);
  EXPECT_TRUE(closed(36'000));
  for (std::int64_t end = 12'000; end <= 36'000; end += 1'000)
    EXPECT_EQ(sink.counts[end], 1) << end;
}

TEST_F(EventTime, ASampleADayAheadOfTheClockMovesNothing) {
  for (std::int64_t s = 0; s < 5; ++s) {
    say(0, s * 1'000);
    say(1, s * 1'000);
    pass(1'000);
  }
  say(0, kNow - kPast + 86'400'000);
  pass(1'000);
  EXPECT_EQ(samples(0).future, 1U);
  EXPECT_FALSE(closed(4'000));
  say(0, 5'500);
  say(1, 5'500);
  pass(1'000);
  EXPECT_EQ(sink.counts[6'000], 2);
  EXPECT_EQ(samples(0).late, 0U);
}

TEST_F(EventTime, OldDataAtFullSpeedLosesNoSampleAndMisplacesNone) {
  constexpr std::int64_t kSamples = 20'000;
  for (std::int64_t i = 0; i < kSamples; ++i) {
    say(0, i * 700);
    if (i % 100 == 0) {
      for (const auto& loop : loops)
        loop->turn(Millis{0});
      hub_loop->turn(Millis{0});
    }
    if (i % 1'000 == 0) pass(250);
  }
  pass(10'000);
  EXPECT_EQ(samples(0).own, static_cast<std::uint64_t>(kSamples));
  EXPECT_EQ(workers[0]->ledger().samples_misplaced, 0U);
  EXPECT_EQ(hub->ledger().partials_late, 0U);
}

}  // namespace
}  // namespace ingest::hub
