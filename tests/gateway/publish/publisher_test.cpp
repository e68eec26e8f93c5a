#include "gateway/publish/publisher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/gateway/publish/house.h"

namespace gateway::publish {
namespace {

using ingest::Millis;
using test::Client;
using test::House;
using test::json;
using test::StreamId;
using test::Told;

constexpr const char* kSub =
    R"({"t":"sub","id":1,"q":{"metric":"m","by":["route"],"stats":["count"]},"rate":250})";

/// Row 0 of stream 1 with this count.
Told row(const House& house, double count) {
  Told told;
  told.window = test::window_at(house.tick_time() + Millis{250}, Millis{10'000}, Millis{1'000});
  told.rows = {0};
  told.values = {count};
  return told;
}
Told first_row(const House& house, double count) {
  Told told = row(house, count);
  told.added = {{0, {"/pay"}}};
  return told;
}
std::string why(const Client& client) {
  const json* subd = client.model.last("subd");
  return subd == nullptr ? "" : (*subd)["why"].get<std::string>();
}
std::string resume(std::uint64_t ch, std::uint64_t s, const std::string& epoch = "01JDX8Q3") {
  std::string text = kSub;
  text.pop_back();
  return text + R"(,"from":{"epoch":")" + epoch + R"(","ch":)" + std::to_string(ch) + R"(,"s":)" +
         std::to_string(s) + "}}";
}

TEST(Publisher, SubdComesAtOnceAndSnapWithTheFirstUpdate) {
  House house;
  Client& client = house.connect();
  house.say(client, kSub);
  EXPECT_EQ(client.model.order, std::vector<std::string>{"subd"});
  const json& subd = *client.model.last("subd");
  EXPECT_EQ(subd["rate"], 250);
  EXPECT_EQ(subd["window"], 10'000);
  EXPECT_EQ(subd["mode"], "snapshot");
  EXPECT_EQ(subd["why"], "new");
  EXPECT_EQ(subd["by"], json::parse(R"(["route"])"));
  house.tick();
  EXPECT_EQ(client.model.order.size(), 1U) << "the stream has not spoken";
  house.tick({{1, first_row(house, 3)}});
  EXPECT_EQ(client.model.order, (std::vector<std::string>{"subd", "snap"}));
  house.tick({{1, row(house, 4)}});
  EXPECT_EQ(client.model.order, (std::vector<std::string>{"subd", "snap", "u"}));
  EXPECT_EQ(client.model.tables[1].rows[0].values, json::parse("[4]"));
  EXPECT_EQ(client.model.tables[1].rows[0].key, json::parse(R"(["/pay"])"));
}

TEST(Publisher, HelloWithTwoSubsGivesWelcomeTwoSubdTwoSnap) {
  House house;
  Client& early = house.connect();
  house.say(early, kSub);
  house.tick({{1, first_row(house, 3)}});
  Client& client = house.connect();
  house.frames_max = 1;  // nothing is reordered by the width of a write
  house.say(client, R"({"t":"hello","v":1,"subs":[{"id":1,"q":{"metric":"m","by":["route"],)"
                    R"("stats":["count"]},"rate":250},{"id":2,"q":{"metric":"other"}}]})");
  house.tick({{2, Told{}}, {1, row(house, 3)}});
  EXPECT_EQ(client.model.order,
            (std::vector<std::string>{"welcome", "subd", "subd", "snap", "snap"}));
}

TEST(Publisher, EqualQueriesWrittenDifferentlyShareChannelAndFrames) {
  House house;
  Client& one = house.connect(0);
  Client& two = house.connect(1);
  house.say(one, R"({"t":"sub","id":1,"q":{"metric":"m","by":["b","a"],"window":"10s",)"
                 R"("where":[["x","=","1"],["y","exists"]],"stats":["p99","count"]}})");
  house.say(two, R"({"t":"sub","id":7,"rate":"1s","q":{"stats":["count","p99","count"],)"
                 R"("where":[["y","exists"],["x","=","1"]],"window":10000,"by":["a","b"],)"
                 R"("slide":"1s","metric":"m"}})");
  EXPECT_EQ(house.streams.watched.size(), 1U);
  EXPECT_EQ(one.model.channels[1], two.model.channels[7]);
  Told told;
  told.added = {{0, {"a", "b"}}};
  told.rows = {0};
  for (int second = 1; second <= 5; ++second) {
    told.window = test::window_at(house.now + Millis{1'000}, Millis{10'000}, Millis{1'000});
    told.values = {static_cast<double>(second), 1};
    const Ledger before = house.ledger();
    house.tick({{1, told}}, Millis{1'000});
    told.added.clear();
    const Ledger after = house.ledger();
    if (second == 1) continue;  // the snapshot
    EXPECT_EQ(after.frames_encoded, before.frames_encoded + 1);
    EXPECT_EQ(after.frames_published, before.frames_published + 2);
  }
  EXPECT_EQ(house.ledger().snapshots_encoded, 1U);
  ASSERT_EQ(one.frames.size(), two.frames.size());
  ASSERT_EQ(one.frames.size(), 6U);
  for (std::size_t i = 1; i < one.frames.size(); ++i)
    EXPECT_EQ(one.frames[i], two.frames[i]);
}

TEST(Publisher, AThousandReadersCostOneFrameATick) {
  House house;
  for (int i = 0; i < 1'000; ++i)
    house.say(house.connect(static_cast<std::uint32_t>(i % 2)), kSub);
  house.tick({{1, first_row(house, 1)}});
  const Ledger before = house.ledger();
  house.tick({{1, row(house, 2)}});
  EXPECT_EQ(house.ledger().frames_encoded, before.frames_encoded + 1);
  EXPECT_EQ(house.ledger().frames_published, before.frames_published + 2);
  EXPECT_EQ(house.ledger().readers, 1'000U);
  for (const auto& client : house.clients)
    EXPECT_EQ(client->model.count("u"), 1U);
}

TEST(Publisher, RatesShareAStreamButNotTheirNumbers) {
  House house;
  Client& fast = house.connect();
  Client& slow = house.connect();
  house.say(fast, kSub);
  std::string text = kSub;
  text.replace(text.find("250"), 3, "1000");
  house.say(slow, text);
  EXPECT_EQ(house.streams.watched.size(), 1U);
  EXPECT_NE(fast.model.channels[1], slow.model.channels[1]);
  house.tick({{1, first_row(house, 0)}}, Millis{1'000});
  for (int i = 1; i <= 8; ++i)
    house.tick({{1, row(house, i)}});
  EXPECT_EQ(fast.model.count("u"), 8U);
  EXPECT_EQ(slow.model.count("u"), 2U);
  EXPECT_EQ(fast.model.tables[1].rows, slow.model.tables[2].rows);
}

TEST(Publisher, ALateJoinerGetsTheCachedSnapshotAtOnce) {
  House house;
  house.say(house.connect(), kSub);
  house.tick({{1, first_row(house, 3)}});
  house.tick({{1, row(house, 4)}});
  Client& late = house.connect();
  Client& later = house.connect(1);
  house.say(late, kSub);
  house.say(later, kSub);
  EXPECT_EQ(late.model.order, (std::vector<std::string>{"subd", "snap"}));
  EXPECT_EQ(late.frames[1], later.frames[1]);
  EXPECT_EQ(late.model.tables[1].s, 1U);
  house.tick({{1, row(house, 5)}});
  EXPECT_EQ(late.model.tables[1], house.clients[0]->model.tables[1]);
}

TEST(Publisher, ARefusedQueryIsAnErrorWithItsReason) {
  House house;
  house.streams.refusal = ingest::query::Fault{ingest::query::Code::QueryTooExpensive, "300 > 200"};
  Client& client = house.connect();
  house.say(client, kSub);
  EXPECT_EQ((*client.model.last("err"))["code"], "query.too_expensive");
  EXPECT_EQ((*client.model.last("err"))["id"], 1);
  EXPECT_EQ(client.subs.size(), 0U);
  house.streams.refusal.reset();
  house.say(client, kSub);
  EXPECT_EQ(client.model.count("subd"), 1U);
}

std::shared_ptr<ingest::query::Catalogue> catalogue_of(std::uint64_t series) {
  auto catalogue = std::make_shared<ingest::query::Catalogue>();
  catalogue->metrics.push_back({"m", ingest::model::Kind::Timer, series, {}, {}});
  return catalogue;
}

TEST(Publisher, AQueryAboveItsCostIsRefusedWithTheNumbersBeforeItRuns) {
  Publisher::Options options;
  options.query_cost_max = 8'000;
  House house(options);
  Client& client = house.connect();
  house.publisher->catalogue(catalogue_of(1'000));
  house.say(client, kSub);  // 1,000 series x 8 nodes of ten slides x 1 stat
  EXPECT_EQ(house.streams.watched.size(), 1U);
  house.publisher->catalogue(catalogue_of(1'001));
  house.say(client, R"({"t":"sub","id":2,"q":{"metric":"m","stats":["p99"]}})");
  const json* err = client.model.last("err");
  ASSERT_NE(err, nullptr);
  EXPECT_EQ((*err)["id"], 2);
  EXPECT_EQ((*err)["n"], 2006);
  EXPECT_EQ((*err)["msg"],
            "1001 series x 8 panes of each x 1 stats are 8008, more than the 8000 of "
            "limits.query_cost; narrow metric or where, or shorten the time");
  EXPECT_EQ(house.streams.watched.size(), 1U);
  Client& other = house.connect();
  house.say(other, kSub);  // it runs already: one more reader costs nothing
  EXPECT_EQ(other.model.last("err"), nullptr);
  EXPECT_NE(other.model.last("subd"), nullptr);
}

TEST(Publisher, AQuestionAboutThePastAboveItsCostIsRefusedAtOnce) {
  Publisher::Options options;
  options.query_cost_max = 1'000'000;
  House house(options);
  house.publisher->catalogue(catalogue_of(1'000));
  house.tick();
  const auto query = ingest::query::parse_query(R"({"metric":"m","stats":["p99"]})", {});
  ASSERT_TRUE(query);
  const auto now = house.tick_time();
  const auto asked = [&](Millis length) {
    house.publisher->handle(
        Ask{{0, 0, 1}, 7, ingest::query::RangeAsk{*query, now - length, now, Millis{0}, ""}});
    const auto& answered = std::get<Answered>(house.mail.back().second);
    const auto code = (*std::get<ingest::query::RangeAnswerPtr>(answered.answer)).error().code;
    house.mail.clear();
    return code;
  };
  EXPECT_EQ(asked(Millis{3'600'000}), ingest::query::Code::QueryTooExpensive);
  EXPECT_EQ(asked(Millis{900'000}), ingest::query::Code::HistoryUnavailable);  // nobody is asked
  house.tick();
  const Refusals& refused = house.publisher->ledger().read().questions_refused;
  EXPECT_EQ(refused.of(ingest::query::Code::QueryTooExpensive), 1U);
  EXPECT_EQ(refused.total(), 2U);
}

TEST(Publisher, StreamsHaveAMaximumAndLingeringOnesGiveWay) {
  Publisher::Options options;
  options.streams_max = 2;
  House house{options};
  Client& client = house.connect();
  const auto sub = [](int id) {
    return R"({"t":"sub","id":)" + std::to_string(id) + R"(,"q":{"metric":"m)" +
           std::to_string(id) + R"("}})";
  };
  for (int id = 1; id <= 3; ++id)
    house.say(client, sub(id));
  EXPECT_EQ((*client.model.last("err"))["n"], 3'006);
  EXPECT_EQ((*client.model.last("err"))["id"], 3);
  house.say(client, R"({"t":"unsub","id":1})");
  house.say(client, sub(3));
  EXPECT_EQ(client.model.count("err"), 1U);
  EXPECT_EQ(house.streams.watched.count(1), 0U) << "it had no reader";
}

/// What a worker would send for a reader of this party.
Subscribe subscribe_of(const std::string& party, std::uint32_t slot, const std::string& metric) {
  const std::string text = R"({"metric":")" + metric + R"(","stats":["count"]})";
  Subscribe subscribe;
  subscribe.who = {0, slot, 1};
  subscribe.id = 1;
  subscribe.query = *ingest::query::parse_query(text, {});
  subscribe.party = party;
  return subscribe;
}

TEST(Publisher, OneTokenTakesNoMoreStreamsThanItMayAndLeavesThoseOfOthers) {
  Publisher::Options options;
  options.streams_max = 4;
  options.streams_of_one_max = 2;
  House house{options};
  const auto told = [&](const Subscribe& subscribe) {
    house.mail.clear();
    house.publisher->handle(subscribe);
    const auto& tell = std::get<Tell>(house.mail.front().second);
    return tell.verdict == Verdict::Accepted ? "" : std::string{tell.frame->payload()};
  };
  EXPECT_EQ(told(subscribe_of("token greedy", 0, "a")), "");
  EXPECT_EQ(told(subscribe_of("token greedy", 1, "b")), "");
  const std::string refusal = told(subscribe_of("token greedy", 2, "c"));
  EXPECT_NE(refusal.find("limits.streams_per_identity: this token watches 2"), std::string::npos)
      << refusal;
  EXPECT_EQ(told(subscribe_of("token greedy", 3, "a")), "")
      << "a stream that is there costs nothing";
  EXPECT_EQ(told(subscribe_of("token other", 4, "c")), "");
  EXPECT_EQ(told(subscribe_of("", 5, "d")), "");
  const std::string full = told(subscribe_of("", 6, "e"));
  EXPECT_NE(full.find("limits.streams: "), std::string::npos) << full;
  // What nobody reads any more gives way, of its own first.
  house.publisher->handle(Unsubscribe{{0, 1, 1}, 1});
  EXPECT_EQ(told(subscribe_of("token greedy", 7, "f")), "");
}

TEST(Publisher, ChannelsAreShownAsTheyAreToldToBe) {
  Publisher::Options options;
  options.shown = [](ChannelId ch) { return ch * 1'000 + 7; };
  House house{options};
  Client& client = house.connect();
  house.say(client, kSub);
  EXPECT_EQ((*client.model.last("subd"))["ch"], 1'007);
}

TEST(Publisher, WhoSeesAPartDoesNotLearnWhetherOthersHaveAChannel) {
  House house;
  house.publisher->handle(subscribe_of("token other", 0, "secret"));
  const ChannelId theirs = std::get<Tell>(house.mail.front().second).ch;
  const auto why = [&](ChannelId ch, const ingest::query::Bounds& bounds, std::uint32_t slot) {
    house.mail.clear();
    Subscribe subscribe = subscribe_of("token me", slot, "mine");
    subscribe.from = ResumePoint{"01JDX8Q3", ch, 1};
    subscribe.bounds = bounds;
    house.publisher->handle(subscribe);
    for (const auto& [worker, mail] : house.mail) {
      const auto* tell = std::get_if<Tell>(&mail);
      if (tell != nullptr && tell->verdict == Verdict::Accepted)
        return nlohmann::json::parse(tell->frame->payload())["why"].get<std::string>();
    }
    return std::string{"none"};
  };
  EXPECT_EQ(why(theirs, nullptr, 1), "query_changed");
  EXPECT_EQ(why(theirs + 77, nullptr, 2), "too_old");
  const auto part = std::make_shared<const std::vector<ingest::query::Matcher>>();
  EXPECT_EQ(why(theirs, part, 3), why(theirs + 77, part, 4));
}

TEST(Publisher, TellsEachSecondWhichStreamsMostIsEvaluatedFor) {
  House house;
  house.tick();
  EXPECT_EQ(house.dearest, nullptr) << "nobody watches anything";
  for (int i = 0; i < 12; ++i) {
    const std::string id = std::to_string(i);
    house.say(house.connect(), R"({"t":"sub","id":1,"q":{"metric":"m)" + id +
                                   R"(","by":["route"],"stats":["count","sum"]},"rate":250})");
  }
  house.say(house.connect(), R"({"t":"sub","id":1,"q":{"metric":"m3","by":["route"],)"
                             R"("stats":["count","sum"]},"rate":"1s"})");
  Told told = first_row(house, 1);
  told.values = {1, 1};
  house.tick({{4, told}}, Millis{1'000});
  ASSERT_NE(house.dearest, nullptr);
  ASSERT_EQ(house.dearest->size(), 10U) << "of the twelve";
  const StreamFacts& first = house.dearest->front();
  EXPECT_EQ(first.metric, "m3");
  EXPECT_EQ(first.rows, 1U);
  EXPECT_EQ(first.readers, 2U);
  EXPECT_EQ(first.cells_per_second, 2U) << "one row, two stats, a slide of a second";
  EXPECT_EQ(json::parse(first.query)["metric"], "m3");
  EXPECT_GT(first.bytes, 0U);
  const auto before = house.dearest;
  house.tick();
  EXPECT_EQ(house.dearest, before);
  house.tick({}, Millis{1'000});
  EXPECT_NE(house.dearest, before);
}

TEST(Publisher, UnsubStopsFramesAndTheChannelLingersAMinute) {
  House house;
  Client& client = house.connect();
  house.say(client, kSub);
  house.tick({{1, first_row(house, 1)}});
  house.say(client, R"({"t":"unsub","id":1})");
  EXPECT_EQ(client.model.order.back(), "unsubd");
  house.published.clear();
  house.tick({{1, row(house, 2)}});
  EXPECT_TRUE(house.published.empty());
  EXPECT_EQ(house.desks[0]->replicas.size(), 0U) << "its ring is dropped";
  EXPECT_EQ(house.ledger().lingering, 1U);
  house.tick({}, Millis{59'000});
  EXPECT_EQ(house.streams.watched.size(), 1U);
  house.tick({}, Millis{1'000});
  EXPECT_TRUE(house.streams.watched.empty());
  EXPECT_EQ(house.ledger().channels, 0U);
  EXPECT_EQ(house.ledger().bytes, 0U) << "its memory returns";
  house.tick({{1, row(house, 3)}});  // an update under way for a stream that is gone
}

TEST(Publisher, LingeringChannelsAreBoundedInBytes) {
  Publisher::Options options;
  options.linger_bytes_max = 0;
  House house{options};
  Client& client = house.connect();
  house.say(client, kSub);
  house.leave(client);
  house.tick();
  EXPECT_TRUE(house.streams.watched.empty());
}

TEST(Publisher, ALoneTabThatBlinksResumes) {
  House house;
  Client& before = house.connect();
  house.say(before, kSub);
  house.tick({{1, first_row(house, 1)}});
  house.tick({{1, row(house, 2)}});
  house.leave(before);
  for (int i = 3; i < 8; ++i)
    house.tick({{1, row(house, i)}});
  Client& after = house.connect(1);
  after.model.tables = before.model.tables;
  house.say(after, resume(1, 1));
  EXPECT_EQ((*after.model.last("subd"))["mode"], "replay");
  EXPECT_EQ(after.model.count("snap"), 0U);
  EXPECT_EQ(after.model.count("u"), 5U);
  house.tick({{1, row(house, 9)}});
  EXPECT_EQ(after.model.tables[1].rows[0].values, json::parse("[9]"));
  EXPECT_EQ(house.ledger().replays, 1U);
}

TEST(Publisher, WhatCannotBeResumedGetsASnapshotWithItsReason) {
  Publisher::Options options;
  options.ring = {Millis{0}, 1, 1'000'000, 4'096};
  House house{options};
  Client& client = house.connect();
  house.say(client, kSub);
  house.say(client, R"({"t":"sub","id":2,"q":{"metric":"other"}})");
  std::string slow = kSub;
  slow.replace(slow.find("\"id\":1"), 6, "\"id\":3").replace(slow.find("250"), 3, "500");
  house.say(client, slow);
  house.tick({{1, first_row(house, 1)}, {2, Told{}}});
  for (int i = 0; i < 5; ++i)
    house.tick({{1, row(house, i)}});
  const std::vector<std::pair<std::string, std::string>> cases{
      {resume(1, 1, "OTHER"), "epoch_changed"},
      {resume(1, 1), "too_old"},
      {resume(1, 99), "too_old"},
      {resume(77, 1), "too_old"},
      {resume(2, 1), "query_changed"},
      {resume(3, 1), "rate_changed"},
  };
  for (const auto& [text, reason] : cases) {
    Client& again = house.connect();
    house.say(again, text);
    EXPECT_EQ(why(again), reason);
    EXPECT_EQ((*again.model.last("subd"))["mode"], "snapshot");
    EXPECT_EQ(again.model.order, (std::vector<std::string>{"subd", "snap"})) << reason;
  }
}

TEST(Publisher, AReplayBehindANewerStateOfTheSameConnectionIsAStateToo) {
  House house;
  Client& before = house.connect();
  house.say(before, kSub);
  house.tick({{1, first_row(house, 1)}});
  for (int i = 2; i < 5; ++i)
    house.tick({{1, row(house, i)}});
  Client& after = house.connect();
  std::string second = kSub;
  second.replace(second.find("\"id\":1"), 6, "\"id\":2");
  const Subscriptions::Now now{house.mono, house.now};
  after.subs.receive(second, house.desk_of(after), now);  // the hub has heard neither yet
  after.subs.receive(resume(1, 1), house.desk_of(after), now);
  house.settle();
  EXPECT_EQ(after.model.count("u"), 0U) << "frames 2 to 4 are behind its state";
  EXPECT_EQ(after.model.count("snap"), 2U);
  house.tick({{1, row(house, 9)}});
  EXPECT_EQ(after.model.tables[1].rows[0].values, json::parse("[9]"));
  EXPECT_EQ(after.model.tables, before.model.tables);
}

TEST(Publisher, TwoIdsOfOneHelloDoNotReplayTheSameChannelTwice) {
  House house;
  Client& before = house.connect();
  house.say(before, kSub);
  house.tick({{1, first_row(house, 1)}});
  for (int i = 2; i < 5; ++i)
    house.tick({{1, row(house, i)}});
  Client& after = house.connect();
  after.model.tables = before.model.tables;
  after.model.tables[1].s = 1;
  after.model.tables[1].rows[0].values = json::parse("[2]");
  const std::string body = resume(1, 1).substr(10);  // without {"t":"sub"
  std::string second = body;
  second.replace(second.find("\"id\":1"), 6, "\"id\":2");
  house.say(after,
            R"({"t":"hello","v":1,"subs":[{)" + body.substr(1) + ",{" + second.substr(1) + "]}");
  EXPECT_EQ(after.model.order,
            (std::vector<std::string>{"welcome", "subd", "subd", "u", "u", "snap"}));
}

TEST(Publisher, ACoarserRateIsANewChannelWithASnapshot) {
  House house;
  Client& client = house.connect();
  house.say(client, kSub);
  house.tick({{1, first_row(house, 1)}});
  house.say(client, R"({"t":"mod","id":1,"rate":"900ms"})");
  EXPECT_EQ((*client.model.last("subd"))["ch"], 2);
  EXPECT_EQ((*client.model.last("subd"))["rate"], 1'000);
  EXPECT_EQ(why(client), "rate_changed");
  EXPECT_EQ(client.model.order, (std::vector<std::string>{"subd", "snap", "subd", "snap"}));
  EXPECT_EQ(house.desks[0]->replicas.size(), 1U) << "the old ring is dropped";
  for (int i = 0; i < 8; ++i)
    house.tick({{1, row(house, i)}});
  EXPECT_EQ(client.model.count("u"), 2U);
}

TEST(Publisher, ManyRatesBeforeTheFirstUpdateBringOneSnapshot) {
  House house;
  Client& client = house.connect();
  house.say(client, kSub);
  for (const char* rate : {"1s", "250ms", "1s", "250ms", "250ms"})
    house.say(client, std::string{R"({"t":"mod","id":1,"rate":")"} + rate + R"("})");
  house.advance(Millis{250});
  house.publisher->update(first_row(house, 1).view(1));
  house.publisher->tick_done(house.now);
  EXPECT_EQ(
      std::count_if(house.mail.begin(), house.mail.end(),
                    [](const auto& mail) { return std::holds_alternative<Join>(mail.second); }),
      1);
  house.settle();
  EXPECT_EQ(client.model.order.back(), "snap");
}

TEST(Publisher, TenThousandRowsOfWhichAFifthChangesASecondCostAtMost100KBASecond) {
  constexpr std::size_t kRows = 10'000;
  House house;
  Client& client = house.connect();
  house.say(client, R"({"t":"sub","id":1,"rate":"1s","q":{"metric":"m","by":["k"],)"
                    R"("stats":["count","rate","mean","p50","p99"]}})");
  std::mt19937 random{7};
  Told all;
  for (std::size_t row = 0; row < kRows; ++row)
    all.added.push_back({static_cast<test::RowSlot>(row), {"host-" + std::to_string(row)}});
  const auto change = [&](Told& told, std::size_t row) {
    const double count = 1 + static_cast<double>(random() % 500);
    const double mean = static_cast<double>(random() % 100'000) / 777;
    told.rows.push_back(static_cast<test::RowSlot>(row));
    told.values.insert(told.values.end(), {count, mean, mean * 0.93, mean * 2.71, count / 10});
  };
  for (std::size_t row = 0; row < kRows; ++row)
    change(all, row);
  all.window = test::window_at(house.now + Millis{250}, Millis{10'000}, Millis{1'000});
  house.tick({{1, all}}, Millis{1'000});
  constexpr std::size_t kSeconds = 20;
  std::size_t bytes = 0;
  for (std::size_t second = 0; second < kSeconds; ++second) {
    Told told;
    told.window = test::window_at(house.now + Millis{1'000}, Millis{10'000}, Millis{1'000});
    for (std::size_t row = second % 5; row < kRows; row += 5)
      change(told, row);
    const std::size_t before = client.frames.size();
    house.tick({{1, told}}, Millis{1'000});
    for (std::size_t i = before; i < client.frames.size(); ++i)
      bytes += client.frames[i]->bytes.size();
  }
  EXPECT_EQ(client.model.count("u"), kSeconds);
  EXPECT_LE(bytes / kSeconds, 100'000U);
  EXPECT_GE(bytes / kSeconds, 20'000U) << "the rows are really there";
}

TEST(Publisher, AReaderThatStopsGetsGapThenSnapAndOthersSeeNoDelay) {
  House house{{}, {Millis{0}, 1, 1'000'000, 8}};
  Client& stuck = house.connect();
  Client& other = house.connect();
  house.say(stuck, kSub);
  house.say(other, kSub);
  house.tick({{1, first_row(house, 0)}});
  stuck.reads = false;
  for (int i = 1; i <= 40; ++i) {
    house.tick({{1, row(house, i)}});
    ASSERT_EQ(other.model.count("u"), static_cast<std::size_t>(i));
  }
  stuck.reads = true;
  house.settle();
  EXPECT_EQ(stuck.model.order, (std::vector<std::string>{"subd", "snap", "gap", "snap"}));
  EXPECT_EQ((*stuck.model.last("gap"))["to"], 40);
  house.tick({{1, row(house, 41)}});
  EXPECT_EQ(stuck.model.tables[1], other.model.tables[1]);
}

TEST(Publisher, ARebaseGoesToEveryReaderAndTakesANumber) {
  House house;
  Client& fast = house.connect();
  Client& slow = house.connect(1);
  house.say(fast, kSub);
  std::string text = kSub;
  text.replace(text.find("250"), 3, "60000");
  house.say(slow, text);
  const auto many = [&](test::RowSlot from, test::RowSlot to, bool gone) {
    Told told = row(house, 1);
    told.rows.clear();
    told.values.clear();
    for (test::RowSlot slot = from; slot < to; ++slot) {
      if (gone) {
        told.removed.push_back(slot);
      } else {
        told.added.push_back({slot, {std::to_string(slot)}});
        told.rows.push_back(slot);
        told.values.push_back(slot);
      }
    }
    return told;
  };
  house.tick({{1, many(0, 1'500, false)}});
  house.tick({{1, many(0, 1'400, true)}});
  EXPECT_EQ(house.ledger().rebases, 1U);
  EXPECT_EQ(fast.model.tables[1].rebases, 1U);
  EXPECT_EQ(slow.model.tables[2].rebases, 1U);
  EXPECT_EQ(fast.model.tables[1].rows.size(), 100U);
  EXPECT_EQ(fast.model.tables[1].rows[0].key, json::parse(R"(["1400"])"));
  EXPECT_EQ(fast.model.tables[1].rows, slow.model.tables[2].rows);
  house.tick({{1, many(0, 3, false)}});
  EXPECT_EQ(fast.model.tables[1].rows[102].key, json::parse(R"(["2"])"));
}

/// Which workers get a Message when `publish` is called, of a publisher for three.
template <class Message, class Publish>
std::vector<std::uint32_t> workers_told(const Publish& publish) {
  struct Listening final : Outlet {
    void send(std::uint32_t worker, ToWorker message) override {
      if (std::holds_alternative<Message>(message)) workers.push_back(worker);
    }
    std::vector<std::uint32_t> workers;
  };
  Listening outlet;
  test::ScriptedStreams streams;
  Publisher::Options options;
  options.workers = 3;
  Publisher publisher{options, streams, outlet};
  publish(publisher);
  return outlet.workers;
}

TEST(Publisher, AnnotationsAndACatalogueGoToEveryWorker) {
  const std::vector<std::uint32_t> all{0, 1, 2};
  EXPECT_EQ(workers_told<NewAnnotations>([](Publisher& publisher) {
              publisher.annotations(std::make_shared<const ingest::query::Annotations>());
            }),
            all);
  EXPECT_EQ(workers_told<NewCatalogue>([](Publisher& publisher) {
              publisher.catalogue(std::make_shared<const ingest::query::Catalogue>());
            }),
            all);
}

}  // namespace
}  // namespace gateway::publish
