// Whatever the caps are, totals are kept: what all series have together, overflow series among
// them, is what was sent, for each kind.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "ingest/worker/worker.h"

namespace ingest::worker {
namespace {

using model::Kind;

struct Totals {
  double counted = 0;
  std::uint64_t gauge_samples = 0;
  double gauge_sum = 0;
  model::Weight timer_weight = 0;
  double timer_sum = 0;
  model::SetPartial members;

  void add(const model::Partial& partial) {
    switch (partial.kind()) {
      case Kind::Counter:
        counted += partial.counter().total();
        return;
      case Kind::Gauge:
        gauge_samples += partial.gauge().samples();
        gauge_sum += partial.gauge().sum();
        return;
      case Kind::Timer:
        timer_weight += partial.timer().weight();
        timer_sum += partial.timer().sum();
        return;
      case Kind::Set:
        members.merge(partial.set());
        return;
    }
  }
};

struct Sent {
  double counted = 0;
  std::uint64_t gauge_samples = 0;
  double gauge_sum = 0;
  model::Weight timer_weight = 0;
  double timer_sum = 0;
  std::map<std::string, int> members;
  std::uint64_t samples = 0;
};

/// One sample of any kind, under one of few names with tags of few or many values.
class Sender {
 public:
  explicit Sender(std::uint32_t seed) : random_(seed) {}

  void send(Worker& worker, Sent& sent) {
    const std::string name = "name" + std::to_string(random_() % 30);
    const std::string tags = "id:" + std::to_string(random_() % 200) +
                             (random_() % 2 == 0 ? ",zone:" + std::to_string(random_() % 3) : "");
    const std::string member = "user" + std::to_string(random_() % 150);
    const auto value = static_cast<double>(random_() % 100);
    model::Sample sample{.kind = static_cast<Kind>(random_() % 4), .key = {name, tags}};
    ++sent.samples;
    switch (sample.kind) {
      case Kind::Counter:
        sample.value = value;
        sent.counted += value;
        break;
      case Kind::Gauge:
        sample.value = value;
        ++sent.gauge_samples;
        sent.gauge_sum += value;
        break;
      case Kind::Timer:
        sample.value = value;
        sent.timer_weight += model::kWeightOne;
        sent.timer_sum += value;
        break;
      case Kind::Set:
        sample.member = member;
        ++sent.members[member];
        break;
    }
    worker.take({&sample, 1});
  }
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_()) % limit; }

 private:
  std::mt19937 random_;
};

void collect(model::HubLink& link, Totals& totals) {
  while (auto popped = link.to_hub.try_pop()) {
    for (const model::PartialMoved& moved : (*popped)->moved)
      totals.add(moved.partial);
  }
}

TEST(WorkerCaps, KeepTheTotalsOfEveryKind) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    Sender sender{seed};
    ManualClock clock;
    model::HubLink link;
    const auto loop = *io::EventLoop::open(clock);
    Worker worker{{.table = {.series_max = 1 + sender.below(400),
                             .names_max = 1 + sender.below(40),
                             .series_per_name_max = 1 + sender.below(60),
                             .values_per_tag_max = 1 + sender.below(50),
                             .series_ttl = Millis{3'000}}},
                  {.loop = loop.get(), .link = &link, .wake_hub = [] {}}};
    worker.start();
    Sent sent;
    Totals totals;
    for (int i = 0; i < 4'000; ++i) {
      sender.send(worker, sent);
      if (i % 20 != 0) continue;
      clock.advance(Millis{sender.below(200)});
      loop->turn(Millis{0});
      collect(link, totals);
    }
    while (!worker.drain())
      collect(link, totals);
    collect(link, totals);
    ASSERT_EQ(totals.counted, sent.counted) << seed;
    ASSERT_EQ(totals.gauge_samples, sent.gauge_samples) << seed;
    ASSERT_EQ(totals.gauge_sum, sent.gauge_sum) << seed;
    ASSERT_EQ(totals.timer_weight, sent.timer_weight) << seed;
    ASSERT_EQ(totals.timer_sum, sent.timer_sum) << seed;
    ASSERT_EQ(totals.members.distinct(), static_cast<double>(sent.members.size())) << seed;
    const SampleLedger ledger = worker.feeds().back().samples;
    ASSERT_EQ(ledger.produced, sent.samples);
    ASSERT_TRUE(ledger.adds_up());
  }
}

}  // namespace
}  // namespace ingest::worker
