// Request bodies over real sockets: which are read, and what the others get.
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
using gateway::server::Ended;

Response echo(const Request& request, std::string_view /*rest*/, const AnswerContext& /*context*/) {
  Response response;
  response.body = "[" + request.body + "]";
  return response;
}
constexpr std::array kRoutes{
    gateway::http::Route<gateway::server::Endpoint>{"/echo", {Method::Post}, echo, 100}};

/// A house with a path that takes a body of at most 100 bytes.
struct EchoHouse : House {
  EchoHouse() { site->routes = kRoutes; }
};

std::string post(std::string_view path, std::string_view lines, std::string_view body = {}) {
  return "POST " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\n" + std::string{lines} +
         "\r\n" + std::string{body};
}

TEST(HttpBody, IsReadWhereARouteTakesIt) {
  EchoHouse house;
  Visitor visitor(house);
  visitor.send(post("/echo", "Content-Length: 3\r\n", "abc") +
               post("/echo", "Transfer-Encoding: chunked\r\n", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n") +
               post("/echo", "Content-Length: 0\r\n"));
  EXPECT_EQ(body_of(visitor.answer()), "[abc]");
  EXPECT_EQ(body_of(visitor.answer()), "[abc]");
  EXPECT_EQ(body_of(visitor.answer()), "[]");
  EXPECT_FALSE(visitor.closed());
}

TEST(HttpBody, IsReadInAnyPieces) {
  EchoHouse house;
  const std::string request =
      post("/echo", "Transfer-Encoding: chunked\r\n", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");
  for (std::size_t at = 1; at < request.size(); ++at) {
    Visitor visitor(house);
    visitor.send(std::string_view{request}.substr(0, at));
    house.turn(2);
    visitor.send(std::string_view{request}.substr(at));
    EXPECT_EQ(body_of(visitor.answer()), "[abc]") << "split at " << at;
  }
}

struct Unwanted {
  const char* request_line;
  int status;
};

TEST(HttpBody, ThatNoRouteTakesIsAnsweredByTheHeadAlone) {
  EchoHouse house;
  for (const Unwanted& one : {
           Unwanted{"GET /healthz HTTP/1.1", 413},
           Unwanted{"HEAD /healthz HTTP/1.1", 413},
           Unwanted{"GET /api/v1/status HTTP/1.1", 413},
           Unwanted{"GET /pages/a.html HTTP/1.1", 413},
           Unwanted{"POST /healthz HTTP/1.1", 405},
           Unwanted{"PUT /echo HTTP/1.1", 405},
           Unwanted{"DELETE /api/v1/nothing HTTP/1.1", 404},
           Unwanted{"POST /nothing HTTP/1.1", 404},
           Unwanted{"GET /v1/ws HTTP/1.1", 400},
           Unwanted{"OPTIONS * HTTP/1.1", 413},
       }) {
    for (const char* framing : {"Content-Length: 50\r\n", "Transfer-Encoding: chunked\r\n"}) {
      Visitor visitor(house);
      visitor.send(std::string{one.request_line} + "\r\nHost: localhost\r\n" + framing +
                   "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nExpect: 100-continue\r\n\r\n");
      EXPECT_TRUE(visitor.wait_closed()) << one.request_line;
      EXPECT_EQ(status_of(visitor.heard()), one.status) << one.request_line;
      EXPECT_TRUE(header_of(visitor.heard(), "Connection").ends_with("close")) << one.request_line;
      EXPECT_FALSE(visitor.was_reset()) << one.request_line;
    }
  }
}

TEST(HttpBody, AboveItsLimitIs413BeforeItIsRead) {
  EchoHouse house;
  for (const std::string& request :
       {post("/echo", "Content-Length: 101\r\n"),
        post("/echo", "Content-Length: 99999999999999999999\r\n"),
        post("/echo", "Transfer-Encoding: chunked\r\n", "65\r\n"),
        post("/echo", "Transfer-Encoding: chunked\r\n", "1\r\na\r\n64\r\n")}) {
    Visitor visitor(house);
    visitor.send(request);
    EXPECT_TRUE(visitor.wait_closed());
    EXPECT_EQ(status_of(visitor.heard()), 413) << request;
    EXPECT_EQ(header_of(visitor.heard(), "Connection"), "close");
  }
}

TEST(HttpBody, InMalformedChunksIs400) {
  EchoHouse house;
  for (const std::string& body :
       {std::string{"fffffffffffffffff\r\n"}, std::string{"-1\r\n"}, std::string{"0x3\r\nabc\r\n"},
        std::string{"3\r\nabcd"}, std::string{"3\r\nabc\n"},
        "1;" + std::string(16 * 1024, 'x') + "\r\n", std::string{"0\r\nbad trailer\r\n"}}) {
    Visitor visitor(house);
    visitor.send(post("/echo", "Transfer-Encoding: chunked\r\n", body) + std::string(10'000, 'x'));
    EXPECT_TRUE(visitor.wait_closed());
    EXPECT_EQ(status_of(visitor.heard()), 400) << body.substr(0, 50);
    EXPECT_EQ(header_of(visitor.heard(), "Connection"), "close");
    EXPECT_FALSE(visitor.was_reset());
  }
}

TEST(HttpBody, AboveItsLimitStillLetsTheClientReadWhy) {
  EchoHouse house;
  Visitor visitor(house);
  const std::string body(1'000'000, 'x');
  const std::string request = post("/echo", "Content-Length: 1000000\r\n", body);
  EXPECT_EQ(visitor.send(request), request.size());  // all of it is read and dropped
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_EQ(status_of(visitor.heard()), 413);
  EXPECT_FALSE(visitor.was_reset());
}

TEST(HttpBody, ContinueIsSentOnlyBeforeItIsRead) {
  EchoHouse house;
  Visitor visitor(house);
  const std::string head = post("/echo", "Content-Length: 3\r\nExpect: 100-continue\r\n");
  visitor.send(head);
  EXPECT_EQ(visitor.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  visitor.send("abc");
  EXPECT_EQ(body_of(visitor.answer()), "[abc]");
  visitor.send(head + "abc");
  EXPECT_EQ(status_of(visitor.answer()), 200);
}

TEST(HttpBody, ThatDripsIsAnswered408AtItsOwnDeadline) {
  EchoHouse house;
  Visitor visitor(house);
  house.pass(5s);
  visitor.send(post("/echo", "Content-Length: 90\r\n"));
  for (int i = 0; i < 29; ++i) {
    visitor.send("x");
    house.pass(1s);
  }
  house.pass(750ms);
  visitor.poll();
  EXPECT_TRUE(visitor.heard().empty());
  house.pass(500ms);
  EXPECT_EQ(status_of(visitor.answer()), 408);
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_FALSE(visitor.was_reset());
  house.pass(1500ms);
  EXPECT_EQ(house.ended(Ended::HeadTimeout), 1U);
}

TEST(HttpBody, OfAForeignPageIsRefusedByItsHead) {
  EchoHouse house;
  Visitor visitor(house);
  visitor.send(post("/echo", "Origin: https://evil.example\r\nContent-Length: 3\r\n"));
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_EQ(status_of(visitor.heard()), 403);
}

}  // namespace
}  // namespace tests
