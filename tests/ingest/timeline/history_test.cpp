#include "ingest/timeline/history.h"

#include <random>

#include "tests/ingest/timeline/given.h"

namespace ingest::timeline {
namespace {

using model::Kind;
using model::SeriesKey;

// What a subscriber saw as the last word of each window.
TEST(History, GivesWhatASubscriberOfThatTimeSaw) {
  const std::string json =
      R"({"metric":"**","by":["host"],"stats":["count","sum","last","mean","max","p50"],"window":"6s","slide":"2s"})";
  Given given({.series_ttl = Millis{15'000}});
  const auto id = given.watch(json);
  std::mt19937_64 random{3};
  std::map<std::int64_t, std::map<std::vector<std::string>, Table::Values>> seen;
  for (std::int64_t now = 100'250; now <= 160'000; now += 250) {
    for (const Kind kind : {Kind::Counter, Kind::Gauge, Kind::Timer}) {
      for (const auto* host : {"a", "b"}) {
        if (random() % 4 != 0 || (kind == Kind::Gauge && now / 20'000 % 2 == 1)) continue;
        const auto late = static_cast<std::int64_t>(random() % 1'500);
        given.send({kind, std::string{"m"} + host, {{"host", host}}},
                   std::max(now - 100 - late, std::int64_t{100'000}),
                   {static_cast<double>(random() % 100)});
      }
    }
    given.tick(now);
    Table& table = given.reader.tables[id];
    for (const auto& [window, times] : table.finals) {
      for (const auto& [slot, values] : table.told[window]) {
        seen[to_ms(window.end)][table.keys.at(slot)] = values;
      }
    }
    table.finals.clear();
  }
  const auto past =
      history(given.timeline, query_of(json), {at(100'000), at(158'000), Millis{2'000}}, 1'000);
  ASSERT_TRUE(past);
  ASSERT_EQ(past->times.size(), 29U);
  std::size_t compared = 0;
  for (std::size_t t = 0; t < past->times.size(); ++t) {
    for (const HistoryRow& row : past->rows) {
      const auto& window = seen[to_ms(past->times[t])];
      const auto found = window.find(row.key);
      if (found == window.end()) continue;
      const auto first = row.values.begin() + static_cast<std::ptrdiff_t>(t * 6);
      EXPECT_TRUE(std::ranges::equal(found->second, std::vector<double>(first, first + 6), same))
          << to_ms(past->times[t]) << ::testing::PrintToString(row.key)
          << ::testing::PrintToString(found->second)
          << ::testing::PrintToString(std::vector<double>(first, first + 6));
      ++compared;
    }
  }
  EXPECT_GT(compared, 40U);
}

TEST(History, CoarsensTheStepToTheSlideAndAlignsIt) {
  Given given;
  given.send({Kind::Counter, "m", {}}, 100'500, {4});
  const auto query = query_of(R"({"metric":"m","stats":["count"],"window":"4s","slide":"2s"})");
  const auto past = history(given.timeline, query, {at(99'500), at(105'000), Millis{1'500}}, 100);
  ASSERT_TRUE(past);
  EXPECT_EQ(past->times, (std::vector<WallTime>{at(100'000), at(102'000), at(104'000)}));
  ASSERT_EQ(past->rows.size(), 1U);
  EXPECT_EQ(past->rows[0].values, (std::vector<double>{0, 4, 4}));
}

TEST(History, RefusesWhatIsNoRangeOrTooMuch) {
  Given given;
  const auto query = query_of(R"({"metric":"m"})");
  EXPECT_EQ(history(given.timeline, query, {at(2'000), at(1'000), Millis{1'000}}, 9).error().code,
            query::Code::QueryBadWindow);
  EXPECT_EQ(history(given.timeline, query, {at(0), at(1'000), Millis{0}}, 9).error().code,
            query::Code::QueryBadWindow);
  EXPECT_EQ(history(given.timeline, query, {at(0), at(10'000), Millis{1'000}}, 9).error().code,
            query::Code::LimitRange);
  const auto none = history(given.timeline, query, {at(1'100), at(1'900), Millis{1'000}}, 9);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->times.empty());
}

}  // namespace
}  // namespace ingest::timeline
