// What one identity or one address may have and ask, over real sockets. Addresses are told by a
// proxy, because loopback is not counted.

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/gateway/server/access_house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

using nlohmann::json;
constexpr const char* kStream = "GET /v1/stream?q=%7B%22metric%22:%22a%22%7D";

gateway::server::Settings behind_a_proxy(gateway::server::Settings settings) {
  settings.trusted_proxies = {"127.0.0.1"};
  return settings;
}
std::string from(const char* address) {
  return std::string{"X-Forwarded-For: "} + address + "\r\n";
}
std::string ask(House& house, const std::string& line, const std::string& headers,
                const std::string& body = {}) {
  Visitor visitor(house);
  visitor.send(request(line, headers, body));
  return visitor.answer();
}
std::string upgrade_with(const std::string& headers) {
  std::string text{kUpgrade};
  return text.insert(text.find("\r\n") + 2, headers);
}
std::string sub(int id) {
  return R"({"t":"sub","id":)" + std::to_string(id) + R"(,"q":{"metric":"a"}})";
}

TEST(LimitsOfOne, QuestionsOfAnAddressAboveTheirRateGet429) {
  gateway::server::Settings settings;
  settings.limits.questions_per_second = 1;
  House house{behind_a_proxy(settings)};
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(status_of(ask(house, "GET /api/v1/metrics", from("192.0.2.1"))), 200) << i;
  const std::string refused = ask(house, "GET /api/v1/tags", from("192.0.2.1"));
  EXPECT_EQ(status_of(refused), 429);
  EXPECT_EQ(header_of(refused, "Retry-After"), "1");
  const json error = json::parse(body_of(refused))["error"];
  EXPECT_EQ(error["code"], "limit.rate");
  EXPECT_EQ(error["retry"], true);
  EXPECT_EQ(house.site->questions->refused(), 1U);
  EXPECT_EQ(status_of(ask(house, "GET /api/v1/metrics", from("192.0.2.2"))), 200);
  EXPECT_EQ(status_of(ask(house, "GET /api/v1/openapi.json", from("192.0.2.1"))), 200)
      << "it asks nothing of what was measured";
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(status_of(ask(house, "GET /api/v1/metrics", "")), 200) << "loopback is not counted";
  house.clock.advance(1'100ms);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(status_of(ask(house, "GET /api/v1/metrics", from("192.0.2.1"))), 200);
  EXPECT_EQ(status_of(ask(house, "GET /api/v1/metrics", from("192.0.2.1"))), 429);
}

TEST(LimitsOfOne, QuestionsOfATokenCountFromWhereverItIsShown) {
  gateway::server::Settings settings = guarded();
  settings.limits.questions_per_second = 1;
  House house{behind_a_proxy(settings)};
  for (int i = 0; i < 10; ++i) {
    const std::string address = "192.0.2." + std::to_string(i);
    EXPECT_EQ(
        status_of(ask(house, "GET /api/v1/metrics", bearer("reader") + from(address.c_str()))),
        200);
  }
  EXPECT_EQ(status_of(ask(house, "GET /api/v1/metrics", bearer("reader"))), 429);
  EXPECT_EQ(status_of(ask(house, "GET /api/v1/metrics", bearer("admin") + from("192.0.2.1"))), 200);
}

TEST(LimitsOfOne, TokensThatAreNobodysEndInSilenceAboutAllTokens) {
  gateway::server::Settings settings = guarded();
  settings.limits.token_failures_per_minute = 3;
  House house{behind_a_proxy(settings)};
  const auto shown = [&](const char* token, const char* address) {
    return status_of(ask(house, "GET /api/v1/metrics", bearer(token) + from(address)));
  };
  EXPECT_EQ(shown("guess", "192.0.2.1"), 401);
  EXPECT_EQ(status_of(ask(house, "POST /api/v1/session", from("192.0.2.1"),
                          R"({"token":"another guess"})")),
            401);
  EXPECT_EQ(shown("writer", "192.0.2.1"), 403) << "it is somebody's";
  EXPECT_EQ(shown("third", "192.0.2.1"), 401);
  EXPECT_EQ(shown("reader", "192.0.2.1"), 429) << "the right one is not looked at either";
  EXPECT_EQ(
      status_of(ask(house, "POST /api/v1/write", bearer("writer") + from("192.0.2.1"), "a:1|c")),
      429);
  EXPECT_EQ(
      status_of(ask(house, "POST /api/v1/session", from("192.0.2.1"), R"({"token":"reader"})")),
      429);
  EXPECT_EQ(house.site->token_failures->refused(), 3U);
  EXPECT_EQ(shown("reader", "192.0.2.2"), 200);
  EXPECT_EQ(shown("guess", "127.0.0.1"), 401);
  house.clock.advance(21'000ms);
  EXPECT_EQ(shown("reader", "192.0.2.1"), 200);
}

TEST(LimitsOfOne, ATokenOfAHelloIsNotLookedAtEither) {
  gateway::server::Settings settings = guarded();
  settings.limits.token_failures_per_minute = 2;
  House house{behind_a_proxy(settings)};
  const auto end = [&](const char* token) {
    Visitor visitor(house);
    CHECK(visitor.upgrade({}, upgrade_with(from("192.0.2.1"))));
    visitor.send(text_frame(R"({"t":"hello","v":1,"token":")" + std::string{token} + "\"}"));
    const json heard = json::parse(visitor.text());
    const auto close = heard["t"] == "err" ? visitor.frame() : std::nullopt;
    return heard.value("code", "welcome") + (close ? std::to_string(close->close_code()) : "");
  };
  EXPECT_EQ(end("reader"), "welcome");
  EXPECT_EQ(end("guess"), "auth.invalid_token4002");
  EXPECT_EQ(end("guess"), "auth.invalid_token4002");
  EXPECT_EQ(end("reader"), "limit.rate4101");
}

TEST(LimitsOfOne, ConnectionsOfATokenAreCountedOverAllAddresses) {
  gateway::server::Settings settings = guarded();
  settings.limits.connections_per_identity_max = 2;
  House house{settings};
  auto first = std::make_unique<Visitor>(house);
  ASSERT_TRUE(first->upgrade({}, upgrade_with(bearer("reader"))));
  Visitor second(house);
  ASSERT_TRUE(second.upgrade(text_frame(R"({"t":"hello","v":1,"token":"reader"})")));
  EXPECT_NE(second.text().find("welcome"), std::string::npos);
  Visitor third(house);
  third.send(upgrade_with(bearer("reader")));
  const std::string refused = third.answer();
  EXPECT_EQ(status_of(refused), 429);
  EXPECT_EQ(header_of(refused, "Retry-After"), "1");
  EXPECT_EQ(status_of(ask(house, kStream, bearer("reader"))), 429);
  Visitor fourth(house);
  ASSERT_TRUE(fourth.upgrade(text_frame(R"({"t":"hello","v":1,"token":"reader"})")));
  EXPECT_EQ(json::parse(fourth.text())["code"], "server.overloaded");
  EXPECT_EQ(fourth.frame()->close_code(), 4101);
  EXPECT_EQ(house.site->identities->connections_refused(), 3U);
  EXPECT_EQ(status_of(ask(house, "GET /api/v1/metrics", bearer("reader"))), 200) << "it may ask";
  Visitor other(house);
  EXPECT_TRUE(other.upgrade({}, upgrade_with(bearer("prod"))));
  first.reset();
  house.turn(4);
  Visitor fifth(house);
  EXPECT_TRUE(fifth.upgrade({}, upgrade_with(bearer("reader"))));
}

TEST(LimitsOfOne, SubscriptionsOfATokenAreCountedOverAllItsConnections) {
  gateway::server::Settings settings = guarded();
  settings.limits.subs_per_identity_max = 3;
  House house{settings};
  Visitor one(house);
  Visitor two(house);
  ASSERT_TRUE(one.upgrade({}, upgrade_with(bearer("reader"))));
  ASSERT_TRUE(two.upgrade({}, upgrade_with(bearer("reader"))));
  one.send(text_frame(sub(1)) + text_frame(sub(2)));
  two.send(text_frame(sub(1)) + text_frame(sub(2)));
  const json err = json::parse(two.text());
  EXPECT_EQ(err["code"], "limit.subs");
  EXPECT_EQ(err["id"], 2);
  EXPECT_EQ(err["retry"], true);
  EXPECT_EQ(house.site->identities->subs_refused(), 1U);
  one.send(text_frame(R"({"t":"unsub","id":1})"));
  EXPECT_EQ(json::parse(one.text())["t"], "unsubd");
  two.send(text_frame(sub(2)) + text_frame(R"({"t":"ping","n":1})"));
  EXPECT_EQ(json::parse(two.text())["t"], "pong");
  one.leave();
  house.turn(4);
  two.send(text_frame(sub(3)) + text_frame(R"({"t":"ping","n":2})"));
  EXPECT_EQ(json::parse(two.text())["n"], 2) << "what went with the connection is free again";
}

TEST(LimitsOfOne, CommandsAboveTheirRateAreReadLaterAndAllAreAnswered) {
  gateway::server::Settings settings;
  settings.rules.commands_per_second = 2;
  House house{settings};
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(text_frame(R"({"t":"hello","v":1})")));
  EXPECT_EQ(json::parse(visitor.text())["t"], "welcome");
  std::string pings;
  for (int n = 1; n <= 30; ++n)
    pings += text_frame(R"({"t":"ping","n":)" + std::to_string(n) + "}");
  visitor.send(pings);
  house.turn(4);
  visitor.poll();
  std::vector<int> heard;
  const auto listen = [&] {
    house.turn(4);
    visitor.poll();
    while (!visitor.heard().empty()) {
      const json pong = json::parse(visitor.text());
      EXPECT_EQ(pong["t"], "pong") << pong;
      heard.push_back(pong["n"].get<int>());
    }
  };
  listen();
  EXPECT_EQ(heard.size(), 19U) << "ten seconds' worth, hello counted";
  for (int i = 0; i < 40 && heard.size() < 30; ++i) {
    house.pass(250ms);
    listen();
    EXPECT_LE(heard.size(), 19U + static_cast<std::size_t>(i / 2 + 1)) << "no faster than it may";
  }
  ASSERT_EQ(heard.size(), 30U);
  for (int n = 1; n <= 30; ++n)
    EXPECT_EQ(heard[static_cast<std::size_t>(n - 1)], n);
  EXPECT_GE(house.worker->counts().commands_deferred.get(), 1U);
  for (const ingest::Counter& refused : house.worker->counts().commands_refused)
    EXPECT_EQ(refused.get(), 0U);
  // Rested, it is as quick as at first.
  house.pass(10'000ms);
  visitor.poll();
  visitor.take_heard();
  visitor.send(text_frame(R"({"t":"ping","n":31})"));
  EXPECT_EQ(json::parse(visitor.text())["n"], 31);
}

}  // namespace
}  // namespace tests
