#include "gateway/publish/appraisals.h"

#include <gtest/gtest.h>

#include "tests/gateway/publish/house.h"

namespace gateway::publish {
namespace {

using ingest::query::Catalogue;
using ingest::query::CatalogueAsk;
using ingest::query::Discovered;
using ingest::query::Op;
using test::Client;
using test::json;

/// For as many as come.
class Room final : public Place {
 public:
  bool add_sub() override { return true; }
  void drop_subs(std::size_t /*count*/) override {}
};

/// Every token is the name of an env, and sees that alone.
class Keeper final : public Gatekeeper {
 public:
  bool guards_reading() override { return true; }
  ingest::Result<auth::RightsPtr, auth::Refusal> identify(
      std::string_view token, ingest::WallTime /*now*/,
      const ingest::IpAddress& /*from*/) override {
    return rights_of(token);
  }
  bool still_gives(const auth::Rights& /*rights*/, ingest::WallTime /*now*/) override {
    return true;
  }
  std::unique_ptr<Place> admit(const auth::Rights& /*rights*/, std::size_t /*subs*/) override {
    return std::make_unique<Room>();
  }
  std::uint64_t generation() override { return 1; }
  static auth::RightsPtr rights_of(std::string_view env) {
    auth::Rights rights{.name = std::string{env}};
    rights.where = {{"env", Op::Equal, {std::string{env}}}};
    return std::make_shared<const auth::Rights>(std::move(rights));
  }
};

/// Answers when the test says so.
class ScriptedDiscovery final : public ingest::query::Discovery {
 public:
  Id ask(ingest::query::DiscoveryAsk ask, Done done) override {
    for (const auto& matcher : std::get<CatalogueAsk>(ask).where)
      if (matcher.tag == "env") asked.push_back(matcher.values.at(0));
    waiting.emplace_back(++last, std::move(done));
    return last;
  }
  void drop(Id id) override {
    dropped += std::erase_if(waiting, [id](const auto& one) { return one.first == id; });
  }
  void answer(Discovered found) {
    const Done done = std::move(waiting.front().second);
    waiting.erase(waiting.begin());
    done(std::make_shared<const Discovered>(std::move(found)));
  }

  std::vector<std::string> asked;
  std::vector<std::pair<Id, Done>> waiting;
  Id last = 0;
  std::size_t dropped = 0;
};

/// So many series of m, all of that env.
std::shared_ptr<const Catalogue> series_of_m(std::uint64_t series, const char* env = "prod") {
  auto catalogue = std::make_shared<Catalogue>();
  catalogue->metrics.push_back(
      {"m", ingest::model::Kind::Timer, series, {}, {{"env", {{env, series}}}}});
  return catalogue;
}

constexpr const char* kSub = R"({"t":"sub","id":1,"q":{"metric":"m","stats":["count"]}})";

/// Who asks what 1,000 series come to asks for too much.
struct Desk8000 {
  Desk8000() { house.publisher->ask_of(discovery); }
  static Publisher::Options options() {
    Publisher::Options options;
    options.query_cost_max = 8'000;
    return options;
  }
  Client& connect(const char* env) {
    return house.connect(0, std::make_unique<Identity>(keeper, Keeper::rights_of(env)));
  }
  void answer(Discovered found) {
    discovery.answer(std::move(found));
    house.settle();
  }

  Keeper keeper;
  ScriptedDiscovery discovery;
  test::House house{options()};
};

TEST(Appraisals, ABoundReadersQueryCostsWhatHisPartHoldsAndNoMore) {
  Desk8000 desk;
  desk.house.publisher->catalogue(series_of_m(1'000'000));  // of everybody
  Client& poor = desk.connect("prod");
  desk.house.say(poor, kSub);
  EXPECT_TRUE(poor.model.order.empty()) << "nobody knows yet what there is";
  desk.answer(series_of_m(1'000));
  EXPECT_EQ(poor.model.order, std::vector<std::string>{"subd"});
  Client& rich = desk.connect("dev");
  desk.house.say(rich, kSub);
  desk.answer(series_of_m(1'001, "dev"));
  ASSERT_NE(rich.model.last("err"), nullptr);
  EXPECT_EQ((*rich.model.last("err"))["code"], "query.too_expensive");
  EXPECT_EQ((*rich.model.last("err"))["msg"].get<std::string>().substr(0, 13), "1001 series x");
  EXPECT_EQ(desk.discovery.asked, (std::vector<std::string>{"prod", "dev"}));
}

TEST(Appraisals, ThatSomebodyElseReadsTheStreamMakesItNoCheaper) {
  Desk8000 desk;
  Client& all = desk.house.connect();
  desk.house.say(all, R"({"t":"sub","id":1,"q":{"metric":"m","stats":["count"],)"
                      R"("where":[["env","=","prod"]]}})");
  ASSERT_NE(all.model.last("subd"), nullptr);
  Client& bound = desk.connect("prod");
  desk.house.say(bound, kSub);
  desk.answer(series_of_m(1'001));
  ASSERT_NE(bound.model.last("err"), nullptr);
  EXPECT_EQ((*bound.model.last("err"))["code"], "query.too_expensive");
}

TEST(Appraisals, WhatHeSaysMeanwhileWaitsInItsOrder) {
  Desk8000 desk;
  Client& client = desk.connect("prod");
  desk.house.say(client, kSub);
  desk.house.say(client, R"({"t":"unsub","id":1})");
  desk.house.say(client, kSub);
  desk.house.say(client, R"({"t":"mod","id":1,"rate":"5s"})");
  EXPECT_EQ(desk.house.streams.watched.size(), 0U);
  EXPECT_EQ(desk.discovery.waiting.size(), 1U) << "one question does for all of them";
  desk.answer(series_of_m(1));
  EXPECT_EQ(client.model.order, (std::vector<std::string>{"unsubd", "subd", "subd"}));
  EXPECT_EQ((*client.model.last("subd"))["rate"], 5'000);
  desk.house.tick();
  EXPECT_EQ(desk.house.ledger().readers, 1U);
  EXPECT_EQ(desk.house.ledger().questions, 0U);
}

TEST(Appraisals, WhoLeavesMeanwhileLeavesNothingBehind) {
  Desk8000 desk;
  Client& client = desk.connect("prod");
  desk.house.say(client, kSub);
  desk.house.tick();
  EXPECT_EQ(desk.house.ledger().questions, 1U);
  desk.house.leave(client);
  desk.answer(series_of_m(1));
  desk.house.tick();
  EXPECT_EQ(desk.house.ledger().readers, 0U);
  EXPECT_EQ(desk.house.ledger().questions, 0U);
}

TEST(Appraisals, AnotherTokenMeanwhileIsAppraisedForItself) {
  Desk8000 desk;
  Client& client = desk.connect("prod");
  desk.house.say(client, kSub);
  desk.house.say(client, R"({"t":"auth","token":"dev"})");
  desk.house.say(client, kSub);
  desk.answer(series_of_m(1));
  ASSERT_EQ(desk.discovery.asked, (std::vector<std::string>{"prod", "dev"}));
  desk.answer(series_of_m(1'001, "dev"));
  ASSERT_NE(client.model.last("err"), nullptr);
  EXPECT_EQ((*client.model.last("err"))["code"], "query.too_expensive");
  desk.house.tick();
  EXPECT_EQ(desk.house.ledger().readers, 0U) << "what the first token saw is over";
}

TEST(Appraisals, WhereTooManyAskHeHearsThatHeMayComeBack) {
  Desk8000 desk;
  Client& client = desk.connect("prod");
  desk.house.say(client, kSub);
  desk.answer(ingest::query::Fault{ingest::query::Code::ServerOverloaded, "too many", true});
  const json* err = client.model.last("err");
  ASSERT_NE(err, nullptr);
  EXPECT_EQ((*err)["id"], 1);
  EXPECT_EQ((*err)["retry"], true);
  desk.house.say(client, kSub);
  desk.answer(series_of_m(1));
  EXPECT_NE(client.model.last("subd"), nullptr);
}

TEST(Appraisals, WhoSeesEverythingWaitsForNobody) {
  Desk8000 desk;
  Client& client = desk.house.connect();
  desk.house.say(client, kSub);
  EXPECT_NE(client.model.last("subd"), nullptr);
  EXPECT_TRUE(desk.discovery.asked.empty());
}

}  // namespace
}  // namespace gateway::publish
