// What is refused over real sockets: one status each, a Date, and the connection closed so that the
// client can read the answer.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/gateway/server/house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

std::string request(std::string_view line, std::string_view lines = {}) {
  return std::string{line} + "\r\nHost: localhost\r\n" + std::string{lines} + "\r\n";
}
std::string post(std::string_view lines, std::string_view body = {}) {
  return request("POST /x HTTP/1.1", lines) + std::string{body};
}

/// The whole answer, once the connection is closed; checks all that every refusal has in common.
std::string refusal_of(House& house, const std::string& bytes) {
  Visitor visitor(house);
  visitor.send(bytes);
  visitor.send(std::string(100'000, 'x'));  // what follows must not cost the client its answer
  EXPECT_TRUE(visitor.wait_closed()) << bytes.substr(0, 80);
  EXPECT_FALSE(visitor.was_reset()) << bytes.substr(0, 80);
  EXPECT_TRUE(header_of(visitor.heard(), "Date").ends_with(" GMT")) << bytes.substr(0, 80);
  EXPECT_EQ(header_of(visitor.heard(), "Connection"), "close") << bytes.substr(0, 80);
  EXPECT_EQ(header_of(visitor.heard(), "X-Content-Type-Options"), "nosniff");
  return visitor.heard();
}

struct Bad {
  int status;
  std::string bytes;
};

void expect_refused(const std::vector<Bad>& all) {
  House house;
  for (const Bad& bad : all)
    EXPECT_EQ(status_of(refusal_of(house, bad.bytes)), bad.status) << bad.bytes.substr(0, 200);
}

TEST(HttpRefusal, OfSmuggledBodies) {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  expect_refused({{400, post("Content-Length: 3\r\n" + chunked)},
                  {400, post("Content-Length: +3\r\n")},
                  {400, post("Content-Length: 3,4\r\n")},
                  {400, post("Content-Length: 3, 3\r\n")},
                  {400, post("Content-Length: 3\r\nContent-Length: 4\r\n")},
                  {501, post("Transfer-Encoding: xchunked\r\n")},
                  {400, post("Transfer-Encoding: chunked, identity\r\n")},
                  {501, post("Transfer-Encoding: gzip, chunked\r\n")},
                  {400, "POST /x HTTP/1.0\r\n" + chunked + "\r\n"}});
}

TEST(HttpRefusal, OfHeadsThatCouldBeReadInTwoWays) {
  expect_refused({{400, request("GET / HTTP/1.1", "A : x\r\n")},
                  {400, "GET / HTTP/1.1\r\n \r\nHost: localhost\r\n\r\n"},
                  {400, request("GET / HTTP/1.1", "a: b\r\n c\r\n")},
                  {400, request("GET / HTTP/1.1", ": x\r\n")},
                  {400, request("GET / HTTP/1.1", std::string{"a: \0\r\n", 7})},
                  {400, request("GET / HTTP/1.1", "a: b\rc\r\n")},
                  {400, "GET / HTTP/1.1\nHost: localhost\n\n"},
                  {400, "GET / HTTP/1.1\r\n\r\n"},
                  {400, request("GET / HTTP/1.1", "Host: localhost\r\n")},
                  {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
                  {400, request("GET  / HTTP/1.1")},
                  {400, request("GET\t/ HTTP/1.1")},
                  {400, request("GET /\x01 HTTP/1.1")},
                  {400, request("GET /\xC3\xA9 HTTP/1.1")},
                  {400, request("GET /")},
                  {400, "hello there\r\n\r\n"}});
}

TEST(HttpRefusal, OfVersionsAndMethodsThatAreNotSpoken) {
  expect_refused({{501, request("get / HTTP/1.1")},
                  {501, request("BREW / HTTP/1.1")},
                  {501, request("CONNECT localhost:443 HTTP/1.1")},
                  {501, request("TRACE / HTTP/1.1")},
                  {505, request("GET / HTTP/2.0")},
                  {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
                  {417, request("GET / HTTP/1.1", "Expect: 200-ok\r\n")}});
}

TEST(HttpRefusal, OfWhatIsTooLargeHasAStatusForEachLimit) {
  std::string lines;
  for (int i = 0; i < 100; ++i)
    lines += "a: b\r\n";
  const std::string long_line = "a: " + std::string(17'000, 'a') + "\r\n";
  const std::string long_target = "GET /" + std::string(9'000, 'a');
  expect_refused({{414, request(long_target + " HTTP/1.1")},
                  {414, long_target},
                  {431, request("GET / HTTP/1.1", lines)},
                  {431, request("GET / HTTP/1.1", long_line)},
                  {413, post("Content-Length: 99999999999\r\n")}});
}

TEST(HttpRefusal, OfPathsThatClimbOrHide) {
  for (const char* path :
       {"/..", "/../a", "/pages/../../etc/passwd", "/pages/%2e%2e/a", "/%00", "//", "/a//b", "/\\a",
        "/pages/%5c", "/pages%2fa", "/%", "/%zz", "/a?%4"})
    expect_refused({{400, request("GET " + std::string{path} + " HTTP/1.1")}});
}

void expect_json(const std::string& answer, int status) {
  EXPECT_EQ(status_of(answer), status);
  EXPECT_EQ(header_of(answer, "Content-Type"), "application/json");
  const auto error = nlohmann::json::parse(body_of(answer), nullptr, false)["error"];
  EXPECT_TRUE(error["code"].is_string() && error["msg"].is_string()) << answer;
  EXPECT_EQ(error["n"], status);
  EXPECT_EQ(error["retry"], false);
}

void expect_page(const std::string& page, int status) {
  EXPECT_EQ(status_of(page), status);
  EXPECT_EQ(header_of(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(header_of(page, "Content-Security-Policy"), "");
  EXPECT_EQ(header_of(page, "Referrer-Policy"), "same-origin");
  EXPECT_LT(body_of(page).size(), 500U);
}

TEST(HttpRefusal, IsJsonUnderApiAndAShortPageElsewhere) {
  House house;
  for (const auto& [line, lines, status] :
       {std::tuple{"GET /api/v1/x HTTP/1.1", "bad\r\n", 400},
        std::tuple{"GET /api/v1/x HTTP/1.1", "Expect: x\r\n", 417},
        std::tuple{"POST /api/v1/status HTTP/1.1", "Content-Length: 1\r\n", 405},
        std::tuple{"POST /api/v1/x HTTP/1.1", "Origin: http://a.b\r\nContent-Length: 1\r\n", 403},
        std::tuple{"GET /api/v1/x HTTP/1.1", "Connection: close\r\n", 404}}) {
    expect_json(refusal_of(house, request(line, lines)), status);
  }
  expect_page(refusal_of(house, request("GET /x HTTP/1.1", "bad\r\n")), 400);
}

TEST(HttpRefusal, OfTheRequestLineIsJsonUnderApiToo) {
  House house;
  const std::string query = "?q=" + std::string(9'000, 'q');
  for (const auto& [line, status] : {std::pair{"GET /api/v1/metrics" + query + " HTTP/1.1", 414},
                                     std::pair{"GET /api/v1/metrics" + query, 414},
                                     std::pair{"GET http://localhost/api/v1/x" + query, 414},
                                     std::pair{std::string{"GET /api/v1/x?q=%zz HTTP/1.1"}, 400},
                                     std::pair{std::string{"GET /api//v1 HTTP/1.1"}, 400},
                                     std::pair{std::string{"GET /api/../x HTTP/1.1"}, 400},
                                     std::pair{std::string{"BREW /api/v1/x HTTP/1.1"}, 501},
                                     std::pair{std::string{"GET /api/v1/x HTTP/2.0"}, 505}}) {
    expect_json(refusal_of(house, request(line)), status);
  }
  for (const auto& [line, status] : {std::pair{"GET /apis" + query + " HTTP/1.1", 414},
                                     std::pair{std::string{"GET /?/api/v1=%zz HTTP/1.1"}, 400},
                                     std::pair{std::string{"GET http HTTP/1.1"}, 400},
                                     std::pair{std::string{"BREW /x HTTP/1.1"}, 501}}) {
    expect_page(refusal_of(house, request(line)), status);
  }
}

TEST(HttpRefusal, OfAProxyHeaderFromNobodyWeKnow) {
  const std::string get = request("GET /healthz HTTP/1.1");
  expect_refused({{400, "PROXY TCP4 192.0.2.1 198.51.100.7 51234 443\r\n" + get},
                  {400, "PROXY UNKNOWN\r\n" + get},
                  {400, std::string{"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16} + get}});
}

TEST(HttpRefusal, OfAForeignPageForWhateverMayChangeSomething) {
  House house;
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    for (const char* path : {"/api/v1/write", "/api/v1/events", "/api/v1/boards", "/write",
                             "/api/v2/write", "/api/v1/boards/1", "/anything"}) {
      const std::string line = std::string{method} + " " + path + " HTTP/1.1";
      for (const char* origin : {"https://evil.example", "null", "http://localhost.evil.example"}) {
        const std::string lines = std::string{"Origin: "} + origin + "\r\nContent-Length: 7\r\n";
        const std::string answer = refusal_of(house, request(line, lines));
        EXPECT_EQ(status_of(answer), 403) << line;
        EXPECT_NE(body_of(answer).find("http.origins"), std::string::npos);
      }
    }
  }
}

TEST(HttpRefusal, OfAReboundHostWhateverIsAsked) {
  House house;
  for (const char* line : {"GET / HTTP/1.1", "GET /api/v1/status HTTP/1.1", "HEAD / HTTP/1.1",
                           "POST /api/v1/write HTTP/1.1", "GET /v1/ws HTTP/1.1",
                           "GET http://evil.example/healthz HTTP/1.1", "OPTIONS * HTTP/1.1"}) {
    Visitor visitor(house);
    visitor.send(std::string{line} +
                 "\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n"
                 "Connection: close\r\n\r\n");
    EXPECT_TRUE(visitor.wait_closed());
    EXPECT_EQ(status_of(visitor.heard()), 421) << line;
  }
}

}  // namespace
}  // namespace tests
