#include "ingest/query/cost.h"

#include <gtest/gtest.h>

namespace ingest::query {
namespace {

using model::Kind;

Query parsed(const std::string& json) {
  auto query = parse_query(json, {});
  EXPECT_TRUE(query) << json << ": " << (query ? "" : query.error().msg);
  return query ? *query : Query{};
}

Catalogue shop() {
  Catalogue catalogue;
  Metric latency{"http.latency", Kind::Timer, 1'000, {}, {}};
  latency.tags = {{"env", {{"prod", 900}, {"stage", 100}}}, {"host", {}}};
  for (std::size_t i = 0; i < kCatalogueValuesMax; ++i)
    latency.tags[1].values.push_back({"web-" + std::to_string(i), 5});
  catalogue.metrics = {{"db.queries", Kind::Counter, 10, {}, {}},
                       {"http.errors", Kind::Counter, 30, {}, {}},
                       {"http.errors", Kind::Timer, 2, {}, {}},
                       latency};
  return catalogue;
}

std::uint64_t matched(const std::string& where, const std::string& metric = "http.latency") {
  return series_matched(parsed(R"({"metric":")" + metric + R"(","where":[)" + where + "]}"),
                        shop());
}

TEST(Cost, CountsTheSeriesThatAQueryMatchesAtMost) {
  EXPECT_EQ(matched(""), 1'000U);
  EXPECT_EQ(matched("", "nope"), 0U);
  EXPECT_EQ(matched("", "http.*"), 1'032U);
  EXPECT_EQ(matched("", "**"), 1'042U);
  EXPECT_EQ(matched(R"(["@kind","=","counter"])", "http.*"), 30U);
  EXPECT_EQ(matched(R"(["@kind","!=","timer"])", "**"), 40U);
  EXPECT_EQ(matched(R"(["@metric","in",["db.queries","http.errors"]])", "**"), 42U);
  EXPECT_EQ(matched(R"(["env","=","stage"])"), 100U);
  EXPECT_EQ(matched(R"(["env","in",["stage","prod"]])"), 1'000U);
  EXPECT_EQ(matched(R"(["env","=","nope"])"), 0U);
  EXPECT_EQ(matched(R"(["env","=","stage"],["host","=","web-7"])"), 5U);
  EXPECT_EQ(matched(R"(["nope","=","x"])"), 0U);
}

TEST(Cost, OfWhatTheCatalogueCannotTellAllMightMatch) {
  EXPECT_EQ(matched(R"(["host","=","web-7"])"), 5U);
  EXPECT_EQ(matched(R"(["host","=","web-700"])"), 500U);  // those without a listed value
  EXPECT_EQ(matched(R"(["host","in",["web-7","web-700"]])"), 505U);
  EXPECT_EQ(matched(R"(["host","=~","web-7"])"), 1'000U);
  EXPECT_EQ(matched(R"(["env","!=","prod"])"), 1'000U);
  EXPECT_EQ(matched(R"(["env","=",""])"), 1'000U);
}

// On the hub's thread, which has some ms for it: of more values than it can look at, all may match.
TEST(Cost, LooksAtNoMoreValuesThanItHasTimeFor) {
  Catalogue catalogue;
  constexpr std::size_t kNames = 2 * kValuesLookedAtMax / kCatalogueValuesMax;
  const Metric latency = shop().metrics.back();
  for (std::size_t i = 0; i < kNames; ++i) {
    Metric& metric = catalogue.metrics.emplace_back(latency);
    metric.name = "m" + std::to_string(kNames + i);
  }
  const Query query = parsed(R"({"metric":"**","where":[["host","=","web-7"]]})");
  EXPECT_EQ(series_matched(query, catalogue), kNames / 2 * 5 + kNames / 2 * 1'000);
  catalogue.metrics.resize(kNames / 2);
  EXPECT_EQ(series_matched(query, catalogue), kNames / 2 * 5);
}

TEST(Cost, OfJoinedMetricsIsTheirsAlone) {
  const Query query =
      parsed(R"({"metric":"**","derive":{"x":"http.errors.count / db.queries.count"}})");
  EXPECT_EQ(series_matched(query, shop()), 42U);
  EXPECT_EQ(stream_cost(query, shop()).stats, 2U);
}

TEST(Cost, OfAStreamGrowsWithTheDepthOfItsTree) {
  const auto reads = [](const char* window, const char* slide) {
    return stream_cost(
               parsed(std::string{R"({"metric":"http.latency","stats":["p99"],"window":")"} +
                      window + R"(","slide":")" + slide + "\"}"),
               shop())
        .reads;
  };
  EXPECT_EQ(reads("10s", "10s"), 1U);
  EXPECT_EQ(reads("10s", "1s"), 8U);
  EXPECT_EQ(reads("1h", "1s"), 24U);
}

TEST(Cost, OfTheOtherEndOfTimeIsCountedInTheLongerPanesKeptThere) {
  const Query query = parsed(R"({"metric":"http.latency","stats":["p99"],"window":"10s"})");
  const WallTime now{Millis{1'700'000'000'000}};
  const auto reads = [&](Millis ago, Millis length) {
    return range_cost(query, shop(), {now - ago, now - ago + length, now, Millis{1'000}}).reads;
  };
  using namespace std::chrono_literals;
  EXPECT_EQ(reads(1h, 1h), 3'610U);
  EXPECT_EQ(reads(25h, 1h), 361U);
  EXPECT_EQ(reads(73h, 1h), 61U);  // an hour and a begun minute
  EXPECT_EQ(reads(3h, 3h), 7'200U + 361U);
  EXPECT_EQ(reads(1h, 0h), 10U);
}

TEST(Cost, IsRefusedAboveTheLimitWithTheNumbers) {
  const Cost cost{1'000, 8, 6};
  EXPECT_FALSE(too_expensive(cost, 48'000));
  const auto fault = too_expensive(cost, 47'999);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->code, Code::QueryTooExpensive);
  EXPECT_EQ(fault->msg,
            "1000 series x 8 panes of each x 6 stats are 48000, more than the 47999 of "
            "limits.query_cost; narrow metric or where, or shorten the time");
  const Cost huge{~std::uint64_t{0}, 3, 2};
  EXPECT_EQ(huge.total(), ~std::uint64_t{0});
}

}  // namespace
}  // namespace ingest::query
