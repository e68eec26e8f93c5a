// Two tenants of one server, everything that serves built as it serves: who is bound to env=prod
// finds all that is its own and nothing of the other, by any path, count or sentence.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/gateway/server/access_house.h"
#include "tests/gateway/server/http_answer.h"
#include "tests/gateway/server/whole_house.h"

namespace tests {
namespace {

using nlohmann::json;

class Tenants : public testing::Test {
 protected:
  Tenants() {
    weir_.datagram("orders:3|c|#env:prod,app:shop\norders:5|c|#env:stage,app:secret");
    weir_.datagram("orders:5|ms|#env:stage,app:secret\nhidden:1|c|#env:stage\nmine:1|g|#env:prod");
    for (int i = 0; i < 7; ++i)
      weir_.datagram("_e{6,6}:hidden|secret|#env:stage");
    weir_.datagram("_e{6,2}:deploy|v2|#env:prod\n_e{6,6}:hidden|secret|#env:stage");
    weir_.datagram("_sc|db.up|2|#env:prod\n_sc|hidden|2|#env:stage\n_e{4,2}:next|v3|#env:prod");
    for (int i = 0; i < 12; ++i)
      weir_.tick();
  }

  std::string ask(const std::string& path, const char* token = "prod") {
    Visitor visitor(weir_.house);
    visitor.send(request("GET " + path, bearer(token)));
    std::string answer = visitor.answer();
    if (std::string_view{token} != "prod") return answer;
    for (const char* word : {"stage", "secret", "hidden"})
      EXPECT_EQ(answer.find(word), std::string::npos) << path << ": " << answer;
    return answer;
  }
  json body(const std::string& path, const char* token = "prod") {
    return json::parse(body_of(ask(path, token)), nullptr, false);
  }

  Weir weir_{guarded()};
};

TEST_F(Tenants, MetricsAreOnesOwnAndSoAreTheirCounts) {
  const json mine = body("/api/v1/metrics");
  ASSERT_EQ(mine["items"].size(), 2U) << mine;
  EXPECT_EQ(mine["items"][1]["name"], "orders");
  EXPECT_EQ(mine["items"][1]["kind"], "counter");
  EXPECT_EQ(mine["items"][1]["series"], 1);
  EXPECT_EQ(body("/api/v1/metrics", "reader")["items"].size(), 4U);
  EXPECT_EQ(body("/api/v1/metrics?match=m*&limit=1")["items"][0]["name"], "mine");
}

TEST_F(Tenants, TagsAreOnesOwn) {
  EXPECT_EQ(body("/api/v1/tags?metric=orders"), json::parse(R"({"items":[
      {"key":"app","values":[{"value":"shop","series":1}]},
      {"key":"env","values":[{"value":"prod","series":1}]}],"next":null})"));
}

TEST_F(Tenants, SeriesAreOnesOwn) {
  const json first = body("/api/v1/series?limit=1");
  ASSERT_EQ(first["items"].size(), 1U) << first;
  EXPECT_EQ(first["items"][0]["name"], "mine");
  EXPECT_EQ(first["next"], R"(gauge@mine\0env\0prod)");
  const json rest = body("/api/v1/series?after=gauge@mine%5C0env%5C0prod");
  ASSERT_EQ(rest["items"].size(), 1U) << rest;
  EXPECT_EQ(rest["items"][0]["tags"], json::parse(R"({"app":"shop","env":"prod"})"));
  EXPECT_EQ(rest["items"][0]["kind"], "counter");
  EXPECT_TRUE(rest["items"][0]["last_seen"].is_number());
  EXPECT_TRUE(rest["next"].is_null());
  constexpr const char* kStage = "/api/v1/series?where=[[%22env%22,%22=%22,%22stage%22]]";
  EXPECT_EQ(body(kStage)["items"].size(), 0U);
  EXPECT_EQ(body(kStage, "reader")["items"].size(), 3U);
}

TEST_F(Tenants, EventsAndChecksAreOnesOwnAndTheirIdsCountNoOthers) {
  const json mine = body("/api/v1/events");
  ASSERT_EQ(mine["items"].size(), 3U) << mine;
  const json all = body("/api/v1/events", "reader");
  ASSERT_EQ(all["items"].size(), 12U);
  const auto id = [](const json& one) { return one["id"].get<std::uint64_t>(); };
  for (const json& one : mine["items"])
    EXPECT_GT(id(one), 1'000U);
  EXPECT_NE(mine["newest"], all["newest"]);
  EXPECT_EQ(body("/api/v1/checks")["total"], 1);
  EXPECT_EQ(body("/api/v1/checks", "reader")["total"], 2);
  // They still say where to go on.
  const std::string newest = std::to_string(mine["newest"].get<std::uint64_t>());
  EXPECT_EQ(body("/api/v1/events?since=" + newest)["items"].size(), 0U);
  weir_.datagram("_e{4,2}:last|v4|#env:prod\n_e{6,6}:hidden|secret|#env:stage");
  for (int i = 0; i < 3; ++i)
    weir_.tick();
  const json news = body("/api/v1/events?since=" + newest);
  ASSERT_EQ(news["items"].size(), 1U) << news;
  EXPECT_EQ(news["items"][0]["title"], "last");
  const json page = body("/api/v1/events?limit=3");
  const json next = body("/api/v1/events?after=" + page["next"].get<std::string>());
  ASSERT_EQ(next["items"].size(), 1U) << next;
}

TEST_F(Tenants, StatusTellsAPartNothingOfTheWhole) {
  const json mine = body("/api/v1/status");
  EXPECT_EQ(mine["epoch"], "01JDX8Q3");
  EXPECT_FALSE(mine.contains("series") || mine.contains("connections") || mine.contains("ingest"));
  EXPECT_FALSE(mine.contains("slow") || mine.contains("streams"));
  EXPECT_TRUE(body("/api/v1/status", "reader").contains("series"));
}

TEST_F(Tenants, AnotherKindOfAnotherTenantDoesNotShowInTheKeys) {
  EXPECT_EQ(body("/api/v1/query?metric=orders&stats=count")["by"], json::array());
  EXPECT_EQ(body("/api/v1/query?metric=orders&stats=count", "reader")["by"],
            json::parse(R"(["@kind"])"));
  Visitor browser(weir_.house);
  ASSERT_TRUE(browser.upgrade(text_frame(
      R"({"t":"hello","v":1,"token":"prod","subs":[{"id":1,"q":{"metric":"orders"}}]})")));
  EXPECT_EQ(json::parse(browser.text())["t"], "welcome");
  const json subd = json::parse(browser.text());
  EXPECT_EQ(subd["t"], "subd") << subd;
  EXPECT_EQ(subd["by"], json::array());
}

/// What "prod", who has 20 series of orders, hears of what it asks, beside so many of others:
/// whether it is refused, and in which words. A cost of 100 lets it have 12 series at once.
std::vector<std::string> heard_beside(int others) {
  Weir weir{guarded(), 100};
  for (int i = 0; i < 20; ++i)
    weir.datagram("orders:1|c|#env:prod,app:a" + std::to_string(i));
  for (int i = 0; i < others; ++i)
    weir.datagram("orders:1|c|#env:stage,app:a1,host:h" + std::to_string(i));
  for (int i = 0; i < 12; ++i)
    weir.tick();
  Visitor admin(weir.house);
  admin.send(request("GET /api/v1/metrics", bearer("reader")));
  CHECK(json::parse(body_of(admin.answer()))["items"][0]["series"] == 20 + others);
  std::vector<std::string> heard;
  const auto note = [&](const json& answer) {
    heard.push_back(answer.contains("code") ? answer["msg"].get<std::string>() : "given");
  };
  Visitor browser(weir.house);
  CHECK(browser.upgrade(text_frame(R"({"t":"hello","v":1,"token":"prod"})")));
  CHECK(json::parse(browser.text())["t"] == "welcome");
  int id = 0;
  for (const char* where :
       {R"([["app","=","a1"]])", R"([])", R"([["app","in",["a1","a2"]]])", R"([["app","=~","a1"]])",
        R"([["app","!=","a1"]])", R"([["host","=",""]])"}) {
    const std::string q =
        R"({"metric":"orders","stats":["count"],"where":)" + std::string{where} + "}";
    browser.send(text_frame(R"({"t":"sub","id":)" + std::to_string(++id) + R"(,"q":)" + q + "}"));
    json answer = json::parse(browser.text());
    while (answer["id"] != id)  // a snap of one before
      answer = json::parse(browser.text());
    note(answer);
    browser.send(text_frame(R"({"t":"range","id":)" + std::to_string(++id) + R"(,"start":)" +
                            std::to_string(ingest::to_ms(weir.house.clock.wall()) - 4'000) +
                            R"(,"q":)" + q + "}"));
    answer = json::parse(browser.text());
    while (answer["id"] != id)
      answer = json::parse(browser.text());
    note(answer);
  }
  return heard;
}

TEST(TenantsCost, WhatIsTooExpensiveDependsOnNothingOfOthers) {
  const std::vector<std::string> alone = heard_beside(0);
  EXPECT_EQ(heard_beside(400), alone);
  ASSERT_EQ(alone.size(), 12U);
  EXPECT_EQ(alone[0], "given") << "one series of its own";
  EXPECT_EQ(alone[2],
            "20 series x 8 panes of each x 1 stats are 160, more than the 100 of "
            "limits.query_cost; narrow metric or where, or shorten the time")
      << "it is told what it may know";
  EXPECT_EQ(alone[1], "given");
  EXPECT_EQ(alone[3].substr(0, 11), "20 series x");
}

TEST_F(Tenants, MetaOverAWebSocketIsOnesOwn) {
  Visitor browser(weir_.house);
  ASSERT_TRUE(browser.upgrade(text_frame(R"({"t":"hello","v":1,"token":"prod"})")));
  EXPECT_EQ(json::parse(browser.text())["t"], "welcome");
  const auto ask = [&](const std::string& rest) {
    browser.send(text_frame(R"({"t":"meta","id":5,"what":)" + rest + "}"));
    json heard = json::parse(browser.text());
    EXPECT_EQ(heard["id"], 5) << heard;
    for (const char* word : {"stage", "secret", "hidden"})
      EXPECT_EQ(heard.dump().find(word), std::string::npos) << heard;
    return heard;
  };
  EXPECT_EQ(ask(R"("metrics")")["items"].size(), 2U);
  EXPECT_EQ(ask(R"("tags","match":"orders")")["items"].size(), 2U);
  EXPECT_EQ(ask(R"("series","match":"orders")")["items"].size(), 1U);
  EXPECT_EQ(ask(R"("series","limit":1)")["next"], R"(gauge@mine\0env\0prod)");
  EXPECT_EQ(ask(R"("series","limit":0)")["code"], "proto.bad_field");
}

TEST_F(Tenants, WhatExplainsABoxIsOnesOwn) {
  weir_.datagram("pay:5:900|ms|#env:prod,app:shop\npay:900|ms|#env:stage,app:secret");
  for (int i = 0; i < 8; ++i)
    weir_.tick();
  const std::string start = std::to_string(ingest::to_ms(weir_.house.clock.wall()) - 5'000);
  const std::string box = "/api/v1/explain?metric=pay&low=100&start=" + start;
  const json mine = body(box);
  EXPECT_EQ(mine["inside"], 1);
  EXPECT_EQ(mine["outside"], 1);
  EXPECT_EQ(body(box, "reader")["inside"], 2);
}

TEST_F(Tenants, WhatIsUnusualIsOnesOwn) {
  const auto second = [&](const std::string& count) {
    weir_.datagram("visits:" + count + "|c|#env:prod\nsecret:" + count + "|c|#env:stage");
    for (int i = 0; i < 4; ++i)
      weir_.tick();
  };
  for (int i = 0; i < 60; ++i)
    second("5");
  for (int i = 0; i < 14; ++i)
    second("500");
  const json all = body("/api/v1/unusual", "reader")["items"];
  EXPECT_EQ(all.size(), 2U) << all;
  const json mine = body("/api/v1/unusual")["items"];
  ASSERT_EQ(mine.size(), 1U) << mine;
  EXPECT_EQ(mine[0]["metric"], "visits");
}

}  // namespace
}  // namespace tests
