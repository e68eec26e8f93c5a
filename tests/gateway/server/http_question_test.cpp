// Requests whose answer another thread makes, over real sockets; the test is the hub.
#include <gtest/gtest.h>

#include <array>

#include "gateway/server/answer.h"
#include "tests/gateway/server/house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

using gateway::http::Method;
using gateway::http::Request;
using gateway::http::Response;
using gateway::server::AnswerContext;
using gateway::server::Endpoint;
using gateway::server::Question;
using gateway::server::Reply;
using ingest::query::RangeAnswer;
using ingest::query::RangeAnswerPtr;
using ingest::query::RangeAsk;
using ingest::query::RangePage;
namespace publish = gateway::publish;

/// Asks for the metric that the query names, and prints the cursor of the answer.
Reply ask(const Request& request, std::string_view /*rest*/, const AnswerContext& /*context*/) {
  RangeAsk ask;
  ask.query.metric = request.query + request.body;
  const auto respond = [](const publish::Answer& answer) {
    Response response;
    response.body = (*std::get<RangeAnswerPtr>(answer))->next;
    return response;
  };
  return Question{ask, respond};
}
constexpr std::array kRoutes{
    gateway::http::Route<Endpoint>{"/ask", {Method::Get, Method::Post}, Endpoint{ask}, 100}};

struct AskedHouse : House {
  AskedHouse() { site->routes = kRoutes; }
  /// The metrics that were asked for since the last call.
  std::vector<std::string> asked() {
    std::vector<std::string> names;
    for (publish::ToHub& one : hub_mail()) {
      if (std::holds_alternative<publish::Forget>(one)) names.emplace_back("forget");
      auto* ask = std::get_if<publish::Ask>(&one);
      if (ask == nullptr) continue;
      names.push_back(std::get<RangeAsk>(ask->question).query.metric);
      last = std::move(*ask);
    }
    return names;
  }
  void answer_last(std::string text) {
    RangePage page;
    page.next = std::move(text);
    hub->send(0, publish::Answered{last.who, last.ticket, std::make_shared<RangeAnswer>(page)});
    hub->flush();
    turn(3);
  }
  publish::Ask last;
};

using Words = std::vector<std::string>;

std::string request(std::string_view what, std::string_view lines = "") {
  return "GET /ask?" + std::string{what} + " HTTP/1.1\r\nHost: localhost\r\n" + std::string{lines} +
         "\r\n";
}

TEST(HttpQuestion, IsAnsweredWhenTheHubAnswers) {
  AskedHouse house;
  Visitor visitor(house);
  visitor.send(request("a"));
  EXPECT_EQ(house.asked(), Words{"a"});
  house.turn(5);
  visitor.poll();
  EXPECT_TRUE(visitor.heard().empty());
  house.answer_last("first");
  EXPECT_EQ(body_of(visitor.answer()), "first");
  visitor.send("POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nb");
  EXPECT_EQ(house.asked(), Words{"b"});
  house.answer_last("second");
  EXPECT_EQ(body_of(visitor.answer()), "second");
}

TEST(HttpQuestion, HoldsBackWhatIsPipelinedBehindIt) {
  AskedHouse house;
  Visitor visitor(house);
  visitor.send(request("a") + request("b", "Connection: close\r\n"));
  EXPECT_EQ(house.asked(), Words{"a"});
  house.answer_last("first");
  EXPECT_EQ(body_of(visitor.answer()), "first");
  EXPECT_EQ(house.asked(), Words{"b"});
  house.answer_last("second");
  EXPECT_EQ(body_of(visitor.answer()), "second");
  EXPECT_TRUE(visitor.wait_closed());
}

TEST(HttpQuestion, GetsA503WhenTheAnswerDoesNotComeAndTheHubForgetsIt) {
  AskedHouse house;
  Visitor visitor(house);
  visitor.send(request("a"));
  EXPECT_EQ(house.asked(), Words{"a"});
  house.pass(house.settings.deadlines.answer + 1s);
  const std::string answer = visitor.answer();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_NE(answer.find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_EQ(house.asked(), Words{"forget"});
  EXPECT_EQ(house.worker->counts().answers_late.get(), 1U);
  house.answer_last("too late");
  EXPECT_TRUE(visitor.wait_closed());
}

TEST(HttpQuestion, IsForgottenWhenWhoAskedIsGone) {
  AskedHouse house;
  Visitor visitor(house);
  visitor.send(request("a"));
  EXPECT_EQ(house.asked(), Words{"a"});
  visitor.reset();
  house.turn(3);
  EXPECT_EQ(house.asked(), Words{"forget"});
  house.answer_last("for nobody");
  Visitor next(house);
  next.send(request("b"));
  EXPECT_EQ(house.asked(), Words{"b"});
  house.answer_last("for the next");
  EXPECT_EQ(body_of(next.answer()), "for the next");
}

TEST(HttpQuestion, IsAnsweredToWhoShutItsHalf) {
  AskedHouse house;
  Visitor visitor(house);
  visitor.send(request("a"));
  visitor.shut_half();
  EXPECT_EQ(house.asked(), Words{"a"});
  house.answer_last("still");
  EXPECT_EQ(body_of(visitor.answer()), "still");
  EXPECT_TRUE(visitor.wait_closed());
}

TEST(HttpQuestion, IsAnsweredInADrain) {
  AskedHouse house;
  Visitor visitor(house);
  visitor.send(request("a"));
  EXPECT_EQ(house.asked(), Words{"a"});
  house.worker->stop();
  house.turn(3);
  house.answer_last("the last");
  EXPECT_EQ(body_of(visitor.answer()), "the last");
  EXPECT_TRUE(visitor.wait_closed());
}

}  // namespace
}  // namespace tests
