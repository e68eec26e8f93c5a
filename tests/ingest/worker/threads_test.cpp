// A worker's thread and a hub's thread on one HubLink, for the thread sanitizer as much as for the
// totals.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "ingest/worker/worker.h"

namespace ingest::worker {
namespace {

constexpr int kTurns = 2'000;
constexpr int kSamplesATurn = 20;

/// Runs on the worker's thread, which owns the clock too.
void run_worker(Worker& worker, io::EventLoop& loop, ManualClock& clock) {
  for (int turn = 0; turn < kTurns; ++turn) {
    for (int i = 0; i < kSamplesATurn; ++i) {
      const std::string tags = "i:" + std::to_string((turn + i) % 50);
      const model::Sample sample = {.kind = model::Kind::Timer,
                                    .key = {i % 2 == 0 ? "watched" : "other", tags},
                                    .value = static_cast<double>(i)};
      worker.take({&sample, 1});
    }
    clock.advance(Millis{50});
    loop.turn(Millis{0});
  }
  while (!worker.drain())
    std::this_thread::yield();
}

TEST(WorkerThreads, NothingIsLostBetweenAWorkerAndAHub) {
  ManualClock clock;
  model::HubLink link;
  std::atomic<int> wakes{0};
  auto loop = *io::EventLoop::open(clock);
  Worker worker{{}, {.loop = loop.get(), .link = &link, .wake_hub = [&] { ++wakes; }}};
  worker.start();
  std::atomic<bool> done{false};
  std::thread thread{[&] {
    run_worker(worker, *loop, clock);
    done = true;
  }};

  double count = 0;
  int received = 0;
  bool adds_up = true;
  auto list = std::make_shared<const model::WatchList>(model::WatchList{{"watched"}});
  for (bool last = false; !last;) {
    last = done;
    while (auto handover = link.to_hub.try_pop()) {
      for (const auto& moved : (*handover)->moved)
        count += moved.partial.timer().count();
      (*handover)->moved.clear();
      link.to_worker.try_push(model::HandoverEmptied{std::move(*handover)});
      if (++received % 100 == 0) {
        link.to_worker.try_push(model::WatchChanged{list});
        loop->wake();
      }
    }
    adds_up = adds_up && worker.feeds().back().samples.adds_up();
  }
  thread.join();
  EXPECT_EQ(count, kTurns * kSamplesATurn);
  EXPECT_TRUE(adds_up);
  EXPECT_GT(wakes, 0);
}

}  // namespace
}  // namespace ingest::worker
