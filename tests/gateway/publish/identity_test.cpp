#include "gateway/publish/identity.h"

#include <gtest/gtest.h>

#include "gateway/publish/subscriptions.h"

namespace gateway::publish {
namespace {

using auth::Refusal;
using ingest::Millis;
using ingest::query::Op;

const ingest::WallTime kNow = ingest::wall_from_ms(1'764'000'000'000);

/// What the connections of everybody have together.
struct Books {
  class Seat final : public Place {
   public:
    explicit Seat(Books& books) : books_(books) { ++books_.connections; }
    ~Seat() override { --books_.connections; }
    bool add_sub() override {
      if (books_.subs == books_.subs_max) return false;
      ++books_.subs;
      return true;
    }
    void drop_subs(std::size_t count) override { books_.subs -= count; }

   private:
    Books& books_;
  };
  std::unique_ptr<Place> admit(const std::string& /*name*/, std::size_t /*subs*/) {
    if (connections == connections_max) return nullptr;
    return std::make_unique<Seat>(*this);
  }
  std::size_t connections_max = 10;
  std::size_t subs_max = 10;
  std::size_t connections = 0;
  std::size_t subs = 0;
};

/// Knows "all", "prod" (env=prod), "short" (for five minutes), "late" and "writer"; "late" is over.
class Keeper final : public Gatekeeper {
 public:
  bool guards_reading() override { return true; }
  ingest::Result<auth::RightsPtr, Refusal> identify(std::string_view token, ingest::WallTime now,
                                                    const ingest::IpAddress& /*from*/) override {
    auth::Rights rights{.name = std::string{token}};
    if (token == "prod") rights.where = {{"env", Op::Equal, {"prod"}}};
    if (token == "short") rights.until = now + std::chrono::minutes{5};
    if (token == "writer") rights.role = auth::Role::Writer;
    if (token == "late") return ingest::Failure{Refusal{Refusal::Kind::Expired, "over"}};
    if (token == "bad") return ingest::Failure{Refusal{Refusal::Kind::Invalid, "bad"}};
    return auth::RightsPtr{std::make_shared<const auth::Rights>(std::move(rights))};
  }
  bool still_gives(const auth::Rights& rights, ingest::WallTime /*now*/) override {
    return rights.name != revoked;
  }
  std::unique_ptr<Place> admit(const auth::Rights& rights, std::size_t subs) override {
    return books.admit(rights.name, subs);
  }
  std::uint64_t generation() override { return reloads; }
  std::uint64_t reloads = 1;
  std::string revoked;
  Books books;
};

struct House {
  explicit House(auth::RightsPtr rights = nullptr)
      : subscriptions({0, 1, 1}, 7, std::make_unique<Identity>(keeper, std::move(rights))) {}

  void receive(std::string_view text) { subscriptions.receive(text, desk, now()); }
  Subscriptions::Now now() const { return {ingest::MonoTime{std::chrono::seconds{1}}, wall}; }
  /// What the client hears, a line for each message.
  std::string heard() {
    std::vector<FramePtr> frames;
    subscriptions.due(desk, now(), frames, 100);
    std::string text;
    for (const FramePtr& frame : frames)
      text.append(frame->payload()).append("\n");
    subscriptions.sent(desk, now(), frames.size());
    return text;
  }
  std::optional<int> closed() const {
    const auto code = subscriptions.close_code();
    return code ? std::optional{static_cast<int>(*code)} : std::nullopt;
  }
  /// The queries that reached the hub.
  std::vector<std::vector<ingest::query::Matcher>> asked() const {
    std::vector<std::vector<ingest::query::Matcher>> all;
    for (const ToHub& one : desk.to_hub) {
      if (const auto* subscribe = std::get_if<Subscribe>(&one))
        all.push_back(subscribe->query.where);
      if (const auto* ask = std::get_if<Ask>(&one))
        all.push_back(std::get<ingest::query::RangeAsk>(ask->question).query.where);
    }
    return all;
  }

  Keeper keeper;
  Desk desk;
  ingest::WallTime wall = kNow;
  Subscriptions subscriptions;
};

const std::string kSub = R"({"t":"sub","id":1,"q":{"metric":"a"}})";
std::string hello(const std::string& token) {
  return R"({"t":"hello","v":1,"token":")" + token + R"(","subs":[{"id":1,"q":{"metric":"a"}}]})";
}
bool says(const std::string& heard, std::string_view what) {
  return heard.find(what) != std::string::npos;
}

TEST(Identity, WithoutATokenNothingIsAnswered) {
  for (const std::string& first : {kSub, hello(""), std::string{R"({"t":"hello","v":1})"}}) {
    House house;
    house.receive(first);
    EXPECT_TRUE(says(house.heard(), R"("code":"auth.required","n":1001)")) << first;
    EXPECT_EQ(house.closed(), 4001) << first;
    EXPECT_TRUE(house.desk.to_hub.empty()) << first;
  }
}

TEST(Identity, ABadTokenIsRefusedWithItsOwnCode) {
  struct Case {
    const char* token;
    const char* says;
    int close;
  };
  for (const Case& one : {Case{"bad", R"("n":1002)", 4002}, Case{"late", R"("n":1003)", 4105},
                          Case{"writer", R"("n":1004)", 4003}}) {
    House house;
    house.receive(hello(one.token));
    const std::string heard = house.heard();
    EXPECT_TRUE(says(heard, one.says)) << heard;
    EXPECT_FALSE(says(heard, "welcome")) << heard;
    EXPECT_EQ(house.closed(), one.close) << one.token;
    EXPECT_TRUE(house.desk.to_hub.empty()) << one.token;
  }
}

TEST(Identity, ATokenOfTheHelloOpensTheConversation) {
  House house;
  house.receive(hello("all"));
  EXPECT_TRUE(says(house.heard(), R"("t":"welcome")"));
  EXPECT_EQ(house.closed(), std::nullopt);
  EXPECT_EQ(house.asked().size(), 1U);
}

TEST(Identity, OfTheUpgradeNeedsNoToken) {
  House house{std::make_shared<const auth::Rights>()};
  house.receive(kSub);
  EXPECT_EQ(house.closed(), std::nullopt);
  EXPECT_EQ(house.asked().size(), 1U);
}

TEST(Identity, EveryQuestionCarriesItsMatchers) {
  House house;
  house.receive(hello("prod"));
  house.receive(R"({"t":"range","id":2,"q":{"metric":"a"},"start":1764000000000})");
  ingest::query::Query bound;
  ingest::query::restrict(bound, {{"env", Op::Equal, {"prod"}}});
  EXPECT_EQ(house.asked(), (std::vector{bound.where, bound.where}));
  for (const char* what : {"metrics", "tags", "series"}) {
    house.receive(R"({"t":"meta","id":3,"match":"a","what":")" + std::string{what} + "\"}");
    const auto* ask = std::get_if<Ask>(&house.desk.to_hub.back());
    ASSERT_NE(ask, nullptr) << what;
    const auto& asked = std::get<ingest::query::DiscoveryAsk>(ask->question);
    EXPECT_EQ(std::visit([](const auto& one) { return one.where; }, asked), bound.where) << what;
    house.receive(R"({"t":"unsub","id":3})");
    EXPECT_TRUE(std::holds_alternative<Forget>(house.desk.to_hub.back())) << what;
  }
}

TEST(Identity, ATokenThatEndsIsToldOnceAndThenClosesTheConnection) {
  House house;
  house.receive(hello("short"));
  house.heard();
  const auto first = house.subscriptions.check_identity(house.desk, house.now());
  EXPECT_EQ(first, kNow + std::chrono::minutes{4});
  EXPECT_EQ(house.heard(), "");
  house.wall = *first;
  EXPECT_EQ(house.subscriptions.check_identity(house.desk, house.now()),
            kNow + std::chrono::minutes{5});
  EXPECT_EQ(house.heard(), "{\"t\":\"expiring\",\"in\":60000}\n");
  house.subscriptions.check_identity(house.desk, house.now());
  EXPECT_EQ(house.heard(), "");
  house.wall += std::chrono::minutes{1};
  house.subscriptions.check_identity(house.desk, house.now());
  EXPECT_EQ(house.closed(), 4105);
}

TEST(Identity, AnotherTokenInTimeKeepsTheConnection) {
  House house;
  house.receive(hello("short"));
  house.wall += std::chrono::minutes{4};
  house.subscriptions.check_identity(house.desk, house.now());
  house.heard();
  house.receive(R"({"t":"auth","token":"short"})");
  EXPECT_EQ(house.heard(), "");
  house.wall += std::chrono::minutes{2};
  EXPECT_EQ(house.subscriptions.check_identity(house.desk, house.now()),
            kNow + std::chrono::minutes{8});
  EXPECT_EQ(house.closed(), std::nullopt);
  EXPECT_EQ(house.subscriptions.size(), 1U);
}

TEST(Identity, OtherRightsEndWhatTheOldOnesSaw) {
  House house;
  house.receive(hello("prod"));
  house.heard();
  house.receive(R"({"t":"range","id":2,"q":{"metric":"a"},"start":1764000000000})");
  house.receive(R"({"t":"auth","token":"all"})");
  EXPECT_EQ(house.heard(),
            "{\"t\":\"unsubd\",\"id\":2,\"code\":\"auth.revoked\"}\n"
            "{\"t\":\"unsubd\",\"id\":1,\"code\":\"auth.revoked\"}\n");
  EXPECT_EQ(house.subscriptions.size(), 0U);
  EXPECT_TRUE(std::any_of(house.desk.to_hub.begin(), house.desk.to_hub.end(), [](const ToHub& one) {
    return std::holds_alternative<Unsubscribe>(one);
  }));
  house.receive(kSub);
  EXPECT_TRUE(house.asked().back().empty());
  EXPECT_EQ(house.closed(), std::nullopt);
}

TEST(Identity, ABadTokenInBetweenEndsTheConnection) {
  House house;
  house.receive(hello("prod"));
  house.receive(R"({"t":"auth","token":"bad"})");
  EXPECT_EQ(house.closed(), 4002);
}

TEST(Identity, ARevokedTokenEndsAtTheNextLook) {
  House house;
  house.receive(hello("prod"));
  house.heard();
  house.keeper.revoked = "prod";
  house.subscriptions.check_identity(house.desk, house.now());
  EXPECT_EQ(house.closed(), std::nullopt);  // nothing was reloaded
  ++house.keeper.reloads;
  house.subscriptions.check_identity(house.desk, house.now());
  EXPECT_EQ(house.heard(), "{\"t\":\"unsubd\",\"id\":1,\"code\":\"auth.revoked\"}\n");
  EXPECT_EQ(house.closed(), 4002);
}

/// Between the upgrade's look at the token and the connection's first.
TEST(Identity, RightsOfTheUpgradeAreLookedAtAgain) {
  House house{std::make_shared<const auth::Rights>(auth::Rights{.name = "gone"})};
  house.keeper.revoked = "gone";
  house.receive(kSub);
  house.subscriptions.check_identity(house.desk, house.now());
  EXPECT_EQ(house.closed(), 4002);
}

TEST(Identity, OfMoreConnectionsThanItsHolderMayHaveTheNewOneEnds) {
  House house;
  house.keeper.books.connections_max = 0;
  house.receive(hello("all"));
  EXPECT_TRUE(says(house.heard(), "\"code\":\"server.overloaded\""));
  EXPECT_EQ(house.closed(), 4101);
  EXPECT_TRUE(house.asked().empty());
}

TEST(Identity, SubscriptionsAreCountedUntilTheyEnd) {
  House house;
  house.keeper.books.subs_max = 2;
  house.receive(hello("all"));
  house.receive(R"({"t":"sub","id":2,"q":{"metric":"a"}})");
  house.receive(R"({"t":"sub","id":3,"q":{"metric":"a"}})");
  const std::string heard = house.heard();
  EXPECT_TRUE(says(heard, "\"id\":3,\"code\":\"limit.subs\""));
  EXPECT_TRUE(says(heard, "\"retry\":true"));
  house.receive(R"({"t":"unsub","id":2})");
  EXPECT_EQ(house.keeper.books.subs, 1U);
  house.receive(R"({"t":"sub","id":3,"q":{"metric":"a"}})");
  EXPECT_FALSE(says(house.heard(), "limit.subs"));
  house.subscriptions.leave(house.desk);
  EXPECT_EQ(house.keeper.books.subs, 0U);
}

TEST(Identity, WhereNobodyNeedsATokenOneMeansNothing) {
  Desk desk;
  Subscriptions open{{0, 1, 1}, 7};
  const Subscriptions::Now now{ingest::MonoTime{}, kNow};
  open.receive(hello("bad"), desk, now);
  open.receive(R"({"t":"auth","token":"bad"})", desk, now);
  EXPECT_EQ(open.close_code(), std::nullopt);
  EXPECT_EQ(open.size(), 1U);
}

}  // namespace
}  // namespace gateway::publish
