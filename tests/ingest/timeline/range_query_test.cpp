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
  EXPECT_EQ(past->at({}, 100'000), Values{0});
  EXPECT_EQ(past->at({}, 102'000), Values{4});
  EXPECT_EQ(past->at({}, 104'000), Values{4});
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
  for (const char* cursor :
       {"x", "-", "1-2-3", "10000-1000-1000-0-1-0-9", "10000-1000-1000-0-1-1-0",
        "10000-0-0-0-1-0-0", "999999999999-1000-1000-0-1-0-0", "10000-1000-1000-0-999999999-0-0",
        "10000-1000-1000-9007199254740992-9-0-0", "10000-1-1-0-1-0-0", "10000-1000-1000-0-1-0-0-6",
        "10000-1000-1000-0-1-0-0-61-61"}) {
    query::RangeAsk ask = ask_of(json, 0, 1'000);
    ask.cursor = cursor;
    EXPECT_EQ(code(ask), query::Code::ProtoBadField) << cursor;
  }
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
  const RangeCursor cursor{
      {Millis{10'000}, Millis{2'000}, Millis{1'000}, 17, 9}, 3, {"a-\xff", "b"}, Kind::Timer};
  const auto read = read_cursor(cursor_text(cursor));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, cursor);
}

}  // namespace
}  // namespace ingest::timeline
