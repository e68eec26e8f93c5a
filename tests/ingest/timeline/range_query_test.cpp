#include "ingest/timeline/range_query.h"

#include <random>

#include "tests/ingest/timeline/asked.h"

namespace ingest::timeline {
namespace {

using model::Kind;
using Values = Table::Values;

bool same_bits(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

/// A minute and more of three kinds from two hosts, some of it late, some of it silent.
class Lived {
 public:
  explicit Lived(std::uint64_t seed, std::int64_t until_ms, Timeline::Options time = {})
      : given(time), random_(seed), until_ms_(until_ms) {}

  void watch(const std::string& json) { watched_[given.watch(json)] = json; }

  void live() {
    for (std::int64_t now = 100'250; now <= until_ms_; now += 250) {
      send_some(now);
      given.tick(now);
      for (const auto& [id, json] : watched_)
        note_finals(id, json);
    }
  }

  /// What subscribers saw last of each window: by query, window end and row.
  std::map<std::string, std::map<std::int64_t, std::map<std::vector<std::string>, Values>>> seen;
  Given given;

 private:
  void send_some(std::int64_t now) {
    for (const Kind kind : {Kind::Counter, Kind::Gauge, Kind::Timer, Kind::Set}) {
      for (const auto* host : {"a", "b", "c"}) {
        const bool silent = now / 20'000 % 2 == 1 && (kind == Kind::Gauge || host[0] == 'b');
        if (random_() % 4 != 0 || silent) continue;
        const auto late = static_cast<std::int64_t>(random_() % 1'500);
        given.send({kind, std::string{model::kind_name(kind)}, {{"host", host}}},
                   std::max(now - 100 - late, std::int64_t{100'000}),
                   {static_cast<double>(random_() % 1'000) / 8});
      }
    }
  }
  void note_finals(query::StreamId id, const std::string& json) {
    Table& table = given.reader.tables[id];
    for (const auto& [window, times] : table.finals) {
      for (const auto& [slot, values] : table.told[window])
        seen[json][to_ms(window.end)][table.keys.at(slot)] = values;
    }
    table.finals.clear();
  }

  std::mt19937_64 random_;
  std::int64_t until_ms_;
  std::map<query::StreamId, std::string> watched_;
};

/// How many values were compared; those of `exact` by their bits.
std::size_t expect_as_seen(const Lived& lived, const std::string& json, const Answered& past,
                           std::size_t exact) {
  std::size_t compared = 0;
  for (const auto& [end, rows] : lived.seen.at(json)) {
    for (const auto& [key, values] : rows) {
      const Values& now = past.at(key, end);
      if (now.empty()) continue;
      EXPECT_TRUE(std::ranges::equal(values, now, same))
          << json << end << ::testing::PrintToString(key) << ::testing::PrintToString(values)
          << ::testing::PrintToString(now);
      for (std::size_t i = 0; i < exact; ++i)
        EXPECT_TRUE(same_bits(values[i], now[i])) << json << end << " column " << i;
      ++compared;
    }
  }
  return compared;
}

TEST(RangeQuery, GivesWhatASubscriberOfThatTimeSaw) {
  for (const std::uint64_t seed : {3U, 4U, 5U}) {
    Lived lived(seed, 190'000, {.series_ttl = Millis{15'000}});
    // Stats stand in their canonical order: the first five are exact in any order of merging.
    const std::string narrow =
        R"({"metric":"timer","by":["host"],"stats":["count","min","max","p50","p99","sum","mean","stddev"],"window":"6s","slide":"2s"})";
    const std::string wide =
        R"({"metric":"timer","stats":["count","max","p99"],"window":"20s","slide":"1s"})";
    const std::string gauges =
        R"({"metric":"gauge","stats":["count","last","first","min","max","mean"],"window":"6s","slide":"2s"})";
    const std::string all =
        R"({"metric":"**","by":["host"],"stats":["count","last","distinct","p50"],"window":"5s"})";
    const std::string back =
        R"({"metric":"counter","by":["host"],"stats":["count","ewma","zscore"],"window":"4s","slide":"2s"})";
    for (const std::string& json : {narrow, wide, gauges, all, back})
      lived.watch(json);
    lived.live();
    std::size_t compared = 0;
    for (const std::string& json : {narrow, wide, gauges, all, back}) {
      const RangeQuery::Options options{.series_ttl = Millis{15'000}};
      const auto past = answer_of(lived.given.timeline, ask_of(json, 100'000, 190'000), options);
      ASSERT_TRUE(past) << past.error().msg;
      compared += expect_as_seen(lived, json, *past, json == narrow ? 3 : 1);
      // Every third window alone says the same.
      const auto thinned = answer_of(
          lived.given.timeline, ask_of(json, 100'000, 190'000, 3 * query_of(json).slide), options);
      ASSERT_TRUE(thinned);
      EXPECT_GT(expect_as_seen(lived, json, *thinned, 1), 10U) << json;
    }
    EXPECT_GT(compared, 600U);
  }
}

bool all_null(const Values& values) {
  return std::ranges::all_of(values, [](double value) { return std::isnan(value); });
}

// A limit leaves out what is null on a whole page.
void expect_same_points(const Answered& whole, const Answered& paged) {
  ASSERT_EQ(paged.rows.size(), whole.rows.size());
  for (const auto& [key, row] : whole.rows) {
    for (const auto& [end, wanted] : row) {
      const Values& got = paged.at(key, end);
      const bool same = std::ranges::equal(wanted, got, same_bits);
      EXPECT_TRUE(same || (got.empty() && all_null(wanted))) << end;
    }
  }
}

TEST(RangeQuery, GivesTheSameInPagesOfAnySize) {
  Lived lived(9, 160'000);
  lived.live();
  std::vector<query::RangeAsk> asks;
  for (const char* json :
       {R"({"metric":"**","by":["host"],"stats":["count","p99"],"window":"5s"})",
        R"({"metric":"gauge","by":["host"],"stats":["last","zscore"],"window":"5s"})",
        R"({"metric":"counter","by":["host"],"stats":["count"],"window":"9s"})"}) {
    asks.push_back(ask_of(json, 100'000, 160'000));
  }
  asks.back().query.order = query::Order{"count"};
  asks.back().query.limit = 2;
  for (const query::RangeAsk& ask : asks) {
    const auto whole = answer_of(lived.given.timeline, ask);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->pages, 1U);
    for (const std::size_t most : {1U, 7U, 50U, 150U}) {
      SCOPED_TRACE(ask.query.metric + " in pages of " + std::to_string(most));
      const auto paged =
          answer_of(lived.given.timeline, ask, {.values_max = most, .cells_max = most});
      ASSERT_TRUE(paged);
      EXPECT_GT(paged->pages, 1U);
      expect_same_points(*whole, *paged);
    }
  }
}

TEST(RangeQuery, KeepsTheFirstRowsOfEachWindow) {
  Given given;
  for (std::int64_t second = 100; second < 104; ++second) {
    for (int host = 0; host < 4; ++host) {
      const double value = second == 103 ? host : 10.0 - host;
      given.send({Kind::Counter, "m", {{"host", std::to_string(host)}}}, second * 1'000 + 500,
                 {value});
    }
    given.tick(second * 1'000 + 1'000);
  }
  query::RangeAsk ask =
      ask_of(R"({"metric":"m","by":["host"],"stats":["count"],"window":"1s"})", 100'000, 104'000);
  ask.query.order = query::Order{"count"};
  ask.query.limit = 1;
  const auto past = answer_of(given.timeline, ask);
  ASSERT_TRUE(past);
  EXPECT_EQ(past->rows.size(), 2U);
  EXPECT_EQ(past->at({"0"}, 103'000), Values{10});
  EXPECT_EQ(past->at({"3"}, 104'000), Values{3});
  EXPECT_TRUE(std::isnan(past->at({"0"}, 104'000).at(0)));
}

TEST(RangeQuery, RowsStandInTheOrderAskedForAsItIsAtTheNewestTime) {
  Given given;
  const std::vector<std::vector<double>> counts = {{5, 3}, {7, 9}, {6, 3}};  // by host and second
  for (std::size_t second = 0; second < 2; ++second) {
    const std::int64_t ms = 100'000 + static_cast<std::int64_t>(second) * 1'000;
    for (std::size_t host = 0; host < counts.size(); ++host) {
      given.send({Kind::Counter, "m", {{"host", std::to_string(host)}}}, ms + 500,
                 {counts[host][second]});
    }
    given.tick(ms + 1'000);
  }
  query::RangeAsk ask =
      ask_of(R"({"metric":"m","by":["host"],"stats":["count"],"window":"1s"})", 100'000, 102'000);
  const auto keys = [&](query::RangeAsk wanted) {
    const auto past = answer_of(given.timeline, std::move(wanted));
    return past ? past->first_keys : std::vector<std::vector<std::string>>{};
  };
  using Keys = std::vector<std::vector<std::string>>;
  EXPECT_EQ(keys(ask), (Keys{{"0"}, {"1"}, {"2"}})) << "without an order: by key";
  ask.query.order = query::Order{"count", query::Order::Direction::Descending};
  EXPECT_EQ(keys(ask), (Keys{{"1"}, {"0"}, {"2"}})) << "equal values stay in the order of keys";
  ask.query.order = query::Order{"count", query::Order::Direction::Ascending};
  EXPECT_EQ(keys(ask), (Keys{{"0"}, {"2"}, {"1"}}));
}

TEST(RangeQuery, JoinsTheMetricsThatADerivedFieldNames) {
  Given given;
  given.send({Kind::Counter, "http.errors", {{"host", "a"}}}, 100'500, {2});
  given.send({Kind::Counter, "http.requests", {{"host", "a"}}}, 100'600, {8});
  given.send({Kind::Counter, "http.requests", {{"host", "b"}}}, 100'600, {5});
  given.tick(102'000);
  query::RangeAsk ask = ask_of(R"({"metric":"http.*","window":"2s"})", 100'000, 102'000);
  ask.query.by = {"host"};
  ask.query.stats.clear();
  ask.query.derive = {
      {"rate", *query::Expression::parse("errors.count / requests.count", ask.query.metric)}};
  const auto past = answer_of(given.timeline, ask);
  ASSERT_TRUE(past) << past.error().msg;
  EXPECT_EQ(past->at({"a"}, 102'000), Values{0.25});
  ASSERT_EQ(past->at({"b"}, 102'000).size(), 1U);
  EXPECT_TRUE(std::isnan(past->at({"b"}, 102'000).at(0)));
}

TEST(RangeQuery, MakesTheStepAMultipleOfTheSlideAndAlignsIt) {
  Given given;
  given.send({Kind::Counter, "m", {}}, 100'500, {4});
  given.tick(105'000);
  const auto past = answer_of(
      given.timeline, ask_of(R"({"metric":"m","stats":["count"],"window":"4s","slide":"2s"})",
                             99'500, 105'000, Millis{1'500}));
  ASSERT_TRUE(past);
  EXPECT_EQ(past->step, Millis{2'000});
  EXPECT_EQ(past->times, (std::vector<std::int64_t>{100'000, 102'000, 104'000}));
  EXPECT_TRUE(std::isnan(past->at({}, 100'000).at(0)));  // there was no such series yet
  EXPECT_EQ(past->at({}, 102'000), Values{4});
  EXPECT_EQ(past->at({}, 104'000), Values{4});
}

TEST(RangeQuery, ARowIsNullWhereNoneOfItsSeriesLived) {
  constexpr Millis kTtl{20'000};
  Given given{Timeline::Options{.series_ttl = Millis{600'000}}};
  for (const Kind kind : {Kind::Counter, Kind::Timer, Kind::Set})
    given.send({kind, std::string{model::kind_name(kind)}, {{"host", "a"}}}, 105'500, {4});
  given.tick(120'000);
  given.send({Kind::Counter, "counter", {{"host", "b"}}}, 119'500, {1});
  given.tick(160'000);
  const RangeQuery::Options options{.series_ttl = kTtl};
  const auto value = [&](const char* json, std::int64_t end_ms) {
    const auto past = answer_of(given.timeline, ask_of(json, 100'000, 160'000), options);
    return past->at({}, end_ms).at(0);
  };
  constexpr const char* kCounter = R"({"metric":"counter","stats":["count"],"window":"1s"})";
  constexpr const char* kTimer = R"({"metric":"timer","stats":["count"],"window":"1s"})";
  constexpr const char* kSet = R"({"metric":"set","stats":["distinct"],"window":"1s"})";
  for (const char* json : {kCounter, kTimer, kSet}) {
    EXPECT_TRUE(std::isnan(value(json, 105'000))) << json;
    EXPECT_GT(value(json, 106'000), 0) << json;
    EXPECT_EQ(value(json, 107'000), 0) << json;
    EXPECT_EQ(value(json, 125'000), 0) << json;
  }
  EXPECT_TRUE(std::isnan(value(kTimer, 126'000)));
  EXPECT_EQ(value(kCounter, 126'000), 0);  // host b lives
  EXPECT_EQ(value(kCounter, 139'000), 0);
  EXPECT_TRUE(std::isnan(value(kCounter, 140'000)));
  // What came before the range says that it lives when the range begins.
  const auto later = answer_of(given.timeline, ask_of(kCounter, 130'000, 160'000), options);
  EXPECT_EQ(later->at({}, 131'000), Values{0});
  EXPECT_TRUE(std::isnan(later->at({}, 140'000).at(0)));
  // Nor is it a row where it never lived.
  const auto dead = answer_of(given.timeline, ask_of(kCounter, 150'000, 160'000), options);
  EXPECT_TRUE(dead->rows.empty());
}

TEST(RangeQuery, WhatMemoryForgotIsAHoleAndIsNotAmongTheFirst) {
  Given given{Timeline::Options{
      .retention = Millis{20'000}, .retention_ten = Millis{0}, .retention_sixty = Millis{0}}};
  for (std::int64_t now = 100'250; now <= 160'000; now += 250) {
    if (now % 1'000 == 250) given.send({Kind::Counter, "m", {{"host", "a"}}}, now - 100, {1});
    given.tick(now);
  }
  const auto asked = ask_of(
      R"({"metric":"m","by":["host"],"stats":["count"],"window":"1s","order":"count:desc","limit":1})",
      120'000, 155'000);
  const auto page = page_of(given.timeline, asked, {});
  ASSERT_TRUE(page);
  ASSERT_EQ(page->holes.size(), 1U);
  const auto [first, last] = page->holes.front();
  EXPECT_EQ(first, 0U);
  const std::int64_t covers = given.timeline.covers(Rollup::Base);
  EXPECT_EQ(to_ms(page->times[last]), covers * 1'000);
  for (std::size_t i = 0; i < page->times.size(); ++i)
    EXPECT_EQ(std::isnan(page->values[i]), i <= last) << i;
}

TEST(RangeQuery, EndsWithTheNewestWindow) {
  Given given;
  given.send({Kind::Counter, "m", {}}, 100'500, {4});
  given.tick(101'250);
  const auto past = answer_of(
      given.timeline, ask_of(R"({"metric":"m","stats":["count"],"window":"1s"})", 99'000, 200'000));
  ASSERT_TRUE(past);
  EXPECT_EQ(past->times, (std::vector<std::int64_t>{100'000, 101'000, 102'000}));
}

TEST(RangeQuery, CoarsensTheStepToThePointsAllowed) {
  Given given;
  for (const char* host : {"a", "b", "c"})
    given.send({Kind::Counter, "m", {{"host", host}}}, 100'500, {4});
  given.tick(200'000);
  const std::string json = R"({"metric":"m","by":["host"],"stats":["count"],"window":"2s"})";
  const auto past = answer_of(given.timeline, ask_of(json, 100'000, 200'000), {.points_max = 30});
  ASSERT_TRUE(past);
  EXPECT_EQ(past->step, Millis{10'000});
  EXPECT_EQ(past->points, 30U);
  const auto none = answer_of(given.timeline, ask_of(json, 100'000, 200'000), {.points_max = 2});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, query::Code::LimitRange);
}

TEST(RangeQuery, LooksBackAsFarWhenItsStepWasCoarsened) {
  Given given;
  for (std::int64_t second = 100; second < 200; ++second) {
    const double value = second % 2 == 0 ? 1 : 9;  // every other window alone would not vary
    given.send({Kind::Counter, "m", {}}, second * 1'000 + 500, {value});
    given.tick((second + 1) * 1'000);
  }
  const std::string json = R"({"metric":"m","stats":["ewma"],"window":"1s"})";
  const auto asked = answer_of(given.timeline, ask_of(json, 150'000, 200'000, Millis{5'000}));
  const auto coarsened =
      answer_of(given.timeline, ask_of(json, 150'000, 200'000), {.points_max = 10});
  ASSERT_TRUE(asked);
  ASSERT_TRUE(coarsened);
  ASSERT_EQ(coarsened->step, Millis{5'000});
  EXPECT_EQ(coarsened->rows, asked->rows);
  EXPECT_NEAR(asked->at({}, 200'000).at(0), 5, 1);
}

TEST(RangeWindows, AreOneForOneInstantThoughOnlyCoarserPanesAreKept) {
  KeptLevels kept;
  kept.levels[0] = {Millis{1'000}, at(5'000'000)};
  kept.levels[1] = {Millis{10'000}, at(1'000'000)};
  kept.levels[2] = {Millis{60'000}, at(0)};
  const std::string json = R"({"metric":"m","stats":["count"],"window":"10s","slide":"1s"})";
  for (const std::int64_t end : {2'003'000, 2'010'000, 603'000}) {
    const query::RangeAsk ask = ask_of(json, end - 1'000, end, Millis{1'000});
    const auto windows = range_windows(ask, kept, at(6'000'000), Look::AtThemselves);
    ASSERT_TRUE(windows);
    ASSERT_EQ(windows->count, 1) << end;
    EXPECT_LE(windows->end(0), at(end));
    EXPECT_GT(windows->end(0), at(end) - windows->step);
  }
}

TEST(RangeQuery, RefusesWhatIsNoRangeOrTooMuch) {
  Given given;
  for (const char* host : {"a", "b", "c"})
    given.send({Kind::Gauge, "m", {{"host", host}}}, 100'500, {4});
  const std::string json = R"({"metric":"m","by":["host"]})";
  const auto code = [&](query::RangeAsk ask) {
    const auto answer = page_of(given.timeline, std::move(ask), {.rows_max = 2});
    return answer ? query::Code::ServerInternal : answer.error().code;
  };
  EXPECT_EQ(code(ask_of(R"({"metric":"none"})", 2'000, 1'000)), query::Code::QueryBadWindow);
  EXPECT_EQ(code(ask_of(R"({"metric":"none"})", 0, 1'000, Millis{-1})),
            query::Code::QueryBadWindow);
  EXPECT_EQ(code(ask_of(json, 0, 1'000)), query::Code::LimitRows);
  EXPECT_EQ(code(ask_of(R"({"metric":"m","stats":["sum"]})", 0, 1'000)),
            query::Code::QueryUnknownStat);
}

constexpr RangeWindows kTenSeconds{Millis{10'000}, Millis{1'000}, Millis{1'000}, 100, 50};

TEST(RangeQuery, RefusesACursorThatThisQuestionDidNotGive) {
  Given given;
  given.send({Kind::Counter, "m", {{"host", "a"}}}, 100'500, {4});
  given.tick(120'000);
  const query::RangeAsk ask =
      ask_of(R"({"metric":"m","by":["host"],"stats":["count"]})", 100'000, 120'000);
  const auto code = [&](const std::string& cursor, query::RangeAsk asked) {
    asked.cursor = cursor;
    const auto answer = page_of(given.timeline, std::move(asked), {});
    return answer ? query::Code::ServerInternal : answer.error().code;
  };
  const RangeCursor sound{hash_of(ask), kTenSeconds, 3, {"a"}, Kind::Counter, false};
  ASSERT_EQ(code(cursor_text(sound), ask), query::Code::ServerInternal) << "this one is good";
  for (const char* text : {"x", "-", "1-2-3", "1-10000-1000-1000-0-1-0-9-0"})
    EXPECT_EQ(code(text, ask), query::Code::ProtoBadField) << text;
  const auto changed = [&](auto change) {
    RangeCursor cursor = sound;
    change(cursor);
    return code(cursor_text(cursor), ask);
  };
  using Cursor = RangeCursor;
  for (const auto got :
       {changed([](Cursor& c) { ++c.asked; }), changed([](Cursor& c) { c.time = 50; }),
        changed([](Cursor& c) { c.windows.step = c.windows.apart = {}; }),
        changed([](Cursor& c) { c.windows.window = Millis{999'999'000}; }),
        changed([](Cursor& c) { c.windows.count = 999'999'999; }),
        changed([](Cursor& c) { c.windows.first = std::int64_t{1} << 53; }),
        changed([](Cursor& c) { c.windows.step = c.windows.apart = Millis{1}; }),
        changed([](Cursor& c) { c.windows.apart = Millis{600}; }), changed([](Cursor& c) {
          c.key = {"a", "b"};
        })}) {
    EXPECT_EQ(got, query::Code::ProtoBadField);
  }
  query::RangeAsk other = ask;
  other.query.stats = {{query::Stat::Name::Rate}};
  EXPECT_EQ(code(cursor_text(sound), other), query::Code::ProtoBadField) << "another query";
  other = ask;
  other.query.where = {{"host", query::Op::Equal, {"a"}}};
  EXPECT_EQ(code(cursor_text(sound), other), query::Code::ProtoBadField) << "other rights";
  other = ask;
  other.step = Millis{2'000};
  EXPECT_EQ(code(cursor_text(sound), other), query::Code::ProtoBadField) << "another step";
}

TEST(RangeQuery, EveryPageIsHeldToTheCostOfItsWholeAnswer) {
  Given given;
  for (const char* host : {"a", "b"})
    given.send({Kind::Gauge, "m", {{"host", host}}}, 100'500, {4});
  given.tick(120'000);
  query::RangeAsk ask =
      ask_of(R"({"metric":"m","by":["host"],"stats":["last"],"window":"10s"})", 119'000, 120'000);
  // One window of ten panes, and ten minutes in which each gauge may have come.
  const RangeQuery::Options just{.cost_max = 2 * (10 + 600 + 1 + 1)};
  EXPECT_TRUE(page_of(given.timeline, ask, just));
  RangeCursor forged{hash_of(ask), kTenSeconds, 49, {"b"}, Kind::Gauge, false};
  forged.windows.first = 10;
  forged.windows.count = 110;  // but the last of them is the page that was asked for
  ask.cursor = cursor_text(forged);
  const auto refused = page_of(given.timeline, ask, just);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, query::Code::QueryTooExpensive) << refused.error().msg;
  EXPECT_TRUE(page_of(given.timeline, ask, {}));
}

TEST(RangeQuery, TellsTwoKindsOfANameApartAsAStreamDoes) {
  Given given;
  for (const char* host : {"a", "b"}) {
    given.send({Kind::Counter, "m", {{"host", host}}}, 100'500, {4});
    given.send({Kind::Timer, "m", {{"host", host}}}, 100'600, {7, 9});
  }
  given.tick(102'000);
  const std::string json = R"({"metric":"m","by":["host"],"stats":["count"],"window":"2s"})";
  const query::Query keyed = given.streams.keyed(query_of(json));
  const query::StreamId stream = *given.streams.watch(keyed);
  given.tick(102'250);
  for (const std::size_t values : {1U, 3U, 1'000U}) {
    const auto past =
        answer_of(given.timeline, ask_of(json, 100'000, 103'000), {.values_max = values});
    ASSERT_TRUE(past) << past.error().msg;
    EXPECT_EQ(past->by, keyed.by);
    EXPECT_EQ(past->rows.size(), 4U);
    const Table& live = given.reader.tables[stream];
    for (const auto& [slot, key] : live.keys)
      EXPECT_EQ(past->at(key, 103'000), live.rows.at(slot));
  }
  const auto one = answer_of(
      given.timeline,
      ask_of(R"({"metric":"m","where":[["@kind","=","timer"]],"stats":["count"],"window":"2s"})",
             101'000, 102'000));
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->by.empty());
  EXPECT_EQ(one->at({}, 102'000), Values{4});
}

// ... a timeline in which only some of the rows are (left): the next page asks another.
TEST(RangeQuery, PagesAreCutByRowsThatMayComeAndGo) {
  const query::RangeAsk first =
      ask_of(R"({"metric":"m","by":["host"],"stats":["count"],"window":"1s"})", 100'000, 108'000);
  const auto with = [](std::initializer_list<const char*> hosts, Given& given) {
    for (const char* host : hosts) {
      for (std::int64_t second = 100; second < 108; ++second)
        given.send({Kind::Counter, "m", {{"host", host}}}, second * 1'000 + 500, {1});
    }
    given.tick(108'000);
  };
  Given before;
  with({"a", "b", "c"}, before);
  Given after;
  with({"a", "c", "d"}, after);
  const RangeQuery::Options options{.values_max = 3};
  query::RangeAsk ask = first;
  std::set<std::pair<std::string, std::int64_t>> points;
  for (int page = 0; page < 50; ++page) {
    const bool b_is_gone = page > 3;  // in the midst of its times
    const auto answer = page_of(b_is_gone ? after.timeline : before.timeline, ask, options);
    ASSERT_TRUE(answer) << answer.error().msg;
    for (const auto& key : answer->keys) {
      for (const WallTime time : answer->times)
        EXPECT_TRUE(points.emplace(key.at(0), to_ms(time)).second) << key.at(0) << to_ms(time);
    }
    ask.cursor = answer->next;
    if (ask.cursor.empty()) break;
  }
  for (std::int64_t end = 101'000; end <= 108'000; end += 1'000) {
    for (const char* host : {"a", "c", "d"})
      EXPECT_TRUE(points.contains({host, end})) << host << end;
  }
}

TEST(RangeQuery, ASecondKindThatComesBetweenPagesMixesWithNoRow) {
  Given given;
  for (const char* host : {"a", "b"})
    given.send({Kind::Timer, "m", {{"host", host}}}, 100'500, {4});
  given.tick(102'000);
  query::RangeAsk ask =
      ask_of(R"({"metric":"m","by":["host"],"stats":["count"],"window":"1s"})", 100'000, 102'000);
  const RangeQuery::Options options{.values_max = 2};
  const auto first = page_of(given.timeline, ask, options);
  ASSERT_TRUE(first);
  given.send({Kind::Counter, "m", {{"host", "b"}}}, 101'900, {50});
  ask.cursor = first->next;
  const auto second = page_of(given.timeline, ask, options);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->by, first->by);
  EXPECT_EQ(second->keys, (std::vector<std::vector<std::string>>{{"b"}}));
  EXPECT_EQ(second->values, (std::vector<double>{1, 0}));
}

TEST(RangeQuery, AnOrderHoldsOverAllRowsInEveryPage) {
  Given given;
  constexpr int kHosts = 20;
  for (std::int64_t second = 100; second < 104; ++second) {
    for (int host = 0; host < kHosts; ++host) {
      const double value = second % 2 == 0 ? host + 1 : kHosts - host;
      given.send({Kind::Counter, "m", {{"host", std::to_string(100 + host)}}}, second * 1'000 + 500,
                 {value});
    }
    given.tick(second * 1'000 + 1'000);
  }
  query::RangeAsk ask =
      ask_of(R"({"metric":"m","by":["host"],"stats":["count"],"window":"1s"})", 100'000, 104'000);
  ask.query.order = query::Order{"count"};
  int pages = 0;
  std::int64_t end = 101'000;
  for (;; ++pages, end += 1'000) {
    const auto page = page_of(given.timeline, ask, {.values_max = 7});
    ASSERT_TRUE(page);
    ASSERT_EQ(page->times, std::vector{at(end)});
    ASSERT_EQ(page->keys.size(), std::size_t{kHosts});
    EXPECT_TRUE(std::ranges::is_sorted(page->values, std::greater<>{}));
    EXPECT_EQ(page->keys.front().front(), end / 1'000 % 2 == 1 ? "119" : "100");
    ask.cursor = page->next;
    if (ask.cursor.empty()) break;
  }
  EXPECT_EQ(end, 104'000);
}

TEST(RangeQuery, CarriesTheMarksOfALiveTable) {
  Given given;
  given.send({Kind::Gauge, "m", {{"host", "a"}}}, 100'500, {4});
  given.send({Kind::Gauge, "m", {{"host", "b"}}}, 100'500, {5});
  given.send({Kind::Gauge, "m", {{"host", "b"}}}, 102'500, {6});
  given.tick(104'000);
  query::RangeAsk ask =
      ask_of(R"({"metric":"m","by":["host"],"stats":["last"],"window":"1s"})", 100'000, 103'000);
  const auto page = page_of(given.timeline, ask, {});
  ASSERT_TRUE(page);
  constexpr query::Marks kNone = 0;
  EXPECT_EQ(page->marks, (std::vector<query::Marks>{kNone, query::kStale, query::kStale,  //
                                                    kNone, query::kStale, kNone}));
  ask.query.order = query::Order{"last"};
  ask.query.limit = 1;
  const auto first = page_of(given.timeline, ask, {});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->keys, (std::vector<std::vector<std::string>>{{"b"}}));
  EXPECT_EQ(first->marks, (std::vector<query::Marks>{kNone, query::kStale, kNone}));

  given.send({Kind::Counter, "c", {}}, 103'500, {1e308});
  given.send({Kind::Counter, "c", {}}, 103'600, {1e308});
  given.tick(105'000);
  const auto overflow =
      page_of(given.timeline,
              ask_of(R"({"metric":"c","stats":["sum"],"window":"1s"})", 103'000, 104'000), {});
  ASSERT_TRUE(overflow);
  EXPECT_EQ(overflow->marks, std::vector<query::Marks>{query::kOverflowed});
  const auto plain =
      page_of(given.timeline,
              ask_of(R"({"metric":"c","stats":["count"],"window":"1s"})", 101'000, 103'000), {});
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->marks.empty());
}

TEST(RangeQuery, ARowOfManyBytesComesInSmallerPages) {
  Given given;
  std::mt19937_64 random{5};
  std::lognormal_distribution<double> values(0, 3);
  for (std::int64_t second = 100; second < 140; ++second) {
    model::Partial pane{Kind::Timer};
    for (int i = 0; i < 200; ++i)
      pane.merge(folded(Kind::Timer, {values(random)}, at(second * 1'000)));
    given.send(0, {Kind::Timer, "m", {}}, at(second * 1'000 + 500), std::move(pane));
    given.tick(second * 1'000 + 1'000);
  }
  const query::RangeAsk ask = ask_of(
      R"({"metric":"m","stats":["count","p99"],"window":"2s","slide":"1s"})", 100'000, 140'000);
  const auto whole = answer_of(given.timeline, ask);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->pages, 1U);
  const auto paged = answer_of(given.timeline, ask, {.row_bytes_max = 4'000});
  ASSERT_TRUE(paged) << paged.error().msg;
  EXPECT_GT(paged->pages, 5U);
  expect_same_points(*whole, *paged);
  const auto refused = answer_of(given.timeline, ask, {.row_bytes_max = 400});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, query::Code::LimitRange);
}

TEST(RangeRow, EvaluatesNoMoreWindowsAtOnceThanItsSteps) {
  const query::Query query = query_of(R"({"metric":"m","stats":["count"],"window":"1s"})");
  const Evaluator evaluator{query};
  const RangeFrame frame{{Millis{1'000}, Millis{1'000}, Millis{1'000}, 100, 1'000},
                         Look::AtThemselves};
  const std::vector<Gap> nothing_lost;
  RangeRow row{evaluator, frame, nothing_lost, {}};
  row.begin_series(Kind::Counter, 0);
  EXPECT_EQ(row.end_series(), 1U);
  Evaluated evaluated;
  std::size_t turns = 0;
  for (; !row.is_evaluated(); ++turns)
    EXPECT_LE(row.evaluate(40, evaluated), 50U);
  EXPECT_GE(turns, 100U);
  EXPECT_EQ(evaluated.values.size(), 1'000U);
  RangeRow gauge{evaluator, frame, nothing_lost, {}};
  gauge.begin_series(Kind::Gauge, 0);
  EXPECT_GE(gauge.end_series(), 250U) << "each gauge is looked at in each window";
}

TEST(RangeQuery, OfNothingGivesTimesWithoutRows) {
  Given given;
  given.tick(105'000);
  const auto page =
      page_of(given.timeline, ask_of(R"({"metric":"none","window":"1s"})", 100'000, 103'000), {});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->times.size(), 3U);
  EXPECT_TRUE(page->keys.empty() && page->values.empty() && page->next.empty());
}

TEST(RangeCursor, ReadsBackWhatItWrote) {
  const RangeCursor cursor{99,          {Millis{10'000}, Millis{2'000}, Millis{1'000}, 17, 9},
                           3,           {"a-\xff", "b"},
                           Kind::Timer, true};
  const auto read = read_cursor(cursor_text(cursor));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, cursor);
}

}  // namespace
}  // namespace ingest::timeline
