#include "gateway/server/api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace gateway::server {
namespace {

using ingest::model::Kind;
using ingest::query::Catalogue;
using nlohmann::json;

Catalogue catalogue() {
  Catalogue all;
  const auto seen = ingest::wall_from_ms(1'700'000'000'123);
  all.metrics.push_back({"cpu.load", Kind::Gauge, 2, seen, {{"host", {{"a", 1}, {"b", 1}}}}});
  all.metrics.push_back({"http.time", Kind::Counter, 1, seen, {{"route", {{"/x", 1}}}}});
  all.metrics.push_back({"http.time",
                         Kind::Timer,
                         3,
                         seen,
                         {{"host", {{"a", 3}}}, {"route", {{"/x", 2}, {"/\"y\"", 1}}}}});
  all.metrics.push_back({"mem.used", Kind::Gauge, 1, seen, {}});
  all.series = 7;
  return all;
}

http::Request request(std::string query) {
  http::Request made;
  made.path = "/api/v1/metrics";
  made.query = std::move(query);
  return made;
}

json body(const http::Response& response) {
  return json::parse(http::body_bytes(response), nullptr, false);
}

TEST(Api, ListsMetricsByName) {
  const json all = body(answer_metrics(catalogue(), request("")));
  ASSERT_EQ(all["items"].size(), 4U);
  EXPECT_EQ(all["items"][0], json::parse(R"({"name":"cpu.load","kind":"gauge","series":2,
      "last_seen":1700000000123})"));
  EXPECT_TRUE(all["next"].is_null());
}

TEST(Api, MatchesAGlob) {
  const json some = body(answer_metrics(catalogue(), request("match=http.*")));
  ASSERT_EQ(some["items"].size(), 2U);
  EXPECT_EQ(some["items"][1]["kind"], "timer");
  EXPECT_EQ(body(answer_metrics(catalogue(), request("match=nothing")))["items"].size(), 0U);
}

TEST(Api, PagesVisitEachMetricOnceWhateverTheLimit) {
  for (int limit = 1; limit <= 5; ++limit) {
    std::string seen;
    std::string after;
    for (int page = 0; page < 10; ++page) {
      const json some = body(answer_metrics(
          catalogue(), request("limit=" + std::to_string(limit) + "&after=" + after)));
      for (const json& item : some["items"])
        seen += item["name"].get<std::string>() + "/" + item["kind"].get<std::string>() + " ";
      if (some["next"].is_null()) break;
      after = some["next"];
    }
    EXPECT_EQ(seen, "cpu.load/gauge http.time/counter http.time/timer mem.used/gauge ") << limit;
  }
}

TEST(Api, APlaceThatIsGoneGoesOnWithTheNextName) {
  const json some = body(answer_metrics(catalogue(), request("after=http.gone@timer")));
  ASSERT_EQ(some["items"].size(), 3U);
  EXPECT_EQ(some["items"][0]["name"], "http.time");
  EXPECT_EQ(body(answer_metrics(catalogue(), request("after=zzz")))["items"].size(), 0U);
  EXPECT_EQ(body(answer_metrics(catalogue(), request("after=@")))["items"].size(), 4U);
}

TEST(Api, RefusesABadLimitOrGlobWithItsCode) {
  for (const char* bad :
       {"limit=0", "limit=-1", "limit=1001", "limit=1x", "limit=", "limit=99999999999999999999"}) {
    const http::Response refused = answer_metrics(catalogue(), request(bad));
    EXPECT_EQ(refused.status, 400) << bad;
    EXPECT_EQ(body(refused)["error"]["code"], "proto.bad_field") << bad;
    EXPECT_EQ(body(refused)["error"]["n"], 6004) << bad;
  }
  const http::Response glob =
      answer_metrics(catalogue(), request("match=" + std::string(256, 'a')));
  EXPECT_EQ(glob.status, 400);
  EXPECT_EQ(body(glob)["error"]["n"], 2002);
}

TEST(Api, JoinsTheTagsOfAllKindsByCount) {
  const json tags = body(answer_tags(catalogue(), request("metric=http.time")));
  EXPECT_EQ(tags, json::parse(R"({"items":[
      {"key":"host","values":[{"value":"a","series":3}]},
      {"key":"route","values":[{"value":"/x","series":3},{"value":"/\"y\"","series":1}]}],
      "next":null})"));
}

TEST(Api, TagsNeedAMetric) {
  EXPECT_EQ(answer_tags(catalogue(), request("")).status, 400);
  EXPECT_EQ(answer_tags(catalogue(), request("metric=")).status, 400);
  EXPECT_EQ(answer_tags(catalogue(), request("metric=" + std::string(300, 'a'))).status, 400);
  EXPECT_EQ(body(answer_tags(catalogue(), request("metric=unknown")))["items"].size(), 0U);
}

TEST(Api, StatusSaysWhatListensWhere) {
  Settings settings;
  settings.version = "1.2.3";
  settings.rules.epoch = "01JDX8Q3";
  settings.started = ingest::wall_from_ms(5);
  settings.listeners = {{"http", "127.0.0.1:8080"}, {"udp/statsd", "127.0.0.1:8125"}};
  EXPECT_EQ(body(answer_status(settings, ingest::wall_from_ms(9), {.connections = 4, .series = 7})),
            json::parse(R"({
      "version":"1.2.3","epoch":"01JDX8Q3","now":9,"started":5,"connections":4,"series":7,
      "listeners":[{"what":"http","address":"127.0.0.1:8080"},
                   {"what":"udp/statsd","address":"127.0.0.1:8125"}]})"));
}

TEST(Api, StatusHoldsWhatTheWiringSaysOfIngest) {
  const json status = body(answer_status(Settings{}, ingest::wall_from_ms(9),
                                         {.ingest = R"({"feeds":[{"name":"udp/statsd"}]})"}));
  EXPECT_EQ(status.at("ingest").at("feeds").at(0).at("name"), "udp/statsd");
}

}  // namespace
}  // namespace gateway::server
