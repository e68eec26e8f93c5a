#include "gateway/cli/bench.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/cli/bare_sender.h"
#include "gateway/cli/bench_clock.h"
#include "gateway/cli/bench_engine.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/fanout_crowd.h"
#include "gateway/cli/fanout_measures.h"
#include "gateway/ws/mask.h"

namespace gateway::cli {
namespace {

TEST(Bench, MeasuresEveryPartOfTheEngine) {
  std::set<std::string> seen;
  measure_engine([&](const EngineNumber& number) {
    EXPECT_GT(number.each_ns, 0) << number.what;
    EXPECT_LT(number.what.size(), 58U) << "the column is as wide";
    EXPECT_TRUE(seen.insert(number.what).second);
  });
  for (const char* part :
       {"StatsD", "sketch", "merge", "encode", "deflate", "inflate", "unmask", "UTF-8"}) {
    bool found = false;
    for (const std::string& what : seen)
      found = found || what.find(part) != std::string::npos;
    EXPECT_TRUE(found) << part;
  }
}

TEST(Bench, MeasuresMoreWorkAsMoreTime) {
  double sum = 0;
  const auto work = [&](int steps) {
    return nanoseconds_of([&, steps] {
      for (int i = 0; i < steps; ++i) {
        sum += static_cast<double>(i);
        look_at(&sum);
      }
    });
  };
  // A busy machine may lie by some times, not by ten.
  EXPECT_GT(work(200'000), 10 * work(2'000));
}

TEST(Bench, AsksHowManyConnectionsAUrlShallGet) {
  std::ostringstream out;
  std::ostringstream err;
  Bench wanted;
  wanted.url = "127.0.0.1:1";
  EXPECT_EQ(bench(wanted, out, err), Exit::Configuration);
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(err.str(), "weir bench: how many --connections to 127.0.0.1:1?\n");
}

TEST(Bench, RefusesNumbersThatAreNone) {
  for (const char* bad : {"0", "-1", "many", "99999999"})
    EXPECT_FALSE(parse_command_line({"bench", "--connections", bad})) << bad;
  const auto good = parse_command_line({"bench", "--connections", "5000"});
  ASSERT_TRUE(good);
  EXPECT_EQ(std::get<Bench>(*good).connections, 5'000U);
}

TEST(BenchFanout, TakesPartsByTheirNames) {
  const auto good = parse_command_line({"bench", "fanout", "--only", "cost,storm", "--quick"});
  ASSERT_TRUE(good) << good.error();
  const auto& wanted = std::get<BenchFanout>(*good);
  EXPECT_EQ(wanted.only, (std::vector<std::string>{"cost", "storm"}));
  EXPECT_TRUE(wanted.quick);
  const auto bad = parse_command_line({"bench", "fanout", "--only", "cost,speed"});
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().find("\"speed\" is no part"), std::string::npos) << bad.error();
}

TEST(BenchFanout, MeasuresInMemoryWithoutAServer) {
  FanoutPlan plan;
  plan.only = {"encoding"};
  std::vector<FanoutNumber> numbers;
  const auto done = measure_fanout(
      plan, [&](const FanoutNumber& number) { numbers.push_back(number); }, [](const auto&) {});
  ASSERT_TRUE(done) << done.error().what;
  ASSERT_EQ(numbers.size(), 1U);
  EXPECT_GT(numbers[0].measured, 0);
  EXPECT_STREQ(numbers[0].unit, "ms");
}

/// Reads and counts until the sender says that it is done.
BareSender::Done read_all(const BareSender& bare, FanoutCrowd& crowd) {
  for (;;) {
    const auto done = bare.poll();
    if (!done || *done) {
      while (crowd.turn(ingest::Millis{10}) > 0) {
      }
      return done ? **done : BareSender::Done{};
    }
    crowd.turn(ingest::Millis{1});
  }
}

TEST(BenchFanout, EveryReaderOfTheBareLoopGetsEveryFrameWhole) {
  const auto bare = BareSender::start(2);
  ASSERT_TRUE(bare) << bare.error().what;
  FanoutCrowd crowd{{.address = bare->address(), .speaks = FanoutCrowd::Speaks::Nothing}};
  ASSERT_TRUE(crowd.join(7));
  const std::string frame =
      ws::make_frame({}, R"({"t":"u","ch":1,"s":48211,"w":[1764000000000,1764000010000],)" +
                             std::string(1'700, ' ') + "}");
  ASSERT_TRUE(bare->order({.connections = 7, .rounds = 3, .period_ms = 10}, frame));
  const BareSender::Done done = read_all(*bare, crowd);
  EXPECT_EQ(done.sends, 21U);
  EXPECT_EQ(done.short_sends, 0U);
  EXPECT_EQ(crowd.updates(), 21U);
  EXPECT_EQ(crowd.bytes(), 21 * frame.size());
  EXPECT_EQ(crowd.newest(ingest::Millis{0}), 7U);
  EXPECT_EQ(crowd.sample(), frame);
  crowd.stall(3);
  const std::string later =
      ws::make_frame({}, R"({"t":"u","ch":1,"s":48212,"w":[1764000001000,1764000011000],)" +
                             std::string(1'700, ' ') + "}");
  ASSERT_TRUE(bare->order({.connections = 7, .rounds = 1, .period_ms = 10}, later));
  read_all(*bare, crowd);
  EXPECT_EQ(crowd.updates(), 25U) << "three take nothing";
  EXPECT_EQ(crowd.newest(ingest::Millis{999}), 4U);
  EXPECT_EQ(crowd.newest(ingest::Millis{1'000}), 7U);
  crowd.resume();
  while (crowd.turn(ingest::Millis{100}) > 0) {
  }
  EXPECT_EQ(crowd.updates(), 28U);
}

TEST(TailArguments, ReadTheWordsOfTheCommandLine) {
  const auto parsed = parse_command_line({"tail", "http.*", "--stats", "count,p99", "--by", "route",
                                          "--where", "a=b", "--where", "c exists", "--once"});
  ASSERT_TRUE(parsed) << parsed.error();
  const Tail& tail = std::get<Tail>(*parsed);
  EXPECT_EQ(tail.subscription.metric, "http.*");
  EXPECT_EQ(tail.subscription.stats, (std::vector<std::string>{"count", "p99"}));
  EXPECT_EQ(tail.subscription.where.size(), 2U);
  EXPECT_EQ(tail.windows, 1U);
  EXPECT_FALSE(parse_command_line({"tail"}));
  EXPECT_FALSE(parse_command_line({"tail", "m", "--where", "nonsense"}));
  EXPECT_FALSE(parse_command_line({"tail", "m", "--stat", "p99"}));
}

}  // namespace
}  // namespace gateway::cli
