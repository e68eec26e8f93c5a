#include "gateway/tools/demo_load.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <span>

#include "ingest/codec/format.h"
#include "ingest/codec/sample_batch.h"

namespace gateway::tools {
namespace {

std::string lines_of(std::uint64_t seed, int steps) {
  DemoLoad load{seed};
  std::string lines;
  for (int i = 0; i < steps; ++i)
    load.step(lines);
  return lines;
}

class Counting final : public ingest::model::SampleSink {
 public:
  std::map<std::string, int, std::less<>> names;
  std::set<std::string, std::less<>> series;
  void take(std::span<const ingest::model::Sample> batch) override {
    for (const auto& sample : batch) {
      ++names[std::string{sample.key.name}];
      series.insert(std::string{sample.key.name} + "|" + std::string{sample.key.tags});
    }
  }
};

TEST(DemoLoad, TheSameSeedGivesTheSameShop) {
  EXPECT_EQ(lines_of(1, 300), lines_of(1, 300));
  EXPECT_NE(lines_of(1, 300), lines_of(2, 300));
}

TEST(DemoLoad, EveryLineIsGoodAndTheSeriesAreFew) {
  const std::string lines = lines_of(1, 3'000);
  const auto codec = ingest::codec::make_codec(ingest::codec::Format::Statsd);
  Counting counting;
  ingest::codec::SampleBatch batch{counting};
  ingest::codec::LineLedger ledger;
  codec->parse(lines, ledger, batch);
  batch.flush();
  EXPECT_EQ(ledger.accepted + ledger.ignored.annotation, ledger.received);
  EXPECT_EQ(ledger.notes.unknown_field + ledger.notes.rate_ignored, 0U);
  EXPECT_GT(ledger.received, 100'000U);  // of five minutes
  EXPECT_EQ(counting.names.size(), 9U);
  EXPECT_LT(counting.series.size(), 1'000U);
}

TEST(DemoLoad, SomethingBreaksForAWhileAndIsSeenInTheErrors) {
  DemoLoad load{1};
  int broken = 0;
  int errors_while_broken = 0;
  int errors = 0;
  for (int i = 0; i < 4 * 90 * DemoLoad::kStepsASecond; ++i) {
    const bool on = load.incident().on;
    std::string lines;
    load.step(lines);
    broken += on ? 1 : 0;
    for (std::size_t at = 0; (at = lines.find("http.errors", at)) != std::string::npos; ++at)
      ++(on ? errors_while_broken : errors);
  }
  EXPECT_EQ(broken, 4 * 25 * DemoLoad::kStepsASecond);
  const double a_step = errors / (4.0 * 65 * DemoLoad::kStepsASecond);
  EXPECT_GT(errors_while_broken / double{4 * 25 * DemoLoad::kStepsASecond}, 2 * a_step);
}

TEST(DemoLoad, ADeployBeginsWhatBreaksAndItsRollbackEndsIt) {
  DemoLoad load{1};
  bool broken = false;
  int deploys = 0;
  int rollbacks = 0;
  for (int i = 0; i < 4 * 90 * DemoLoad::kStepsASecond; ++i) {
    const bool on = load.incident().on;
    std::string lines;
    load.step(lines);
    const bool deploy = lines.find(":deploy ") != std::string::npos;
    const bool rollback = lines.find(":roll back ") != std::string::npos;
    EXPECT_EQ(deploy, on && !broken) << i;
    EXPECT_EQ(rollback, !on && broken) << i;
    if (!on) {
      EXPECT_EQ(lines.find(".up|2|"), std::string::npos) << i;
    }
    broken = on;
    deploys += deploy ? 1 : 0;
    rollbacks += rollback ? 1 : 0;
  }
  EXPECT_EQ(deploys, 4);
  EXPECT_EQ(rollbacks, 3);
}

}  // namespace
}  // namespace gateway::tools
