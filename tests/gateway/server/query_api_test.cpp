// Questions over HTTP: how they are read, what is asked of who knows the past, and what its answers
// become.
#include "gateway/server/query_api.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "gateway/server/answer.h"
#include "gateway/server/query_fault.h"
#include "gateway/server/query_wish.h"
#include "tests/gateway/server/house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

using gateway::http::Request;
using gateway::http::Response;
using gateway::server::read_query;
using gateway::server::read_time;
using gateway::server::snap_of_page;
using ingest::Millis;
using ingest::WallTime;
using ingest::query::Code;
using ingest::query::Fault;
using ingest::query::Query;
using ingest::query::QueryLimits;
using ingest::query::RangeAnswer;
using ingest::query::RangeAsk;
using ingest::query::RangePage;
using nlohmann::json;
namespace publish = gateway::publish;

constexpr double kNull = std::numeric_limits<double>::quiet_NaN();

Request get(std::string query) {
  Request request;
  request.path = "/api/v1/query";
  request.query = std::move(query);
  return request;
}
Request post(std::string body) {
  Request request = get("");
  request.method = gateway::http::Method::Post;
  request.body = std::move(body);
  return request;
}

Query parsed(std::string_view text) {
  const auto query = ingest::query::parse_query(text, {});
  EXPECT_TRUE(query) << text;
  return *query;
}

TEST(QueryWish, IsTheSameHoweverItIsSaid) {
  const Query wanted = parsed(
      R"({"metric":"http.*","by":["route","host"],"where":[["env","=","prod"]],"window":"20s",)"
      R"("slide":"2s","stats":["count","p99"],"order":"p99:desc","limit":5,"err":true,)"
      R"("derive":{"x":"max-min"}})");
  for (
      const Request& request :
      {get("q=%7B%22metric%22%3A%22http.*%22%2C%22by%22%3A%5B%22route%22%2C%22host%22%5D%2C%22where"
           "%22%3A%5B%5B%22env%22%2C%22%3D%22%2C%22prod%22%5D%5D%2C%22window%22%3A%2220s%22%2C%22"
           "slide%22%3A%222s%22%2C%22stats%22%3A%5B%22count%22%2C%22p99%22%5D%2C%22order%22%3A%22"
           "p99%3Adesc%22%2C%22limit%22%3A5%2C%22err%22%3Atrue%2C%22derive%22%3A%7B%22x%22%3A%22max"
           "-min%22%7D%7D"),
       post(R"({"metric":"http.*","by":["route","host"],"where":[["env","=","prod"]],)"
            R"("window":"20s","slide":"2s","stats":["count","p99"],"order":"p99:desc","limit":5,)"
            R"("err":true,"derive":{"x":"max-min"}})"),
       get("metric=http.*&by=route,host&where=%5B%5B%22env%22,%22%3D%22,%22prod%22%5D%5D&window="
           "20s&"
           "slide=2s&stats=count,p99&order=p99:desc&limit=5&err=true&derive=%7B%22x%22:%22max-min"
           "%22%7D")}) {
    const auto query = read_query(request, QueryLimits{}, nullptr);
    ASSERT_TRUE(query) << request.query << ": " << query.error().msg;
    EXPECT_EQ(*query, wanted);
  }
}

TEST(QueryWish, RefusesWithACodeWhatIsNoQuery) {
  const std::vector<std::pair<Request, Code>> cases{
      {get(""), Code::ProtoBadField},
      {get("time=7"), Code::ProtoBadField},
      {get("q=%7B%7D&metric=a"), Code::ProtoBadField},
      {get("metric=a&where=x"), Code::ProtoBadField},
      {get("metric=a&derive=%7B"), Code::ProtoBadField},
      {get("q=x"), Code::QueryBadJson},
      {post("x"), Code::QueryBadJson},
      {post(R"({"by":["a"]})"), Code::QueryBadMetric},
      {get("by=a"), Code::QueryBadMetric},
      {get("metric=a&stats=median"), Code::QueryUnknownStat},
      {get("metric=a&stats="), Code::QueryUnknownStat},
      {get("metric=a&window=1.5s"), Code::QueryBadWindow},
      {get("metric=a&by=@x"), Code::QueryBadBy},
      {get("metric=a&order=p99&limit=many"), Code::QueryBadOrder},
      {get("metric=a&where=%5B7%5D"), Code::QueryBadMatcher},
      {get("metric=a&order=p99&limit=10001"), Code::LimitRows},
      {get("metric=%FF"), Code::QueryBadMetric},
  };
  for (const auto& [request, code] : cases) {
    const auto query = read_query(request, QueryLimits{}, nullptr);
    if (query && code == Code::QueryBadMetric) continue;  // a name that nothing has
    ASSERT_FALSE(query) << request.query << request.body;
    EXPECT_EQ(code_name(query.error().code), code_name(code)) << request.query << request.body;
  }
}

TEST(QueryWish, ReadsATimeInMs) {
  const auto time = read_time(get("time=1700000000123"), "time");
  ASSERT_TRUE(time && *time);
  EXPECT_EQ(ingest::to_ms(**time), 1'700'000'000'123);
  EXPECT_FALSE(*read_time(get("metric=a"), "time"));
  for (const char* bad : {"time=", "time=x", "time=-1", "time=1.5", "time=253402300800000",
                          "time=99999999999999999999"}) {
    const auto refused = read_time(get(bad), "time");
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Code::ProtoBadField);
    EXPECT_EQ(refused.error().msg, "time: want ms since 1970, as 1764000000000");
  }
}

TEST(QueryFault, HasTheStatusThatTheDesignGivesItsKind) {
  const std::vector<std::pair<Code, int>> cases{
      {Code::AuthRequired, 401},       {Code::AuthForbidden, 403},
      {Code::QueryBadJson, 400},       {Code::QueryTooExpensive, 400},
      {Code::LimitRange, 400},         {Code::LimitRate, 429},
      {Code::LimitFrame, 413},         {Code::ServerOverloaded, 503},
      {Code::ServerShuttingDown, 503}, {Code::HistoryUnavailable, 503},
      {Code::ServerInternal, 500},     {Code::ProtoBadField, 400}};
  for (const auto& [code, status] : cases)
    EXPECT_EQ(gateway::server::status_of(code), status) << code_name(code);
  const Response later = gateway::server::refused({Code::ServerOverloaded, "full", true});
  EXPECT_EQ(later.status, 503);
  EXPECT_EQ(body_bytes(later), R"({"error":{"code":"server.overloaded","n":5002,"msg":"full",)"
                               R"("retry":true}})"
                               "\n");
  const auto retry_after = [](const Response& response) {
    return std::ranges::any_of(response.headers,
                               [](const auto& header) { return header.name == "Retry-After"; });
  };
  EXPECT_TRUE(retry_after(later));
  EXPECT_FALSE(retry_after(gateway::server::refused({Code::QueryBadJson, "x", false})));
}

TEST(QueryAnswer, IsASnapWithItsColumnsAndWithoutAChannel) {
  const Query query = parsed(R"({"metric":"m","by":["route"],"stats":["count","mean"]})");
  RangePage page;
  page.window = Millis{10'000};
  page.step = Millis{1'000};
  page.times = {WallTime{Millis{1'700'000'009'000}}, WallTime{Millis{1'700'000'010'000}}};
  page.keys = {{"/a"}, {"/b \"quoted\""}};
  page.values = {1, 90, 2, 401, kNull, 8.123456789, 3, kNull};
  page.next = "p2";
  EXPECT_EQ(snap_of_page(query, page, {}),
            R"({"t":"snap","w":[1700000000000,1700000010000],"n":2,"fields":["count","mean"],)"
            R"("by":["route"],"k":[["/a"],["/b \"quoted\""]],"c":[[90,401],[8.12346,null]],)"
            R"("next":"p2"})");
}

TEST(QueryAnswer, NamesTheRowsThatHaveMarksAsALiveTableDoes) {
  using ingest::query::kOverflowed;
  using ingest::query::kStale;
  const Query query = parsed(R"({"metric":"m","by":["route"],"stats":["last"]})");
  RangePage page;
  page.window = Millis{10'000};
  page.times = {WallTime{Millis{10'000}}, WallTime{Millis{20'000}}};
  page.keys = {{"/a"}, {"/b"}, {"/c"}};
  page.values.assign(6, 1);
  page.marks = {kStale, 0, 0, kStale, kOverflowed, kStale | kOverflowed};
  EXPECT_EQ(snap_of_page(query, page, {}),
            R"({"t":"snap","w":[10000,20000],"n":3,"fields":["last"],"by":["route"],)"
            R"("k":[["/a"],["/b"],["/c"]],"c":[[1,1,1]],"m":{"stale":[1,2],"overflow":[2]},)"
            R"("next":null})");
}

TEST(QueryAnswer, OfNothingIsAnEmptySnap) {
  const Query query = parsed(R"({"metric":"m","stats":["count","mean"]})");
  EXPECT_EQ(snap_of_page(query, {}, WallTime{Millis{20'000}}),
            R"({"t":"snap","w":[10000,20000],"n":0,"fields":["count","mean"],"by":[],"k":[],)"
            R"("c":[[],[]],"next":null})");
}

// ---- over a real socket; the test is the hub ----

struct Asked : House {
  /// The one question that waits.
  RangeAsk ask() {
    for (publish::ToHub& one : hub_mail()) {
      if (auto* question = std::get_if<publish::Ask>(&one)) last = std::move(*question);
    }
    const auto* range = std::get_if<RangeAsk>(&last.question);
    EXPECT_NE(range, nullptr);
    return range == nullptr ? RangeAsk{} : *range;
  }
  void answer(RangeAnswer text) {
    hub->send(0, publish::Answered{last.who, last.ticket,
                                   std::make_shared<RangeAnswer>(std::move(text))});
    hub->flush();
    turn(3);
  }
  publish::Ask last;
};

std::string request(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

TEST(QueryApi, AsksForTheOneWindowThatEndsAtOrBeforeTheTime) {
  Asked house;
  Visitor visitor(house);
  visitor.send(request("/api/v1/query?metric=m&window=10s&slide=5s&time=1700000012345&cursor=c"));
  const RangeAsk ask = house.ask();
  EXPECT_EQ(ask.query.metric, "m");
  EXPECT_EQ(ingest::to_ms(ask.end), 1'700'000'010'000);
  EXPECT_EQ(ask.end - ask.start, Millis{5'000});
  EXPECT_EQ(ask.step, Millis{5'000});
  EXPECT_EQ(ask.cursor, "c");
  RangePage page;
  page.window = Millis{10'000};
  page.times = {ask.end};
  page.keys = {{}};
  page.values.assign(6, 7);
  house.answer(page);
  const json body = json::parse(body_of(visitor.answer()));
  EXPECT_EQ(body["w"], json::parse("[1700000000000,1700000010000]"));
  EXPECT_EQ(body["c"].size(), 6U);
  EXPECT_EQ(body["c"][0], json::parse("[7]"));
}

TEST(QueryApi, WithoutATimeAsksForTheNewestWholeWindow) {
  Asked house;
  Visitor visitor(house);
  const auto now = house.clock.wall();
  visitor.send(request("/api/v1/query?metric=m&window=1h"));
  const RangeAsk ask = house.ask();
  EXPECT_EQ(ask.query.slide, Millis{1'000});  // the pane: an hour may end at any of them
  EXPECT_LE(ask.end, now);
  EXPECT_GT(ask.end, now - Millis{2'000});
}

TEST(QueryApi, AnswersAFaultWithItsCodeAndStatus) {
  Asked house;
  Visitor visitor(house);
  visitor.send(request("/api/v1/query?metric=m&stats=nope"));
  const std::string refused = visitor.answer();
  EXPECT_EQ(status_of(refused), 400);
  EXPECT_EQ(json::parse(body_of(refused))["error"]["n"], 2004);
  visitor.send(request("/api/v1/query?metric=m"));
  house.ask();
  house.answer(ingest::Failure{Fault{Code::ServerOverloaded, "too many questions", true}});
  const std::string busy = visitor.answer();
  EXPECT_EQ(status_of(busy), 503);
  EXPECT_EQ(json::parse(body_of(busy))["error"]["n"], 5002);
}

TEST(QueryApi, TakesAPostedQuery) {
  Asked house;
  Visitor visitor(house);
  const std::string body = R"({"metric":"posted","stats":["count"]})";
  visitor.send("POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_EQ(house.ask().query.metric, "posted");
  house.answer(RangePage{});
  EXPECT_EQ(status_of(visitor.answer()), 200);
}

}  // namespace
}  // namespace tests
