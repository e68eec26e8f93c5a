#include "ingest/series/series_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ingest::series {
namespace {

using model::Kind;
using model::LocalSeries;
using model::RawKey;
using model::SeriesKey;
using model::TagStyle;

constexpr WallTime kStart = wall_from_ms(1'700'000'000'000);

SeriesTable::Found find(SeriesTable& table, const RawKey& raw, Kind kind = Kind::Counter,
                        WallTime now = kStart) {
  return table.find(kind, raw, SeriesTable::hash_of(kind, raw), now);
}

std::vector<model::SeriesBorn> born(SeriesTable& table) {
  std::vector<model::SeriesBorn> all;
  table.take_born(all);
  return all;
}

std::vector<LocalSeries> expire_all(SeriesTable& table, WallTime now) {
  born(table);
  std::vector<LocalSeries> gone;
  for (std::size_t i = 0; i < SeriesTable::kExpireRounds; ++i) {
    table.expire(
        now, [](LocalSeries) { return false; }, gone);
  }
  return gone;
}

TEST(SeriesTable, ALineSeenBeforeTakesTheFastPath) {
  SeriesTable table{{}};
  const auto first = find(table, {"m", "b:2,a:1"});
  const auto again = find(table, {"m", "b:2,a:1"});
  EXPECT_EQ(first.series, again.series);
  EXPECT_EQ(table.counts().slow_lookups, 1U);
  EXPECT_EQ(table.counts().born, 1U);
}

// Else a stranger could send lines that collide.
TEST(SeriesTable, TheHashOfALineIsNotToBeToldFromItsBytesAlone) {
  EXPECT_NE(SeriesTable::hash_of(Kind::Counter, {"m"}), XXH3_64bits("m", 1));
}

TEST(SeriesTable, EverySpellingIsTheSameSeries) {
  SeriesTable table{{}};
  const auto first = find(table, {"m", "a:1,b:2"});
  EXPECT_EQ(find(table, {"m", "b:2,a:1"}).series, first.series);
  EXPECT_EQ(find(table, {"m", "a:1,a:1,b:2"}).series, first.series);
  EXPECT_EQ(find(table, {"m", "a=1,b=2", TagStyle::Equals}).series, first.series);
  EXPECT_EQ(table.counts().series, 1U);
}

TEST(SeriesTable, DifferentThingsAreDifferentSeries) {
  SeriesTable table{{}};
  const auto base = find(table, {"ab", "c"}).series;
  EXPECT_NE(find(table, {"a", "bc"}).series, base);
  EXPECT_NE(find(table, {"abc", ""}).series, base);
  EXPECT_NE(find(table, {"ab", "c"}, Kind::Gauge).series, base);
  EXPECT_NE(find(table, {"ab", "c:1"}).series, base);
  const auto colon = find(table, {"ab", "k:v=w"}).series;
  EXPECT_NE(find(table, {"ab", "k:v=w", TagStyle::Equals}).series, colon);
}

TEST(SeriesTable, AFieldIsAPartOfTheName) {
  SeriesTable table{{}};
  const auto joined = find(table, {"cpu.idle", "host:a"}).series;
  const RawKey apart{"cpu", "host=a", TagStyle::Escaped, "idle"};
  EXPECT_EQ(find(table, apart).series, joined);
  EXPECT_EQ(table.counts().slow_lookups, 2U);
  EXPECT_EQ(find(table, apart).series, joined);
  EXPECT_EQ(table.counts().slow_lookups, 2U);
  EXPECT_NE(find(table, {"cpu", "host=a", TagStyle::Escaped, "user"}).series, joined);
  EXPECT_NE(find(table, {"cpui", "host=a", TagStyle::Escaped, "dle"}).series, joined);
  EXPECT_NE(find(table, {"cpu", "host=a", TagStyle::Escaped}).series, joined);
  EXPECT_EQ(table.counts().series, 4U);
}

TEST(SeriesTable, RemembersFourSpellingsAndCountsTheOthers) {
  SeriesTable table{{}};
  const std::vector<std::string> spellings = {"a:1", "a:1,", ",a:1", ",a:1,", "a:1,,"};
  for (const auto& tags : spellings)
    find(table, {"m", tags});
  EXPECT_EQ(table.counts().spellings, SeriesTable::kSpellingsMax);
  EXPECT_EQ(table.counts().slow_lookups, 5U);
  for (const auto& tags : spellings)
    find(table, {"m", tags});
  EXPECT_EQ(table.counts().slow_lookups, 6U);  // only the fifth
  EXPECT_EQ(table.counts().series, 1U);
}

TEST(SeriesTable, AHugeSpellingIsNotRemembered) {
  SeriesTable table{{}};
  const std::string commas(SeriesTable::kSpellingBytesMax, ',');
  const auto first = find(table, {"m", commas});
  EXPECT_EQ(find(table, {"m", ""}).series, first.series);
  EXPECT_EQ(table.counts().spellings, 1U);
}

TEST(SeriesTable, CountsDuplicateTagsOfEverySample) {
  SeriesTable table{{}};
  for (int i = 0; i < 3; ++i)
    find(table, {"m", "a:1,a:2"});
  EXPECT_EQ(table.counts().duplicate_tags, 3U);
}

TEST(SeriesTable, TellsOfEachSeriesOnce) {
  SeriesTable table{{}};
  find(table, {"m", "b:2,a:1"});
  find(table, {"n", ""}, Kind::Timer);
  const auto told = born(table);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].key, SeriesKey(Kind::Counter, "m", {{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(told[1].key, SeriesKey(Kind::Timer, "n", {}));
  EXPECT_TRUE(born(table).empty());
}

// ---- caps ----

TEST(SeriesTable, PastTheSeriesCapSamplesGoToTheOverflowOfTheirName) {
  SeriesTable table{{.series_max = 2}};
  find(table, {"m", "a:1"});
  find(table, {"m", "a:2"});
  const auto third = find(table, {"m", "a:3"});
  EXPECT_TRUE(third.overflow);
  EXPECT_EQ(table.key(third.series), SeriesKey(Kind::Counter, "m", {{"weir_overflow", "true"}}));
  EXPECT_EQ(find(table, {"m", "a:4"}).series, third.series);
  EXPECT_FALSE(find(table, {"m", "a:1"}).overflow);
  EXPECT_FALSE(find(table, {"m", "a:1,"}).overflow);  // a new spelling of a series that is in
  const auto other = find(table, {"n", ""});
  EXPECT_TRUE(other.overflow);
  EXPECT_EQ(table.key(other.series).name(), "n");
  EXPECT_NE(find(table, {"m", "a:3"}, Kind::Timer).series, third.series);
}

TEST(SeriesTable, PastTheCapOfANameOnlyThatNameOverflows) {
  SeriesTable table{{.series_per_name_max = 1}};
  find(table, {"m", "a:1"});
  EXPECT_TRUE(find(table, {"m", "a:2"}).overflow);
  EXPECT_FALSE(find(table, {"n", "a:2"}).overflow);
}

TEST(SeriesTable, PastTheNamesCapSamplesGoToOneSeriesOfTheirKind) {
  SeriesTable table{{.names_max = 1}};
  find(table, {"m", ""});
  const auto second = find(table, {"n", "a:1"});
  EXPECT_TRUE(second.overflow);
  EXPECT_EQ(table.key(second.series), SeriesKey(Kind::Counter, "weir.overflow", {}));
  EXPECT_EQ(find(table, {"o", ""}).series, second.series);
  EXPECT_FALSE(find(table, {"m", "a:1"}).overflow);
  EXPECT_NE(find(table, {"p", ""}, Kind::Set).series, second.series);
}

TEST(SeriesTable, ManyNamesPastTheCapStayBounded) {
  SeriesTable table{{.series_max = 5, .names_max = 3}};
  for (int i = 0; i < 10'000; ++i)
    find(table, {"name" + std::to_string(i), "i:" + std::to_string(i)});
  EXPECT_LE(table.counts().series, 5U + 4 * 4);
  EXPECT_LE(table.counts().names, 4U);
  EXPECT_LE(table.counts().spellings, 5 * SeriesTable::kSpellingsMax);
}

// ---- expiry ----

TEST(SeriesTable, IdleSeriesExpireAndTheirSlotIsAnotherSeries) {
  SeriesTable table{{.series_ttl = Millis{1000}}};
  const auto old = find(table, {"m", "a:1"}).series;
  EXPECT_TRUE(expire_all(table, kStart + Millis{999}).empty());
  const auto gone = expire_all(table, kStart + Millis{1000});
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0], old);
  const auto next = find(table, {"other", ""}).series;
  EXPECT_EQ(next.index, old.index);
  EXPECT_NE(next.generation, old.generation);
  EXPECT_EQ(table.counts().series, 1U);
  EXPECT_EQ(table.counts().names, 1U);
}

TEST(SeriesTable, AnExpiredSeriesIsBornAgain) {
  SeriesTable table{{.series_ttl = Millis{1000}}};
  find(table, {"m", "a:1"});
  expire_all(table, kStart + Millis{1000});
  find(table, {"m", "a:1"}, Kind::Counter, kStart + Millis{1001});
  EXPECT_EQ(born(table).size(), 1U);
}

TEST(SeriesTable, ASampleKeepsItsSeriesAlive) {
  SeriesTable table{{.series_ttl = Millis{1000}}};
  find(table, {"m", ""});
  find(table, {"m", ""}, Kind::Counter, kStart + Millis{500});
  EXPECT_TRUE(expire_all(table, kStart + Millis{1400}).empty());
}

TEST(SeriesTable, BusySeriesStay) {
  SeriesTable table{{.series_ttl = Millis{1000}}};
  find(table, {"m", ""});
  born(table);
  std::vector<LocalSeries> gone;
  table.expire(
      kStart + Millis{5000}, [](LocalSeries) { return true; }, gone);
  EXPECT_TRUE(gone.empty());
}

TEST(SeriesTable, ExpiryMakesRoomUnderTheCaps) {
  SeriesTable table{
      {.series_max = 1, .names_max = 1, .series_per_name_max = 1, .series_ttl = Millis{1000}}};
  find(table, {"m", "a:1"});
  EXPECT_TRUE(find(table, {"m", "a:2"}).overflow);
  EXPECT_TRUE(find(table, {"n", ""}).overflow);
  EXPECT_EQ(expire_all(table, kStart + Millis{1000}).size(), 3U);
  EXPECT_EQ(table.counts().names, 0U);
  EXPECT_FALSE(find(table, {"n", "a:2"}).overflow);
}

// ---- watching ----

TEST(SeriesTable, ASliceOfAWatchWithManyGlobsIsOfFewerNames) {
  SeriesTable table{{}};
  for (int i = 0; i < 600; ++i)
    find(table, {"n" + std::to_string(i), ""});
  const auto slices = [&](std::size_t globs) {
    model::WatchList list;
    for (std::size_t i = 0; i < globs; ++i)
      list.globs.push_back("*" + std::to_string(i) + "*x");
    table.begin_watch(list);
    int count = 1;
    while (table.watch_some(SeriesTable::kNamesASlice))
      ++count;
    return count;
  };
  EXPECT_EQ(slices(1), 2);
  EXPECT_GE(slices(200), 50);
}

TEST(SeriesTable, KnowsWhichNamesAreWatched) {
  SeriesTable table{{}};
  find(table, {"http.request", ""});
  table.watch({{"http.*", "disk"}});
  EXPECT_TRUE(find(table, {"http.request", ""}).watched);
  EXPECT_TRUE(find(table, {"http.response", ""}).watched);  // a new name
  EXPECT_TRUE(find(table, {"disk", ""}).watched);
  EXPECT_FALSE(find(table, {"disk.io", ""}).watched);
  table.watch({{"disk.io"}});
  EXPECT_FALSE(find(table, {"http.request", ""}).watched);
  EXPECT_TRUE(find(table, {"disk.io", ""}).watched);
}

// ---- against a plain version of itself ----

TEST(SeriesTable, AgreesWithAPlainMapThroughBirthsAndExpiry) {
  std::mt19937_64 random{9};
  SeriesTable table{{.series_ttl = Millis{50}}};
  std::map<SeriesKey, LocalSeries> plain;
  WallTime now = kStart;
  for (int step = 0; step < 30'000; ++step) {
    const std::string name = "n" + std::to_string(random() % 20);
    std::string tags;
    for (std::uint64_t i = random() % 4; i > 0; --i) {
      tags += "k" + std::to_string(random() % 3) + ":" + std::to_string(random() % 3) + ",";
    }
    const RawKey raw{name, tags};
    const auto kind = static_cast<Kind>(random() % 4);
    const auto found = find(table, raw, kind, now);
    const SeriesKey key = SeriesKey::from_raw(kind, raw);
    ASSERT_EQ(table.key(found.series), key);
    const auto [held, is_new] = plain.try_emplace(key, found.series);
    ASSERT_EQ(held->second, found.series);
    if (step % 100 != 0) continue;
    now += Millis{20};
    std::vector<LocalSeries> gone;
    born(table);
    table.expire(
        now, [](LocalSeries) { return false; }, gone);
    for (const LocalSeries series : gone) {
      std::erase_if(plain, [&](const auto& each) { return each.second == series; });
    }
    ASSERT_EQ(plain.size(), table.counts().series);
  }
  EXPECT_GT(table.counts().expired, 100U);
}

}  // namespace
}  // namespace ingest::series
