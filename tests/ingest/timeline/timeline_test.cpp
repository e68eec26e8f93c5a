#include "ingest/timeline/timeline.h"

#include <map>

#include "ingest/timeline/catalogue_builder.h"
#include "tests/ingest/timeline/given.h"

namespace ingest::timeline {
namespace {

using model::Kind;
using model::SeriesKey;

SeriesKey host(std::string_view value, std::string_view name = "m") {
  return {Kind::Counter, name, {{"host", value}}};
}

double total(const Timeline& timeline) {
  double sum = 0;
  for (SeriesIndex i = 0; i < timeline.indexes(); ++i) {
    if (timeline.series(i) == nullptr) continue;
    timeline.panes(i).each(
        Rollup::Base, 0, SeriesPanes::kNever,
        [&](PaneNumber, const model::Partial& partial) { sum += partial.counter().total(); });
  }
  return sum;
}

/// By number of the pane.
std::map<std::int64_t, double> pane_totals(const Timeline& timeline) {
  std::map<std::int64_t, double> totals;
  for (SeriesIndex i = 0; i < timeline.indexes(); ++i) {
    if (timeline.series(i) == nullptr) continue;
    timeline.panes(i).each(Rollup::Base, 0, SeriesPanes::kNever,
                           [&](PaneNumber number, const model::Partial& partial) {
                             totals[number] += partial.counter().total();
                           });
  }
  return totals;
}

TEST(Timeline, TotalsThatComeAfterTheirPaneClosedCountInTheOldestOpenOne) {
  Given given;
  given.tick(102'750);
  given.send(host("a"), 100'500, {1});
  EXPECT_EQ(given.timeline.counters().late, 0U);
  given.tick(103'000);  // 101000 + 2000
  given.send(host("a"), 100'500, {10});
  given.send(host("a"), 101'500, {100});
  EXPECT_EQ(given.timeline.counters().merged, 3U);
  EXPECT_EQ(given.timeline.counters().late, 1U);
  EXPECT_EQ(pane_totals(given.timeline), (std::map<std::int64_t, double>{{100, 1}, {101, 110}}));
}

TEST(Timeline, SendsTheMemoryOfWhatItPackedBackToWhoBringsMore) {
  Given given;
  const SeriesKey timer{Kind::Timer, "t", {}};
  given.send(timer, 100'500, {1, 2, 3});
  given.tick(105'000);  // closed, and packed
  const model::LocalSeries series{0, 1};
  std::vector<model::PartialMoved> moved;
  moved.push_back({series, at(105'500), folded(Kind::Timer, {4, 5}, at(105'500))});
  given.timeline.merge_all(0, moved);
  EXPECT_EQ(given.timeline.counters().unknown, 0U);
  EXPECT_EQ(moved[0].partial.timer().count(), 3);
  moved.clear();
  const auto panes = given.timeline.panes(0);
  double count = 0;
  panes.each(Rollup::Base, 105, 106,
             [&](PaneNumber, const model::Partial& partial) { count += partial.timer().count(); });
  EXPECT_EQ(count, 2);
}

/// Of the one series, as of the newest pane: every pane's last value after another.
double gauge_value(const Timeline& timeline, std::uint64_t& samples) {
  double value = 0;
  samples = 0;
  timeline.panes(0).each(Rollup::Base, 0, SeriesPanes::kNever,
                         [&](PaneNumber, const model::Partial& partial) {
                           value = partial.gauge().last(value);
                           samples += partial.gauge().samples() + partial.gauge().changes();
                         });
  return value;
}

TEST(Timeline, AGaugeThatComesAfterItsPaneClosedCountsInTheOldestOpenOne) {
  Given given;
  const SeriesKey gauge{Kind::Gauge, "g", {}};
  std::uint64_t samples = 0;
  given.tick(103'250);
  given.send(gauge, 100'500, {7, 8, 9});
  EXPECT_EQ(given.timeline.counters().late, 1U);
  EXPECT_EQ(gauge_value(given.timeline, samples), 9);
  EXPECT_EQ(samples, 3U);
  given.send(0, gauge, at(100'500),
             folded(Kind::Gauge, {1, 2, 3}, at(100'500), model::GaugeChange::Add));
  EXPECT_EQ(gauge_value(given.timeline, samples), 15);
  EXPECT_EQ(samples, 6U);
  given.send(gauge, 101'700, {4});  // in time, and newer than all of it
  EXPECT_EQ(gauge_value(given.timeline, samples), 4);
  EXPECT_EQ(samples, 7U);
}

TEST(Timeline, ALateGaugeDoesNotHideANewerValueOfAnotherWorker) {
  Given given;
  const SeriesKey gauge{Kind::Gauge, "g", {}};
  std::uint64_t samples = 0;
  given.send(1, gauge, at(101'800), folded(Kind::Gauge, {50}, at(101'800)));
  given.tick(104'250);  // 101 is closed, too
  given.send(0, gauge, at(100'500), folded(Kind::Gauge, {7, 8}, at(100'500)));
  EXPECT_EQ(gauge_value(given.timeline, samples), 50);
  EXPECT_EQ(samples, 3U);
  // A change made before the newer value is in it; one made after comes on top.
  given.send(0, gauge, at(100'500), folded(Kind::Gauge, {1}, at(100'500), model::GaugeChange::Add));
  given.send(0, gauge, at(101'900), folded(Kind::Gauge, {2}, at(101'900), model::GaugeChange::Add));
  EXPECT_EQ(gauge_value(given.timeline, samples), 52);
  EXPECT_EQ(samples, 5U);
}

TEST(Timeline, GivesOneSeriesToTwoWorkersAndExpiresItWithTheLast) {
  Given given;
  given.send(0, host("a"), at(100'100), folded(Kind::Counter, {1}, at(100'100)));
  given.send(1, host("a"), at(100'100), folded(Kind::Counter, {2}, at(100'100)));
  EXPECT_EQ(given.timeline.live(), 1U);
  EXPECT_EQ(total(given.timeline), 3);
  given.expire(0, host("a"));
  EXPECT_EQ(given.timeline.live(), 1U);
  given.expire(1, host("a"));
  EXPECT_EQ(given.timeline.live(), 0U);
  EXPECT_EQ(given.timeline.counters().expired, 1U);
}

TEST(Timeline, NeverTakesAReusedLocalSlotForTheOldSeries) {
  Given given;
  given.timeline.born(0, {{5, 1}, host("a")});
  given.timeline.expired(0, {5, 1});
  given.timeline.born(0, {{5, 2}, host("b")});
  given.timeline.merge(0, {{5, 1}, at(100'000), folded(Kind::Counter, {1}, at(100'100))});
  EXPECT_EQ(given.timeline.counters().unknown, 1U);
  given.timeline.expired(0, {5, 1});
  given.timeline.merge(0, {{5, 2}, at(100'000), folded(Kind::Counter, {1}, at(100'100))});
  EXPECT_EQ(given.timeline.counters().merged, 1U);
  EXPECT_EQ(given.timeline.live(), 1U);
}

TEST(Timeline, ForgetsAnExpiredSeriesWithItsLastPaneAndReusesTheIndexAsAnother) {
  Given given({.retention = Millis{10'000},
               .retention_ten = Millis{0},
               .retention_sixty = Millis{0},
               .series_ttl = Millis{5'000}});
  given.send(host("a"), 100'100, {1});
  const SeriesId first = given.timeline.id(0);
  given.tick(105'750);
  EXPECT_EQ(given.timeline.live(), 1U);
  given.tick(106'000);
  EXPECT_EQ(given.timeline.live(), 0U);
  EXPECT_NE(given.timeline.series(0), nullptr);  // its pane is history still
  given.expire(0, host("a"));
  given.tick(111'000);
  EXPECT_EQ(given.timeline.series(0), nullptr);
  EXPECT_EQ(given.timeline.panes_held(), 0U);
  EXPECT_TRUE(given.timeline.names().empty());
  given.send(host("b"), 111'100, {1});
  EXPECT_EQ(given.timeline.id(0).index, first.index);
  EXPECT_NE(given.timeline.id(0), first);
}

TEST(Timeline, FoldsSeriesPastACapIntoTheOverflowOfTheirName) {
  Given given({.series_max = 3, .series_per_name_max = 2, .names_max = 2});
  for (const auto* value : {"a", "b", "c", "d"})
    given.send(host(value), 100'100, {1});
  for (const auto* value : {"a", "b"})
    given.send(host(value, "n"), 100'100, {10});
  for (const auto* value : {"a", "b"})
    given.send(host(value, "third"), 100'100, {100});
  EXPECT_EQ(total(given.timeline), 4 + 20 + 200);
  EXPECT_EQ(given.timeline.counters().overflowed, 2U + 1U + 2U);
  std::set<std::string> names;
  for (SeriesIndex i = 0; i < given.timeline.indexes(); ++i) {
    const SeriesKey& key = given.timeline.series(i)->key;
    std::string text{key.name()};
    for (const auto& tag : key.tags())
      text += "," + std::string{tag.key} + "=" + std::string{tag.value};
    names.insert(text);
  }
  EXPECT_EQ(names, (std::set<std::string>{"m,host=a", "m,host=b", "m,weir_overflow=true",
                                          "n,host=a", "n,weir_overflow=true", "weir.overflow"}));
}

TEST(Timeline, SaysWhichCapANewSeriesRanInto) {
  using model::Cap;
  Given given({.series_max = 4, .series_per_name_max = 3, .names_max = 2, .values_per_tag_max = 2});
  std::uint32_t local = 0;
  const auto born = [&](const SeriesKey& key) {
    return given.timeline.born(0, {{local++, 1}, key});
  };
  EXPECT_EQ(born(host("a")), std::nullopt);
  EXPECT_EQ(born(host("b")), std::nullopt);
  EXPECT_EQ(born(host("c")), Cap::ValuesPerTag);
  EXPECT_EQ(born(host("a")), std::nullopt);  // as another worker knows it
  EXPECT_EQ(born({Kind::Counter, "m", {{"zone", "x"}}}), std::nullopt);
  EXPECT_EQ(born({Kind::Counter, "m", {{"zone", "y"}}}), Cap::SeriesPerName);
  EXPECT_EQ(born(host("a", "n")), std::nullopt);
  EXPECT_EQ(born(host("b", "n")), Cap::Series);
  EXPECT_EQ(born(host("a", "third")), Cap::Names);
  const auto counted = given.timeline.counters().overflowed;
  EXPECT_EQ(born({Kind::Counter, "m", {{"weir_overflow", "true"}}}), std::nullopt);
  EXPECT_EQ(born({Kind::Timer, "n", {{"weir_overflow", "true"}}}), std::nullopt);
  EXPECT_EQ(born({Kind::Timer, "weir.overflow", {}}), std::nullopt);
  EXPECT_EQ(given.timeline.counters().overflowed, counted);
}

TEST(Timeline, WhatStandsForOthersTakesNoPlaceUnderTheCaps) {
  Given given({.series_max = 3, .series_per_name_max = 2, .names_max = 2});
  for (const auto* name : {"m", "n", "third"})
    given.send(host("a", name), 100'100, {1});
  for (const auto* value : {"b", "c"})
    given.send(host(value), 100'100, {1});
  EXPECT_EQ(given.timeline.counters().overflowed, 2U);
  EXPECT_EQ(given.timeline.live(), 5U);
  // Beside what stands for others, m and weir.overflow, there is room for a series and a name.
  given.expire(0, host("a", "n"));
  given.expire(0, host("b"));
  given.send(host("d"), 100'100, {1});
  given.send(host("a", "fourth"), 100'100, {1});
  EXPECT_EQ(given.timeline.counters().overflowed, 2U);
  given.send(host("a", "fifth"), 100'100, {1});
  given.send(host("e"), 100'100, {1});
  EXPECT_EQ(given.timeline.counters().overflowed, 4U);
  EXPECT_EQ(given.timeline.live(), 5U);
}

TEST(Timeline, WhatWasFoldedHasASeriesOfItsOwnWhenItIsBornAgainAndThereIsRoom) {
  Given given({.series_max = 1});
  const auto born = [&](std::uint32_t local, const SeriesKey& key) {
    return given.timeline.born(0, {{local, 1}, key});
  };
  const auto merge = [&](std::uint32_t local) {
    given.timeline.merge(0, {{local, 1}, at(100'000), folded(Kind::Counter, {1}, at(100'100))});
  };
  EXPECT_EQ(born(0, host("a")), std::nullopt);
  EXPECT_EQ(born(1, host("b")), model::Cap::Series);
  merge(1);
  EXPECT_EQ(born(1, host("b")), model::Cap::Series);
  merge(1);
  EXPECT_EQ(given.timeline.counters().overflowed, 1U);  // it is the same one
  given.timeline.expired(0, {0, 1});
  EXPECT_EQ(born(1, host("b")), std::nullopt);
  merge(1);
  EXPECT_EQ(given.timeline.counters().unknown, 0U);
  std::map<std::string, double> totals;
  for (SeriesIndex i = 0; i < given.timeline.indexes(); ++i) {
    given.timeline.panes(i).each(
        Rollup::Base, 0, SeriesPanes::kNever, [&](PaneNumber, const model::Partial& partial) {
          totals[std::string{given.timeline.series(i)->key.tags().begin()->value}] +=
              partial.counter().total();
        });
  }
  EXPECT_EQ(totals, (std::map<std::string, double>{{"b", 1}, {"true", 2}}));
}

TEST(Timeline, FoldsSeriesPastTheCapOfATagsValues) {
  Given given({.values_per_tag_max = 2});
  for (const auto* value : {"a", "b", "c", "a"})
    given.send(host(value), 100'100, {1});
  given.send(host("c", "n"), 100'100, {10});
  EXPECT_EQ(total(given.timeline), 4 + 10);
  EXPECT_EQ(given.timeline.counters().overflowed, 1U);
  EXPECT_EQ(given.timeline.live(), 4U);  // a, b, the overflow, and that of another name
}

TEST(Timeline, KeepsPanesForAShorterTimeWhenMemoryIsShortAndCountsThem) {
  constexpr std::size_t kMemory = std::size_t{1} << 20;
  Given given({.retention_ten = Millis{0}, .retention_sixty = Millis{0}, .memory_max = kMemory});
  std::size_t most = 0;
  for (std::int64_t now = 100'000; now < 500'000; now += 1'000) {
    for (int i = 0; i < 50; ++i) {
      given.send({Kind::Timer, "t" + std::to_string(i), {}}, now,
                 {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0});
    }
    given.tick(now + 1'000);
    most = std::max(most, given.timeline.held_bytes());
  }
  EXPECT_LE(most, kMemory);
  EXPECT_GT(most, kMemory / 2);
  EXPECT_LT(given.timeline.keeps(Rollup::Base), Millis{300'000});
  EXPECT_GT(given.timeline.counters().panes_shed, 100U);
  EXPECT_GT(given.timeline.panes(0).covers(Rollup::Base), 200);
  EXPECT_EQ(given.timeline.counters().overflowed, 0U);
}

TEST(Timeline, HasNoRoomForNewSeriesWhenNoDetailIsLeftToGive) {
  Given given({.memory_max = std::size_t{1} << 20});
  given.send(host("old"), 100'000, {1});
  given.timeline.others_hold(std::size_t{1} << 20);
  for (std::int64_t now = 101'000; now < 400'000; now += 1'000)
    given.tick(now);
  ASSERT_TRUE(given.timeline.memory_exhausted());
  given.send(host("old"), 400'000, {10});
  given.send(host("new"), 400'000, {100});
  given.send(host("newer"), 400'000, {1'000});
  EXPECT_EQ(given.timeline.born(0, {{9, 1}, host("newest")}), model::Cap::Memory);
  EXPECT_EQ(given.timeline.counters().overflowed, 3U);
  EXPECT_EQ(given.timeline.live(), 2U);
  EXPECT_EQ((pane_totals(given.timeline)[400]), 1'110);
  given.timeline.others_hold(0);
  given.tick(401'000);
  EXPECT_FALSE(given.timeline.memory_exhausted());
}

TEST(Timeline, WhatExpiredCountsUnderNoCapAndKeepsItsRollUps) {
  Given given({.retention = Millis{60'000}, .series_ttl = Millis{5'000}, .series_max = 3});
  for (const auto* value : {"a", "b", "c"}) {
    given.send(host(value), 100'100, {1});
    given.expire(0, host(value));
  }
  for (std::int64_t now = 101'000; now < 200'000; now += 1'000)
    given.tick(now);
  for (const auto* value : {"d", "e", "f"})
    given.send(host(value), 200'100, {1});
  EXPECT_EQ(given.timeline.counters().overflowed, 0U);
  EXPECT_EQ(given.timeline.live(), 3U);
  ASSERT_NE(given.timeline.series(0), nullptr);
  EXPECT_TRUE(given.timeline.series(0)->past);
  EXPECT_EQ(given.timeline.panes(0).size(Rollup::Base), 0U);
  EXPECT_EQ(given.timeline.panes(0).size(Rollup::Ten), 1U);
}

TEST(Timeline, RemembersAtMostAsManyExpiredSeriesAsMayLive) {
  constexpr std::size_t kMax = 5;
  Given given({.series_ttl = Millis{5'000}, .series_max = kMax});
  for (int i = 0; i < 60; ++i) {
    const SeriesKey key = host(std::to_string(i));
    given.send(key, 100'000 + 10'000 * i, {1});
    given.expire(0, key);
    given.tick(110'000 + 10'000 * i);
    std::size_t held = 0;
    for (SeriesIndex at = 0; at < given.timeline.indexes(); ++at)
      held += given.timeline.series(at) != nullptr ? 1 : 0;
    ASSERT_LE(held, given.timeline.live() + kMax);
  }
  EXPECT_LE(given.timeline.indexes(), 2 * kMax + 2);
}

TEST(Timeline, AStreamForgetsWhatIsPastAndFindsItAgainWhenItComesBack) {
  Given given({.retention = Millis{60'000}, .series_ttl = Millis{5'000}});
  const auto id = given.watch(R"({"metric":"m","by":["host"],"stats":["count"]})");
  given.send(host("a"), 100'100, {1});
  given.tick(100'250);
  EXPECT_EQ(given.reader.tables[id].rows.size(), 1U);
  given.expire(0, host("a"));
  for (std::int64_t now = 101'000; now < 200'000; now += 1'000)
    given.tick(now);
  EXPECT_TRUE(given.reader.tables[id].rows.empty());  // its tombstone was told
  ASSERT_TRUE(given.timeline.series(0)->past);
  given.send(host("a"), 200'100, {7});
  given.tick(200'250);
  EXPECT_EQ(given.reader.tables[id].of({"a"}), (std::vector<double>{7}));
  EXPECT_EQ(given.timeline.live(), 1U);
}

TEST(Timeline, KeepsAGaugesValueWhenItsPanesLeave) {
  Given given({.retention = Millis{10'000}});
  const SeriesKey gauge{Kind::Gauge, "g", {}};
  given.send(gauge, 100'100, {7});
  given.tick(100'250);
  for (std::int64_t now = 101'000; now < 130'000; now += 1'000)
    given.tick(now);
  const auto id = given.watch(R"({"metric":"g","stats":["last"]})");
  given.tick(130'000);
  EXPECT_EQ(given.reader.tables[id].of({}), (std::vector<double>{7}));
}

TEST(PaneRun, KeepsOrderWhateverComesWhen) {
  PaneRun run;
  for (const PaneNumber number : {5, 9, 7, 5, 3, 9}) {
    run.merge(number, folded(Kind::Counter, {1}, at(0)));
  }
  std::vector<std::pair<PaneNumber, double>> found;
  for (const auto& item : run.items())
    found.emplace_back(item.number, item.partial.counter().total());
  EXPECT_EQ(found, (std::vector<std::pair<PaneNumber, double>>{{3, 1}, {5, 2}, {7, 1}, {9, 2}}));
  EXPECT_EQ(run.last_below(9, -1), 7);
  EXPECT_EQ(run.last_below(3, -1), -1);
  EXPECT_EQ(run.drop_below(6), 2U);
  EXPECT_EQ(run.find(5), nullptr);
  EXPECT_EQ(run.items_from(8).size(), 1U);
  EXPECT_EQ(run.drop_below(100), 2U);
  EXPECT_TRUE(run.empty());
}

TEST(PaneTree, CoversAnyWindowInOrderAndExactlyOnce) {
  PaneTree tree{13};
  for (PaneNumber pane = 100; pane < 160; pane += 1 + pane % 3) {
    tree.merge(pane, folded(Kind::Counter, {static_cast<double>(pane)}, at(0)));
  }
  for (PaneNumber first = 95; first < 165; ++first) {
    for (PaneNumber last = first; last <= first + 13; ++last) {
      double plain = 0;
      for (const auto& item : tree.panes().items()) {
        if (item.number >= first && item.number < last) plain += item.partial.counter().total();
      }
      double covered = 0;
      int nodes = 0;
      tree.cover(first, last, [&](const model::Partial& node) {
        covered += node.counter().total();
        ++nodes;
      });
      ASSERT_EQ(covered, plain) << first << " " << last;
      ASSERT_LE(nodes, 6) << first << " " << last;
    }
  }
}

TEST(CatalogueBuilder, ListsLiveMetricsByNameAndKindWithTheirTags) {
  Given given;
  given.send({Kind::Timer, "b", {{"host", "x"}, {"zone", "1"}}}, 100'100, {1});
  given.send({Kind::Counter, "b", {{"host", "x"}}}, 100'100, {1});
  given.send({Kind::Counter, "b", {{"host", "y"}}}, 100'100, {1});
  given.send({Kind::Counter, "b", {{"host", "y"}, {"zone", "2"}}}, 100'100, {1});
  given.send({Kind::Gauge, "a", {}}, 100'100, {1});
  given.send({Kind::Gauge, "gone", {}}, 100'100, {1});
  given.expire(0, {Kind::Gauge, "gone", {}});
  given.tick(100'250);
  CatalogueBuilder builder{given.timeline};
  builder.begin();
  std::shared_ptr<const query::Catalogue> made;
  int slices = 0;
  while (!made) {
    made = builder.build(1);
    ++slices;
  }
  EXPECT_GT(slices, 2);
  ASSERT_EQ(made->metrics.size(), 3U);
  EXPECT_EQ(made->series, 5U);
  EXPECT_EQ(made->metrics[0].name, "a");
  EXPECT_EQ(made->metrics[1].kind, Kind::Counter);
  EXPECT_EQ(made->metrics[1].series, 3U);
  ASSERT_EQ(made->metrics[1].tags.size(), 2U);
  EXPECT_EQ(made->metrics[1].tags[0].values[0].value, "y");
  EXPECT_EQ(made->metrics[1].tags[0].values[0].series, 2U);
  EXPECT_EQ(made->metrics[2].kind, Kind::Timer);
  EXPECT_EQ(made->metrics[2].last_seen, at(100'250));
  EXPECT_EQ(builder.build(1), nullptr);
}

TEST(CatalogueBuilder, SaysOfASeriesWithoutAPartialYetThatItWasSeenAtItsBirth) {
  Given given;
  given.tick(100'250);
  given.timeline.born(0, {{0, 1}, {Kind::Gauge, "young", {}}});
  given.tick(100'500);
  CatalogueBuilder builder{given.timeline};
  builder.begin();
  const auto made = builder.build(1'000);
  ASSERT_NE(made, nullptr);
  ASSERT_EQ(made->metrics.size(), 1U);
  EXPECT_EQ(made->metrics[0].last_seen, at(100'500));
}

TEST(CatalogueBuilder, CutsALongListOfValuesToThoseWithTheMostSeries) {
  Given given;
  for (int i = 0; i < 150; ++i) {
    given.send({Kind::Counter, "m", {{"host", std::to_string(i)}}}, 100'100, {1});
  }
  given.send({Kind::Counter, "m", {{"host", "77"}, {"z", ""}}}, 100'100, {1});
  CatalogueBuilder builder{given.timeline};
  builder.begin();
  const auto made = builder.build(1'000);
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->metrics[0].tags[0].values.size(), query::kCatalogueValuesMax);
  EXPECT_EQ(made->metrics[0].tags[0].values[0].value, "77");
}

}  // namespace
}  // namespace ingest::timeline
