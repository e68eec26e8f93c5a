// What a request for an event stream asks, and the bookmark that brings it back.

#include "gateway/publish/stream_wish.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/publish/bookmark.h"
#include "tests/gateway/publish/house.h"

namespace gateway::publish {
namespace {

using ingest::Millis;
using ingest::query::Code;

TEST(StreamWish, OneQueryIsASubWithIdOne) {
  const auto bodies = read_stream_wish(
      {.q = R"({"metric":"m"})", .rate = "5s", .history = "1m", .subs = {}, .last_event_id = ""},
      {});
  ASSERT_TRUE(bodies);
  ASSERT_EQ(bodies->size(), 1U);
  const Sub& sub = std::get<Sub>(bodies->front());
  EXPECT_EQ(sub.id, 1U);
  EXPECT_EQ(sub.query.metric, "m");
  EXPECT_EQ(sub.rate, Millis{5'000});
  EXPECT_EQ(sub.history, Millis{60'000});
  EXPECT_FALSE(sub.from);
}

TEST(StreamWish, PlacesGoToTheSubscriptionsInTheirOrder) {
  const auto bodies = read_stream_wish(
      {.q = {},
       .rate = {},
       .history = {},
       .subs = R"([{"id":1,"q":{"metric":"a"}},{"id":2},{"id":3,"q":{"metric":"c"}},)"
               R"({"id":4,"q":{"metric":"d"}}])",
       .last_event_id = "E;7.5,0.0,9.18446744073709551615"},
      {});
  ASSERT_TRUE(bodies);
  EXPECT_EQ(std::get<Sub>(bodies->at(0)).from->ch, 7U);
  EXPECT_EQ(std::get<Sub>(bodies->at(0)).from->epoch, "E");
  EXPECT_EQ(std::get<Refusal>(bodies->at(1)).id, 2U);
  EXPECT_EQ(std::get<Sub>(bodies->at(2)).from->s, ~Sequence{0});
  EXPECT_FALSE(std::get<Sub>(bodies->at(3)).from);
}

TEST(StreamWish, WhatIsRefusedAsAWholeHasItsCode) {
  const auto code = [](const StreamWords& words) {
    const auto bodies = read_stream_wish(words, {});
    EXPECT_FALSE(bodies);
    return bodies ? Code::ServerInternal : bodies.error().code;
  };
  const auto subs = [](std::string text) {
    return StreamWords{
        .q = {}, .rate = {}, .history = {}, .subs = std::move(text), .last_event_id = ""};
  };
  EXPECT_EQ(code({}), Code::ProtoBadField);
  EXPECT_EQ(code(subs("nonsense")), Code::QueryBadJson);
  EXPECT_EQ(code(subs("{}")), Code::ProtoBadField);
  EXPECT_EQ(code(subs("[]")), Code::ProtoBadField);
  EXPECT_EQ(code(subs(R"([{"id":1,"q":{}},{"id":2}])")), Code::QueryBadMetric) << "the first's";
  EXPECT_EQ(code(subs(std::string(100, '['))), Code::QueryBadJson);
  EXPECT_EQ(code(subs("[\"" + std::string(70'000, 'x') + "\"]")), Code::LimitFrame);
  std::string many = "[0";
  for (int i = 0; i < 200; ++i)
    many += ",0";
  EXPECT_EQ(code(subs(many + "]")), Code::LimitSubs);
}

TEST(Bookmark, TextsThatAreNotOursAreNothing) {
  for (const char* text : {"", ";", "E", "E;", "E;1", "E;1.", "E;.1", "E;1.2,", "E;1.2;3.4",
                           "E;a.b", "E;1.2x", "E;-1.2", "E;4294967296.1"}) {
    EXPECT_TRUE(read_bookmark(text).empty()) << text;
  }
  EXPECT_EQ(read_bookmark(";1.2").size(), 1U) << "of no epoch: nobody honours it";
  EXPECT_EQ(read_bookmark("E;1.2,0.0").size(), 2U);
}

TEST(Bookmark, NamesForEachSubscriptionWhatItHasInItsPresentChannel) {
  test::House house;
  test::Client& client = house.connect();
  for (int id = 1; id <= 2; ++id) {
    house.say(client, R"({"t":"sub","id":)" + std::to_string(id) + R"(,"q":{"metric":")" +
                          std::to_string(id) + R"("}})");
  }
  const Subscriptions& subs = client.subs;
  Bookmark bookmark;
  bookmark.add(1, {});
  bookmark.add(Bookmark::kNobody, {});
  bookmark.add(2, {2, 40});
  const auto text = [&] {
    std::string out;
    bookmark.write("E", subs, out);
    return out;
  };
  EXPECT_EQ(text(), "E;0.0,0.0,2.40");
  bookmark.pass({1, 7}, subs);
  bookmark.pass({0, 9}, subs);  // words for one reader
  bookmark.pass({3, 9}, subs);  // a channel of nobody's here
  EXPECT_EQ(text(), "E;1.7,0.0,2.40");
  house.say(client, R"({"t":"mod","id":2,"rate":"5s"})");
  EXPECT_EQ(text(), "E;1.7,0.0,0.0") << "of its new channel it has nothing yet";
}

}  // namespace
}  // namespace gateway::publish
