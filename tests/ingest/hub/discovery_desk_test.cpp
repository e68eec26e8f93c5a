#include "ingest/hub/discovery_desk.h"

#include <gtest/gtest.h>

#include <optional>

namespace ingest::hub {
namespace {

using model::Kind;
using model::SeriesKey;
using query::Discovered;
using query::DiscoveredPtr;

struct Office {
  explicit Office(std::size_t surveys_max = 256)
      : timeline({}, 1, at(0)),
        desk(
            timeline, [this] { ++wakes; }, surveys_max) {
    desk.tick(at(0));
  }

  static WallTime at(std::int64_t ms) { return wall_from_ms(1'764'000'000'000 + ms); }
  void born(const char* env) {
    const std::string name = "m" + std::to_string(next % 1'000);
    const std::string host = std::to_string(next);
    timeline.born(0, {{next++, 1}, SeriesKey{Kind::Counter, name, {{"env", env}, {"host", host}}}});
  }
  query::Discovery::Id ask(query::DiscoveryAsk ask) {
    return desk.ask(std::move(ask), [this](const DiscoveredPtr& found) { heard.push_back(found); });
  }
  query::Discovery::Id ask_for(const char* env) {
    return ask(query::CatalogueAsk{{{"env", query::Op::Equal, {env}}}});
  }
  /// As `count` readers of that env.
  void ask_for_series(const char* env, int count) {
    const auto bounds = std::make_shared<const std::vector<query::Matcher>>(
        std::vector<query::Matcher>{{"env", query::Op::Equal, {env}}});
    for (int i = 0; i < count; ++i) {
      desk.ask(query::SeriesAsk{.where = *bounds, .limit = 1, .bounds = bounds},
               [this, env](const DiscoveredPtr& found) {
                 const bool is_fault = std::holds_alternative<query::Fault>(*found);
                 order.push_back((is_fault ? "refused " : "") + std::string{env});
               });
    }
  }
  void settle() {
    while (desk.turn()) {
    }
  }
  const query::Catalogue& catalogue(std::size_t index) const {
    return *std::get<std::shared_ptr<const query::Catalogue>>(*heard.at(index));
  }

  timeline::Timeline timeline;
  int wakes = 0;
  DiscoveryDesk desk;
  std::uint32_t next = 0;
  std::vector<DiscoveredPtr> heard;
  std::vector<std::string> order;  // who was answered
};

TEST(DiscoveryDesk, AnswersEachWithItsPartAfterAskHasReturned) {
  Office office;
  office.born("prod");
  office.born("dev");
  office.born("dev");
  office.ask_for("prod");
  office.ask_for("dev");
  EXPECT_TRUE(office.heard.empty());
  EXPECT_EQ(office.wakes, 2);
  office.settle();
  ASSERT_EQ(office.heard.size(), 2U);
  EXPECT_EQ(office.catalogue(0).series, 1U);
  EXPECT_EQ(office.catalogue(1).series, 2U);
}

TEST(DiscoveryDesk, WhoAsksTheSameSharesOneSurvey) {
  Office office;
  office.born("prod");
  office.ask_for("prod");
  office.ask_for("prod");
  office.settle();
  office.ask_for("prod");
  office.settle();
  ASSERT_EQ(office.heard.size(), 3U);
  EXPECT_EQ(office.desk.ledger().surveys, 1U);
  EXPECT_EQ(&office.catalogue(0), &office.catalogue(2));
}

TEST(DiscoveryDesk, ACatalogueIsMadeAnewWhenItIsASecondOldAndSomethingChanged) {
  Office office;
  office.born("prod");
  office.ask_for("prod");
  office.settle();
  office.desk.tick(Office::at(1'000));
  office.ask_for("prod");
  office.settle();
  EXPECT_EQ(office.desk.ledger().surveys, 1U) << "nothing changed";
  office.born("prod");
  office.ask_for("prod");
  office.settle();
  EXPECT_EQ(office.catalogue(2).series, 2U);
  office.desk.tick(Office::at(11'000));
  office.ask_for("prod");
  office.settle();
  EXPECT_EQ(office.desk.ledger().surveys, 3U) << "last_seen may have changed";
}

TEST(DiscoveryDesk, ALongSurveyDoesNotHoldUpAShortOne) {
  Office office;
  for (int i = 0; i < 50'000; ++i)
    office.born("prod");
  office.ask_for("prod");
  office.ask(query::SeriesAsk{.metric = "m1", .limit = 1});
  EXPECT_TRUE(office.desk.turn());
  ASSERT_EQ(office.heard.size(), 1U);
  EXPECT_EQ(std::get<query::SeriesPage>(*office.heard[0]).items.size(), 1U);
  office.settle();
  EXPECT_EQ(office.catalogue(1).series, 50'000U);
}

TEST(DiscoveryDesk, ARecentCatalogueDoesForWhoEstimatesByIt) {
  Office office;
  office.born("prod");
  office.ask_for("prod");
  office.settle();
  office.born("prod");
  office.desk.tick(Office::at(9'999));
  query::CatalogueAsk recent{{{"env", query::Op::Equal, {"prod"}}},
                             query::CatalogueAsk::Age::Recent};
  office.ask(recent);
  office.settle();
  EXPECT_EQ(office.catalogue(1).series, 1U);
  office.desk.tick(Office::at(10'000));
  office.ask(recent);
  office.settle();
  EXPECT_EQ(office.catalogue(2).series, 2U);
}

TEST(DiscoveryDesk, OnePartTakesNoMoreRoomThanItLeaves) {
  Office office{8};
  office.ask_for_series("greedy", 100);
  office.ask_for_series("prod", 3);
  EXPECT_EQ(office.desk.ledger().in_line, 6U);
  office.settle();
  EXPECT_EQ(std::ranges::count(office.order, "greedy"), 4);
  EXPECT_EQ(std::ranges::count(office.order, "prod"), 2) << "half of what was left";
  EXPECT_EQ(office.desk.ledger().refused, 97U);
  EXPECT_EQ(office.desk.ledger().in_line, 0U);
}

TEST(DiscoveryDesk, WhoAsksOnceDoesNotStandBehindWhoAsksOften) {
  Office office;
  for (int i = 0; i < 20'000; ++i)
    office.born("prod");
  office.ask_for_series("greedy", 100);  // each looks through all of them in vain
  office.ask_for_series("prod", 1);
  office.settle();
  EXPECT_EQ(office.order.size(), 101U);
  EXPECT_EQ(office.order.front(), "prod");
}

TEST(DiscoveryDesk, MoreThanItsLineHoldsAreRefused) {
  Office office{8};
  for (int i = 0; i < 5; ++i)
    office.ask(query::SeriesAsk{.limit = 1});
  office.settle();
  EXPECT_EQ(office.heard.size(), 5U);
  EXPECT_EQ(office.desk.ledger().refused, 1U);
  const auto is_fault = [](const DiscoveredPtr& one) {
    const auto* fault = std::get_if<query::Fault>(one.get());
    return fault != nullptr && fault->code == query::Code::ServerOverloaded;
  };
  EXPECT_EQ(std::ranges::count_if(office.heard, is_fault), 1);
  EXPECT_EQ(office.desk.ledger().waiting, 0U);
}

TEST(DiscoveryDesk, WhoWentAwayIsForgottenAndSoIsHisSurvey) {
  Office office;
  office.born("prod");
  const auto first = office.ask_for("prod");
  office.ask_for("prod");
  office.desk.drop(first);
  office.desk.drop(office.ask(query::SeriesAsk{.limit = 1}));
  office.desk.drop(office.ask(query::SeriesAsk{.limit = 0}));
  office.settle();
  EXPECT_EQ(office.heard.size(), 1U);
  EXPECT_EQ(office.desk.ledger().dropped, 3U);
  EXPECT_EQ(office.desk.ledger().waiting, 0U);
}

TEST(DiscoveryDesk, KeepsSoManyCataloguesAndNoMore) {
  Office office;
  office.born("prod");
  for (std::size_t i = 0; i < DiscoveryDesk::kCataloguesMax + 5; ++i) {
    office.ask_for(std::to_string(i).c_str());
    office.settle();
  }
  const auto surveys = office.desk.ledger().surveys;
  office.ask_for("0");
  office.settle();
  EXPECT_EQ(office.desk.ledger().surveys, surveys + 1) << "the oldest had to go";
  office.ask_for(std::to_string(DiscoveryDesk::kCataloguesMax + 4).c_str());
  office.settle();
  EXPECT_EQ(office.desk.ledger().surveys, surveys + 1);
}

}  // namespace
}  // namespace ingest::hub
