// "What differs in the box" and "unusual now", from datagrams to answers: every object is the one
// that serves.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/gateway/server/http_answer.h"
#include "tests/gateway/server/whole_house.h"

namespace tests {
namespace {

using nlohmann::json;

std::int64_t now_ms(const Weir& weir) {
  return ingest::to_ms(weir.house.clock.wall());
}
std::string ask(Weir& weir, const std::string& path) {
  Visitor visitor(weir.house);
  return visitor.get(path);
}
json body_at(Weir& weir, const std::string& path) {
  const std::string answer = ask(weir, path);
  EXPECT_EQ(status_of(answer), 200) << path << "\n" << answer;
  return json::parse(body_of(answer), nullptr, false);
}
std::string fault_at(Weir& weir, const std::string& path) {
  const std::string answer = ask(weir, path);
  EXPECT_EQ(status_of(answer), 400) << path << "\n" << answer;
  return json::parse(body_of(answer), nullptr, false)["error"]["msg"];
}

/// A second of two bands: /slow around 800, the others around 20, on two hosts.
void send_bands(Weir& weir) {
  std::string lines;
  for (const char* host : {"a", "b"}) {
    const std::string tags = std::string{",host:"} + host;
    lines += "http.latency:800:810:790|ms|#route:/slow" + tags + "\n";
    lines += "http.latency:20:21:19:18:22|ms|#route:/fast" + tags + "\n";
    lines += "http.latency:20:21|ms|#route:/other" + tags + "\n";
  }
  lines += "http.latency:5|c|#route:/slow\n";
  weir.datagram(lines);
  for (int i = 0; i < 4; ++i)
    weir.tick();
}

std::string box(std::int64_t start, std::int64_t end) {
  return "/api/v1/explain?metric=http.latency&start=" + std::to_string(start) +
         "&end=" + std::to_string(end);
}

TEST(Explain, TheTagThatMakesTheUpperBandComesFirst) {
  Weir weir;
  const std::int64_t start = now_ms(weir);
  for (int second = 0; second < 6; ++second)
    send_bands(weir);
  const json found = body_at(weir, box(start, start + 5'000) + "&low=400&high=2000");
  EXPECT_EQ(found["inside"], 5 * 6);
  EXPECT_EQ(found["outside"], 5 * 14);
  ASSERT_FALSE(found["items"].empty());
  EXPECT_EQ(
      found["items"][0],
      json::parse(R"({"key":"route","value":"/slow","inside":1,"outside":0,"lift":3.33333})"));
  const json lower = body_at(weir, box(start, start + 5'000) + "&high=400");
  EXPECT_EQ(lower["items"][0]["value"], "/fast");
  EXPECT_EQ(lower["inside"], 5 * 14);
}

TEST(Explain, ABoxOfSeveralWindowsIsThatOfOne) {
  gateway::server::Settings settings;
  settings.rules.commands.query.window_max = std::chrono::seconds{2};
  Weir weir(settings);
  const std::int64_t start = now_ms(weir);
  for (int second = 0; second < 8; ++second)
    send_bands(weir);
  const json found = body_at(weir, box(start, start + 7'000) + "&low=400");
  EXPECT_EQ(found["inside"], 7 * 6);
  EXPECT_EQ(found["outside"], 7 * 14);
  EXPECT_EQ(found["items"][0]["value"], "/slow");
  EXPECT_TRUE(fault_at(weir, box(start - 100'000, start) + "&low=400").starts_with("start: a box"));
}

TEST(Explain, MoreSeriesThanAPageHoldsAreAllCounted) {
  Weir weir;
  const std::int64_t start = now_ms(weir);
  constexpr int kSeries = 1'500;
  for (int i = 0; i < kSeries;) {
    std::string lines;
    for (int end = i + 100; i < end; ++i)
      lines += "many:" + std::string{i % 10 == 0 ? "900" : "5"} + "|ms|#user:" + std::to_string(i) +
               ",slow:" + (i % 10 == 0 ? "yes" : "no") + "\n";
    weir.datagram(lines);
  }
  for (int i = 0; i < 8; ++i)
    weir.tick();
  const json found =
      body_at(weir, "/api/v1/explain?metric=many&low=100&start=" + std::to_string(start) +
                        "&end=" + std::to_string(start + 1'000));
  EXPECT_EQ(found["inside"], kSeries / 10);
  EXPECT_EQ(found["outside"], kSeries - kSeries / 10);
  EXPECT_EQ(found["items"][0]["key"], "slow");
  EXPECT_EQ(found["items"][0]["value"], "yes");
  EXPECT_EQ(found["items"].size(), 50U);
}

TEST(Explain, LooksOnlyAtWhatIsAskedFor) {
  Weir weir;
  const std::int64_t start = now_ms(weir);
  for (int second = 0; second < 4; ++second)
    send_bands(weir);
  const std::string where = R"(&where=[["host","=","a"]])";
  const json found = body_at(weir, box(start, start + 3'000) + "&low=400" + where);
  EXPECT_EQ(found["inside"], 3 * 3);
  for (const json& item : found["items"])
    EXPECT_NE(item["value"], "b");
  EXPECT_EQ(body_at(weir, box(start, start + 3'000) + "&low=1000000")["items"], json::array());
  const std::string nothing = "/api/v1/explain?metric=nothing&low=1&start=" + std::to_string(start);
  EXPECT_EQ(body_at(weir, nothing)["inside"], 0);
}

TEST(Explain, ABoxThatReachesIntoTheFutureEndsWithWhatIsOver) {
  Weir weir;
  const std::int64_t start = now_ms(weir);
  for (int second = 0; second < 4; ++second)
    send_bands(weir);
  const json found = body_at(weir, box(start, start + 60'000) + "&low=400");
  EXPECT_EQ(found["inside"], 3 * 6);
  EXPECT_EQ(found["end"], start + 3'000);
  EXPECT_EQ(body_at(weir, box(start + 50'000, start + 60'000) + "&low=400")["inside"], 0);
}

TEST(Explain, NamesTheParameterThatIsWrong) {
  Weir weir;
  const std::string good = "/api/v1/explain?metric=a&start=1000&end=5000&low=1";
  struct Case {
    std::string path;
    std::string_view begins;
  };
  const Case cases[] = {
      {"/api/v1/explain?start=1&low=1", "metric: missing"},
      {"/api/v1/explain?metric=a&low=1", "start: missing"},
      {"/api/v1/explain?metric=a&start=x&low=1", "start: want ms"},
      {"/api/v1/explain?metric=a&start=5&end=5&low=1", "end: is not after"},
      {"/api/v1/explain?metric=a&start=1000&end=5000", "low: which values"},
      {"/api/v1/explain?metric=a&start=1000&end=5000&low=", "low: want a number"},
      {good + "&high=inf", "high: want a number"},
      {good + "&high=0", "low: is above high"},
      {good + "&where=x", "where: want a list"},
      {good + R"(&where=[["a"]])", "where[0]"},
  };
  for (const Case& one : cases) {
    const std::string msg = fault_at(weir, one.path);
    EXPECT_TRUE(msg.starts_with(one.begins)) << one.path << " -> " << msg;
  }
}

// ---- unusual now ----

struct Shop {
  /// A second: two routes whose latency swings a little, a counter, a gauge.
  void second() {
    ++seconds;
    const std::string swing = std::to_string(100 + seconds % 5);
    std::string lines = "http.latency:" + (spikes ? "900" : swing) + "|ms|#route:/a\n";
    lines += "http.latency:" + swing + "|ms|#route:/b\n";
    lines += "queue.depth:" + swing + "|g\n";
    if (!silent) lines += "orders:" + swing + "|c|#shop:x\n";
    weir.datagram(lines);
    for (int i = 0; i < 4; ++i)
      weir.tick();
  }
  json look(const std::string& more = "") { return body_at(weir, "/api/v1/unusual" + more); }

  Weir weir;
  int seconds = 0;
  bool spikes = false;
  bool silent = false;
};

TEST(Unusual, NothingIsToldOfASteadyShop) {
  Shop shop;
  for (int i = 0; i < 70; ++i)
    shop.second();
  const json found = shop.look();
  EXPECT_EQ(found["items"], json::array());
  EXPECT_EQ(found["at"].get<std::int64_t>() % 1'000, 0);
  EXPECT_LE(now_ms(shop.weir) - found["at"].get<std::int64_t>(), 3'000);
}

TEST(Unusual, WhatSpikesAndWhatFallsSilentAreTold) {
  Shop shop;
  for (int i = 0; i < 60; ++i)
    shop.second();
  shop.spikes = true;
  shop.silent = true;
  for (int i = 0; i < 16; ++i)
    shop.second();
  const json items = shop.look()["items"];
  ASSERT_EQ(items.size(), 2U) << items;
  const json& spike = items[0];
  EXPECT_EQ(spike["metric"], "http.latency");
  EXPECT_EQ(spike["kind"], "timer");
  EXPECT_EQ(spike["tags"], (json{{"route", "/a"}}));
  EXPECT_EQ(spike["stat"], "p99");
  EXPECT_EQ(spike["state"], "high");
  EXPECT_NEAR(spike["value"].get<double>(), 900, 900 * 0.011);
  EXPECT_NEAR(spike["baseline"].get<double>(), 104, 104 * 0.011);
  EXPECT_NEAR(spike["ratio"].get<double>(), 900.0 / 104, 0.2);
  EXPECT_GT(spike["z"].get<double>(), 20);
  const json& silence = items[1];
  EXPECT_EQ(silence["metric"], "orders");
  EXPECT_EQ(silence["state"], "silent");
  EXPECT_EQ(silence["stat"], "rate");
  EXPECT_TRUE(silence["value"].is_null());
  EXPECT_TRUE(silence["z"].is_null());
  const std::int64_t fell = now_ms(shop.weir) - 16'000;
  EXPECT_NEAR(silence["since"].get<double>(), static_cast<double>(fell), 3'000);
}

TEST(Unusual, AnAnswerIsKeptForASecondAndTheLimitHolds) {
  Shop shop;
  for (int i = 0; i < 60; ++i)
    shop.second();
  shop.spikes = true;
  shop.silent = true;
  for (int i = 0; i < 16; ++i)
    shop.second();
  const std::string first = ask(shop.weir, "/api/v1/unusual?limit=1");
  EXPECT_EQ(json::parse(body_of(first))["items"].size(), 1U);
  const std::uint64_t asked = shop.weir.house.worker->counts().questions.get();
  EXPECT_EQ(body_of(ask(shop.weir, "/api/v1/unusual?limit=1")), body_of(first));
  EXPECT_EQ(shop.weir.house.worker->counts().questions.get(), asked);
  for (int i = 0; i < 4; ++i)
    shop.weir.tick();
  static_cast<void>(ask(shop.weir, "/api/v1/unusual?limit=1"));
  EXPECT_GT(shop.weir.house.worker->counts().questions.get(), asked);
}

TEST(Unusual, RefusesALimitThatIsNone) {
  Weir weir;
  for (const char* limit : {"0", "101", "x", ""})
    EXPECT_TRUE(
        fault_at(weir, std::string{"/api/v1/unusual?limit="} + limit).starts_with("limit: "));
}

TEST(Unusual, AnEmptyServerHasNothingUnusual) {
  Weir weir;
  EXPECT_EQ(body_at(weir, "/api/v1/unusual")["items"], json::array());
}

TEST(Thresholds, AreGivenAsConfigured) {
  gateway::server::Settings settings;
  settings.thresholds = R"([{"metric":"a","stat":"p99","above":true,"warn":5}])";
  Weir weir(settings);
  EXPECT_EQ(body_at(weir, "/api/v1/thresholds"),
            json::parse(R"({"items":[{"metric":"a","stat":"p99","above":true,"warn":5}]})"));
}

}  // namespace
}  // namespace tests
