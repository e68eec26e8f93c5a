#include "gateway/cli/bench.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "gateway/cli/bench_clock.h"
#include "gateway/cli/bench_engine.h"
#include "gateway/cli/command_line.h"

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
