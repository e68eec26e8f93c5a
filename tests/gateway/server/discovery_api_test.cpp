#include "gateway/server/discovery_api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <variant>

#include "gateway/server/answer.h"
#include "tests/gateway/server/access_house.h"

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

/// What somebody who sees everything hears at once.
class DiscoveryApi : public testing::Test {
 protected:
  http::Response metrics(std::string query) { return answered(answer_metrics, std::move(query)); }
  http::Response tags(std::string query) { return answered(answer_tags, std::move(query)); }
  http::Response answered(Asker handler, std::string query) {
    http::Request made;
    made.query = std::move(query);
    Reply reply = handler(made, "", {.site = *house_.site, .catalogue = &all_, .now = {}});
    auto* response = std::get_if<http::Response>(&reply);
    EXPECT_NE(response, nullptr);
    return response == nullptr ? http::Response{} : std::move(*response);
  }
  static json body(const http::Response& response) {
    return json::parse(http::body_bytes(response), nullptr, false);
  }

  tests::House house_;
  const Catalogue all_ = catalogue();
};

TEST_F(DiscoveryApi, ListsMetricsByName) {
  const json all = body(metrics(""));
  ASSERT_EQ(all["items"].size(), 4U);
  EXPECT_EQ(all["items"][0], json::parse(R"({"name":"cpu.load","kind":"gauge","series":2,
      "last_seen":1700000000123})"));
  EXPECT_TRUE(all["next"].is_null());
}

TEST_F(DiscoveryApi, MatchesAGlob) {
  const json some = body(metrics("match=http.*"));
  ASSERT_EQ(some["items"].size(), 2U);
  EXPECT_EQ(some["items"][1]["kind"], "timer");
  EXPECT_EQ(body(metrics("match=nothing"))["items"].size(), 0U);
}

TEST_F(DiscoveryApi, PagesVisitEachMetricOnceWhateverTheLimit) {
  for (int limit = 1; limit <= 5; ++limit) {
    std::string seen;
    std::string after;
    for (int page = 0; page < 10; ++page) {
      const json some = body(metrics("limit=" + std::to_string(limit) + "&after=" + after));
      for (const json& item : some["items"])
        seen += item["name"].get<std::string>() + "/" + item["kind"].get<std::string>() + " ";
      if (some["next"].is_null()) break;
      after = some["next"];
    }
    EXPECT_EQ(seen, "cpu.load/gauge http.time/counter http.time/timer mem.used/gauge ") << limit;
  }
}

TEST_F(DiscoveryApi, APlaceThatIsGoneGoesOnWithTheNextName) {
  const json some = body(metrics("after=http.gone@timer"));
  ASSERT_EQ(some["items"].size(), 3U);
  EXPECT_EQ(some["items"][0]["name"], "http.time");
  EXPECT_EQ(body(metrics("after=zzz"))["items"].size(), 0U);
  EXPECT_EQ(body(metrics("after=@"))["items"].size(), 4U);
}

TEST_F(DiscoveryApi, RefusesABadLimitOrGlobWithItsCode) {
  for (const char* bad :
       {"limit=0", "limit=-1", "limit=1001", "limit=1x", "limit=", "limit=99999999999999999999"}) {
    const http::Response refused = metrics(bad);
    EXPECT_EQ(refused.status, 400) << bad;
    EXPECT_EQ(body(refused)["error"]["code"], "proto.bad_field") << bad;
    EXPECT_EQ(body(refused)["error"]["n"], 6004) << bad;
  }
  const http::Response glob = metrics("match=" + std::string(256, 'a'));
  EXPECT_EQ(glob.status, 400);
  EXPECT_EQ(body(glob)["error"]["n"], 2002);
}

TEST_F(DiscoveryApi, JoinsTheTagsOfAllKindsByCount) {
  const json all = body(tags("metric=http.time"));
  EXPECT_EQ(all, json::parse(R"({"items":[
      {"key":"host","values":[{"value":"a","series":3}]},
      {"key":"route","values":[{"value":"/x","series":3},{"value":"/\"y\"","series":1}]}],
      "next":null})"));
}

TEST_F(DiscoveryApi, TagsNeedAMetric) {
  EXPECT_EQ(tags("").status, 400);
  EXPECT_EQ(tags("metric=").status, 400);
  EXPECT_EQ(tags("metric=" + std::string(300, 'a')).status, 400);
  EXPECT_EQ(body(tags("metric=unknown"))["items"].size(), 0U);
}

TEST_F(DiscoveryApi, SeriesAreRefusedForWhatIsWrongWithTheQuestion) {
  for (const auto& [query, n] : std::initializer_list<std::pair<std::string, int>>{
           {"limit=0", 6004},
           {"limit=1001", 6004},
           {"after=x", 6004},
           {"where=x", 2001},
           {"where=[[%22a%22]]", 2003},
           {"metric=" + std::string(256, 'a'), 2002}}) {
    const http::Response refused = answered(answer_series, query);
    EXPECT_EQ(refused.status, 400) << query;
    EXPECT_EQ(body(refused)["error"]["n"], n) << query;
  }
}

}  // namespace
}  // namespace gateway::server
