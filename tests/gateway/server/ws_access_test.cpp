// Who may subscribe: tokens in the upgrade, in a cookie, in a ticket, in `hello`.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/gateway/server/access_house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

using nlohmann::json;

/// The request of an upgrade, with further header lines.
std::string upgrade_with(const std::string& headers, const std::string& target = "/v1/ws") {
  std::string text{kUpgrade};
  text.replace(text.find("/v1/ws"), 6, target);
  return text.insert(text.find("\r\n") + 2, headers);
}
const std::string kSub = R"({"t":"sub","id":1,"q":{"metric":"a"}})";

/// What the hub was asked to subscribe; nothing where it was not asked.
std::optional<gateway::publish::Subscribe> subscribed(House& house) {
  for (auto& one : house.hub_mail()) {
    if (const auto* found = std::get_if<gateway::publish::Subscribe>(&one)) return *found;
  }
  return std::nullopt;
}
/// The codes of the next `err` and of the Close behind it.
std::string end_of(Visitor& visitor) {
  const json err = json::parse(visitor.text(), nullptr, false);
  const std::optional<Heard> close = visitor.frame();
  const std::string code = err.is_object() ? err.value("code", "") : "";
  return code + " " + (close ? std::to_string(close->close_code()) : "open");
}

TEST(WsAccess, AStrangerMayComeInAndSayNothingButHello) {
  House house{guarded()};
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  visitor.send(text_frame(kSub));
  EXPECT_EQ(end_of(visitor), "auth.required 4001");
  EXPECT_EQ(subscribed(house), std::nullopt);
}

TEST(WsAccess, WhyASubscriberWasRefusedStandsInTheLogWithoutHisToken) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const ingest::io::Fd reading{ends[0]};
  const ingest::io::Fd log{ends[1]};
  Door door;
  door.log_level = ingest::io::LogLevel::Warn;
  door.log_fd = log.get();
  House house{guarded(), door};
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  visitor.send(text_frame(R"({"t":"hello","v":1,"token":"nobodys"})"));
  EXPECT_EQ(end_of(visitor), "auth.invalid_token 4002");
  std::array<char, 4096> room{};
  const ssize_t count = ::read(reading.get(), room.data(), room.size());
  const std::string text{room.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
  EXPECT_NE(text.find("event=subscriber_refused"), std::string::npos) << text;
  EXPECT_NE(text.find("token"), std::string::npos) << text;
  EXPECT_NE(text.find("peer=127.0.0.1:"), std::string::npos) << text;
  EXPECT_EQ(text.find("nobodys"), std::string::npos) << text;
}

TEST(WsAccess, ATokenOfTheHelloBoundsEverySubscription) {
  House house{guarded()};
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  visitor.send(
      text_frame(R"({"t":"hello","v":1,"token":"prod","subs":[{"id":1,"q":{"metric":"a"}}]})"));
  EXPECT_EQ(visitor.text().find(R"({"t":"welcome")"), 0U);
  const auto asked = subscribed(house);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->query.where, bound_to_prod());
}

TEST(WsAccess, ABadTokenOfTheHelloEndsTheConnection) {
  House house{guarded()};
  for (const auto& [token, end] : {std::pair{"nobody", "auth.invalid_token 4002"},
                                   std::pair{"writer", "auth.forbidden 4003"}}) {
    Visitor visitor(house);
    ASSERT_TRUE(visitor.upgrade());
    visitor.send(text_frame(R"({"t":"hello","v":1,"token":")" + std::string{token} + "\"}"));
    EXPECT_EQ(end_of(visitor), end);
  }
  EXPECT_EQ(house.worker->counts().auth_closes[1].get(), 1U);
  EXPECT_EQ(house.worker->counts().auth_closes[3].get(), 1U);
}

TEST(WsAccess, WhoShowedItInTheUpgradeNeedsNoHello) {
  House house{guarded()};
  for (const std::string& header :
       {bearer("prod"), std::string{"Cookie: weir_session=t.prod\r\n"}}) {
    Visitor visitor(house);
    ASSERT_TRUE(visitor.upgrade({}, upgrade_with(header))) << header;
    visitor.send(text_frame(kSub));
    const auto asked = subscribed(house);
    ASSERT_TRUE(asked) << header;
    EXPECT_EQ(asked->query.where, bound_to_prod()) << header;
  }
}

TEST(WsAccess, ABadHeaderIsRefusedBeforeTheUpgradeAndAnOldCookieIsNothing) {
  House house{guarded()};
  for (const auto& [token, status] : {std::pair{"nobody", 401}, std::pair{"writer", 403}}) {
    Visitor visitor(house);
    visitor.send(upgrade_with(bearer(token)));
    EXPECT_EQ(status_of(visitor.answer()), status) << token;
  }
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade({}, upgrade_with("Cookie: weir_session=t.nobody\r\n")));
  visitor.send(text_frame(R"({"t":"hello","v":1,"token":"reader"})"));
  EXPECT_EQ(visitor.text().find(R"({"t":"welcome")"), 0U);
}

TEST(WsAccess, ATicketStandsOnceForItsRights) {
  House house{guarded()};
  Visitor buyer(house);
  buyer.send(request("POST /api/v1/ticket", bearer("prod")));
  const json bought = json::parse(body_of(buyer.answer()));
  const std::string target = "/v1/ws?ticket=" + bought["ticket"].get<std::string>();
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade({}, upgrade_with("", target)));
  visitor.send(text_frame(kSub));
  const auto asked = subscribed(house);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->query.where, bound_to_prod());
  Visitor again(house);
  again.send(upgrade_with("", target));
  EXPECT_EQ(status_of(again.answer()), 401);
}

TEST(WsAccess, AnEventStreamIsGuardedAsAWebSocketIs) {
  House house{guarded()};
  const std::string target = "GET /v1/stream?q=%7B%22metric%22:%22a%22%7D";
  for (const auto& [headers, status] :
       {std::pair{std::string{}, 401}, std::pair{bearer("nobody"), 401},
        std::pair{bearer("writer"), 403},
        std::pair{std::string{"Cookie: weir_session=t.no\r\n"}, 401}}) {
    Visitor visitor(house);
    visitor.send(request(target, headers));
    EXPECT_EQ(status_of(visitor.answer()), status) << headers;
  }
  EXPECT_EQ(subscribed(house), std::nullopt);
  const std::string ticket = house.site->tickets->issue(
      *house.site->access.now()->identify("prod", house.clock.wall()), house.clock.mono());
  Visitor visitor(house);
  visitor.send(request(target + "&ticket=" + ticket));
  const auto asked = subscribed(house);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->query.where, bound_to_prod());
  Visitor again(house);
  again.send(request(target + "&ticket=" + ticket));
  EXPECT_EQ(status_of(again.answer()), 401);
}

TEST(WsAccess, WhereReadingIsOpenNothingIsAsked) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade({}, upgrade_with(bearer("whatever"))));
  visitor.send(text_frame(kSub));
  EXPECT_TRUE(subscribed(house));
}

/// By the time of the next heartbeat.
TEST(WsAccess, ARevokedTokenEndsItsConnections) {
  House house{guarded()};
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade({}, upgrade_with(bearer("reader"))));
  visitor.send(text_frame(kSub));
  ASSERT_TRUE(subscribed(house));
  house.site->access.replace(std::make_shared<const gateway::auth::Authenticator>(
      std::vector<gateway::auth::StaticToken>{}, std::nullopt, gateway::auth::ClaimRules{}));
  house.pass(gateway::publish::kSilence + std::chrono::seconds{1});
  EXPECT_EQ(visitor.text(), R"({"t":"unsubd","id":1,"code":"auth.revoked"})");
  const std::optional<Heard> close = visitor.frame();
  ASSERT_TRUE(close);
  EXPECT_EQ(close->close_code(), 4002);
}

TEST(WsAccess, AConnectionEndsWithItsToken) {
  gateway::server::Settings settings;
  add_token(settings, "short", gateway::auth::Role::Reader);
  House house{settings};
  // As a signed token would have it.
  settings.tokens.front().rights.until = house.clock.wall() + std::chrono::seconds{70};
  house.site->access.replace(std::make_shared<const gateway::auth::Authenticator>(
      settings.tokens, std::nullopt, gateway::auth::ClaimRules{}));
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  visitor.send(text_frame(R"({"t":"hello","v":1,"token":"short"})"));
  EXPECT_EQ(visitor.text().find(R"({"t":"welcome")"), 0U);
  std::vector<std::string> words;
  for (int i = 0; i < 20 && (words.empty() || words.back() == "expiring"); ++i) {
    house.pass(std::chrono::seconds{4});
    visitor.send(text_frame(R"({"t":"ping"})"));
    for (auto heard = visitor.frame(); heard; heard = visitor.frame()) {
      if (heard->opcode == 8) words.push_back(std::to_string(heard->close_code()));
      if (heard->payload.find("expiring") != std::string::npos) words.emplace_back("expiring");
      if (heard->opcode == 8 || heard->payload.find("pong") != std::string::npos) break;
    }
  }
  EXPECT_EQ(words, (std::vector<std::string>{"expiring", "4105"}));
}

TEST(WsAccess, AConnectionEndsOnTimeWithATokenShownLate) {
  gateway::server::Settings settings;
  add_token(settings, "short", gateway::auth::Role::Reader);
  House house{settings};
  settings.tokens.front().rights.until = house.clock.wall() + std::chrono::seconds{5};
  house.site->access.replace(std::make_shared<const gateway::auth::Authenticator>(
      settings.tokens, std::nullopt, gateway::auth::ClaimRules{}));
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  house.pass(std::chrono::seconds{2});
  visitor.send(text_frame(R"({"t":"hello","v":1,"token":"short"})"));
  EXPECT_EQ(visitor.text().find(R"({"t":"welcome")"), 0U);
  house.pass(std::chrono::milliseconds{2'500});
  EXPECT_EQ(visitor.text().find(R"({"t":"expiring")"), 0U);
  EXPECT_FALSE(visitor.has_bytes());
  house.pass(std::chrono::seconds{1});
  ASSERT_TRUE(visitor.has_bytes()) << "not at the next silence";
  EXPECT_EQ(visitor.frame()->close_code(), 4105);
}

}  // namespace
}  // namespace tests
