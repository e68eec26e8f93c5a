// The main path in one thread and with a clock that the test moves: a StatsD datagram in, `snap`
// and `u` out over a real WebSocket. Every object is the one that serves.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/gateway/server/http_answer.h"
#include "tests/gateway/server/whole_house.h"

namespace tests {
namespace {

using nlohmann::json;

json message(Visitor& visitor) {
  return json::parse(visitor.text(), nullptr, false);
}

/// The next `u` that has rows, ticking meanwhile.
json update_with_rows(Weir& weir, Visitor& visitor, int ticks) {
  for (int i = 0; i < ticks; ++i) {
    weir.tick();
    visitor.poll();
    while (!visitor.heard().empty()) {
      json heard = message(visitor);
      if (heard.value("t", "") == "u" && !heard["i"].empty()) return heard;
    }
  }
  return {};
}

constexpr std::string_view kSub =
    R"({"t":"sub","id":1,"rate":"250ms","q":{"metric":"checkout.latency","by":["route"],)"
    R"("window":"10s","slide":"1s","stats":["count","p99","max"]}})";

TEST(WholePath, ADatagramIsThereWhenThePastIsAskedFor) {
  Weir weir;
  const std::int64_t start = ingest::to_ms(weir.house.clock.wall());
  weir.datagram("checkout.latency:40|ms|#route:/pay\ncheckout.latency:60|ms|#route:/buy");
  for (int i = 0; i < 8; ++i)
    weir.tick();
  Visitor visitor(weir.house);
  const std::string answer = visitor.get(
      "/api/v1/query_range?metric=checkout.latency&by=route&stats=count,max&window=1s&start=" +
      std::to_string(start - 1'000));
  const json body = json::parse(answer.substr(answer.find("\r\n\r\n") + 4), nullptr, false);
  ASSERT_EQ(body.value("k", json{}), json::parse(R"([["/buy"],["/pay"]])")) << answer;
  const json& counts = body["c"][0][0];
  const auto at = static_cast<std::size_t>(std::ranges::find(counts, json(1)) - counts.begin());
  ASSERT_LT(at, body["ts"].size());
  EXPECT_EQ(body["c"][1][0][at], 60);
  EXPECT_EQ(body["c"][1][1][at], 40);
  EXPECT_TRUE(body["next"].is_null());
  const std::string none =
      visitor.get("/api/v1/query_range?metric=nothing&start=" + std::to_string(start - 1'000));
  EXPECT_NE(none.find(R"("k":[])"), std::string::npos) << none;
}

/// What a client has to draw of a query without `by`: [field] by the end of the window, as it was
/// last said.
std::map<std::int64_t, json> drawn(const std::vector<json>& messages) {
  std::map<std::int64_t, json> points;
  for (const json& one : messages) {
    const std::string type = one.value("t", "");
    if (type == "range") {
      for (std::size_t at = 0; at < one["ts"].size() && !one["k"].empty(); ++at) {
        json values = json::array();
        for (const json& field : one["c"])
          values.push_back(field[0][at]);
        points[one["ts"][at]] = values;
      }
    } else if ((type == "snap" || type == "u") && !one["c"][0].empty()) {
      json values = json::array();
      for (const json& field : one["c"])
        values.push_back(field[0]);
      points[one["w"][1]] = values;
    } else if (type == "u" && points.contains(one["w"][1].get<std::int64_t>() - 1'000)) {
      points[one["w"][1]] = points[one["w"][1].get<std::int64_t>() - 1'000];
    }
  }
  return points;
}

TEST(WholePath, HistoryIsWhatASubscriberOfThatTimeSaw) {
  constexpr std::string_view kAsk =
      R"({"t":"sub","id":1,"rate":"250ms",%"q":{"metric":"checkout.latency",)"
      R"("window":"10s","slide":"1s","stats":["count","max","p50"]}})";
  const auto ask = [&](std::string_view history) {
    std::string text{kAsk};
    return text.replace(text.find('%'), 1, history);
  };
  Weir weir;
  Visitor early(weir.house);
  ASSERT_TRUE(early.upgrade(text_frame(ask(""))));
  std::vector<json> seen;
  const auto hear = [](Visitor& visitor, std::vector<json>& all) {
    visitor.poll();
    while (!visitor.heard().empty()) {
      json heard = message(visitor);
      if (heard.is_object()) all.push_back(std::move(heard));  // not a ping
    }
  };
  for (int i = 0; i < 120; ++i) {
    weir.datagram("checkout.latency:" + std::to_string(i * 7 % 100) + "|ms");
    weir.tick();
    hear(early, seen);
  }
  Visitor late(weir.house);
  ASSERT_TRUE(late.upgrade(text_frame(ask(R"("history":"20s",)"))));
  std::vector<json> told;
  for (int i = 0; i < 12; ++i) {
    weir.tick();
    hear(early, seen);
    hear(late, told);
  }
  ASSERT_GE(told.size(), 4U);
  EXPECT_EQ(told[0]["t"], "subd");
  EXPECT_EQ(told[1]["t"], "range");
  EXPECT_EQ(told[2]["t"], "snap");
  const auto points = drawn(told);
  const auto before = drawn(seen);
  EXPECT_GE(points.size(), 20U);
  for (const auto& [end, values] : points) {
    ASSERT_TRUE(before.contains(end)) << end;
    EXPECT_EQ(values, before.at(end)) << end;
    EXPECT_TRUE(end == points.begin()->first || points.contains(end - 1'000)) << "a hole";
  }
}

TEST(WholePath, ARangeOverTheSocketIsThatOfHttp) {
  Weir weir;
  const std::int64_t start = ingest::to_ms(weir.house.clock.wall()) - 1'000;
  weir.datagram("checkout.latency:40|ms|#route:/pay\ncheckout.latency:60|ms|#route:/buy");
  for (int i = 0; i < 8; ++i)
    weir.tick();
  Visitor http(weir.house);
  const std::string answer = http.get(
      "/api/v1/query_range?metric=checkout.latency&by=route&start=" + std::to_string(start));
  json body = json::parse(answer.substr(answer.find("\r\n\r\n") + 4), nullptr, false);
  Visitor browser(weir.house);
  ASSERT_TRUE(browser.upgrade(text_frame(R"({"t":"hello","v":1})")));
  EXPECT_EQ(message(browser)["t"], "welcome");
  browser.send(text_frame(
      R"({"t":"range","id":9,"q":{"metric":"checkout.latency","by":["route"]},"start":)" +
      std::to_string(start) + "}"));
  body["id"] = 9;
  EXPECT_EQ(message(browser), body);
  browser.send(text_frame(R"({"t":"meta","id":10,"what":"tags","match":"checkout.*"})"));
  EXPECT_EQ(message(browser)["items"][0]["key"], "route");
}

TEST(WholePath, ADatagramReachesASubscriberWithinATick) {
  Weir weir;
  Visitor browser(weir.house);
  ASSERT_TRUE(browser.upgrade(text_frame(kSub)));
  const json subd = message(browser);
  ASSERT_EQ(subd["t"], "subd") << subd;
  EXPECT_EQ(subd["fields"], json::parse(R"(["count","max","p99"])"));
  weir.tick();
  weir.tick();
  const json snap = message(browser);
  ASSERT_EQ(snap["t"], "snap") << snap;
  EXPECT_EQ(snap["n"], 0);

  weir.datagram("checkout.latency:12.5|ms|#route:/pay");
  const json u = update_with_rows(weir, browser, 2);
  ASSERT_EQ(u["t"], "u") << u;
  EXPECT_EQ(u["n"], 1);
  EXPECT_EQ(u["d"]["k"], json::parse(R"([["/pay"]])"));
  EXPECT_EQ(u["c"], json::parse("[[1],[12.5],[12.5]]"));
}

TEST(WholePath, TwoReadersGetTheSameBytesEncodedOnce) {
  Weir weir;
  Visitor one(weir.house);
  Visitor two(weir.house);
  for (Visitor* visitor : {&one, &two})
    ASSERT_TRUE(visitor->upgrade(text_frame(kSub)));
  const json first = message(one);
  const json second = message(two);
  EXPECT_EQ(first["ch"], second["ch"]);
  for (int i = 0; i < 3; ++i)
    weir.tick();
  one.text();
  two.text();
  const std::uint64_t encoded = weir.publisher->ledger().read().frames_encoded;
  const std::uint64_t sent = weir.house.worker->counts().frames_sent.get();
  weir.datagram("checkout.latency:3|ms|#route:/a");
  weir.tick();
  weir.tick();
  std::string all_one;
  std::string all_two;
  one.poll();
  two.poll();
  while (!one.heard().empty())
    all_one += one.text();
  while (!two.heard().empty())
    all_two += two.text();
  EXPECT_NE(all_one.find("/a"), std::string::npos);
  const auto from = [](const std::string& text) { return text.substr(text.find(R"({"t":"u")")); };
  EXPECT_EQ(from(all_one), from(all_two));
  const std::uint64_t encodings = weir.publisher->ledger().read().frames_encoded - encoded;
  EXPECT_GE(encodings, 1U);
  EXPECT_LE(weir.house.worker->counts().frames_sent.get() - sent, 2 * encodings);
}

TEST(WholePath, WhatIsRefusedByTheHubIsToldAndTheConnectionGoesOn) {
  Weir weir;
  Visitor browser(weir.house);
  ASSERT_TRUE(browser.upgrade(text_frame(R"({"t":"hello","v":1})")));
  EXPECT_EQ(message(browser)["t"], "welcome");
  browser.send(text_frame(R"({"t":"sub","id":7,"q":{"metric":"a","stats":["p500"]}})"));
  const json refused = message(browser);
  EXPECT_EQ(refused["t"], "err");
  EXPECT_EQ(refused["id"], 7);
  browser.send(text_frame(R"({"t":"sub","id":7,"q":{"metric":"a"}})"));
  EXPECT_EQ(message(browser)["t"], "subd");
}

TEST(WholePath, TheCatalogueReachesTheApi) {
  Weir weir;
  weir.datagram("shop.orders:3|c|#region:eu");
  for (int i = 0; i < 12; ++i)
    weir.tick();
  Visitor visitor(weir.house);
  const std::string answer = visitor.get("/api/v1/metrics?match=shop.*");
  EXPECT_NE(answer.find(R"("name":"shop.orders","kind":"counter","series":1)"), std::string::npos)
      << answer;
  EXPECT_NE(visitor.get("/api/v1/tags?metric=shop.orders").find(R"("value":"eu")"),
            std::string::npos);
}

TEST(WholePath, AnEventAndAServiceCheckReachTheApi) {
  Weir weir;
  weir.datagram("_e{6,10}:deploy|v2\\nby|ada|h:web-1|t:success|#env:prod");
  weir.datagram("_sc|db.up|2|h:db-1|m:<script>no|answer</script>");
  weir.tick();
  weir.tick();
  Visitor visitor(weir.house);
  const json events = json::parse(body_of(visitor.get("/api/v1/events")), nullptr, false);
  ASSERT_EQ(events["items"].size(), 2U);
  EXPECT_EQ(events["items"][0]["title"], "db.up");
  EXPECT_EQ(events["items"][1]["title"], "deploy");
  EXPECT_EQ(events["items"][1]["text"], "v2\nby|ada");
  EXPECT_EQ(events["items"][1]["level"], "success");
  EXPECT_EQ(events["items"][1]["tags"]["env"], "prod");
  EXPECT_EQ(events["epoch"], weir.house.settings.rules.epoch);
  const json checks = json::parse(body_of(visitor.get("/api/v1/checks")), nullptr, false);
  ASSERT_EQ(checks["items"].size(), 1U);
  EXPECT_EQ(checks["items"][0]["status"], "critical");
  EXPECT_EQ(checks["items"][0]["message"], "<script>no|answer</script>");
}

TEST(WholePath, BeforeTheFirstEventTheListIsEmpty) {
  Weir weir;
  Visitor visitor(weir.house);
  const json events = json::parse(body_of(visitor.get("/api/v1/events")), nullptr, false);
  EXPECT_TRUE(events["items"].empty());
  EXPECT_EQ(events["newest"], 0);
}

TEST(WholePath, AGarbageDatagramHurtsNobody) {
  Weir weir;
  Visitor browser(weir.house);
  ASSERT_TRUE(browser.upgrade(text_frame(kSub)));
  weir.tick();
  weir.tick();
  EXPECT_EQ(message(browser)["t"], "subd");
  EXPECT_EQ(message(browser)["t"], "snap");
  weir.datagram("\xff\xfe garbage |||");
  weir.datagram("checkout.latency:1|ms|#route:/pay");
  EXPECT_EQ(update_with_rows(weir, browser, 12)["t"], "u");
}

}  // namespace
}  // namespace tests
