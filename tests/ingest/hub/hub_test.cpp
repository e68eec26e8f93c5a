#include "ingest/hub/hub.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "ingest/query/query.h"

namespace ingest::hub {
namespace {

using model::Kind;
using model::SeriesKey;

constexpr std::int64_t kStart = 1'700'000'000'000;  // a multiple of every tick

struct Told {
  query::Revision revision = query::Revision::Newest;
  query::Window window;
  std::size_t removed = 0;
  std::size_t added = 0;
  std::vector<double> values;
};

class Sink final : public query::UpdateSink {
 public:
  std::map<query::StreamId, std::vector<Told>> told;
  std::vector<std::int64_t> ticks;  // ms after kStart
  void update(const query::Update& update) override {
    told[update.stream].push_back({update.revision,
                                   update.window,
                                   update.removed.size(),
                                   update.added.size(),
                                   {update.values.begin(), update.values.end()}});
  }
  void tick_done(WallTime now) override { ticks.push_back(to_ms(now) - kStart); }
  std::size_t held_bytes() const override { return held; }
  std::size_t held = 0;
  std::vector<Told> newest(query::StreamId stream) {
    std::vector<Told> only;
    for (const Told& one : told[stream]) {
      if (one.revision == query::Revision::Newest) only.push_back(one);
    }
    return only;
  }
};

model::Partial counted(double value) {
  model::Partial partial{Kind::Counter};
  model::Sample sample;
  sample.value = value;
  partial.fold(sample, wall_from_ms(kStart));
  return partial;
}

// A hub on its loop, with real links to workers that the test plays.
class HubTest : public ::testing::Test {
 protected:
  explicit HubTest(Hub::Options options = {}, std::size_t workers = 2) {
    auto opened = io::EventLoop::open(clock);
    EXPECT_TRUE(opened);
    loop = std::move(*opened);
    std::vector<Hub::Worker> peers;
    for (std::size_t i = 0; i < workers; ++i) {
      links.push_back(std::make_unique<model::HubLink>());
      woken.push_back(0);
      peers.push_back({links.back().get(), [this, i] { ++woken[i]; }});
    }
    hub = std::make_unique<Hub>(options, std::move(peers), *loop);
    hub->publish_to(sink);
    hub->on_catalogue([this](auto made) { catalogues.push_back(std::move(made)); });
    hub->on_annotations([this](auto made) { annotations.push_back(std::move(made)); });
    hub->start();
  }

  void turns(int count = 3) {
    for (int i = 0; i < count; ++i)
      loop->turn(Millis{0});
  }
  void advance(std::int64_t ms) {
    clock.advance(Millis{ms});
    turns();
  }
  std::unique_ptr<model::Handover> handover(std::uint32_t worker, std::int64_t tick) {
    auto made = std::make_unique<model::Handover>();
    made->worker = worker;
    made->tick = wall_from_ms(kStart + tick);
    return made;
  }
  void push(std::unique_ptr<model::Handover> handover) {
    const auto worker = handover->worker;
    ASSERT_TRUE(links[worker]->to_hub.try_push(handover));
    loop->wake();
    turns();
  }
  void everybody_speaks(std::int64_t tick) {
    for (std::uint32_t worker = 0; worker < links.size(); ++worker)
      push(handover(worker, tick));
  }
  // A counter of `value` at `time` after the start; its series is born with it when `born` says so.
  void count(std::uint32_t worker, std::int64_t tick, std::int64_t time, double value) {
    auto made = handover(worker, tick);
    const model::LocalSeries local{7, 1};
    if (!born[worker]) made->born.push_back({local, key});
    born[worker] = true;
    const std::int64_t pane = (kStart + time) / 1'000 * 1'000;
    made->moved.push_back({local, wall_from_ms(pane), counted(value)});
    push(std::move(made));
  }
  query::StreamId watch(const std::string& json) {
    const auto query = query::parse_query(json, {});
    EXPECT_TRUE(query);
    const auto id = hub->watch(*query);
    EXPECT_TRUE(id);
    turns();
    return id ? *id : 0;
  }
  template <class T>
  std::vector<T> mail(std::size_t worker) {
    std::vector<T> found;
    while (auto message = links[worker]->to_worker.try_pop()) {
      if (auto* wanted = std::get_if<T>(&*message)) found.push_back(std::move(*wanted));
    }
    return found;
  }

  ManualClock clock{wall_from_ms(kStart)};
  Sink sink;
  std::vector<std::unique_ptr<model::HubLink>> links;
  std::vector<int> woken;
  std::vector<std::shared_ptr<const query::Catalogue>> catalogues;
  std::vector<std::shared_ptr<const query::Annotations>> annotations;
  std::map<std::uint32_t, bool> born;
  SeriesKey key{Kind::Counter, "hits", {{"host", "a"}}};
  std::unique_ptr<io::EventLoop> loop;
  std::unique_ptr<Hub> hub;
};

TEST_F(HubTest, WhatIsKeptForReadersCountsAsMemory) {
  advance(250);
  const std::uint64_t before = hub->ledger().memory_bytes;
  sink.held = 5'000'000;
  advance(250);
  EXPECT_GE(hub->ledger().memory_bytes, before + 5'000'000);
}

constexpr const char* kHits = R"({"metric":"hits","stats":["count"],"window":"2s","slide":"1s"})";

TEST_F(HubTest, FinishesATickWhenEveryWorkerHasSpoken) {
  advance(250);
  EXPECT_TRUE(sink.ticks.empty());
  push(handover(0, 250));
  EXPECT_TRUE(sink.ticks.empty());
  push(handover(1, 250));
  EXPECT_EQ(sink.ticks, (std::vector<std::int64_t>{250}));
  EXPECT_EQ(hub->ledger().ticks_incomplete, 0U);
}

TEST_F(HubTest, TellsOfAnnotationsOfAllWorkersAtTheTickThatFollows) {
  for (std::uint32_t worker = 0; worker < 2; ++worker) {
    auto made = handover(worker, 250);
    model::KeptAnnotation event;
    event.title = worker == 0 ? "later" : "earlier";
    event.time = wall_from_ms(kStart + (worker == 0 ? 200 : 100));
    made->annotations.push_back(std::make_shared<const model::KeptAnnotation>(event));
    push(std::move(made));
  }
  EXPECT_TRUE(annotations.empty());
  advance(250);
  ASSERT_EQ(annotations.size(), 1U);
  ASSERT_EQ(annotations[0]->log.size(), 2U);
  EXPECT_EQ(annotations[0]->log[0].what->title, "earlier");
  EXPECT_EQ(hub->ledger().annotations.held, 2U);
  advance(250);
  EXPECT_EQ(annotations.size(), 1U) << "nothing new";
  const auto emptied = mail<model::HandoverEmptied>(0);
  ASSERT_EQ(emptied.size(), 1U);
  EXPECT_TRUE(emptied[0].memory->annotations.empty()) << "no event comes twice";
}

TEST_F(HubTest, WaitsFiftyMillisecondsForAWorkerThatIsBehindAndNoLonger) {
  advance(250);
  push(handover(0, 250));
  advance(49);
  EXPECT_TRUE(sink.ticks.empty());
  advance(1);
  EXPECT_EQ(sink.ticks, (std::vector<std::int64_t>{250}));
  EXPECT_EQ(hub->ledger().ticks_incomplete, 1U);
}

TEST_F(HubTest, TicksWithoutAnyWord) {
  for (int i = 0; i < 44; ++i)
    advance(25);
  EXPECT_EQ(sink.ticks, (std::vector<std::int64_t>{250, 500, 750, 1'000}));
}

TEST_F(HubTest, MergesWhatSeveralWorkersSayOfOneSeries) {
  const auto stream = watch(kHits);
  advance(250);
  count(0, 250, 100, 3);
  count(1, 250, 200, 4);
  const auto newest = sink.newest(stream);
  ASSERT_EQ(newest.size(), 1U);
  EXPECT_EQ(newest[0].added, 1U);
  EXPECT_EQ(newest[0].values, (std::vector<double>{7}));
  EXPECT_EQ(newest[0].window,
            (query::Window{wall_from_ms(kStart - 1'000), wall_from_ms(kStart + 1'000)}));
  EXPECT_EQ(hub->ledger().series, 1U);
  EXPECT_EQ(hub->ledger().partials_merged, 2U);
}

TEST_F(HubTest, TellsAStreamWithoutRowsOnceAndThenAtEachSlide) {
  const auto stream = watch(kHits);
  for (std::int64_t tick = 250; tick <= 2'000; tick += 250) {
    advance(250);
    everybody_speaks(tick);
  }
  const auto newest = sink.newest(stream);
  ASSERT_EQ(newest.size(), 2U);
  EXPECT_TRUE(newest[0].values.empty());
  EXPECT_EQ(newest[1].window.end, wall_from_ms(kStart + 2'000));
}

TEST_F(HubTest, RestatesAnEarlierWindowAndClosesItOnce) {
  const auto stream = watch(kHits);
  for (std::int64_t tick = 250; tick <= 4'000; tick += 250) {
    advance(250);
    if (tick == 500) count(0, tick, 400, 1);
    if (tick == 2'250) count(0, tick, 900, 5);  // pane [0, 1000), in lateness
    if (tick == 3'250) count(0, tick, 950, 9);  // the pane closed at 3000
    everybody_speaks(tick);
  }
  std::vector<double> restated;
  std::map<std::int64_t, int> finals;
  for (const Told& one : sink.told[stream]) {
    if (one.revision == query::Revision::Restated) restated.push_back(one.values.at(0));
    if (one.revision == query::Revision::Final) ++finals[to_ms(one.window.end) - kStart];
  }
  // The windows that end at 1 s and at 2 s; then those of the oldest open pane, at 2 s and at 3 s.
  EXPECT_EQ(restated, (std::vector<double>{6, 6, 15, 9}));
  EXPECT_EQ(finals, (std::map<std::int64_t, int>{{1'000, 1}, {2'000, 1}}));
  EXPECT_EQ(hub->ledger().partials_late, 1U);
}

TEST_F(HubTest, TellsWorkersWhatIsWatched) {
  watch(R"({"metric":"a.*"})");
  watch(R"({"metric":"hits"})");
  const auto again = watch(R"({"metric":"hits","by":["host"]})");
  for (std::size_t worker = 0; worker < 2; ++worker) {
    const auto lists = mail<model::WatchChanged>(worker);
    ASSERT_EQ(lists.size(), 2U);  // the third watch changed nothing
    EXPECT_EQ(lists.back().watched->globs, (std::vector<std::string>{"a.*", "hits"}));
    EXPECT_EQ(woken[worker], 2);
  }
  hub->unwatch(again);
  turns();
  EXPECT_TRUE(mail<model::WatchChanged>(0).empty());
}

TEST_F(HubTest, SendsTheWatchListAgainWhenTheRingWasFull) {
  while (links[0]->to_worker.try_push(model::HandoverEmptied{})) {
  }
  watch(kHits);
  EXPECT_TRUE(mail<model::WatchChanged>(0).empty());  // and empties the ring
  turns();
  advance(250);
  EXPECT_EQ(mail<model::WatchChanged>(0).size(), 1U);
  everybody_speaks(250);
  EXPECT_GT(hub->ledger().mail_deferred, 0U);
}

TEST_F(HubTest, SendsMemoryHomeAndFreesItWhenTheRingIsFull) {
  count(0, 250, 100, 1);
  const auto home = mail<model::HandoverEmptied>(0);
  ASSERT_EQ(home.size(), 1U);
  EXPECT_TRUE(home[0].memory->born.empty());
  EXPECT_EQ(home[0].memory->moved.size(), 1U);  // spent, for the worker to free
  while (links[0]->to_worker.try_push(model::HandoverEmptied{})) {
  }
  count(0, 250, 200, 1);
  advance(300);
  EXPECT_EQ(hub->ledger().memory_freed, 1U);
  EXPECT_EQ(hub->ledger().partials_merged, 2U);
}

TEST_F(HubTest, GivesNoTickTwiceWhenTheWallClockStepsBack) {
  const auto stream = watch(kHits);
  for (std::int64_t tick = 250; tick <= 1'000; tick += 250) {
    advance(250);
    everybody_speaks(tick);
  }
  const auto ticks = sink.ticks;
  clock.step_wall(Millis{-10'000});
  for (int i = 0; i < 40; ++i)
    advance(250);
  // Half as many ticks in the same 10 s: they go on, at half the pace.
  EXPECT_GE(sink.ticks.size(), ticks.size() + 18);
  EXPECT_LE(sink.ticks.size(), ticks.size() + 20);
  EXPECT_GT(hub->ledger().clock_ahead_ms, 4'000U);
  for (int i = 0; i < 44; ++i)
    advance(250);
  EXPECT_EQ(hub->ledger().clock_ahead_ms, 0U);
  EXPECT_EQ(sink.ticks.back(), to_ms(clock.wall()) - kStart - 250);  // nobody spoke: 50 ms later
  EXPECT_EQ(hub->ledger().clock_steps_back, 1U);
  for (std::size_t i = 1; i < sink.ticks.size(); ++i)
    EXPECT_LT(sink.ticks[i - 1], sink.ticks[i]);
  for (const Told& one : sink.told[stream])
    EXPECT_LT(one.window.start, one.window.end);
}

TEST_F(HubTest, GoesOnAtTheFullPaceAheadOfAClockThatSteppedFarBack) {
  advance(250);
  everybody_speaks(250);
  clock.step_wall(Millis{-3'600'000});
  for (int i = 0; i < 40; ++i)
    advance(250);
  EXPECT_EQ(sink.ticks.back(), 250 + 10'000 - 250);  // workers that say nothing get 50 ms
  EXPECT_EQ(hub->ledger().clock_ahead_ms, 3'600'000U);
  clock.step_wall(Millis{3'600'000});
  advance(250);
  EXPECT_EQ(hub->ledger().clock_ahead_ms, 0U);
  EXPECT_EQ(hub->ledger().time_leaps, 0U);
}

TEST_F(HubTest, TakesAnHourForwardAsOneGap) {
  const auto stream = watch(kHits);
  advance(250);
  count(0, 250, 100, 2);
  everybody_speaks(250);
  clock.step_wall(Millis{3'600'000});
  advance(250);
  everybody_speaks(3'600'500);
  EXPECT_EQ(sink.ticks, (std::vector<std::int64_t>{250, 3'600'500}));
  EXPECT_LT(sink.told[stream].size(), 8U);
  EXPECT_EQ(hub->ledger().time_leaps, 1U);
  EXPECT_EQ(hub->ledger().time_leapt_ms, 3'600'250U);
  // The stream goes from one window to the other: none between was made up.
  std::set<std::int64_t> ends;
  for (const Told& told : sink.newest(stream))
    ends.insert(to_ms(told.window.end) - kStart);
  EXPECT_EQ(ends, (std::set<std::int64_t>{1'000, 3'601'000}));
}

TEST_F(HubTest, TellsOfAGapWhereItEndsAmongTheEvents) {
  advance(250);
  everybody_speaks(250);
  EXPECT_TRUE(annotations.empty());
  clock.step_wall(Millis{3'600'000});
  advance(250);
  everybody_speaks(3'600'500);
  ASSERT_EQ(annotations.size(), 1U);
  ASSERT_EQ(annotations.back()->log.size(), 1U);
  const model::KeptAnnotation& gap = *annotations.back()->log.front().what;
  EXPECT_EQ(gap.title, "time leapt");
  EXPECT_NE(gap.text.find("3600 s"), std::string::npos) << gap.text;
  EXPECT_EQ(gap.level, model::Annotation::Level::Warning);
  EXPECT_EQ(gap.time, wall_from_ms(kStart + 3'600'500));
  clock.step_wall(Millis{5'000});  // no more than a busy machine may do
  advance(250);
  everybody_speaks(3'605'750);
  EXPECT_EQ(annotations.size(), 1U);
}

TEST_F(HubTest, TakesWhatWorkersHeldWhenTimeLeapt) {
  advance(250);
  everybody_speaks(250);
  advance(100'000);  // the process was stopped: the hub wakes first
  EXPECT_EQ(sink.ticks, (std::vector<std::int64_t>{250}));
  count(0, 100'250, 100, 3);
  everybody_speaks(100'250);
  EXPECT_EQ(sink.ticks, (std::vector<std::int64_t>{250, 100'250}));
  EXPECT_EQ(hub->ledger().partials_merged, 1U);
  EXPECT_EQ(hub->ledger().partials_late, 0U);
}

TEST_F(HubTest, TakesWhatWorkersHeldWhenTimeLeaptInAsManySlicesAsItIs) {
  advance(250);
  everybody_speaks(250);
  advance(100'000);
  for (int slice = 0; slice < 10; ++slice) {
    count(0, 250, 100, 3);  // slices before a tick's last one carry the tick before
    advance(40);
  }
  everybody_speaks(100'500);
  EXPECT_EQ(hub->ledger().partials_merged, 10U);
  EXPECT_EQ(hub->ledger().partials_late, 0U);
}

TEST_F(HubTest, IsPatientWithSlicesAfterALeapForTwoSecondsAndNoLonger) {
  advance(250);
  everybody_speaks(250);
  advance(100'000);
  for (int slice = 0; slice < 49; ++slice) {
    push(handover(0, 250));
    advance(40);
  }
  EXPECT_EQ(sink.ticks, (std::vector<std::int64_t>{250}));
  push(handover(0, 250));
  advance(40);
  EXPECT_EQ(sink.ticks.size(), 2U);
}

TEST_F(HubTest, WaitsFiftyMillisecondsAfterALeapAndNoLonger) {
  advance(250);
  everybody_speaks(250);
  advance(100'100);
  advance(49);
  EXPECT_EQ(sink.ticks, (std::vector<std::int64_t>{250}));
  advance(1);
  EXPECT_EQ(sink.ticks, (std::vector<std::int64_t>{250, 100'250}));
  advance(1'000'000);
  clock.step_wall(Millis{-1'090'000});  // back again before the grace has ended: time goes on
  advance(50);
  EXPECT_EQ(sink.ticks, (std::vector<std::int64_t>{250, 100'250, 1'100'250}));
}

TEST_F(HubTest, CountsAPartialOfASeriesThatWasNeverBorn) {
  auto made = handover(0, 250);
  made->moved.push_back({{3, 1}, wall_from_ms(kStart), counted(1)});
  push(std::move(made));
  advance(300);
  EXPECT_EQ(hub->ledger().partials_unknown, 1U);
  EXPECT_EQ(hub->ledger().partials_merged, 0U);
}

TEST_F(HubTest, MakesACatalogueAtMostOnceASecondAndOnlyWhenItChanged) {
  for (std::int64_t tick = 250; tick <= 5'000; tick += 250) {
    advance(250);
    if (tick == 500) count(0, tick, 400, 1);
    everybody_speaks(tick);
  }
  ASSERT_EQ(catalogues.size(), 2U);
  EXPECT_TRUE(catalogues.front()->metrics.empty());  // at the first tick: whoever waits for it
  const query::Catalogue& made = *catalogues.back();
  ASSERT_EQ(made.metrics.size(), 1U);
  EXPECT_EQ(made.series, 1U);
  EXPECT_EQ(made.metrics[0].name, "hits");
  ASSERT_EQ(made.metrics[0].tags.size(), 1U);
  EXPECT_EQ(made.metrics[0].tags[0].key, "host");
  EXPECT_EQ(made.metrics[0].tags[0].values[0].value, "a");
  EXPECT_EQ(made.metrics[0].last_seen, wall_from_ms(kStart + 500));
}

TEST_F(HubTest, DrainTakesWhatIsLeftAndTellsItAtOneLastTick) {
  const auto stream = watch(kHits);
  auto made = handover(0, 250);
  made->born.push_back({{7, 1}, key});
  made->moved.push_back({{7, 1}, wall_from_ms(kStart), counted(4)});
  ASSERT_TRUE(links[0]->to_hub.try_push(made));
  hub->drain();
  ASSERT_EQ(sink.told[stream].size(), 1U);
  EXPECT_EQ(sink.told[stream][0].values, (std::vector<double>{4}));
  EXPECT_EQ(sink.ticks, (std::vector<std::int64_t>{250}));
}

TEST_F(HubTest, TellsNothingOfAStreamThatNobodyWatchesAnyMore) {
  const auto stream = watch(kHits);
  advance(250);
  everybody_speaks(250);
  EXPECT_EQ(sink.told[stream].size(), 1U);
  hub->unwatch(stream);
  hub->unwatch(stream);  // and again is harmless
  advance(1'000);
  everybody_speaks(1'250);
  EXPECT_EQ(sink.told[stream].size(), 1U);
  EXPECT_EQ(hub->ledger().streams, 0U);
}

struct SmallHub : HubTest {
  SmallHub() : HubTest({.streams_max = 2}, 1) {}
};

TEST_F(SmallHub, RefusesStreamsPastTheLimitAndTakesThemAgainLater) {
  const auto first = watch(R"({"metric":"a"})");
  watch(R"({"metric":"b"})");
  const auto query = query::parse_query(R"({"metric":"c"})", {});
  const auto refused = hub->watch(*query);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, query::Code::LimitStreams);
  EXPECT_TRUE(refused.error().retry);
  hub->unwatch(first);
  EXPECT_TRUE(hub->watch(*query));
}

TEST_F(SmallHub, BuildsALargeStreamInSlicesWithoutHoldingUpTicks) {
  auto made = handover(0, 250);
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const std::string host = std::to_string(i);
    made->born.push_back({{i, 1}, SeriesKey{Kind::Counter, "big", {{"host", host}}}});
    made->moved.push_back({{i, 1}, wall_from_ms(kStart), counted(1)});
  }
  push(std::move(made));
  const auto query = query::parse_query(R"({"metric":"big","stats":["count"]})", {});
  const auto stream = hub->watch(*query);
  ASSERT_TRUE(stream);
  clock.advance(Millis{250});
  loop->turn(Millis{0});
  EXPECT_EQ(sink.ticks.size(), 1U);         // the tick went on,
  EXPECT_TRUE(sink.told[*stream].empty());  // the stream was not ready
  turns(10 * 20'000 / static_cast<int>(Hub::kBuildStepsPerTurn));
  clock.advance(Millis{250});
  push(handover(0, 500));
  ASSERT_EQ(sink.told[*stream].size(), 1U);
  EXPECT_EQ(sink.told[*stream][0].values, (std::vector<double>{20'000}));
}

}  // namespace
}  // namespace ingest::hub
