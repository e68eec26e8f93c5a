// Pages of other origins: what they may read of the API.

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "tests/gateway/server/access_house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

const std::string kListed = "Origin: https://wall.example\r\n";
const std::string kForeign = "Origin: https://evil.example\r\n";
const std::string kPreflight =
    "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\n";

gateway::server::Settings with_wall(gateway::server::Settings settings = {}) {
  settings.origins = {"https://wall.example"};
  return settings;
}
std::string asked_of(House& house, const std::string& text) {
  Visitor visitor(house);
  visitor.send(text);
  return visitor.answer();
}

TEST(Sharing, APageOfAListedOriginMayReadTheApi) {
  House house{with_wall()};
  const std::string answer = asked_of(house, request("GET /api/v1/metrics", kListed));
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(header_of(answer, "Access-Control-Allow-Origin"), "https://wall.example");
  EXPECT_EQ(header_of(answer, "Access-Control-Allow-Credentials"), "true");
  EXPECT_NE(header_of(answer, "Access-Control-Expose-Headers").find("Retry-After"),
            std::string::npos);
  EXPECT_EQ(header_of(answer, "Vary"), "Origin");
}

TEST(Sharing, AnyOtherPageMayNot) {
  House house{with_wall()};
  for (const std::string& headers : {std::string{}, kForeign}) {
    const std::string answer = asked_of(house, request("GET /api/v1/metrics", headers));
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(answer.find("Access-Control-"), std::string::npos) << answer;
    EXPECT_EQ(header_of(answer, "Vary"), "Origin") << "a cache must not mix them up";
  }
}

TEST(Sharing, WhatIsNoApiIsNotShared) {
  House house{with_wall()};
  for (const char* path : {"/metrics", "/healthz", "/", "/health", "/explore", "/boards/one"}) {
    const std::string answer = asked_of(house, request(std::string{"GET "} + path, kListed));
    EXPECT_EQ(answer.find("Access-Control-"), std::string::npos) << path;
  }
}

constexpr const char* kFramed = "Accept: text/html\r\nSec-Fetch-Dest: iframe\r\n";

TEST(Framing, APageThatIsNotListedIsToldWhyAndWhatToDo) {
  House house{with_wall()};
  for (const char* path : {"/", "/explore?m=x&embed=1", "/boards/one"}) {
    for (const char* site : {"cross-site", "same-site"}) {
      const std::string asked = std::string{kFramed} + "Sec-Fetch-Site: " + site +
                                "\r\nReferer: http://evil.example:8/a?b\r\n";
      const std::string answer = asked_of(house, request(std::string{"GET "} + path, asked));
      EXPECT_EQ(status_of(answer), 403) << path;
      EXPECT_NE(answer.find("http.origins=http://evil.example:8"), std::string::npos) << answer;
      EXPECT_EQ(header_of(answer, "Content-Security-Policy"),
                "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *");
      EXPECT_EQ(header_of(answer, "Cache-Control"), "no-store");
    }
  }
}

TEST(Framing, WhatTheBrowserDoesNotTellIsLeftToThePolicy) {
  House house{with_wall()};
  const std::string listed = "Referer: https://wall.example/page\r\n";
  const std::string foreign = "Referer: https://evil.example/\r\n";
  const std::string cross = "Sec-Fetch-Site: cross-site\r\n";
  for (const std::string& more : {kFramed + cross + listed, kFramed + cross, kFramed + foreign,
                                  kFramed + foreign + "Sec-Fetch-Site: same-origin\r\n",
                                  cross + foreign + "Sec-Fetch-Dest: document\r\n"}) {
    EXPECT_NE(status_of(asked_of(house, request("GET /explore", more))), 403) << more;
  }
}

TEST(Framing, ATextThatTheRefererCarriesStaysText) {
  House house{with_wall()};
  const std::string asked =
      std::string{kFramed} + "Sec-Fetch-Site: cross-site\r\nReferer: http://<b>x</b>&/\r\n";
  const std::string answer = asked_of(house, request("GET /", asked));
  EXPECT_EQ(status_of(answer), 403);
  EXPECT_EQ(answer.find("<b>x"), std::string::npos) << answer;
}

TEST(Sharing, APreflightHearsWhatMayFollow) {
  House house{with_wall(guarded())};
  const std::string answer =
      asked_of(house, request("OPTIONS /api/v1/query", kListed + kPreflight));
  EXPECT_EQ(status_of(answer), 204);
  EXPECT_EQ(header_of(answer, "Access-Control-Allow-Origin"), "https://wall.example");
  EXPECT_NE(header_of(answer, "Access-Control-Allow-Methods").find("POST"), std::string::npos);
  EXPECT_NE(header_of(answer, "Access-Control-Allow-Headers").find("Authorization"),
            std::string::npos);
  EXPECT_EQ(header_of(answer, "Access-Control-Max-Age"), "600");
  const std::string refused =
      asked_of(house, request("OPTIONS /api/v1/query", kForeign + kPreflight));
  EXPECT_EQ(status_of(refused), 403);
  EXPECT_EQ(refused.find("Access-Control-Allow-Origin"), std::string::npos);
}

TEST(Sharing, RefusalsCanBeReadToo) {
  House house{with_wall(guarded())};
  const std::string stranger = asked_of(house, request("GET /api/v1/metrics", kListed));
  EXPECT_EQ(status_of(stranger), 401);
  EXPECT_EQ(header_of(stranger, "Access-Control-Allow-Origin"), "https://wall.example");
  const std::string announced = asked_of(
      house, request("POST /api/v1/query", kListed + bearer("nobody"), R"({"metric":"a"})"));
  EXPECT_EQ(status_of(announced), 401);
  EXPECT_EQ(header_of(announced, "Access-Control-Allow-Origin"), "https://wall.example");
}

TEST(Sharing, AnAnswerThatComesLaterIsSharedAsOneAtOnce) {
  House house{with_wall()};
  Visitor visitor(house);
  visitor.send(request("GET /api/v1/series", kListed));
  house.turn(4);
  for (auto& one : house.hub_mail()) {
    const auto* ask = std::get_if<gateway::publish::Ask>(&one);
    if (ask == nullptr) continue;
    const auto page =
        std::make_shared<const ingest::query::Discovered>(ingest::query::SeriesPage{});
    house.hub->send(0, gateway::publish::Answered{ask->who, ask->ticket, page});
    house.hub->flush();
  }
  const std::string answer = visitor.answer();
  EXPECT_EQ(status_of(answer), 200) << answer;
  EXPECT_EQ(header_of(answer, "Access-Control-Allow-Origin"), "https://wall.example");
}

TEST(Sharing, AnEventStreamIsSharedAsTheApiIs) {
  House house{with_wall(guarded())};
  const std::string stream = " /v1/stream?q=%7B%22metric%22:%22a%22%7D";
  const std::string preflight = asked_of(
      house, request("OPTIONS" + stream,
                     kListed + "Access-Control-Request-Method: GET\r\n"
                               "Access-Control-Request-Headers: authorization, last-event-id\r\n"));
  EXPECT_EQ(status_of(preflight), 204);
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Origin"), "https://wall.example");
  EXPECT_NE(header_of(preflight, "Access-Control-Allow-Methods").find("GET"), std::string::npos);
  const std::string allowed = header_of(preflight, "Access-Control-Allow-Headers");
  EXPECT_NE(allowed.find("Authorization"), std::string::npos);
  EXPECT_NE(allowed.find("Last-Event-ID"), std::string::npos);
  for (const auto& [line, headers, status] :
       {std::tuple{"GET" + stream, std::string{}, 401},
        std::tuple{"GET" + stream, bearer("writer"), 403},
        std::tuple{std::string{"GET /v1/stream?q=no"}, bearer("reader"), 400},
        std::tuple{"POST" + stream, bearer("reader"), 405}}) {
    const std::string refusal = asked_of(house, request(line, kListed + headers));
    EXPECT_EQ(status_of(refusal), status) << refusal;
    EXPECT_EQ(header_of(refusal, "Access-Control-Allow-Origin"), "https://wall.example") << status;
    EXPECT_EQ(header_of(refusal, "Vary"), "Origin") << status;
  }
  const std::string foreign = asked_of(house, request("OPTIONS" + stream, kForeign));
  EXPECT_EQ(status_of(foreign), 403);
  EXPECT_EQ(foreign.find("Access-Control-Allow-Origin"), std::string::npos);
}

}  // namespace
}  // namespace tests
