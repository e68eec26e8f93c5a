// What the past answers when detail has left memory or is not on disk yet: coarser, or refused, but
// never a hole that looks like nothing.
#include "ingest/history/kept.h"

#include <cmath>
#include <utility>
#include <vector>

#include "tests/ingest/history/office.h"

namespace ingest::history {
namespace {

using model::Kind;
using timeline::ask_of;
using timeline::at;
using timeline::Given;

constexpr const char* kCount = R"({"metric":"m","stats":["count"],"window":"2s","slide":"2s"})";

/// Two timelines that live through the same, one sample a second: one forgets early.
struct Lives {
  Lives(std::int64_t until_ms, const timeline::Timeline::Options& options) : forgetful(options) {
    live(100'250, until_ms);
  }
  void live(std::int64_t from_ms, std::int64_t until_ms) {
    const SeriesKey key{Kind::Counter, "m", {}};
    for (std::int64_t now = from_ms; now <= until_ms; now += 250) {
      for (Given* each : {&all, &forgetful}) {
        if (now % 1'000 == 250) each->send(key, now - 100, {1});
        each->tick(now);
      }
    }
  }
  Given all;
  Given forgetful;
};

PastDesk::Options desk_options(std::size_t values_max = 65'536) {
  return {.task = {.range = {.values_max = values_max}, .memory = {.since = at(100'000)}}};
}

TEST(PastDesk, AnswersCoarserWhereTheDiskHangsBehindWhatMemoryForgot) {
  const Lives lives{220'000, {.retention = Millis{20'000}}};
  ASSERT_GT(lives.forgetful.timeline.covers(Rollup::Base), 180);
  const FakeDisk behind{lives.all.timeline, at(140'000)};
  Office office{lives.forgetful.timeline, desk_options(), &behind};
  const Answered got = office.ask_all(ask_of(kCount, 100'000, 220'000));
  EXPECT_EQ(got.window, Millis{10'000});
  ASSERT_EQ(got.times.size(), 12U);
  for (const std::int64_t end : got.times)
    EXPECT_EQ(got.at({}, end), (timeline::Table::Values{10})) << end;

  const FakeDisk near{lives.all.timeline, at(200'000)};
  Office fine{lives.forgetful.timeline, desk_options(), &near};
  const Answered detail = fine.ask_all(ask_of(kCount, 100'000, 220'000));
  EXPECT_EQ(detail.window, Millis{2'000});
  for (const std::int64_t end : detail.times)
    EXPECT_EQ(detail.at({}, end), (timeline::Table::Values{2})) << end;
}

TEST(PastDesk, WhatHasLeftMemoryAndDiskIsAHole) {
  const Lives lives{220'000,
                    {.retention = Millis{20'000}, .retention_ten = {}, .retention_sixty = {}}};
  FakeDisk disk{lives.all.timeline, at(200'000)};
  disk.left_until = at(121'000);
  Office office{lives.forgetful.timeline, desk_options(), &disk};
  const RangeAnswerPtr answer = office.ask(ask_of(kCount, 110'000, 130'000));
  ASSERT_TRUE(answer != nullptr && answer->has_value());
  using Places = std::vector<std::pair<std::size_t, std::size_t>>;
  EXPECT_EQ((*answer)->holes, (Places{{0, 5}}));  // the one that ends at 122 s, too
  for (std::size_t i = 0; i < (*answer)->times.size(); ++i)
    EXPECT_TRUE(timeline::same((*answer)->values[i], i <= 5 ? std::nan("") : 2)) << i;
  const RangeAnswerPtr later = office.ask(ask_of(kCount, 130'000, 140'000));
  EXPECT_TRUE((*later)->holes.empty());
}

TEST(PastDesk, WhatTheDiskLostIsAHoleButWhereMemoryHasIt) {
  const Lives lives{220'000, {.retention = Millis{20'000}}};
  FakeDisk disk{lives.all.timeline, at(205'000)};
  const WallTime held =
      timeline::PaneGrid{Millis{1'000}}.start(lives.forgetful.timeline.covers(Rollup::Base));
  ASSERT_GT(held, at(181'000));
  disk.lost = {{at(140'000), at(142'000)}, {at(180'500), held + Millis{10'000}}};
  Office office{lives.forgetful.timeline, desk_options(), &disk};
  const auto holes = [&](Office& in) {
    const RangeAnswerPtr answer = in.ask(ask_of(kCount, 130'000, 220'000));
    std::vector<std::int64_t> ends;
    for (const auto& [first, last] : (*answer)->holes) {
      for (std::size_t i = first; i <= last; ++i)
        ends.push_back(to_ms((*answer)->times[i]));
    }
    return ends;
  };
  std::vector<std::int64_t> wanted{142'000};
  for (std::int64_t end = 182'000; end - 2'000 < to_ms(held); end += 2'000)
    wanted.push_back(end);
  EXPECT_EQ(holes(office), wanted);
  // What memory has was brought back from that disk.
  PastDesk::Options options = desk_options();
  options.task.memory.began = at(220'000);
  Office restarted{lives.forgetful.timeline, options, &disk};
  while (wanted.back() < to_ms(held) + 10'000)
    wanted.push_back(wanted.back() + 2'000);
  EXPECT_EQ(holes(restarted), wanted);
}

/// The ends of the windows that an answer calls holes; it has nothing there, and all elsewhere.
std::vector<std::int64_t> holes_of(const RangeAnswerPtr& answer, double elsewhere) {
  if (answer == nullptr || !answer->has_value()) {
    ADD_FAILURE() << "no answer";
    return {};
  }
  std::vector<std::int64_t> ends;
  std::vector<double> wanted((*answer)->times.size(), elsewhere);
  for (const auto& [first, last] : (*answer)->holes) {
    for (std::size_t i = first; i <= last; ++i) {
      ends.push_back(to_ms((*answer)->times[i]));
      wanted[i] = std::nan("");
    }
  }
  EXPECT_TRUE(std::ranges::equal((*answer)->values, wanted, timeline::same));
  return ends;
}

constexpr const char* kCountOfTen =
    R"({"metric":"m","stats":["count"],"window":"10s","slide":"10s"})";

TEST(PastDesk, DamageOfOneLengthIsAHoleWhereThatIsRead) {
  const Lives lives{220'000, {.retention = Millis{20'000}, .retention_ten = Millis{20'000}}};
  FakeDisk disk{lives.all.timeline, at(205'000)};
  disk.damaged[Rollup::Base] = {{at(120'000), at(124'000)}};
  disk.damaged[Rollup::Ten] = {{at(140'000), at(150'000)}};
  Office office{lives.forgetful.timeline, desk_options(), &disk};
  EXPECT_EQ(holes_of(office.ask(ask_of(kCount, 110'000, 180'000)), 2),
            (std::vector<std::int64_t>{122'000, 124'000}));
  EXPECT_EQ(holes_of(office.ask(ask_of(kCountOfTen, 110'000, 180'000)), 10),
            std::vector<std::int64_t>{150'000});
}

// Where memory begins within a coarse pane, what comes before it is read from finer ones.
TEST(PastDesk, DamageRightBeforeWhatMemoryHasIsAHoleOfCoarserWindowsToo) {
  const Lives lives{220'000, {}};
  Given since{{}, {}, at(164'000)};
  const SeriesKey key{Kind::Counter, "m", {}};
  for (std::int64_t now = 164'250; now <= 220'000; now += 250) {
    if (now % 1'000 == 250) since.send(key, now - 100, {1});
    since.tick(now);
  }
  FakeDisk disk{lives.all.timeline, at(205'000)};
  const auto holes = [&] {
    Office office{since.timeline,
                  {.task = {.range = {}, .memory = {.since = at(164'000), .began = at(164'000)}}},
                  &disk};
    return holes_of(office.ask(ask_of(kCountOfTen, 130'000, 200'000)), 10);
  };
  EXPECT_EQ(holes(), std::vector<std::int64_t>{});
  disk.damaged[Rollup::Base] = {{at(130'000), at(162'000)}};
  EXPECT_EQ(holes(), std::vector<std::int64_t>{170'000});
}

TEST(PastDesk, DamageThatIsFoundByTheReadingIsAHoleOfThatAnswer) {
  const Lives lives{220'000, {.retention = Millis{20'000}}};
  FakeDisk disk{lives.all.timeline, at(205'000)};
  disk.on_given = [&] { disk.damaged[Rollup::Base] = {{at(130'000), at(132'000)}}; };
  Office office{lives.forgetful.timeline, desk_options(), &disk};
  EXPECT_EQ(holes_of(office.ask(ask_of(kCount, 120'000, 140'000)), 2),
            std::vector<std::int64_t>{132'000});
}

/// Gauges by host, at 100 s to 160 s on a disk that may have lost some of it.
struct Gauges {
  Gauges() {
    const auto set = [&](const char* host, std::int64_t ms, double value, model::GaugeChange how) {
      all.send(0, SeriesKey{Kind::Gauge, "g", {{"host", host}}}, at(ms),
               timeline::folded(Kind::Gauge, {value}, at(ms), how));
    };
    set("still", 105'500, 4, model::GaugeChange::Set);
    set("hidden", 105'500, 5, model::GaugeChange::Set);
    set("hidden", 120'500, 7, model::GaugeChange::Set);  // within the hole
    set("born", 120'500, 100, model::GaugeChange::Set);  // as well
    set("born", 130'500, 1, model::GaugeChange::Add);
    set("again", 105'500, 6, model::GaugeChange::Set);
    set("again", 128'500, 8, model::GaugeChange::Set);
    all.tick(160'000);
  }
  /// In the windows that end then: of which host, or of all.
  query::RangeAnswerPtr ask(const FakeDisk& disk, const std::string& by, const char* stat) {
    Office office{young.timeline, {.task = {.range = {}, .memory = {.since = at(160'000)}}}, &disk};
    return office.ask(ask_of(R"({"metric":"g","stats":[")" + std::string{stat} +
                                 R"("],"window":"2s","slide":"2s","by":[)" + by + "]}",
                             110'000, 140'000));
  }
  Answered told(const FakeDisk& disk, const std::string& by, const char* stat = "last") {
    Answered all_pages;
    const query::RangeAnswerPtr answer = ask(disk, by, stat);
    if (answer != nullptr && answer->has_value()) all_pages.add(**answer);
    return all_pages;
  }
  Given all;
  Given young{{}, {}, at(160'000)};
};

double value_at(const Answered& answered, const std::vector<std::string>& key, std::int64_t end) {
  const timeline::Table::Values& values = answered.at(key, end);
  return values.empty() ? std::nan("") : values.front();
}

TEST(PastDesk, AGaugeIsNotCarriedAcrossAHole) {
  Gauges gauges;
  FakeDisk disk{gauges.all.timeline, at(160'000)};
  disk.lost = {{at(120'000), at(122'000)}};
  const Answered got = gauges.told(disk, R"("host")");
  for (const char* host : {"still", "hidden"}) {
    EXPECT_FALSE(std::isnan(value_at(got, {host}, 120'000))) << host;
    for (std::int64_t end = 122'000; end <= 140'000; end += 2'000)
      EXPECT_TRUE(std::isnan(value_at(got, {host}, end))) << host << end;
  }
  EXPECT_EQ(value_at(got, {"again"}, 120'000), 6);
  EXPECT_TRUE(std::isnan(value_at(got, {"again"}, 128'000)));
  EXPECT_EQ(value_at(got, {"again"}, 130'000), 8) << "it was set anew";
  EXPECT_TRUE(std::isnan(value_at(got, {"born"}, 132'000))) << "a change of what nobody knows";
  const Answered sums = gauges.told(disk, "");
  EXPECT_EQ(value_at(sums, {}, 118'000), 15);
  EXPECT_TRUE(std::isnan(value_at(sums, {}, 130'000))) << "no sum over some of them";
  EXPECT_EQ(value_at(gauges.told(disk, "", "count"), {}, 130'000), 1) << "of that window alone";
}

TEST(PastDesk, AHoleBeforeTheFirstWindowHidesAGaugeToo) {
  Gauges gauges;
  FakeDisk disk{gauges.all.timeline, at(160'000)};
  disk.lost = {{at(106'000), at(107'000)}};
  const Answered got = gauges.told(disk, R"("host")");
  EXPECT_TRUE(std::isnan(value_at(got, {"still"}, 112'000)));
  EXPECT_EQ(value_at(got, {"again"}, 130'000), 8);
  const query::RangeAnswerPtr answer = gauges.ask(disk, "", "last");
  ASSERT_TRUE(answer != nullptr && answer->has_value());
  EXPECT_TRUE((*answer)->holes.empty()) << "the windows themselves are whole";
}

TEST(PastDesk, DamageThatIsFoundByTheReadingHidesAGaugeToo) {
  Gauges gauges;
  FakeDisk disk{gauges.all.timeline, at(160'000)};
  disk.on_given = [&] { disk.damaged[Rollup::Base] = {{at(120'000), at(122'000)}}; };
  const Answered got = gauges.told(disk, R"("host")");
  EXPECT_EQ(value_at(got, {"still"}, 120'000), 4);
  EXPECT_TRUE(std::isnan(value_at(got, {"still"}, 126'000)));
}

/// A counter whose level goes up and down, a sample each second: what ewma and zscore say in the
/// window that ends then, by their definition (recent_past.h), where `is_known` of its levels.
struct Swing {
  static double value(std::int64_t second) {
    return static_cast<double>((second * 7) % 11) + static_cast<double>(second % 3);
  }
  static double level(std::int64_t end) {  // of two seconds
    return (value(end / 1'000 - 2) + value(end / 1'000 - 1)) / 2;
  }
  template <class Known>
  static std::pair<double, double> expected(std::int64_t end, const Known& is_known) {
    constexpr std::int64_t kWindows = 30;
    double weights = 0;
    double weighted = 0;
    std::vector<double> past;
    for (std::int64_t back = 0; back <= kWindows; ++back) {
      const std::int64_t then = end - back * 2'000;
      if (then <= 100'000 || !is_known(then)) continue;
      const double weight = std::pow(0.8, static_cast<double>(back));
      weights += weight;
      weighted += weight * level(then);
      if (back > 0) past.push_back(level(then));
    }
    double mean = 0;
    for (const double each : past)
      mean += each / static_cast<double>(past.size());
    double variance = 0;
    for (const double each : past)
      variance += (each - mean) * (each - mean) / static_cast<double>(past.size());
    return {weighted / weights, (level(end) - mean) / std::sqrt(variance)};
  }
};

TEST(PastDesk, WhatIsHalfInAHoleIsNoPastOfEwmaAndZscore) {
  Given all;
  Given young{{.retention = Millis{20'000}}};
  const SeriesKey key{Kind::Counter, "m", {}};
  for (std::int64_t now = 100'250; now <= 220'000; now += 250) {
    for (Given* each : {&all, &young}) {
      if (now % 1'000 == 250) each->send(key, now - 100, {Swing::value(now / 1'000)});
      each->tick(now);
    }
  }
  FakeDisk disk{all.timeline, at(205'000)};
  disk.lost = {{at(131'000), at(132'000)}};  // half of a window
  Office office{young.timeline, desk_options(), &disk};
  const Answered got = office.ask_all(ask_of(
      R"({"metric":"m","stats":["ewma","zscore"],"window":"2s","slide":"2s"})", 120'000, 160'000));
  const auto is_known = [](std::int64_t end) { return end != 132'000; };
  std::size_t looked = 0;
  for (const std::int64_t end : got.times) {
    const timeline::Table::Values values = got.at({}, end);
    if (end == 132'000) {
      EXPECT_TRUE(values.empty() || (std::isnan(values[0]) && std::isnan(values[1])));
      continue;
    }
    ASSERT_EQ(values.size(), 2U) << end;
    const auto [ewma, zscore] = Swing::expected(end, is_known);
    EXPECT_NEAR(values[0], ewma, 1e-9) << end;
    EXPECT_NEAR(values[1], zscore, 1e-9) << end;
    if (end > 132'000) {
      const auto whole = Swing::expected(end, [](std::int64_t) { return true; });
      EXPECT_GT(std::abs(values[1] - whole.second), 1e-9) << "the hole is in nobody's past";
    }
    ++looked;
  }
  EXPECT_GE(looked, 18U);
}

TEST(PastDesk, WhatCannotBeReadNowIsNoAnswer) {
  const Lives lives{220'000, {.retention = Millis{20'000}}};
  FakeDisk disk{lives.all.timeline, at(205'000)};
  disk.on_given = [&] { disk.fails = true; };
  Office office{lives.forgetful.timeline, desk_options(), &disk};
  const RangeAnswerPtr answer = office.ask(ask_of(kCount, 120'000, 140'000));
  ASSERT_TRUE(answer != nullptr && !answer->has_value());
  EXPECT_EQ(answer->error().code, query::Code::HistoryUnavailable);
  EXPECT_TRUE(answer->error().retry);
}

TEST(PastDesk, WhatIsOnDiskAloneSaysThatASeriesStillLived) {
  const SeriesKey key{Kind::Counter, "m", {}};
  Given all;
  Given since;  // began at 160 s
  all.send(key, 100'150, {1});
  for (Given* each : {&all, &since}) {
    each->tick(190'000);
    each->send(key, 190'500, {2});
    each->tick(200'000);
  }
  const FakeDisk disk{all.timeline, at(160'000)};
  const auto asked = [&](Millis series_ttl, std::int64_t start_ms) {
    Office office{since.timeline,
                  {.task = {.range = {.series_ttl = series_ttl}, .memory = {.since = at(160'000)}}},
                  &disk};
    return office.ask_all(ask_of(kCount, start_ms, 200'000));
  };
  const Answered lives = asked(Millis{100'000}, 130'000);
  EXPECT_EQ(lives.at({}, 132'000), (timeline::Table::Values{0}));
  EXPECT_EQ(lives.at({}, 188'000), (timeline::Table::Values{0}));
  EXPECT_EQ(lives.at({}, 192'000), (timeline::Table::Values{2}));
  EXPECT_EQ(asked(Millis{100'000}, 170'000).at({}, 172'000), (timeline::Table::Values{0}));
  EXPECT_TRUE(std::isnan(asked(Millis{50'000}, 170'000).at({}, 172'000).at(0)));
}

TEST(PastDesk, KeepsInMemoryWhatMayNotBeOnDiskYet) {
  const Lives lives{
      400'000, {.retention = Millis{20'000}, .retention_least = Millis{122'000}, .memory_max = 1}};
  EXPECT_LE(lives.forgetful.timeline.covers(Rollup::Base), 400 - 122);
  EXPECT_GT(lives.forgetful.timeline.covers(Rollup::Base), 400 - 122 - 30);
}

/// The first page of some, and the cursor of the next.
query::RangeAsk first_page(Office& office) {
  query::RangeAsk ask = ask_of(kCount, 104'000, 144'000);
  const RangeAnswerPtr first = office.ask(ask);
  EXPECT_TRUE(first != nullptr && first->has_value());
  ask.cursor = (*first)->next;
  EXPECT_FALSE(ask.cursor.empty());
  return ask;
}

TEST(PastDesk, RefusesALaterPageWhoseDetailHasLeft) {
  Lives lives{
      150'000,
      {.retention = Millis{60'000}, .retention_ten = Millis{0}, .retention_sixty = Millis{0}}};
  Office office{lives.forgetful.timeline, desk_options(8)};
  query::RangeAsk ask = first_page(office);
  lives.live(150'250, 240'000);
  const RangeAnswerPtr later = office.ask(ask);
  ASSERT_TRUE(later != nullptr && !later->has_value());
  EXPECT_EQ(later->error().code, query::Code::HistoryUnavailable);
  EXPECT_TRUE(later->error().retry);
  EXPECT_NE(later->error().msg.find("cursor"), std::string::npos);
}

TEST(PastDesk, GivesALaterPageFromTheDiskWhatHasLeftMemory) {
  Lives lives{
      150'000,
      {.retention = Millis{60'000}, .retention_ten = Millis{0}, .retention_sixty = Millis{0}}};
  FakeDisk disk{lives.all.timeline, at(240'000)};
  Office office{lives.forgetful.timeline, desk_options(8), &disk};
  query::RangeAsk ask = first_page(office);
  lives.live(150'250, 240'000);
  const Answered rest = office.ask_all(ask);
  EXPECT_EQ(rest.points, 12U);
  for (const std::int64_t end : rest.times)
    EXPECT_EQ(rest.at({}, end), (timeline::Table::Values{2})) << end;
}

// What memory drops between the plan and the copying is not read as nothing.
TEST(PastDesk, PlansAPageAnewWhenItsDetailLeavesMeanwhile) {
  Lives lives{150'000, {.retention = Millis{60'000}}};
  Office office{lives.forgetful.timeline, desk_options()};
  RangeAnswerPtr answer;
  office.desk.ask(ask_of(kCount, 100'000, 140'000),
                  [&](const RangeAnswerPtr& given) { answer = given; });
  office.turn();  // listed and planned
  lives.live(150'250, 240'000);
  for (int i = 0; i < 100 && answer == nullptr; ++i)
    office.turn();
  ASSERT_TRUE(answer != nullptr && answer->has_value());
  EXPECT_EQ((*answer)->window, Millis{10'000});
  for (const double value : (*answer)->values)
    EXPECT_EQ(value, 10);
}

TEST(PastDesk, ReadsAMonthOfOneSeriesInManyTurns) {
  // One sample a minute, for thirty days.
  constexpr std::int64_t kMinutes = 30 * 24 * 60;
  Given all{timeline::Timeline::Options{.pane = Millis{60'000},
                                        .retention = Millis{kMinutes * 60'000},
                                        .series_ttl = Millis{kMinutes * 60'000}},
            {},
            at(0)};
  const SeriesKey key{Kind::Counter, "m", {}};
  for (std::int64_t minute = 0; minute < kMinutes; ++minute) {
    all.send(key, minute * 60'000 + 30'000, {1});
    all.tick((minute + 1) * 60'000);
  }
  Given young{timeline::Timeline::Options{.pane = Millis{60'000}}, {}, at(kMinutes * 60'000)};
  FakeDisk disk{all.timeline, at(kMinutes * 60'000), Millis{60'000}};
  Office office{
      young.timeline,
      {.task = {.range = {.pane = Millis{60'000}}, .memory = {.since = at(kMinutes * 60'000)}}},
      &disk};
  const query::RangeAsk ask{
      timeline::query_of(R"({"metric":"m","stats":["count"],"window":"1h","slide":"1h"})",
                         Millis{60'000}),
      at(0), at(kMinutes * 60'000), Millis{0}, ""};
  const RangeAnswerPtr answer = office.ask(ask);
  ASSERT_TRUE(answer != nullptr && answer->has_value());
  ASSERT_EQ((*answer)->values.size(), 30U * 24);
  for (const double value : (*answer)->values)
    EXPECT_EQ(value, 60);
  EXPECT_LE(disk.most_at_once, static_cast<std::size_t>(SeriesMerge::kPanesAtOnce));
  EXPECT_GE(office.turns, kMinutes / 8'000);
}

}  // namespace
}  // namespace ingest::history
