// /api/v1/query_range over real sockets; the test is the hub.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/gateway/server/house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

using nlohmann::json;
namespace publish = gateway::publish;
namespace query = ingest::query;

struct RangeHouse : House {
  /// The question that the last request became.
  query::RangeAsk asked() {
    query::RangeAsk ask;
    for (publish::ToHub& one : hub_mail()) {
      auto* ask_mail = std::get_if<publish::Ask>(&one);
      if (ask_mail == nullptr) continue;
      last = std::move(*ask_mail);
      ask = std::get<query::RangeAsk>(last.question);
    }
    return ask;
  }
  void answer(const query::RangeAnswer& answer) {
    hub->send(0, publish::Answered{last.who, last.ticket,
                                   std::make_shared<const query::RangeAnswer>(answer)});
    hub->flush();
    turn(3);
  }
  publish::Ask last;
};

std::string path(std::string_view parameters) {
  return "/api/v1/query_range?" + std::string{parameters};
}
std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

TEST(RangeApi, AsksForWhatTheRequestSays) {
  RangeHouse house;
  Visitor visitor(house);
  visitor.send(
      get(path("metric=m&stats=count&window=10s&slide=1s&start=1000&end=61000&step=5s&cursor=c")));
  const query::RangeAsk ask = house.asked();
  EXPECT_EQ(ask.query.metric, "m");
  EXPECT_EQ(ask.query.window, ingest::Millis{10'000});
  EXPECT_EQ(ask.start, ingest::wall_from_ms(1'000));
  EXPECT_EQ(ask.end, ingest::wall_from_ms(61'000));
  EXPECT_EQ(ask.step, ingest::Millis{5'000});
  EXPECT_EQ(ask.cursor, "c");

  query::RangePage page;
  page.window = ingest::Millis{10'000};
  page.step = ingest::Millis{5'000};
  page.times = {ingest::wall_from_ms(5'000)};
  page.keys = {{}};
  page.values = {42};
  page.next = "more";
  house.answer(page);
  const std::string answer = visitor.answer();
  EXPECT_EQ(status_of(answer), 200);
  const json body = json::parse(body_of(answer));
  EXPECT_EQ(body["c"], json::parse("[[[42]]]"));
  EXPECT_EQ(body["next"], "more");
}

TEST(RangeApi, EndsNowAndStepsByTheSlideUnlessToldOtherwise) {
  RangeHouse house;
  Visitor visitor(house);
  visitor.send(
      "POST /api/v1/query_range?start=0 HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Length: 14\r\n\r\n{\"metric\":\"m\"}");
  const query::RangeAsk ask = house.asked();
  EXPECT_EQ(ask.query.metric, "m");
  EXPECT_EQ(ask.end, house.clock.wall());
  EXPECT_EQ(ask.step, ingest::Millis{0});
}

TEST(RangeApi, GivesEachFaultItsStableCode) {
  RangeHouse house;
  const auto fault_of = [&](const std::string& parameters) {
    Visitor visitor(house);
    visitor.send(get(path(parameters)));
    const std::string answer = visitor.answer();
    EXPECT_EQ(status_of(answer), 400) << parameters;
    return json::parse(body_of(answer))["error"]["n"].get<int>();
  };
  EXPECT_EQ(fault_of("metric=m"), 6004);
  EXPECT_EQ(fault_of("start=0"), 6004);
  EXPECT_EQ(fault_of("metric=m&start=yesterday"), 6004);
  EXPECT_EQ(fault_of("metric=m&start=0&end=-1"), 6004);
  EXPECT_EQ(fault_of("metric=m&start=0&step=0"), 6004);
  EXPECT_EQ(fault_of("metric=m&start=0&step=5x"), 6004);
  EXPECT_EQ(fault_of("metric=m&start=0&stats=nonsense"), 2004);
  EXPECT_EQ(fault_of("metric=m&start=0&window=1h&slide=7s"), 2005);
  EXPECT_TRUE(house.hub_mail().empty());
}

TEST(RangeApi, TellsTheHubsRefusals) {
  RangeHouse house;
  const auto told = [&](const query::Fault& fault) {
    Visitor visitor(house);
    visitor.send(get(path("metric=m&start=0")));
    house.asked();
    house.answer(ingest::Failure{fault});
    return visitor.answer();
  };
  const std::string range = told({query::Code::LimitRange, "too much", false});
  EXPECT_EQ(status_of(range), 400);
  EXPECT_EQ(json::parse(body_of(range))["error"]["n"], 3005);
  const std::string busy = told({query::Code::ServerOverloaded, "busy", true});
  EXPECT_EQ(status_of(busy), 503);
  EXPECT_NE(busy.find("Retry-After: "), std::string::npos);
}

}  // namespace
}  // namespace tests
