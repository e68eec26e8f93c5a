// Caps of all workers together: each worker holds them for itself, and only the hub sees the sum.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "ingest/hub/hub.h"
#include "ingest/query/query.h"
#include "ingest/worker/worker.h"

namespace ingest::hub {
namespace {

constexpr std::size_t kWorkers = 2;
constexpr std::size_t kSeriesMax = 4;  // of each worker, and of the hub
constexpr int kSeriesEach = 4;

class Sink final : public query::UpdateSink {
 public:
  void update(const query::Update& update) override {
    if (update.revision == query::Revision::Newest && !update.values.empty())
      total = update.values.front();
  }
  void tick_done(WallTime /*now*/) override {}
  double total = 0;
};

/// Two workers and a hub on one thread, over real links; the test lets time pass.
class SharedCaps : public ::testing::Test {
 protected:
  struct Seat {
    model::HubLink link;
    std::unique_ptr<io::EventLoop> loop;
    std::unique_ptr<worker::Worker> worker;
  };
  SharedCaps() {
    std::vector<Hub::Worker> peers;
    for (std::uint32_t index = 0; index < kWorkers; ++index) {
      Seat& seat = *seats_.emplace_back(std::make_unique<Seat>());
      seat.loop = *io::EventLoop::open(clock_);
      worker::Worker::Options options{.index = index};
      options.table.series_max = kSeriesMax;
      seat.worker = std::make_unique<worker::Worker>(
          options,
          worker::Worker::Parts{.loop = seat.loop.get(), .link = &seat.link, .wake_hub = {}});
      seat.worker->start();
      peers.push_back({&seat.link, {}});
    }
    hub_ =
        std::make_unique<Hub>(Hub::Options{.series_max = kSeriesMax}, std::move(peers), *hub_loop_);
    hub_->publish_to(sink_);
    hub_->start();
    const auto all =
        query::parse_query(R"({"metric":"m","stats":["count"],"window":"60s","slide":"1s"})", {});
    EXPECT_TRUE(all && hub_->watch(*all));
    ticks(1);
  }
  /// One sample of each of the worker's own series.
  void send(std::size_t worker) {
    for (int i = 0; i < kSeriesEach; ++i) {
      const std::string tags = "user:" + std::to_string(worker) + "-" + std::to_string(i);
      const model::Sample sample{.kind = model::Kind::Counter, .key = {"m", tags}, .value = 1};
      seats_[worker]->worker->take({&sample, 1});
    }
  }
  void ticks(int count) {
    for (int i = 0; i < 3 * count; ++i) {
      if (i % 3 == 0) clock_.advance(Millis{250});
      for (const auto& seat : seats_)
        seat->loop->turn(Millis{0});
      hub_loop_->wake();
      hub_loop_->turn(Millis{0});
    }
  }
  worker::SampleLedger samples(std::size_t worker) const {
    return seats_[worker]->worker->feeds().back().samples;
  }

  ManualClock clock_{wall_from_ms(1'700'000'000'000)};
  Sink sink_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::unique_ptr<io::EventLoop> hub_loop_ = *io::EventLoop::open(clock_);
  std::unique_ptr<Hub> hub_;
};

TEST_F(SharedCaps, AreToldByTheWorkerWhoseSeriesTheHubFolds) {
  send(0);
  ticks(2);
  send(1);
  ticks(2);
  EXPECT_EQ(hub_->ledger().series_overflowed, 4U);
  send(0);
  send(1);
  ticks(8);
  EXPECT_EQ(samples(0).own, 8U);
  EXPECT_EQ(samples(0).overflow, 0U);
  EXPECT_EQ(samples(1).own, 4U);  // of the tick in which nobody knew
  EXPECT_EQ(samples(1).overflow, 4U);
  EXPECT_TRUE(samples(1).adds_up());
  EXPECT_EQ(sink_.total, 16);  // nothing is lost of it
}

TEST_F(SharedCaps, NameWhoRanIntoThem) {
  send(0);
  ticks(2);
  send(1);
  ticks(2);
  send(1);
  clock_.advance(Millis{10'000});  // offenders are published now and then
  ticks(2);
  EXPECT_TRUE(seats_[0]->worker->offenders()->empty());
  const auto names = seats_[1]->worker->offenders()->names(10);
  ASSERT_EQ(names.size(), 1U);
  EXPECT_EQ(names[0].name, "m");
  EXPECT_EQ(names[0].cap, model::Cap::Series);
  EXPECT_EQ(names[0].samples, 8U);
  EXPECT_EQ(names[0].tag, "user");
  EXPECT_EQ(names[0].tag_values, 4U);
}

TEST_F(SharedCaps, ReachAWorkerWhoseRingWasFull) {
  send(0);
  ticks(2);
  send(1);
  clock_.advance(Millis{250});
  seats_[1]->loop->turn(Millis{0});  // hands over, and then hears nothing for a while
  while (seats_[1]->link.to_worker.try_push(model::HandoverEmptied{})) {
  }
  hub_loop_->wake();
  hub_loop_->turn(Millis{0});
  ticks(4);
  EXPECT_GT(hub_->ledger().memory_freed, 0U);
  send(1);
  EXPECT_EQ(samples(1).overflow, 0U);  // not published yet
  ticks(1);
  EXPECT_EQ(samples(1).overflow, 4U);
}

TEST_F(SharedCaps, AreNotRunIntoByAnOverflowSeries) {
  for (int i = 0; i < 2 * kSeriesEach; ++i) {  // past the worker's own cap
    const std::string tags = "user:" + std::to_string(i);
    const model::Sample sample{.kind = model::Kind::Counter, .key = {"m", tags}, .value = 1};
    seats_[0]->worker->take({&sample, 1});
  }
  ticks(8);
  EXPECT_EQ(samples(0).overflow, 4U);
  EXPECT_EQ(hub_->ledger().series_overflowed, 0U);
  EXPECT_EQ(hub_->ledger().series, 5U);
  EXPECT_EQ(sink_.total, 8);
}

}  // namespace
}  // namespace ingest::hub
