// POST /api/v1/events over real sockets: what is kept, and which member is wrong.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "gateway/auth/token_hash.h"
#include "tests/gateway/server/write_house.h"

namespace tests {
namespace {

using gateway::server::Noted;
using gateway::server::Settings;
using ingest::model::Annotation;
using nlohmann::json;

std::string post_event(WriteHouse& house, std::string_view body, std::string_view headers = {}) {
  return ask(house, post("/api/v1/events", body, headers));
}
std::string fault_of(WriteHouse& house, std::string_view body) {
  const std::string answer = post_event(house, body);
  EXPECT_EQ(status_of(answer), 400) << body;
  return json::parse(body_of(answer))["error"]["msg"];
}

TEST(EventPost, KeepsEveryPartAsItIs) {
  WriteHouse house;
  const std::string answer = post_event(
      house, R"({"title":"deploy checkout 2.14","text":"C:\\new\nline","time":1600000000000,
                 "level":"warning","host":"web-1","tags":{"service":"a,b:c","new":""}})",
      "Content-Type: application/json\r\n");
  EXPECT_EQ(status_of(answer), 400) << "so old that it is forgotten";
  const std::int64_t now = ingest::to_ms(house.clock.wall());
  json wish = json::parse(R"({"title":"deploy checkout 2.14","text":"C:\\new\nline",
      "level":"warning","host":"web-1","tags":{"service":"a,b:c","new":""}})");
  wish["time"] = now - 5'000;
  const std::string taken = post_event(house, wish.dump());
  EXPECT_EQ(status_of(taken), 201) << taken;
  EXPECT_EQ(json::parse(body_of(taken)),
            (json{{"time", now - 5'000}, {"level", "warning"}, {"title", "deploy checkout 2.14"}}));
  ASSERT_EQ(house.ledger.events.size(), 1U);
  const auto& event = house.ledger.events[0];
  EXPECT_EQ(event.of, Annotation::Of::Event);
  EXPECT_EQ(event.level, Annotation::Level::Warning);
  EXPECT_EQ(event.title, "deploy checkout 2.14");
  EXPECT_EQ(event.text, "C:\\new\nline");  // the two characters \n are no line's end here
  EXPECT_EQ(event.host, "web-1");
  EXPECT_EQ(event.time, ingest::wall_from_ms(now - 5'000));
  ASSERT_EQ(event.tags.size(), 2U);
  EXPECT_EQ(event.tags[0].key, "new");
  EXPECT_EQ(event.tags[1].value, "a,b:c");
  EXPECT_FALSE(event.cut);
}

TEST(EventPost, ATitleIsEnough) {
  WriteHouse house;
  const std::string taken = post_event(house, R"({"title":"restart"})");
  EXPECT_EQ(status_of(taken), 201);
  ASSERT_EQ(house.ledger.events.size(), 1U);
  EXPECT_EQ(house.ledger.events[0].time, house.clock.wall());
  EXPECT_EQ(house.ledger.events[0].level, Annotation::Level::Info);
}

TEST(EventPost, CutsWhatIsLongerThanIsKeptAndSaysSo) {
  WriteHouse house;
  const json wish{{"title", std::string(300, 'a')}, {"text", std::string(5'000, 'b')}};
  const json taken = json::parse(body_of(post_event(house, wish.dump())));
  EXPECT_EQ(taken["cut"], true);
  EXPECT_EQ(house.ledger.events.at(0).title.size(), 255U);
  EXPECT_EQ(house.ledger.events.at(0).text.size(), 4'096U);
}

TEST(EventPost, NamesTheMemberThatIsWrong) {
  WriteHouse house;
  const std::string many = [] {
    json tags;
    for (int i = 0; i < 33; ++i)
      tags["k" + std::to_string(i)] = "v";
    return json{{"title", "a"}, {"tags", tags}}.dump();
  }();
  const std::string later =
      json{{"title", "a"}, {"time", ingest::to_ms(house.clock.wall()) - 86'400'001}}.dump();
  struct Case {
    std::string body;
    std::string_view begins;
  };
  const Case cases[] = {
      {"", "want a JSON object"},
      {"[]", "want a JSON object"},
      {"{\"title\":\"\xff\"}", "want a JSON object"},
      {R"({})", "title: missing"},
      {R"({"title":""})", "title: missing"},
      {R"({"title":5})", "title: want a text"},
      {R"({"title":"a\u0000b"})", "title: holds a NUL"},
      {R"({"title":"a","text":null})", "text: want a text"},
      {R"({"title":"a","host":[]})", "host: want a text"},
      {R"({"title":"a","level":"critical"})", "level: want info"},
      {R"({"title":"a","level":""})", "level: want info"},
      {R"({"title":"a","time":"now"})", "time: want ms"},
      {R"({"title":"a","time":-1})", "time: want ms"},
      {R"({"title":"a","time":1.5})", "time: want ms"},
      {R"({"title":"a","time":99999999999999999999})", "time: want ms"},
      {later, "time: is longer ago"},
      {R"({"title":"a","tags":["a"]})", "tags: want an object"},
      {R"({"title":"a","tags":{"":"b"}})", "tags: a key is empty"},
      {R"({"title":"a","tags":{"env":1}})", "tags: \"env\" is no text"},
      {R"({"title":"a","tags":{"env":"a\u0000"}})", "tags: \"env\" holds a NUL"},
      {many, "tags: more than 32"},
      {R"({"title":"a","titel":"b"})", "\"titel\": no such member"},
  };
  for (const Case& one : cases) {
    const std::string msg = fault_of(house, one.body);
    EXPECT_TRUE(msg.starts_with(one.begins)) << one.body << " -> " << msg;
  }
  EXPECT_TRUE(house.ledger.events.empty());
}

TEST(EventPost, TellsWhyItWasNotTaken) {
  WriteHouse house;
  house.ledger.noted = Noted::Future;
  EXPECT_TRUE(fault_of(house, R"({"title":"a"})").starts_with("time: is further ahead"));
  for (const Noted noted : {Noted::Limited, Noted::Crowded}) {
    house.ledger.noted = noted;
    const std::string answer = post_event(house, R"({"title":"a"})");
    EXPECT_EQ(status_of(answer), 429);
    EXPECT_EQ(header_of(answer, "Retry-After"), "1");
  }
  house.ledger.noted = Noted::Kept;
  house.ledger.wait = std::chrono::seconds{3};
  const std::string answer = post_event(house, R"({"title":"a"})");
  EXPECT_EQ(status_of(answer), 429);
  EXPECT_EQ(header_of(answer, "Retry-After"), "3");
  EXPECT_TRUE(house.ledger.events.empty());
}

TEST(EventPost, IsForWritersOfOurOwnPages) {
  Settings settings;
  settings.tokens.push_back({.hash = gateway::auth::hash_token("ci"),
                             .rights = {.name = "ci", .role = gateway::auth::Role::Writer}});
  WriteHouse house(settings);
  const std::string_view body = R"({"title":"a"})";
  EXPECT_EQ(status_of(post_event(house, body)), 401);
  EXPECT_EQ(status_of(post_event(house, body, "Authorization: Bearer ci\r\n")), 201);
  EXPECT_EQ(status_of(post_event(house, body,
                                 "Authorization: Bearer ci\r\nOrigin: http://evil.example\r\n")),
            403);
  EXPECT_EQ(house.ledger.events.size(), 1U);
}

TEST(EventPost, ABodyThatIsTooLargeIsNotRead) {
  WriteHouse house;
  const std::string answer = post_event(house, std::string(65 * 1024, ' '));
  EXPECT_EQ(status_of(answer), 413);
}

}  // namespace
}  // namespace tests
