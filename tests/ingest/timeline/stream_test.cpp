#include "ingest/timeline/stream.h"

#include <random>

#include "tests/ingest/timeline/given.h"

namespace ingest::timeline {
namespace {

using model::Kind;
using model::SeriesKey;
using Key = std::vector<std::string>;

SeriesKey series(Kind kind, std::string_view host) {
  return {kind, "m", {{"host", host}}};
}
const double kNull = std::nan("");

void expect_values(const Table::Values& values, const Table::Values& wanted) {
  EXPECT_TRUE(std::ranges::equal(values, wanted, same)) << ::testing::PrintToString(values);
}

TEST(Stream, ShowsTheWholeWindowAtItsBoundaryAndTheOpenPaneAfterIt) {
  Given given;
  const auto id =
      given.watch(R"({"metric":"m","stats":["count","rate"],"window":"2s","slide":"2s"})");
  given.send(series(Kind::Counter, "a"), 100'100, {4});
  given.tick(100'250);
  EXPECT_EQ(given.reader.tables[id].window, (query::Window{at(100'000), at(102'000)}));
  expect_values(given.reader.tables[id].of({}), {4, 2});
  given.send(series(Kind::Counter, "a"), 101'900, {2});
  given.tick(102'000);
  EXPECT_EQ(given.reader.tables[id].window.end, at(102'000));
  expect_values(given.reader.tables[id].of({}), {6, 3});
  given.send(series(Kind::Counter, "a"), 102'000, {8});  // at exactly the end: the next window
  given.tick(102'250);
  EXPECT_EQ(given.reader.tables[id].window.end, at(104'000));
  expect_values(given.reader.tables[id].of({}), {8, 4});
}

TEST(Stream, GivesZeroAndNullForAnEmptyWindow) {
  Given given;
  const auto id = given.watch(
      R"({"metric":"m","by":["@kind"],"stats":["count","sum","rate","mean","min","max","p50","last","distinct"],"window":"1s"})");
  for (const Kind kind : {Kind::Counter, Kind::Gauge, Kind::Timer, Kind::Set}) {
    given.send(series(kind, "a"), 100'100, {5});
  }
  given.tick(100'250);
  given.tick(105'000);
  const Table& table =
      given.reader.tables[id];  // stats sorted: count rate sum mean min max last distinct p50
  expect_values(table.of({"counter"}), {0, 0, 0, kNull, kNull, kNull, kNull, kNull, kNull});
  expect_values(table.of({"timer"}), {0, 0, 0, kNull, kNull, kNull, kNull, kNull, kNull});
  expect_values(table.of({"gauge"}), {0, kNull, kNull, kNull, kNull, kNull, 5, kNull, kNull});
  expect_values(table.of({"set"}), {kNull, kNull, kNull, kNull, kNull, kNull, kNull, 0, kNull});
}

TEST(Stream, MergesGaugesOverTimeFirstAndThenOverSeries) {
  Given given;
  const auto id = given.watch(
      R"({"metric":"m","stats":["count","mean","min","max","first","last","delta","sum"],"window":"10s"})");
  given.send(series(Kind::Gauge, "a"), 100'100, {1, 2});
  given.send(series(Kind::Gauge, "a"), 101'100, {9});
  given.send(series(Kind::Gauge, "b"), 100'500, {100});
  given.tick(101'250);
  // mean of the means 4 and 100; last 9 + 100, first 1 + 100
  expect_values(given.reader.tables[id].of({}), {4, kNull, 52, 1, 100, 101, 109, 8});
}

TEST(Stream, CarriesAGaugeUntilItExpires) {
  Given given({.retention = Millis{600'000}, .series_ttl = Millis{30'000}});
  const auto id =
      given.watch(R"({"metric":"m","stats":["last","mean"],"window":"2s","by":["host"]})");
  given.send(series(Kind::Gauge, "a"), 100'100, {7});
  given.send(series(Kind::Gauge, "b"), 100'100, {1});
  given.tick(100'250);
  for (std::int64_t now = 101'000; now < 131'000; now += 1'000) {
    given.send(series(Kind::Gauge, "b"), now - 500, {2});
    given.tick(now);
    expect_values(given.reader.tables[id].of({"a"}), {now <= 102'000 ? 7 : kNull, 7});
  }
  given.tick(131'000);
  const Table& table = given.reader.tables[id];
  EXPECT_EQ(table.keys.size(), 1U);
  EXPECT_EQ(table.keys.begin()->second, Key{"b"});
}

TEST(Stream, AddsRelativeChangesToTheCarriedValue) {
  Given given;
  const auto id = given.watch(R"({"metric":"m","stats":["last"],"window":"1s"})");
  given.send(series(Kind::Gauge, "a"), 100'100, {333});
  given.tick(101'000);
  given.tick(110'000);
  given.send(0, series(Kind::Gauge, "a"), at(110'100),
             folded(Kind::Gauge, {-10}, at(110'100), model::GaugeChange::Add));
  given.tick(110'250);
  expect_values(given.reader.tables[id].of({}), {323});
}

TEST(Stream, ShowsARowAgainWhenItsSeriesComesBack) {
  Given given({.series_ttl = Millis{5'000}});
  const auto id =
      given.watch(R"({"metric":"m","stats":["count"],"window":"20s","slide":"1s","by":["host"]})");
  given.send(series(Kind::Counter, "a"), 100'100, {3});
  given.tick(100'250);
  given.expire(0, series(Kind::Counter, "a"));
  given.tick(100'500);
  EXPECT_TRUE(given.reader.tables[id].keys.empty());
  given.send(series(Kind::Counter, "a"), 101'100, {4});
  given.tick(101'250);
  expect_values(given.reader.tables[id].of({"a"}), {7});  // what it had still counts in the window
}

TEST(Stream, SaysNothingOfARowThatCameAndWentWithinATick) {
  Given given;
  const auto id = given.watch(R"({"metric":"m","stats":["count"],"by":["host"]})");
  given.tick(100'250);
  given.send(series(Kind::Counter, "a"), 100'300, {3});
  given.expire(0, series(Kind::Counter, "a"));
  given.tick(100'500);
  EXPECT_EQ(given.reader.tables[id].updates, 1);
}

TEST(Stream, ToldOnlyWhatChangedWithinOneWindow) {
  Given given;
  const auto id = given.watch(R"({"metric":"m","stats":["count"],"by":["host"]})");
  given.send(series(Kind::Counter, "a"), 100'100, {1});
  given.send(series(Kind::Counter, "b"), 100'100, {1});
  given.tick(100'250);
  given.tick(100'500);
  Table& table = given.reader.tables[id];
  EXPECT_EQ(table.updates, 1);
  table.told.clear();
  given.send(series(Kind::Counter, "b"), 100'600, {1});
  given.tick(100'750);
  EXPECT_EQ(table.updates, 2);
  EXPECT_EQ(table.told[table.window].size(), 1U);
}

TEST(Stream, FoldsKeysPastTheLimitIntoOneOverflowRowAndLosesNothing) {
  Given given({}, {.streams_max = 1, .rows_max = 5'000});
  const auto id = given.watch(R"({"metric":"m","stats":["count"],"by":["host"]})");
  for (int i = 0; i < 6'000; ++i) {
    given.send(series(Kind::Counter, std::to_string(i)), 100'100, {1.0 + i % 3});
  }
  given.tick(100'250);
  const Table& table = given.reader.tables[id];
  EXPECT_EQ(table.keys.size(), 5'001U);
  double rest = 0;
  double total = 0;
  for (int i = 5'000; i < 6'000; ++i)
    rest += 1.0 + i % 3;
  for (const auto& [slot, values] : table.rows)
    total += values[0];
  expect_values(table.of({"weir_overflow"}), {rest});
  EXPECT_EQ(total, 12'000);
  EXPECT_EQ(given.streams.overflowed(), 1'000U);
}

TEST(Stream, KeepsKindsOfOnePlainNameApart) {
  Given given;
  const auto id = given.watch(R"({"metric":"m","by":["@kind"],"stats":["count"]})");
  given.send(series(Kind::Counter, "a"), 100'100, {41});
  given.send(series(Kind::Timer, "a"), 100'100, {1, 2});
  given.tick(100'250);
  expect_values(given.reader.tables[id].of({"counter"}), {41});
  expect_values(given.reader.tables[id].of({"timer"}), {2});
}

TEST(Stream, NeverTellsTwoRowsOfOneKey) {
  Given given;
  const auto id = given.watch(R"({"metric":"m","by":["host"],"stats":["count"]})");
  given.send(series(Kind::Counter, "a"), 100'100, {41});
  given.send(series(Kind::Timer, "a"), 100'100, {1, 2});  // @kind would tell it apart
  given.send(series(Kind::Timer, "b"), 100'100, {1, 2});
  given.tick(100'250);
  EXPECT_EQ(given.reader.tables[id].keys.size(), 2U);
  expect_values(given.reader.tables[id].of({"a"}), {41});
  expect_values(given.reader.tables[id].of({"b"}), {2});
}

// acceptance/ingest.md 44
TEST(Stream, AlignsWindowsToTheEpoch) {
  constexpr std::int64_t kNow = 1'764'028'800'000;  // 2025-11-25 00:00 UTC
  Given given({}, {}, at(kNow));
  query::Query query = query_of(R"({"metric":"m"})");
  query.window = query.slide = Millis{86'400'000};
  const auto id = given.streams.watch(query);
  ASSERT_TRUE(id);
  given.tick(kNow + 250);
  EXPECT_EQ(given.reader.tables[*id].window, (query::Window{at(kNow), at(kNow + 86'400'000)}));
  given.tick(kNow + 86'400'250);
  EXPECT_EQ(given.reader.tables[*id].window.start, at(kNow + 86'400'000));
}

TEST(StreamSet, KeysByKindWhereTwoAreKnownOfAPlainName) {
  Given given;
  const auto by = [&](const std::string& json) { return given.streams.keyed(query_of(json)).by; };
  given.send(series(Kind::Counter, "a"), 100'100, {1});
  EXPECT_EQ(by(R"({"metric":"m","by":["host"]})"), (Key{"host"}));
  given.send(series(Kind::Timer, "a"), 100'100, {1});
  EXPECT_EQ(by(R"({"metric":"m","by":["host"]})"), (Key{"@kind", "host"}));
  EXPECT_EQ(by(R"({"metric":"m","by":["@kind"]})"), (Key{"@kind"}));
  EXPECT_EQ(by(R"({"metric":"m","where":[["@kind","=","timer"]]})"), Key{});
  EXPECT_EQ(by(R"({"metric":"other"})"), Key{});
}

// A window of ten minutes over a memory of one: what is older comes from the roll-ups.
TEST(Stream, JoinsWithRollUpsWhereThePanesAreGone) {
  Given given({.retention = Millis{60'000}});
  const std::string json =
      R"({"metric":"m","by":["@kind"],"stats":["count","sum","max","p99","last","mean"],"window":"10min","slide":"1min"})";
  const auto early = given.watch(json);
  std::mt19937_64 random{11};
  for (std::int64_t now = 100'000; now < 1'000'000; now += 1'000) {
    for (const Kind kind : {Kind::Counter, Kind::Gauge, Kind::Timer})
      given.send(series(kind, "a"), now + 100, {static_cast<double>(random() % 90)});
    if (now % 7'000 == 0 && now < 700'000) given.send(series(Kind::Gauge, "idle"), now + 200, {3});
    given.tick(now + 250);
  }
  const auto late = given.watch(json);
  given.tick(1'000'500);
  for (const auto* kind : {"counter", "timer", "gauge"}) {
    expect_values(given.reader.tables[late].of({kind}), given.reader.tables[early].of({kind}));
  }
  EXPECT_GT(given.reader.tables[late].of({"counter"})[0], 10'000) << "and that is ten minutes' sum";
}

// A slide that does not fit the roll-ups: no more is missing or too much than one of them holds.
TEST(Stream, ARollUpThatAWindowCutsCountsUntilItIsOut) {
  Given given({.retention = Millis{60'000}});
  for (std::int64_t now = 100'000; now < 1'000'000; now += 1'000) {
    given.send(series(Kind::Counter, "a"), now + 100, {1});
    given.tick(now + 250);
  }
  const auto id = given.watch(R"({"metric":"m","stats":["count"],"window":"10min","slide":"1s"})");
  given.tick(1'000'250);
  for (std::int64_t now = 1'001'000; now < 1'700'000; now += 1'000) {
    given.send(series(Kind::Counter, "a"), now - 900, {1});
    given.tick(now);
    const double count = given.reader.tables[id].of({})[0];
    EXPECT_GE(count, 599);
    EXPECT_LE(count, 600 + 10);
  }
  EXPECT_EQ(given.reader.tables[id].of({})[0], 600) << "in the end each window is exact";
}

TEST(Stream, MeasuresWhatItHolds) {
  Given given;
  const auto id = given.watch(R"({"metric":"m","by":["host"],"window":"1min","slide":"1s"})");
  EXPECT_LT(given.streams.held_bytes(), 10'000U);
  for (std::int64_t now = 100'000; now < 200'000; now += 1'000) {
    for (int host = 0; host < 50; ++host)
      given.send(series(Kind::Timer, std::to_string(host)), now + 100, {1, 2, 3});
    given.tick(now + 250);
  }
  const std::size_t full = given.streams.held_bytes();
  EXPECT_GT(full, 50U * 60 * (sizeof(model::Partial) + 3 * sizeof(double)));
  EXPECT_LT(full, 50U * 60 * 1'000) << "and old nodes are dropped";
  for (std::int64_t now = 200'000; now < 300'000; now += 1'000)
    given.tick(now + 250);
  EXPECT_LT(given.streams.held_bytes(), full / 2);
  given.streams.unwatch(id);
  while (given.streams.build(1'000)) {
  }
  EXPECT_LT(given.streams.held_bytes(), 10'000U);
}

// A turn of the hub is short however many series a stream had: it lets them go in steps, and they
// may change, expire and be watched by others meanwhile.
TEST(Stream, LeavesItsSeriesInStepsWhenNobodyWatchesItAnyMore) {
  constexpr int kHosts = 500;
  constexpr std::size_t kSteps = 50;
  const auto send = [](Given& given, std::int64_t now) {
    for (int host = 0; host < kHosts; ++host)
      given.send(series(host % 2 == 0 ? Kind::Counter : Kind::Gauge, std::to_string(host)),
                 now - 100, {1});
  };
  Given alone;
  Given given;
  const auto left = given.watch(R"({"metric":"m","by":["host"],"window":"10s","slide":"1s"})");
  query::StreamId stays = 0;
  for (Given* each : {&alone, &given}) {
    stays = each->watch(R"({"metric":"m","stats":["count"],"window":"10s","slide":"1s"})");
    send(*each, 101'000);
    each->tick(101'000);
  }
  const std::size_t needed = alone.streams.held_bytes();
  const std::size_t both = given.streams.held_bytes();
  given.streams.unwatch(left);
  EXPECT_EQ(given.streams.size(), 1U);
  EXPECT_EQ(given.streams.held_bytes(), both) << "what it holds counts until it is gone";
  std::size_t turns = 1;
  for (; given.streams.build(kSteps); ++turns)
    if (turns == 5) send(given, 101'500);
  EXPECT_GE(turns, kHosts / kSteps);
  EXPECT_LE(turns, 4U * kHosts / kSteps);
  EXPECT_LT(given.streams.held_bytes(), needed + (both - needed) / 4);
  given.tick(102'000);
  EXPECT_EQ(given.reader.tables[stays].of({})[0], 2.0 * kHosts / 2);
}

TEST(Stream, BeginsWithWhatTheTimelineHas) {
  Given given;
  given.send(series(Kind::Timer, "a"), 100'100, {10, 20});
  given.send(series(Kind::Gauge, "g"), 100'100, {5});
  given.tick(100'250);
  for (std::int64_t now = 101'000; now <= 108'000; now += 1'000)
    given.tick(now);
  given.send(series(Kind::Timer, "a"), 108'100, {30});
  const auto id =
      given.watch(R"({"metric":"m","by":["@kind"],"stats":["count","last"],"window":"10s"})");
  given.tick(108'250);
  expect_values(given.reader.tables[id].of({"timer"}), {3, kNull});
  expect_values(given.reader.tables[id].of({"gauge"}), {1, 5});
  const auto late =
      given.watch(R"({"metric":"m","by":["@kind"],"stats":["count","last"],"window":"1s"})");
  given.tick(108'500);
  expect_values(given.reader.tables[late].of({"timer"}), {1, kNull});
  expect_values(given.reader.tables[late].of({"gauge"}), {0, 5});
}

TEST(Stream, ClosesWindowsThatWereSkippedWithAllTheirRows) {
  Given given;
  const auto id = given.watch(R"({"metric":"m","stats":["count"],"window":"2s","slide":"1s"})");
  given.send(series(Kind::Counter, "a"), 100'100, {1});
  given.tick(100'250);
  given.send(series(Kind::Counter, "a"), 101'100, {2});
  given.tick(102'500);  // the hub fell behind: the window that ends at 102000 was never the newest
  given.tick(104'000);
  Table& table = given.reader.tables[id];
  EXPECT_EQ(table.finals.size(), 2U);
  const query::Window skipped{at(100'000), at(102'000)};
  ASSERT_EQ(table.finals.count(skipped), 1U);
  expect_values(table.told[skipped].begin()->second, {3});
}

// acceptance/ingest.md 40
TEST(Stream, RestatesEveryWindowThatHoldsALatePane) {
  Given given({.allowed_lateness = Millis{3'000}});
  const auto id = given.watch(R"({"metric":"m","stats":["count"],"window":"4s","slide":"1s"})");
  given.send(series(Kind::Counter, "a"), 100'100, {1});
  for (std::int64_t now = 100'250; now <= 104'250; now += 250)
    given.tick(now);  // the newest window is [101000, 105000)
  Table& table = given.reader.tables[id];
  given.send(series(Kind::Counter, "a"), 101'900, {10});
  given.tick(104'500);
  std::map<std::int64_t, double> said;
  for (const auto& [window, rows] : table.told)
    said[to_ms(window.end)] = rows.begin()->second[0];
  // The windows that end at 102000 to 105000 hold it; the first closes only at 105000.
  EXPECT_EQ(table.restated.size(), 3U);
  for (const std::int64_t end : {102'000, 103'000, 104'000, 105'000})
    EXPECT_EQ(said[end], end == 105'000 ? 10 : 11) << end;
  given.send(series(Kind::Counter, "a"), 101'950, {100});
  given.tick(104'750);
  EXPECT_EQ(table.revs.begin()->second, 2U) << "each time with a higher rev";
  given.tick(105'000);
  table.restated.clear();
  given.send(series(Kind::Counter, "a"), 101'980,
             {1'000});  // closed for every window, open ones too
  given.tick(105'250);
  EXPECT_EQ(given.timeline.counters().late, 1U);
  for (const query::Window& window : table.restated)
    EXPECT_GE(window.end, at(103'000)) << "it counts in the oldest open pane, 102000";
  EXPECT_EQ((table.told[{at(98'000), at(102'000)}].begin()->second[0]), 111);
}

// acceptance/ingest.md 35
TEST(Stream, MarksAGaugeThatOnlyKeepsItsLastValue) {
  Given given;
  const auto id = given.watch(R"({"metric":"m","stats":["last"],"window":"1s","by":["host"]})");
  given.send(series(Kind::Gauge, "a"), 100'100, {7});
  given.send(series(Kind::Gauge, "b"), 100'100, {8});
  given.tick(100'250);
  const Table& table = given.reader.tables[id];
  const auto marks = [&](const std::string& host) {
    for (const auto& [slot, key] : table.keys) {
      if (key == Key{host}) return table.marks.at(slot);
    }
    return query::Marks{99};
  };
  EXPECT_EQ(marks("a"), 0);
  given.send(series(Kind::Gauge, "b"), 101'100, {9});
  given.tick(101'250);
  EXPECT_EQ(marks("a"), query::kStale);
  EXPECT_EQ(marks("b"), 0);
  expect_values(table.of({"a"}), {7});
}

TEST(Stream, JoinsTheMetricsThatADerivedFieldNames) {
  Given given;
  const auto id = given.watch(
      R"({"metric":"http.*","by":["host"],"derive":{"error_rate":"errors.count / requests.count"}})");
  const auto counter = [](std::string_view name, std::string_view host) {
    return SeriesKey{Kind::Counter, name, {{"host", host}}};
  };
  given.send(counter("http.requests", "a"), 100'100, {200});
  given.send(counter("http.errors", "a"), 100'100, {5});
  given.send(counter("http.requests", "b"), 100'100, {10});
  given.send(counter("http.bytes", "c"), 100'100, {10});  // no part of it
  given.tick(100'250);
  const Table& table = given.reader.tables[id];
  ASSERT_EQ(table.keys.size(), 2U);
  expect_values(table.of({"a"}), {0.025});
  expect_values(table.of({"b"}), {kNull});
  given.send(counter("http.errors", "b"), 100'300, {1});
  given.tick(100'500);
  expect_values(table.of({"b"}), {0.1});
}

TEST(Stream, KeepsTheFirstRowsInTheOrderOfAQuery) {
  Given given;
  const auto id = given.watch(
      R"({"metric":"m","by":["host"],"stats":["count"],"order":"count:desc","limit":2,"window":"1s"})");
  const auto send = [&](std::int64_t now, std::initializer_list<double> counts) {
    char host = 'a';
    for (const double count : counts)
      given.send(series(Kind::Counter, std::string(1, host++)), now, {count});
  };
  const auto hosts = [&] {
    std::set<std::string> found;
    for (const auto& [slot, key] : given.reader.tables[id].keys)
      found.insert(key[0]);
    return found;
  };
  using Hosts = std::set<std::string>;
  send(100'100, {10, 30, 20, 5});
  given.tick(100'250);
  EXPECT_EQ(hosts(), (Hosts{"b", "c"}));
  send(101'100, {21, 30, 20, 5});
  given.tick(101'250);  // a stands before c, but not clearly
  EXPECT_EQ(hosts(), (Hosts{"b", "c"}));
  send(102'100, {40, 30, 20, 5});
  given.tick(102'250);
  EXPECT_EQ(hosts(), (Hosts{"a", "b"}));
  expect_values(given.reader.tables[id].of({"a"}), {40});
}

TEST(Stream, TheOverflowRowStandsBesideTheLimit) {
  Given given({}, {.streams_max = 1, .rows_max = 3});
  const auto id = given.watch(
      R"({"metric":"m","by":["host"],"stats":["count"],"order":"count:asc","limit":2})");
  for (int i = 0; i < 6; ++i)
    given.send(series(Kind::Counter, std::to_string(i)), 100'100, {1.0 + i});
  given.tick(100'250);
  const Table& table = given.reader.tables[id];
  EXPECT_EQ(table.keys.size(), 3U);
  expect_values(table.of({"0"}), {1});
  expect_values(table.of({"weir_overflow"}), {4 + 5 + 6});
}

TEST(Stream, WhoJoinsLateSeesTheSameEwmaAsWhoWasThere) {
  Given given;
  const std::string json =
      R"({"metric":"m","by":["host"],"stats":["ewma","zscore"],"window":"5s","slide":"1s"})";
  const auto early = given.watch(json);
  std::mt19937_64 random{4};
  for (std::int64_t now = 100'000; now < 160'000; now += 1'000) {
    given.send(series(Kind::Counter, "a"), now + 100, {static_cast<double>(random() % 90)});
    given.send(series(Kind::Gauge, "g"), now + 100, {static_cast<double>(random() % 90)});
    given.tick(now + 250);
  }
  const auto late = given.watch(json);
  given.tick(160'500);
  for (const auto* host : {"a", "g"}) {
    const Table::Values values = given.reader.tables[late].of({host});
    EXPECT_FALSE(std::isnan(values[0]) || std::isnan(values[1]));
    EXPECT_EQ(values, given.reader.tables[early].of({host}));
  }
}

TEST(StreamSet, RefusesASumOfWhatIsKnownToBeGauges) {
  Given given;
  given.send(series(Kind::Gauge, "a"), 100'100, {5});
  const auto refused = given.streams.watch(query_of(R"({"metric":"m","stats":["sum"]})"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, query::Code::QueryUnknownStat);
  given.send(series(Kind::Counter, "a"), 100'100, {5});
  EXPECT_TRUE(given.streams.watch(query_of(R"({"metric":"m","stats":["sum"]})")));
}

TEST(StreamSet, RefusesWindowsThatDoNotFitThePane) {
  Given given;
  query::Query query = query_of(R"({"metric":"m"})");
  query.slide = Millis{500};
  EXPECT_FALSE(given.streams.watch(query));
  query.slide = Millis{0};
  EXPECT_FALSE(given.streams.watch(query));
  query.slide = Millis{3'000};
  EXPECT_FALSE(given.streams.watch(query));
}

TEST(StreamSet, NeverGivesAnIdAgain) {
  Given given;
  const auto first = given.watch(R"({"metric":"m"})");
  given.streams.unwatch(first);
  EXPECT_NE(given.watch(R"({"metric":"m"})"), first);
}

// A row that nothing came to is not evaluated again when the window moves: what leaves it, what was
// sent ahead of it, and what came while the limit hid it, shows all the same.
TEST(Stream, ARowSaysSomethingElseWhenItsPanesEnterOrLeaveTheWindow) {
  Given given;
  const auto id = given.watch(R"({"metric":"m","by":["host"],"stats":["count"],"window":"3s"})");
  const auto count = [&] { return given.reader.tables[id].rows.begin()->second.at(0); };
  const model::SeriesKey key{model::Kind::Counter, "m", {{"host", "a"}}};
  given.send(key, 100'500, {1});
  given.send(key, 102'500, {10});  // ahead of the first windows
  const std::vector<std::pair<std::int64_t, double>> counts{
      {101'000, 1}, {102'000, 1}, {103'000, 11}, {104'000, 10}, {105'000, 10}, {106'000, 0}};
  for (const auto& [tick, expected] : counts) {
    given.tick(tick);
    EXPECT_EQ(count(), expected) << tick;
  }
}

TEST(Stream, WhatCameToAHiddenRowShowsWhenItIsShownAgain) {
  Given given;
  const auto id = given.watch(
      R"({"metric":"m","by":["host"],"stats":["count"],"order":"count:desc","limit":1,"window":"20s"})");
  const model::SeriesKey a{model::Kind::Counter, "m", {{"host", "a"}}};
  const model::SeriesKey b{model::Kind::Counter, "m", {{"host", "b"}}};
  given.send(a, 100'500, {1});
  given.tick(101'000);
  given.send(b, 101'500, {100});
  for (std::int64_t tick = 102'000; tick <= 108'000; tick += 1'000)
    given.tick(tick);  // b has taken the place
  given.send(a, 108'500, {1'000});
  for (std::int64_t tick = 109'000; tick <= 116'000; tick += 1'000)
    given.tick(tick);
  const auto& rows = given.reader.tables[id].rows;
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.begin()->second.at(0), 1'001);
}

}  // namespace
}  // namespace ingest::timeline
