// Boards over real sockets, the test in place of who keeps them: what a request asks, and what each
// answer becomes.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "gateway/publish/boards.h"
#include "tests/gateway/server/access_house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

using gateway::publish::BoardAnswer;
using gateway::publish::BoardAsk;
using gateway::publish::BoardCondition;
namespace publish = gateway::publish;
using Is = BoardAnswer::Is;

constexpr std::string_view kMatch = "If-Match: \"abc\"\r\n";

std::string ask_text(std::string_view line, std::string_view headers = {},
                     std::string_view body = {}) {
  return std::string{line} + " HTTP/1.1\r\nHost: localhost\r\n" + std::string{headers} +
         (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" +
         std::string{body};
}

struct BoardHouse : House {
  explicit BoardHouse(gateway::server::Settings wanted = {}) : House(std::move(wanted)) {}
  /// What was asked, where it was let through.
  std::optional<BoardAsk> asked() {
    std::optional<BoardAsk> found;
    for (publish::ToHub& one : hub_mail()) {
      auto* ask = std::get_if<publish::Ask>(&one);
      if (ask == nullptr) continue;
      last = *ask;
      found = std::get<BoardAsk>(ask->question);
    }
    return found;
  }
  void answer(BoardAnswer board) {
    hub->send(0, publish::Answered{last.who, last.ticket,
                                   std::make_shared<const BoardAnswer>(std::move(board))});
    hub->flush();
    turn(3);
  }
  publish::Ask last;
};

/// What is answered at once, without asking anybody.
std::string at_once(BoardHouse& house, const std::string& bytes) {
  Visitor visitor(house);
  visitor.send(bytes);
  const std::string answer = visitor.answer();
  EXPECT_FALSE(house.asked()) << bytes;
  return answer;
}
std::string answered(const std::string& bytes, BoardAnswer board) {
  BoardHouse house;
  Visitor visitor(house);
  visitor.send(bytes);
  EXPECT_TRUE(house.asked()) << bytes;
  house.answer(std::move(board));
  return visitor.answer();
}

TEST(BoardsApi, AsksWhatTheRequestSays) {
  BoardHouse house;
  Visitor visitor(house);
  visitor.send(ask_text("GET /api/v1/boards"));
  auto asked = house.asked();
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->what, BoardAsk::Do::List);
  house.answer({.is = Is::Given, .text = R"({"items":[],"next":null})"});
  EXPECT_EQ(body_of(visitor.answer()), R"({"items":[],"next":null})");

  visitor.send(ask_text("PUT /api/v1/boards/my-board-1", "If-Match: \"a\", W/\"b\", \"c,d\"\r\n",
                        "{\"title\":1}"));
  asked = house.asked();
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->what, BoardAsk::Do::Write);
  EXPECT_EQ(asked->id, "my-board-1");
  EXPECT_EQ(asked->text, "{\"title\":1}");
  EXPECT_EQ(asked->condition.is, BoardCondition::Is::Same);
  EXPECT_EQ(asked->condition.tags, (std::vector<std::string>{"\"a\"", "\"c,d\""}));
  house.answer({.is = Is::Written, .text = {}, .tag = "\"new\""});
  std::string answer = visitor.answer();
  EXPECT_EQ(status_of(answer), 204);
  EXPECT_EQ(header_of(answer, "ETag"), "\"new\"");

  visitor.send(ask_text("PUT /api/v1/boards/a", "If-None-Match: *\r\n", "{}"));
  asked = house.asked();
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->condition.is, BoardCondition::Is::Absent);
  house.answer({.is = Is::Created, .text = {}, .tag = "\"new\""});
  EXPECT_EQ(status_of(visitor.answer()), 201);

  visitor.send(ask_text("DELETE /api/v1/boards/a", "If-Match: *\r\n"));
  asked = house.asked();
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->what, BoardAsk::Do::Remove);
  EXPECT_EQ(asked->condition.is, BoardCondition::Is::Exists);
  house.answer({.is = Is::Removed});
  EXPECT_EQ(status_of(visitor.answer()), 204);
}

TEST(BoardsApi, GivesADocumentWithItsTagOrSaysThatItIsTheSame) {
  const BoardAnswer board{.is = Is::Given, .text = R"({"title":"a"})", .tag = "\"abc\""};
  const std::string whole = answered(ask_text("GET /api/v1/boards/a"), board);
  EXPECT_EQ(status_of(whole), 200);
  EXPECT_EQ(header_of(whole, "ETag"), "\"abc\"");
  EXPECT_EQ(body_of(whole), R"({"title":"a"})");
  const std::string same =
      answered(ask_text("GET /api/v1/boards/a", "If-None-Match: \"abc\"\r\n"), board);
  EXPECT_EQ(status_of(same), 304);
  EXPECT_EQ(body_of(same), "");
}

TEST(BoardsApi, SaysWhyABoardWasNotChanged) {
  const std::string put = ask_text("PUT /api/v1/boards/a", kMatch, "{}");
  const std::string changed = answered(put, {.is = Is::Changed, .text = {}, .tag = "\"now\""});
  EXPECT_EQ(status_of(changed), 412);
  EXPECT_EQ(header_of(changed, "ETag"), "\"now\"");
  struct Case {
    BoardAnswer answer;
    int status;
    std::string_view says;
  };
  const Case cases[] = {
      {{.is = Is::Changed}, 412, "no such board any more"},
      {{.is = Is::Missing}, 404, "no such board"},
      {{.is = Is::Bad, .text = "cards[0].x: want"}, 400, "cards[0].x: want"},
      {{.is = Is::Full}, 507, "limits.boards"},
      {{.is = Is::Busy}, 503, "wait"},
      {{.is = Is::NoDisk, .text = "disk full"}, 503, "disk full"},
      {{.is = Is::Off}, 404, "boards.path"},
  };
  for (const Case& one : cases) {
    const std::string answer = answered(put, one.answer);
    EXPECT_EQ(status_of(answer), one.status) << one.says;
    EXPECT_NE(body_of(answer).find(one.says), std::string::npos) << answer;
  }
}

TEST(BoardsApi, WantsToKnowWhichBoardIsChanged) {
  BoardHouse house;
  EXPECT_EQ(status_of(at_once(house, ask_text("PUT /api/v1/boards/a", "", "{}"))), 428);
  EXPECT_EQ(status_of(at_once(house, ask_text("DELETE /api/v1/boards/a"))), 428);
  EXPECT_EQ(status_of(at_once(
                house, ask_text("PUT /api/v1/boards/a", "If-None-Match: \"abc\"\r\n", "{}"))),
            400);
}

TEST(BoardsApi, RefusesWhatIsNoId) {
  BoardHouse house;
  const std::string long_id(65, 'a');
  for (const std::string& id : {std::string{""}, std::string{"A"}, std::string{"a.json"},
                                std::string{"a/b"}, std::string{"%2e%2e"}, long_id}) {
    EXPECT_EQ(status_of(at_once(house, ask_text("GET /api/v1/boards/" + id))), 400) << id;
    EXPECT_EQ(status_of(at_once(house, ask_text("PUT /api/v1/boards/" + id, kMatch, "{}"))), 400)
        << id;
  }
}

TEST(BoardsApi, ADocumentThatIsTooLongIsNotRead) {
  BoardHouse house;
  const std::string body(256 * 1024 + 1, ' ');
  EXPECT_EQ(status_of(at_once(house, ask_text("PUT /api/v1/boards/a", kMatch, body))), 413);
}

TEST(BoardsApi, ReadersReadWritersAndAdminsChange) {
  BoardHouse house(guarded());
  const auto with = [](const char* token) {
    return std::string{kMatch} + "Authorization: Bearer " + token + "\r\n";
  };
  const std::string put = "PUT /api/v1/boards/a";
  EXPECT_EQ(status_of(at_once(house, ask_text("GET /api/v1/boards"))), 401);
  EXPECT_EQ(status_of(at_once(house, ask_text(put, kMatch, "{}"))), 401);
  EXPECT_EQ(status_of(at_once(house, ask_text(put, with("reader"), "{}"))), 403);
  EXPECT_EQ(status_of(at_once(house, ask_text("DELETE /api/v1/boards/a", with("prod")))), 403);
  for (const char* token : {"writer", "admin"}) {
    Visitor visitor(house);
    visitor.send(ask_text(put, with(token), "{}"));
    EXPECT_TRUE(house.asked()) << token;
  }
  for (const char* token : {"reader", "prod", "admin"}) {
    Visitor visitor(house);
    visitor.send(ask_text("GET /api/v1/boards/a", with(token)));
    EXPECT_TRUE(house.asked()) << token;
  }
}

TEST(BoardsApi, WhereOnlyReadersAreKnownNobodyChangesThemWithoutAToken) {
  gateway::server::Settings settings;
  add_token(settings, "reader", gateway::auth::Role::Reader);
  BoardHouse house(std::move(settings));
  EXPECT_EQ(status_of(at_once(house, ask_text("PUT /api/v1/boards/a", kMatch, "{}"))), 401);
}

TEST(BoardsApi, APageOfAnotherOriginChangesNothing) {
  BoardHouse house;
  const std::string headers = std::string{kMatch} + "Origin: http://evil.example\r\n";
  EXPECT_EQ(status_of(at_once(house, ask_text("PUT /api/v1/boards/a", headers, "{}"))), 403);
  EXPECT_EQ(status_of(at_once(house, ask_text("DELETE /api/v1/boards/a", headers))), 403);
}

}  // namespace
}  // namespace tests
