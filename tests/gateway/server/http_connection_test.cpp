// HTTP over real sockets: what a client sees of a connection.
#include <gtest/gtest.h>

#include "tests/gateway/server/house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

using gateway::server::Ended;

TEST(HttpConnection, AnswersAndStaysOpen) {
  House house;
  Visitor visitor(house);
  EXPECT_EQ(status_of(visitor.get("/healthz")), 200);
  EXPECT_EQ(status_of(visitor.get("/healthz")), 200);
  EXPECT_FALSE(visitor.closed());
}

TEST(HttpConnection, AnswersAHundredPipelinedRequestsInOrder) {
  House house;
  Visitor visitor(house);
  std::string requests;
  for (int i = 0; i < 100; ++i)
    requests += "GET /no-" + std::to_string(i) +
                " HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz "
                "HTTP/1.1\r\nHost: localhost\r\n\r\n";
  visitor.send(requests);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(status_of(visitor.answer()), 404) << i;
    ASSERT_EQ(status_of(visitor.answer()), 200) << i;
  }
}

TEST(HttpConnection, PausesReadingWhileAnswersWaitAndLosesNone) {
  gateway::server::Settings settings;
  settings.limits.requests_per_connection = 1'000'000;
  House house(settings);
  Visitor visitor(house, 4096);
  constexpr std::size_t kRequests = 20'000;
  std::string requests;
  for (std::size_t i = 0; i < kRequests; ++i)
    requests += "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  std::size_t sent = visitor.send(requests);
  house.turn(50);
  EXPECT_LT(house.worker->counts().bytes_received.get(), requests.size() / 2);
  for (std::size_t answered = 0; answered < kRequests; ++answered) {
    ASSERT_EQ(status_of(visitor.answer()), 200) << answered;
    if (sent < requests.size()) sent += visitor.send(std::string_view{requests}.substr(sent));
  }
  EXPECT_EQ(house.worker->counts().bytes_received.get(), requests.size());
  EXPECT_GT(house.worker->counts().short_writes.get(), 0U);
}

TEST(HttpConnection, HonoursConnectionCloseAndShutsItsHalfFirst) {
  House house;
  Visitor visitor(house);
  visitor.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const std::string answer = visitor.answer();
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_FALSE(visitor.was_reset());
  visitor.leave();
  house.turn(3);
  EXPECT_EQ(house.dealer.connections(), 0U);
  EXPECT_EQ(house.ended(Ended::Answered), 1U);
}

TEST(HttpConnection, AnswersAClientThatShutItsHalf) {
  House house;
  Visitor visitor(house);
  visitor.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  visitor.shut_half();
  EXPECT_EQ(status_of(visitor.answer()), 200);
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_EQ(house.dealer.connections(), 0U);
}

TEST(HttpConnection, AnswersAllThatAHalfClosedClientHadAsked) {
  House house;
  Visitor visitor(house, 4096);
  constexpr std::size_t kRequests = 2'000;
  std::string requests;
  for (std::size_t i = 0; i < kRequests; ++i)
    requests += "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  std::size_t answered = 0;
  for (std::size_t sent = 0; sent < requests.size();) {
    sent += visitor.send(std::string_view{requests}.substr(sent));
    if (sent == requests.size()) visitor.shut_half();
    visitor.poll();
  }
  for (; answered < kRequests; ++answered)
    ASSERT_EQ(status_of(visitor.answer()), 200) << answered;
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_FALSE(visitor.was_reset());
}

struct Bad {
  const char* what;
  std::string request;
  int status;
};

TEST(HttpConnection, RefusesGarbageWithAnAnswerAndCountsIt) {
  const std::vector<Bad> bad{
      {"no http", "hello there\r\n\r\n", 400},
      {"bare LF", "GET / HTTP/1.1\nHost: localhost\n\n", 400},
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501},
      {"version", "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505},
      {"long target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
       414},
      {"two lengths",
       "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {"huge body", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n",
       413},
      {"climbing", "GET /pages/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
  };
  House house;
  for (const Bad& one : bad) {
    Visitor visitor(house);
    visitor.send(one.request);
    EXPECT_EQ(status_of(visitor.answer()), one.status) << one.what;
    EXPECT_TRUE(visitor.wait_closed()) << one.what;
  }
  house.turn(3);
  EXPECT_EQ(house.ended(Ended::BadRequest) + house.worker->counts().http_answers[404].get(), 10U);
  Visitor visitor(house);
  EXPECT_EQ(status_of(visitor.get("/healthz")), 200);
}

TEST(HttpConnection, ClosesOnATlsHelloWithoutPlainText) {
  House house;
  Visitor visitor(house);
  visitor.send(std::string_view{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11});
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_TRUE(visitor.heard().empty());
  EXPECT_EQ(house.ended(Ended::BadRequest), 0U);  // counted when it is gone
  visitor.leave();
  house.turn(3);
  EXPECT_EQ(house.ended(Ended::BadRequest), 1U);
}

TEST(HttpConnection, RefusesAHostThatIsNotOurs) {
  House house;
  Visitor visitor(house);
  visitor.send("GET /api/v1/status HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  const std::string answer = visitor.answer();
  EXPECT_EQ(status_of(answer), 421);
  EXPECT_NE(answer.find("http.hosts"), std::string::npos);
  EXPECT_NE(answer.find("evil.example"), std::string::npos);
}

TEST(HttpConnection, TellsUnknownPathsFromWrongMethods) {
  House house;
  Visitor visitor(house);
  EXPECT_EQ(status_of(visitor.get("/api/v1/nothing")), 404);
  visitor.send("DELETE /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string answer = visitor.answer();
  EXPECT_EQ(status_of(answer), 405);
  EXPECT_NE(answer.find("Allow: GET, HEAD, OPTIONS"), std::string::npos);
  EXPECT_NE(answer.find("{\"error\""), std::string::npos);
  visitor.send("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(status_of(visitor.answer()), 204);
}

TEST(HttpConnection, RefusesACrossSitePost) {
  House house;
  Visitor visitor(house);
  visitor.send(
      "POST /api/v1/status HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"
      "Content-Length: 0\r\n\r\n");
  EXPECT_EQ(status_of(visitor.answer()), 403);
}

TEST(HttpConnection, ClosesAfterAnHttp10AnswerUnlessAskedToStay) {
  House house;
  Visitor brief(house);
  brief.send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(brief.wait_closed());
  EXPECT_EQ(status_of(brief.heard()), 200);
  EXPECT_EQ(header_of(brief.heard(), "Connection"), "close");
  Visitor staying(house);
  for (int i = 0; i < 2; ++i) {
    staying.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const std::string answer = staying.answer();
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(header_of(answer, "Connection"), "keep-alive");
  }
  EXPECT_FALSE(staying.closed());
}

TEST(HttpConnection, AnswersHeadAsGetWithoutItsBody) {
  House house;
  Visitor visitor(house);
  for (const std::string path : {"/healthz", "/api/v1/metrics", "/nothing"}) {
    const std::string whole = visitor.get(path);
    const std::string head = whole.substr(0, whole.find("\r\n\r\n") + 4);
    visitor.send("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    visitor.wait([&] { return visitor.heard().size() >= head.size(); });
    EXPECT_EQ(visitor.take_heard(), head);
  }
}

TEST(HttpConnection, SaysWhatAPathAllows) {
  House house;
  Visitor visitor(house);
  for (const char* path : {"*", "/healthz", "/api/v1/status", "/pages/x"}) {
    visitor.send("OPTIONS " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const std::string answer = visitor.answer();
    EXPECT_EQ(status_of(answer), 204) << path;
    const bool every = std::string_view{path} == "*";
    EXPECT_EQ(header_of(answer, "Allow"),
              every ? "GET, HEAD, POST, PUT, DELETE, OPTIONS" : "GET, HEAD, OPTIONS");
    EXPECT_TRUE(header_of(answer, "Date").ends_with(" GMT"));
  }
}

TEST(HttpConnection, ToleratesAnEmptyLineBeforeEachRequest) {
  House house;
  Visitor visitor(house);
  for (int i = 0; i < 2; ++i) {
    visitor.send("\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(status_of(visitor.answer()), 200);
  }
}

TEST(HttpConnection, ClosesASilentClientAtTenSecondsWithoutAWord) {
  House house;
  Visitor visitor(house);
  house.pass(9750ms);
  visitor.poll();
  EXPECT_FALSE(visitor.closed());
  house.pass(500ms);
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_TRUE(visitor.heard().empty());
  EXPECT_EQ(house.ended(Ended::HeadTimeout), 1U);
}

TEST(HttpConnection, AnswersADrippingHeadWith408) {
  House house;
  Visitor visitor(house);
  constexpr std::string_view kHead = "GET /healthz HTTP/1.1\r\n";
  for (std::size_t i = 0; i < 9; ++i) {
    visitor.send(kHead.substr(i, 1));
    house.pass(1s);
  }
  EXPECT_FALSE(visitor.closed());
  house.pass(1250ms);
  EXPECT_EQ(status_of(visitor.answer()), 408);
  EXPECT_TRUE(visitor.wait_closed());
}

TEST(HttpConnection, TimesALaterHeadFromItsFirstByte) {
  House house;
  Visitor visitor(house);
  EXPECT_EQ(status_of(visitor.get("/healthz")), 200);
  house.pass(60s);
  visitor.send("GET /heal");
  house.pass(9500ms);
  visitor.poll();
  EXPECT_FALSE(visitor.closed());
  house.pass(750ms);
  EXPECT_EQ(status_of(visitor.answer()), 408);
}

TEST(HttpConnection, ClosesAnIdleConnection) {
  House house;
  Visitor visitor(house);
  EXPECT_EQ(status_of(visitor.get("/healthz")), 200);
  house.pass(74500ms);
  visitor.poll();
  EXPECT_FALSE(visitor.closed());
  house.pass(1s);
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_EQ(house.ended(Ended::IdleTimeout), 1U);
}

TEST(HttpConnection, EndsTheLingerAfterASecond) {
  House house;
  Visitor visitor(house);
  visitor.send("rubbish\r\n\r\n");
  EXPECT_EQ(status_of(visitor.answer()), 400);
  EXPECT_TRUE(visitor.wait_closed());
  visitor.send("more rubbish that is read and dropped");
  EXPECT_EQ(house.dealer.connections(), 1U);
  house.pass(1500ms);
  EXPECT_EQ(house.dealer.connections(), 0U);
}

TEST(HttpConnection, SurvivesAResetWhileItAnswers) {
  House house;
  {
    Visitor visitor(house);
    for (int i = 0; i < 50; ++i)
      visitor.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    visitor.reset();
  }
  house.turn(10);
  Visitor next(house);
  EXPECT_EQ(status_of(next.get("/healthz")), 200);
  EXPECT_EQ(house.dealer.connections(), 1U);
}

TEST(HttpConnection, ReadyOnlyOnceTheHubHasSpoken) {
  House house;
  Visitor visitor(house);
  EXPECT_EQ(status_of(visitor.get("/readyz")), 503);
  house.hub->send(
      0, gateway::publish::NewCatalogue{std::make_shared<const ingest::query::Catalogue>()});
  house.hub->flush();
  house.turn(2);
  EXPECT_EQ(status_of(visitor.get("/readyz")), 200);
}

TEST(HttpConnection, AnAnswerThatIsDueWhenTheDrainBeginsIsTheLast) {
  House house;
  Visitor visitor(house);
  house.worker->stop();  // the request and the stop meet in one turn
  visitor.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(status_of(visitor.answer()), 200);
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_FALSE(visitor.was_reset());
}

TEST(HttpConnection, AnswersALateHeadUnderApiInJson) {
  House house;
  Visitor visitor(house);
  visitor.send("GET /api/v1/status HT");
  house.pass(10'500ms);
  const std::string answer = visitor.answer();
  EXPECT_EQ(status_of(answer), 408);
  EXPECT_EQ(header_of(answer, "Content-Type"), "application/json");
  EXPECT_NE(body_of(answer).find(R"("retry":true)"), std::string::npos);
}

TEST(HttpConnection, CountsAnswersByStatus) {
  House house;
  Visitor visitor(house);
  visitor.get("/healthz");
  visitor.get("/nothing");
  EXPECT_EQ(house.worker->counts().http_answers[200].get(), 1U);
  EXPECT_EQ(house.worker->counts().http_answers[404].get(), 1U);
}

}  // namespace
}  // namespace tests
