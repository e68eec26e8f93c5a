#include "ingest/timeline/running_total.h"

#include <map>
#include <random>

#include "ingest/timeline/exposition_survey.h"
#include "tests/ingest/timeline/given.h"

namespace ingest::timeline {
namespace {

using model::Kind;
using model::SeriesKey;
using query::ExpositionPart;
using query::ExpositionRow;
using query::TimerShape;

const SeriesKey kCounter{Kind::Counter, "hits", {{"host", "a"}}};
const SeriesKey kTimer{Kind::Timer, "took", {}};

query::TimerShaper all_as(TimerShape shape) {
  return [made = std::make_shared<const TimerShape>(std::move(shape))](std::string_view) {
    return made;
  };
}

query::ExpositionTablePtr table_of(Given& given, std::size_t slice = 1'000'000) {
  ExpositionSurvey survey{given.timeline};
  for (;;) {
    std::size_t steps = slice;
    if (auto made = survey.go_on(steps)) return made;
  }
}

struct Told {
  ExpositionRow row;
  std::vector<double> numbers;
};
/// By name and tags.
std::map<std::string, Told> told(Given& given, std::size_t slice = 1'000'000) {
  std::map<std::string, Told> all;
  const auto table = table_of(given, slice);
  for (const ExpositionPart& part : table->parts) {
    for (const ExpositionRow& row : part.rows) {
      Told one{row, {}};
      if (row.shape != nullptr) {
        const std::size_t count =
            row.shape->is_histogram() ? row.shape->bounds.size() : row.shape->quantiles.size();
        const auto first = part.numbers.begin() + row.numbers_first;
        one.numbers.assign(first, first + static_cast<std::ptrdiff_t>(count));
        one.row.shape = nullptr;  // the table's
      }
      std::string key{part.key(row)};
      std::ranges::replace(key, '\0', '|');
      all[key] = std::move(one);
    }
  }
  return all;
}

double total(Given& given) {
  return told(given).at("hits|host|a").row.value;
}

TEST(RunningTotal, IsToldBeforeItsPaneCloses) {
  Given given;
  given.send(kCounter, 100'100, {5});
  EXPECT_EQ(total(given), 5);
  given.send(kCounter, 100'900, {2});
  EXPECT_EQ(total(given), 7);
}

TEST(RunningTotal, OfACounterNeverGoesBackAndIsAllThatWasSent) {
  std::mt19937 random{7};  // NOLINT(cert-msc51-cpp): the same schedule each time
  Given given{{.retention = Millis{10'000},
               .retention_ten = Millis{20'000},
               .retention_sixty = Millis{0},
               .series_ttl = Millis{15'000}}};
  double sent = 0;
  double before = 0;
  std::int64_t now = 100'000;
  for (int tick = 0; tick < 2'000; ++tick) {
    now += 250;
    // Silences that are longer than any pane is kept, and shorter than the series is remembered.
    const bool is_silent = tick % 400 > 330;
    for (int i = 0; !is_silent && i < static_cast<int>(random() % 4); ++i) {
      const auto value = static_cast<double>(random() % 100);
      const auto late = static_cast<std::int64_t>(random() % 3'000);
      given.send(random() % 2, kCounter, at(now - late), folded(Kind::Counter, {value}, at(now)));
      sent += value;
    }
    given.tick(now);
    const auto all = told(given);
    const auto found = all.find("hits|host|a");
    if (found == all.end()) continue;  // it is silent for longer than series_ttl
    ASSERT_GE(found->second.row.value, before) << tick;
    before = found->second.row.value;
    if (!is_silent) {
      ASSERT_EQ(before, sent) << tick;
    }
  }
  EXPECT_GT(given.timeline.counters().expired, 0U);
  EXPECT_GT(given.timeline.counters().late, 0U);
}

TEST(RunningTotal, OfACounterThatIsCountedDownStaysWhereItWas) {
  Given given;
  given.send(kCounter, 100'100, {5});
  EXPECT_EQ(total(given), 5);
  given.send(kCounter, 100'200, {-3});
  EXPECT_EQ(total(given), 5);
  given.send(kCounter, 100'300, {4});
  EXPECT_EQ(total(given), 6);
}

TEST(RunningTotal, ABadSumIsLeftOut) {
  Given given;
  given.send(kCounter, 100'100, {5});
  given.send(kCounter, 101'100, {1e308, 1e308, 1e308});
  given.send(kCounter, 102'100, {2});
  EXPECT_EQ(total(given), 7);
}

TEST(RunningTotal, OfAGaugeIsItsValueThroughPanesAndChanges) {
  Given given;
  const SeriesKey gauge{Kind::Gauge, "level", {}};
  given.send(gauge, 100'100, {10});
  const auto change = [&](double by, std::int64_t time) {
    given.send(0, gauge, at(time), folded(Kind::Gauge, {by}, at(time), model::GaugeChange::Add));
  };
  change(5, 101'100);
  EXPECT_EQ(told(given).at("level").row.value, 15);
  for (std::int64_t now = 101'500; now < 120'000; now += 500)
    given.tick(now);
  change(-3, 119'900);
  EXPECT_EQ(told(given).at("level").row.value, 12);
}

TEST(RunningTotal, OfATimerIsCountAndSumAndQuantilesOfTheLastMinute) {
  Given given;
  given.timeline.shape_timers(all_as({.quantiles = {0, 0.5, 1}}));
  std::int64_t now = 100'000;
  for (int second = 0; second < 200; ++second, now += 1'000) {
    given.send(kTimer, now + 100, {static_cast<double>(second), 1'000});
    given.tick(now + 500);
  }
  const Told all = told(given).at("took");
  EXPECT_EQ(all.row.count, 400);
  EXPECT_EQ(all.row.value, 199 * 200 / 2 + 200 * 1'000);
  // The minute may begin up to 10 s before.
  EXPECT_GE(all.numbers.at(0), 129);
  EXPECT_LE(all.numbers.at(0), 141);
  EXPECT_NEAR(all.numbers.at(1), 199, 199 * 0.01);
  EXPECT_EQ(all.numbers.at(2), 1'000);
  for (; now < 400'000; now += 500)
    given.tick(now + 500);
  const Told silent = told(given).at("took");
  EXPECT_EQ(silent.row.count, 400);
  EXPECT_TRUE(std::isnan(silent.numbers.at(0)));
}

TEST(RunningTotal, OfAHistogramIsHowManyWereAtMostEachBound) {
  Given given;
  given.timeline.shape_timers(all_as({.bounds = {0, 10, 100}}));
  given.send(kTimer, 100'100, {-5, 0, 10, 11, 99.5, 1'000});
  const std::vector<double> expected{2, 3, 5};
  EXPECT_EQ(told(given).at("took").numbers, expected);
  for (std::int64_t now = 100'500; now < 130'000; now += 500)
    given.tick(now);
  EXPECT_EQ(told(given).at("took").numbers, expected);  // closed, they are the same
  EXPECT_EQ(told(given).at("took").row.count, 6);
  // More values than are kept one by one: buckets, whose middles stand for them.
  model::Partial many{Kind::Timer};
  for (int i = 1; i <= 1'000; ++i)
    many.merge(folded(Kind::Timer, {static_cast<double>(i)}, at(130'100)));
  given.send(0, kTimer, at(130'100), std::move(many));
  const std::vector<double> now = told(given).at("took").numbers;
  EXPECT_NEAR(now.at(1), 3 + 10, 1);
  EXPECT_NEAR(now.at(2), 5 + 100, 2);
}

TEST(RunningTotal, OtherBoundsBeginAnewAndOtherQuantilesDoNot) {
  Given given;
  given.timeline.shape_timers(all_as({.bounds = {10}}));
  given.send(kTimer, 100'100, {1, 20});
  for (std::int64_t now = 100'500; now < 110'000; now += 500)
    given.tick(now);
  given.timeline.shape_timers(all_as({.quantiles = {0.5}}));
  EXPECT_EQ(told(given).at("took").row.count, 0);
  given.send(kTimer, 110'100, {3});
  EXPECT_EQ(told(given).at("took").row.count, 1);
  given.timeline.shape_timers(all_as({.quantiles = {0.9}}));
  EXPECT_EQ(told(given).at("took").row.count, 1);
}

TEST(ExpositionSurvey, TellsEverySeriesOnceInAnySlices) {
  Given given;
  given.timeline.shape_timers(all_as({.quantiles = {0.5}}));
  for (int i = 0; i < 3'000; ++i) {
    const std::string host = std::to_string(i);
    given.send({Kind::Counter, "n", {{"host", host}}}, 100'100, {static_cast<double>(i)});
  }
  given.send({Kind::Set, "who", {}}, 100'200, {1, 2, 2, 3});
  given.send(kTimer, 100'200, {4});
  given.expire(0, {Kind::Counter, "n", {{"host", "77"}}});
  for (const std::size_t slice : {1U, 100U, 100'000U}) {
    const auto all = told(given, slice);
    ASSERT_EQ(all.size(), 3'001U) << slice;
    EXPECT_FALSE(all.contains("n|host|77"));
    EXPECT_EQ(all.at("n|host|2999").row.value, 2'999);
    EXPECT_EQ(all.at("who").row.value, 3);
  }
  std::size_t turns = 0;
  ExpositionSurvey survey{given.timeline};
  for (std::size_t steps = 100; survey.go_on(steps) == nullptr; steps = 100)
    ++turns;
  EXPECT_GE(turns, 30U);
}

TEST(ExpositionSurvey, ATimerThatNobodyShapedIsLeftOut) {
  Given given;
  given.send(kTimer, 100'200, {4});
  EXPECT_TRUE(told(given).empty());
}

}  // namespace
}  // namespace ingest::timeline
