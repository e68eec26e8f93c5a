#include "ingest/hub/exposition_desk.h"

#include <gtest/gtest.h>

#include <string>

namespace ingest::hub {
namespace {

using model::Kind;
using model::SeriesKey;
using query::ExpositionTablePtr;

struct Office {
  Office() : timeline({}, 1, at(0)), desk(timeline, [this] { ++wakes; }) { desk.tick(at(0)); }
  static WallTime at(std::int64_t ms) { return wall_from_ms(1'764'000'000'000 + ms); }
  void born(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i, ++next)
      timeline.born(0, {{next, 1}, SeriesKey{Kind::Counter, "m", {{"i", std::to_string(next)}}}});
  }
  query::Exposition::Id ask() {
    return desk.ask([this](const ExpositionTablePtr& table) { heard.push_back(table); });
  }
  int settle() {
    int turns = 1;
    while (desk.turn())
      ++turns;
    return turns;
  }

  timeline::Timeline timeline;
  int wakes = 0;
  ExpositionDesk desk;
  std::uint32_t next = 0;
  std::vector<ExpositionTablePtr> heard;
};

TEST(ExpositionDesk, MakesATableInManyTurnsAfterAskHasReturned) {
  Office office;
  office.born(20'000);
  office.ask();
  EXPECT_TRUE(office.heard.empty());
  EXPECT_EQ(office.wakes, 1);
  EXPECT_GE(office.settle(), 5);
  ASSERT_EQ(office.heard.size(), 1U);
  EXPECT_EQ(office.heard[0]->parts.size(), 20U);
  EXPECT_GE(office.desk.ledger().last_turns, 5U);
}

TEST(ExpositionDesk, WhoAsksWithinASecondSharesOneTable) {
  Office office;
  office.born(10);
  office.ask();
  office.ask();
  office.settle();
  office.desk.tick(Office::at(999));
  office.ask();
  office.settle();
  ASSERT_EQ(office.heard.size(), 3U);
  EXPECT_EQ(office.heard[0], office.heard[2]);
  EXPECT_EQ(office.desk.ledger().tables, 1U);
  office.desk.tick(Office::at(1'000));
  office.ask();
  office.settle();
  EXPECT_NE(office.heard[0], office.heard[3]);
}

TEST(ExpositionDesk, AFreshTableIsLetGoWithoutBeingAskedFor) {
  Office office;
  office.born(1);
  office.ask();
  office.settle();
  const std::weak_ptr<const query::ExpositionTable> table = office.heard[0];
  office.heard.clear();
  EXPECT_FALSE(table.expired());
  office.desk.tick(Office::at(1'000));
  EXPECT_TRUE(table.expired());
}

TEST(ExpositionDesk, WhomNobodyWaitsForCostsNoMoreTurns) {
  Office office;
  office.born(20'000);
  const auto id = office.ask();
  EXPECT_TRUE(office.desk.turn());
  office.desk.drop(id);
  EXPECT_FALSE(office.desk.turn());
  EXPECT_TRUE(office.heard.empty());
  EXPECT_EQ(office.desk.ledger().waiting, 0U);
}

TEST(ExpositionDesk, AnotherShapeIsToldAtOnce) {
  Office office;
  office.timeline.born(0, {{0, 1}, SeriesKey{Kind::Timer, "t", {}}});
  const auto as = [](double quantile) {
    return [shape = std::make_shared<const query::TimerShape>(
                query::TimerShape{.quantiles = {quantile}})](std::string_view) { return shape; };
  };
  office.desk.shape_timers(as(0.5));
  office.ask();
  office.settle();
  office.desk.shape_timers(as(0.9));
  office.ask();
  office.settle();
  EXPECT_EQ(office.heard.at(0)->parts.at(0).rows.at(0).shape->quantiles.at(0), 0.5);
  EXPECT_EQ(office.heard.at(1)->parts.at(0).rows.at(0).shape->quantiles.at(0), 0.9);
}

}  // namespace
}  // namespace ingest::hub
