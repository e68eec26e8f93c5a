// The past over a WebSocket: `range`, and `history` between `subd` and `snap`, without a hole.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/publish/inquiries.h"
#include "gateway/publish/questions.h"
#include "tests/gateway/publish/house.h"

namespace gateway::publish {
namespace {

using ingest::Millis;
using test::Client;
using test::House;
using test::json;
using test::Told;

std::string sub(int id, const std::string& more = "") {
  return R"({"t":"sub","id":)" + std::to_string(id) +
         R"(,"rate":250,"q":{"metric":"m","by":["k"],"stats":["count"]})" + more + "}";
}
const std::string kMinute = R"(,"history":"1m")";

struct Scene {
  explicit Scene(const Publisher::Options& options = {}) : house(options) {
    house.publisher->ask_of(house.past);
  }
  /// The stream's row counts the second in which the window ends, as the past does.
  void tick(int count = 1) {
    for (int i = 0; i < count; ++i) {
      Told told;
      told.window = test::window_at(house.now + Millis{250}, Millis{10'000}, Millis{1'000});
      if (!std::exchange(begun, true)) told.added = {{0, {"a"}}};
      told.rows = {0};
      told.values = {static_cast<double>(ingest::to_ms(told.window.end) / 1'000)};
      house.tick({{1, told}});
    }
  }
  void answer_all() {
    while (house.past.answer())
      house.settle();
  }
  /// The windows that a client can draw, by their end: those of pages, snapshots and updates.
  static std::vector<std::int64_t> drawn(const Client& client) {
    std::vector<std::int64_t> ends;
    for (const FramePtr& frame : client.frames) {
      const json message = json::parse(frame->payload());
      const std::string type = message["t"];
      if (type == "range") ends.insert(ends.end(), message["ts"].begin(), message["ts"].end());
      if (type == "snap" || type == "u") ends.push_back(message["w"][1]);
    }
    return ends;
  }
  static void expect_no_hole(const std::vector<std::int64_t>& ends) {
    for (std::size_t i = 1; i < ends.size(); ++i) {
      EXPECT_LE(ends[i] - ends[i - 1], 1'000) << "a hole after " << ends[i - 1];
      EXPECT_GE(ends[i], ends[i - 1]);
    }
  }
  House house;
  bool begun = false;
};

TEST(History, PagesComeBetweenSubdAndSnapAndEndWhereItBegins) {
  Scene scene;
  scene.house.past.times_max = 25;
  Client& client = scene.house.connect();
  scene.house.say(client, sub(1, kMinute));
  EXPECT_EQ(client.model.order, std::vector<std::string>{"subd"});
  scene.tick();
  scene.answer_all();
  scene.tick(8);
  const std::vector<std::string> begins{"subd", "range", "range", "range", "snap", "u"};
  ASSERT_GE(client.model.order.size(), begins.size());
  EXPECT_EQ((std::vector<std::string>{client.model.order.begin(), client.model.order.begin() + 6}),
            begins);
  const json& last = *client.model.last("range");
  EXPECT_EQ(last["id"], 1);
  EXPECT_EQ(last["next"], nullptr);
  EXPECT_EQ(last["step"], 1'000);
  const auto ends = Scene::drawn(client);
  EXPECT_EQ(ends.front(), ingest::to_ms(test::kStart) + 1'000 - 60'000);
  Scene::expect_no_hole(ends);
  EXPECT_EQ(client.model.gaps, 0U);
  EXPECT_TRUE(scene.house.past.asked.front().cursor.empty());
  EXPECT_EQ(scene.house.past.asked.size(), 3U);
}

TEST(History, APageIsAskedForWhenTheOneBeforeHasLeft) {
  Scene scene;
  scene.house.past.times_max = 10;
  Client& client = scene.house.connect();
  scene.house.say(client, sub(1, kMinute));
  scene.tick();
  client.reads = false;
  scene.answer_all();
  EXPECT_EQ(scene.house.past.asked.size(), 1U) << "it holds a page, and no more";
  client.reads = true;
  scene.house.settle();
  EXPECT_EQ(scene.house.past.asked.size(), 2U);
}

TEST(History, FramesThatComeMeanwhileFollowTheSnapshot) {
  Scene scene;
  Client& client = scene.house.connect();
  Client& other = scene.house.connect();
  scene.house.say(client, sub(1, kMinute));
  scene.house.say(other, sub(1));
  scene.tick(9);
  EXPECT_EQ(client.model.order, std::vector<std::string>{"subd"});
  scene.answer_all();
  scene.tick();
  EXPECT_EQ(client.model.tables[1], other.model.tables[1]);
  EXPECT_EQ(client.model.count("u"), other.model.count("u"));
  Scene::expect_no_hole(Scene::drawn(client));
}

TEST(History, WhenItTakesLongerThanTheChannelKeepsTheRestIsToldToo) {
  Scene scene;
  scene.house.desks[0]->replicas = ChannelReplicas{{Millis{60'000}, 1, 1'000'000, 8}};
  Client& client = scene.house.connect();
  scene.house.say(client, sub(1, kMinute));
  scene.tick(60);
  EXPECT_EQ(client.model.order, std::vector<std::string>{"subd"});
  scene.answer_all();
  scene.tick(4);
  EXPECT_EQ(scene.house.past.asked.size(), 2U) << "the minute, and what passed meanwhile";
  EXPECT_EQ(client.model.count("snap"), 1U);
  EXPECT_EQ(client.model.gaps, 0U) << "nothing is missing";
  Scene::expect_no_hole(Scene::drawn(client));
}

TEST(History, ResumeWithinTheRingNeedsNone) {
  Scene scene;
  Client& before = scene.house.connect();
  scene.house.say(before, sub(1));
  scene.tick(8);
  scene.house.leave(before);
  scene.tick(8);
  Client& back = scene.house.connect();
  back.model.tables = before.model.tables;
  scene.house.say(back, sub(1, kMinute + R"(,"from":{"epoch":"01JDX8Q3","ch":1,"s":)" +
                                   std::to_string(before.model.tables[1].s) + "}"));
  EXPECT_EQ((*back.model.last("subd"))["mode"], "replay");
  EXPECT_EQ(back.model.count("u"), 2U);
  EXPECT_TRUE(scene.house.past.asked.empty());
  EXPECT_FALSE(scene.house.past.answer());
}

TEST(History, BeyondTheRingAndAfterARestartEveryMissedWindowComes) {
  for (const auto& [from, why] :
       {std::pair{R"("epoch":"01JDX8Q3","ch":1,"s":1)", "too_old"},
        std::pair{R"("epoch":"an older run","ch":9,"s":1)", "epoch_changed"}}) {
    Publisher::Options options;
    options.ring = {Millis{0}, 1, 1'000'000, 6};
    Scene scene{options};
    Client& steady = scene.house.connect();
    scene.house.say(steady, sub(1));
    scene.tick(40);
    Client& back = scene.house.connect();
    scene.house.say(back, sub(1, kMinute + R"(,"from":{)" + from + "}"));
    scene.answer_all();
    scene.tick(4);
    EXPECT_EQ((*back.model.last("subd"))["why"], why);
    EXPECT_EQ((std::vector<std::string>{back.model.order.begin(), back.model.order.begin() + 3}),
              (std::vector<std::string>{"subd", "range", "snap"}));
    Scene::expect_no_hole(Scene::drawn(back));
    EXPECT_EQ(back.model.tables[1], steady.model.tables[1]);
  }
}

TEST(History, ASecondIdOfTheChannelGetsItsOwnAndTheFirstMissesNothing) {
  Scene scene;
  Client& client = scene.house.connect();
  scene.house.say(client, sub(1));
  scene.tick(4);
  scene.house.say(client, sub(2, kMinute));
  scene.tick(4);
  EXPECT_EQ(client.model.order.back(), "subd") << "frames wait";
  scene.answer_all();
  scene.tick(4);
  EXPECT_EQ((*client.model.last("range"))["id"], 2);
  EXPECT_EQ(client.model.tables[1].s, 2U);
  EXPECT_EQ(client.model.gaps, 0U);
}

TEST(History, ANewRateMeanwhileGoesOnWithTheSamePast) {
  Scene scene;
  Client& client = scene.house.connect();
  scene.house.say(client, sub(1, kMinute));
  scene.tick(4);
  scene.house.say(client, R"({"t":"mod","id":1,"rate":"1s"})");
  scene.tick(8);
  scene.answer_all();
  scene.tick(8);
  EXPECT_EQ(client.model.count("snap"), 1U);
  Scene::expect_no_hole(Scene::drawn(client));
  EXPECT_EQ(client.model.tables.count(client.model.channels[1]), 1U);
}

TEST(History, ARefusalEndsTheSubscriptionAndFreesItsId) {
  Scene scene;
  scene.house.past.refusal =
      ingest::query::Fault{ingest::query::Code::HistoryUnavailable, "none is kept", false};
  Client& client = scene.house.connect();
  scene.house.say(client, sub(1, kMinute));
  scene.tick();
  scene.answer_all();
  EXPECT_EQ((*client.model.last("err"))["n"], 7'003);
  EXPECT_EQ((*client.model.last("err"))["id"], 1);
  EXPECT_EQ(client.subs.size(), 0U);
  scene.tick();
  EXPECT_EQ(scene.house.ledger().readers, 0U);
  scene.house.say(client, sub(1));
  scene.tick(4);
  EXPECT_EQ(client.model.count("snap"), 1U);
}

TEST(History, NobodyGoesOnWorkingForOneWhoLeft) {
  for (const bool unsubscribes : {true, false}) {
    Scene scene;
    Client& client = scene.house.connect();
    Client& other = scene.house.connect();
    scene.house.say(client, sub(1, kMinute));
    scene.house.say(client, sub(2));
    scene.house.say(other, sub(1, kMinute));
    scene.tick();
    if (unsubscribes) scene.house.say(client, R"({"t":"unsub","id":1})");
    if (!unsubscribes) scene.house.leave(client);
    EXPECT_EQ(scene.house.past.dropped, 1U);
    scene.tick(4);
    EXPECT_EQ(client.model.count("range"), 0U);
    EXPECT_EQ(client.model.count("u") > 0, unsubscribes) << "the other id is not held any more";
    scene.answer_all();
    EXPECT_EQ(other.model.count("range"), 1U);
    scene.tick();
    EXPECT_EQ(scene.house.ledger().questions, 0U);
  }
}

TEST(History, ACrowdThatComesBackAtOnceStandsInLine) {
  Scene scene;
  std::vector<Client*> crowd;
  for (int i = 0; i < 200; ++i) {
    crowd.push_back(&scene.house.connect());
    scene.house.say(*crowd.back(), sub(1, kMinute));
  }
  scene.tick();
  EXPECT_EQ(scene.house.past.asked.size(), Questions::kPosedMax);
  scene.house.leave(*crowd[5]);    // asked
  scene.house.leave(*crowd[100]);  // in line
  scene.answer_all();
  scene.tick(4);
  for (const Client* client : crowd) {
    if (client == crowd[5] || client == crowd[100]) continue;
    EXPECT_EQ(
        (std::vector<std::string>{client->model.order.begin(), client->model.order.begin() + 3}),
        (std::vector<std::string>{"subd", "range", "snap"}));
  }
  EXPECT_EQ(scene.house.past.asked.size(), 199U) << "who left the line was never asked for";
}

// Whoever asks for much waits for himself alone.
TEST(History, OfOnePartyAFewAreAskedAtOnceAndOthersDoNotWaitForIt) {
  Scene scene;
  const auto query = ingest::query::parse_query(R"({"metric":"m","stats":["count"]})", {});
  ASSERT_TRUE(query);
  for (int i = 0; i < 5; ++i)
    scene.house.connect();  // whom the answers reach
  std::uint32_t ticket = 0;
  const auto ask = [&](const std::string& party, std::uint32_t slot) {
    const auto end = scene.house.tick_time();
    Ask asked{
        {0, slot, 1}, ++ticket, ingest::query::RangeAsk{*query, end - Millis{60'000}, end, {}, ""}};
    asked.party = party;
    scene.house.publisher->handle(asked);
  };
  const std::size_t share = Questions::kPosedOfOneMax;
  for (int i = 0; i < 40; ++i)
    ask("token greedy", 1);
  EXPECT_EQ(scene.house.past.asked.size(), share);
  ask("token other", 2);
  EXPECT_EQ(scene.house.past.asked.size(), share + 1);
  ask("", 3);
  ask("", 4);
  EXPECT_EQ(scene.house.past.asked.size(), share + 3)
      << "each connection without a token by itself";
  scene.answer_all();
  EXPECT_EQ(scene.house.past.asked.size(), 43U) << "nobody is forgotten";
  for (std::size_t i = 0; i < Questions::kLineOfOneMax + share + 5; ++i)
    ask("token greedy", 1);
  scene.house.mail.clear();
  ask("token greedy", 1);
  EXPECT_FALSE(scene.house.mail.empty()) << "refused at once: its part of the line is full";
  const std::size_t before = scene.house.past.asked.size();
  ask("token other", 2);
  EXPECT_EQ(scene.house.past.asked.size(), before + 1);
}

const std::string kRange = R"({"t":"range","id":9,"q":{"metric":"m","by":["k"],"stats":["count"]},)"
                           R"("start":1764000000000,"end":1764000060000,"step":"10s"})";

TEST(Range, PagesHaveItsIdUntilNextIsNull) {
  Scene scene;
  scene.house.past.times_max = 4;
  Client& client = scene.house.connect();
  scene.house.say(client, sub(1));
  scene.house.say(client, kRange);
  scene.answer_all();
  EXPECT_EQ(client.model.order, (std::vector<std::string>{"subd", "range", "range"}));
  std::vector<json> times;
  for (const json& message : client.model.log) {
    if (message["t"] != "range") continue;
    EXPECT_EQ(message["id"], 9);
    EXPECT_EQ(message["step"], 10'000);
    EXPECT_EQ(message["next"].is_null(), times.size() == 4);
    times.insert(times.end(), message["ts"].begin(), message["ts"].end());
  }
  ASSERT_EQ(times.size(), 6U);
  EXPECT_EQ(times.front(), 1'764'000'010'000);
  EXPECT_EQ(times.back(), 1'764'000'060'000);
  const ingest::query::RangeAsk& asked = scene.house.past.asked.front();
  EXPECT_EQ(asked.step, Millis{10'000});
  EXPECT_EQ(asked.start, test::kStart);
  scene.house.say(client, kRange);
  EXPECT_EQ(client.model.last("err"), nullptr) << "its id is free again";
}

TEST(Range, EndsNowWhereItNamesNoEnd) {
  Scene scene;
  Client& client = scene.house.connect();
  scene.house.say(client, sub(1));
  scene.house.say(client, R"({"t":"range","id":9,"q":{"metric":"m"},"start":1763999990000})");
  EXPECT_EQ(scene.house.past.asked.at(0).end, scene.house.now);
  EXPECT_EQ(scene.house.past.asked.at(0).step, Millis{0});
}

TEST(Range, FaultsHaveItsIdAndTheConnectionGoesOn) {
  Scene scene;
  Client& client = scene.house.connect();
  scene.house.say(client, sub(1));
  const auto err_of = [&](const std::string& text) {
    scene.house.say(client, text);
    scene.answer_all();
    const json* err = client.model.last("err");
    return err == nullptr ? 0 : (*err)["n"].get<int>();
  };
  EXPECT_EQ(err_of(R"({"t":"range","id":9,"q":{"metric":"m"}})"), 6004) << "no start";
  EXPECT_EQ(err_of(R"({"t":"range","id":9,"q":{"metric":"m"},"start":-1})"), 6004);
  EXPECT_EQ(err_of(R"({"t":"range","id":9,"start":0})"), 6004) << "no query";
  EXPECT_EQ(err_of(R"({"t":"range","id":1,"q":{"metric":"m"},"start":0})"), 7001)
      << "one number space";
  scene.house.past.refusal =
      ingest::query::Fault{ingest::query::Code::LimitRange, "too many rows", false};
  EXPECT_EQ(err_of(kRange), 3005);
  EXPECT_EQ((*client.model.last("err"))["id"], 9);
  EXPECT_EQ(client.subs.close_code(), std::nullopt);
}

TEST(Range, AConnectionAsksOnlySoManyAtOnceAndTheyEndWithIt) {
  Scene scene;
  Client& client = scene.house.connect();
  scene.house.say(client, sub(0));
  for (std::size_t id = 1; id <= Inquiries::kRangesMax + 1; ++id) {
    std::string text = kRange;
    text.replace(text.find("\"id\":9"), 6, "\"id\":" + std::to_string(100 + id));
    scene.house.say(client, text);
  }
  EXPECT_EQ((*client.model.last("err"))["n"], 3005);
  EXPECT_EQ((*client.model.last("err"))["retry"], true);
  EXPECT_EQ(scene.house.past.asked.size(), Questions::kPosedOfOneMax) << "the others are in line";
  scene.house.say(client, R"({"t":"unsub","id":101})");
  EXPECT_EQ(*client.model.last("unsubd"), (json{{"t", "unsubd"}, {"id", 101}}));
  EXPECT_EQ(scene.house.past.dropped, 1U);
  scene.house.leave(client);
  EXPECT_EQ(scene.house.past.dropped, scene.house.past.asked.size()) << "nothing goes on";
  EXPECT_EQ(scene.house.ledger().questions, 0U);
}

TEST(Meta, IsTheCatalogueInTheFormOfTheHttpApi) {
  Scene scene;
  auto catalogue = std::make_shared<ingest::query::Catalogue>();
  catalogue->metrics.push_back(
      {"cpu.load", ingest::model::Kind::Gauge, 2, test::kStart, {{"host", {{"a", 1}, {"b", 1}}}}});
  catalogue->metrics.push_back({"http.time", ingest::model::Kind::Timer, 3, test::kStart, {}});
  for (const auto& desk : scene.house.desks)
    desk->catalogue = catalogue;
  Client& client = scene.house.connect();
  scene.house.say(client, sub(1));
  scene.house.say(client, R"({"t":"meta","id":10,"what":"metrics","match":"http.*","limit":200})");
  EXPECT_EQ(*client.model.last("meta"), json::parse(R"({"t":"meta","id":10,"what":"metrics","items":
      [{"name":"http.time","kind":"timer","series":3,"last_seen":1764000000000}],"next":null})"));
  scene.house.say(client, R"({"t":"meta","id":10,"what":"metrics","limit":1})");
  EXPECT_EQ((*client.model.last("meta"))["next"], "cpu.load@gauge");
  scene.house.say(client,
                  R"({"t":"meta","id":10,"what":"metrics","limit":1,"after":"cpu.load@gauge"})");
  EXPECT_EQ((*client.model.last("meta"))["items"][0]["name"], "http.time");
  scene.house.say(client, R"({"t":"meta","id":11,"what":"tags","match":"cpu.*"})");
  EXPECT_EQ(*client.model.last("meta"), json::parse(R"({"t":"meta","id":11,"what":"tags","items":
      [{"key":"host","values":[{"value":"a","series":1},{"value":"b","series":1}]}],"next":null})"));
}

TEST(Meta, BeforeTheFirstCatalogueThereIsNothing) {
  Scene scene;
  Client& client = scene.house.connect();
  scene.house.say(client, sub(1));
  scene.house.say(client, R"({"t":"meta","id":10,"what":"metrics"})");
  EXPECT_EQ((*client.model.last("meta"))["items"], json::array());
}

TEST(Meta, FaultsHaveTheirCodes) {
  Scene scene;
  Client& client = scene.house.connect();
  scene.house.say(client, sub(1));
  for (const auto& [text, code] : std::vector<std::pair<std::string, int>>{
           {R"({"t":"meta","id":10})", 6004},
           {R"({"t":"meta","id":10,"what":"people"})", 6004},
           {R"({"t":"meta","what":"metrics"})", 6004},
           {R"({"t":"meta","id":1,"what":"metrics"})", 7001},
           {R"({"t":"meta","id":10,"what":"tags"})", 6004},
           {R"({"t":"meta","id":10,"what":"metrics","limit":0})", 6004},
           {R"({"t":"meta","id":10,"what":"metrics","limit":1001})", 6004},
           {R"({"t":"meta","id":10,"what":"metrics","match":")" + std::string(256, 'a') + "\"}",
            2002}}) {
    scene.house.say(client, text);
    EXPECT_EQ((*client.model.last("err"))["n"], code) << text;
  }
}

}  // namespace
}  // namespace gateway::publish
