// What becomes of new series past each cap, who is named for it, and what is given back.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "ingest/series/offenders.h"
#include "ingest/series/series_table.h"
#include "ingest/series/source_book.h"
#include "ingest/series/tag_values.h"

namespace ingest::series {
namespace {

using model::Kind;
using model::SeriesKey;

constexpr WallTime kStart = wall_from_ms(1'700'000'000'000);
constexpr MonoTime kMono{std::chrono::seconds{100}};

SeriesKey key(const std::string& name, const std::string& tags, Kind kind = Kind::Counter) {
  return SeriesKey::from_raw(kind, {name, tags});
}

/// A table with its guards, as a worker has them.
struct Shelf {
  explicit Shelf(const SeriesTable::Options& options, SourceBook::Options of_sources = {})
      : book(of_sources), table(options, {.sources = &book, .offenders = &offenders}) {
    feed = book.add_rule({});
  }
  SeriesTable::Found find(const std::string& name, const std::string& tags,
                          SourceBook::Index source = 0, WallTime at = kStart) {
    const model::RawKey raw{name, tags};
    const auto found =
        table.find(Kind::Counter, raw, SeriesTable::hash_of(Kind::Counter, raw), at, source);
    table.take_born(born);
    return found;
  }
  SourceBook::Index source(const std::string& address) {
    const auto index = book.index_of(feed, *parse_ip(address), now);
    book.admit(index, 1, now);
    return index;
  }
  std::string key_of(const SeriesTable::Found& found) const {
    const SeriesKey held = table.key(found.series);
    std::string text{held.name()};
    for (const model::TagView& tag : held.tags())
      text.append(",").append(tag.key).append("=").append(tag.value);
    return text;
  }

  SourceBook book;
  Offenders offenders;
  SourceBook::RuleIndex feed = 0;
  MonoTime now = kMono;
  std::vector<model::SeriesBorn> born;
  SeriesTable table;
};

TEST(Caps, ValuesOfATagPastTheirCapFoldIntoTheOverflowOfTheName) {
  Shelf shelf{{.values_per_tag_max = 3}};
  for (const char* user : {"a", "b", "c"})
    EXPECT_FALSE(shelf.find("login", std::string{"zone:eu,user:"} + user).overflow);
  const auto past = shelf.find("login", "zone:eu,user:d");
  EXPECT_TRUE(past.overflow);
  EXPECT_EQ(shelf.key_of(past), "login,weir_overflow=true");
  // What is known stays, in any new mix of known values, and so do other names.
  EXPECT_FALSE(shelf.find("login", "zone:eu,user:a").overflow);
  EXPECT_FALSE(shelf.find("login", "user:b").overflow);
  EXPECT_FALSE(shelf.find("logout", "zone:eu,user:d").overflow);
  const auto worst = shelf.offenders.view().names(10);
  ASSERT_EQ(worst.size(), 1U);
  EXPECT_EQ(worst[0].name, "login");
  EXPECT_EQ(worst[0].cap, Cap::ValuesPerTag);
  EXPECT_EQ(worst[0].samples, 1U);
}

TEST(Caps, ValuesAreGivenBackWhenTheirSeriesExpire) {
  Shelf shelf{{.values_per_tag_max = 2, .series_ttl = Millis{10'000}}};
  shelf.find("login", "user:a,zone:eu");
  shelf.find("login", "user:b,zone:eu");
  shelf.find("login", "user:a,zone:us");
  EXPECT_TRUE(shelf.find("login", "user:c,zone:eu").overflow);
  const WallTime later = kStart + Millis{9'000};
  shelf.find("login", "user:a,zone:us", 0, later);  // keeps a alive
  std::vector<model::LocalSeries> gone;
  for (std::size_t i = 0; i < SeriesTable::kExpireRounds; ++i) {
    shelf.table.expire(
        kStart + Millis{10'000}, [](model::LocalSeries) { return false; }, gone);
  }
  EXPECT_EQ(gone.size(), 3U);  // the overflow series among them
  EXPECT_FALSE(shelf.find("login", "user:c,zone:us", 0, later).overflow);
  EXPECT_TRUE(shelf.find("login", "user:d,zone:us", 0, later).overflow);
}

TEST(Caps, WhatTheHubFoldsIsToldAsOverflowHoweverItIsSpelled) {
  Shelf shelf{{}};
  const auto source = shelf.source("192.0.2.1");
  const auto found = shelf.find("login", "user:a,zone:eu", source);
  EXPECT_FALSE(found.overflow);
  EXPECT_FALSE(shelf.find("login", "user:b,zone:eu", source).overflow);
  shelf.table.folded({.series = found.series, .cap = Cap::Memory}, kStart);
  const auto again = shelf.find("login", "user:a,zone:eu", source);
  EXPECT_TRUE(again.overflow);
  EXPECT_EQ(again.series, found.series);                                // the hub folds it, not we
  EXPECT_TRUE(shelf.find("login", "zone:eu,user:a", source).overflow);  // a new spelling
  EXPECT_TRUE(shelf.find("login", "zone:eu,user:a", source).overflow);
  EXPECT_FALSE(shelf.find("login", "user:b,zone:eu", source).overflow);
  const auto worst = shelf.offenders.view().names(10);
  ASSERT_EQ(worst.size(), 1U);
  EXPECT_EQ(worst[0].name, "login");
  EXPECT_EQ(cap_name(worst[0].cap), "memory");
  EXPECT_EQ(worst[0].samples, 4U);
  EXPECT_EQ(shelf.book.source(source).refused, 3U);
}

TEST(Caps, WhatTheHubFoldedIsBornAgainAMinuteLaterWhileItIsBusy) {
  Shelf shelf{{}};
  const auto busy = shelf.find("login", "user:a");
  const auto silent = shelf.find("login", "user:b");
  std::vector<model::LocalSeries> gone;
  const auto visit_all = [&](WallTime now) {
    shelf.born.clear();
    for (std::size_t i = 0; i < SeriesTable::kExpireRounds; ++i) {
      shelf.table.expire(
          now, [](model::LocalSeries) { return true; }, gone);
      shelf.table.take_born(shelf.born);
    }
  };
  for (const auto& each : {busy, silent})
    shelf.table.folded({.series = each.series, .cap = Cap::Series}, kStart);
  const WallTime before = kStart + SeriesTable::kAskAgain - Millis{1'000};
  EXPECT_TRUE(shelf.find("login", "user:a", 0, before).overflow);
  visit_all(before);
  EXPECT_TRUE(shelf.born.empty());
  const WallTime after = kStart + SeriesTable::kAskAgain;
  visit_all(after);
  ASSERT_EQ(shelf.born.size(), 1U);
  EXPECT_EQ(shelf.born[0].series, busy.series);
  EXPECT_EQ(shelf.born[0].key, shelf.table.key(busy.series));
  EXPECT_FALSE(shelf.find("login", "user:a", 0, after).overflow);  // unless the hub says so again
  shelf.table.folded({.series = busy.series, .cap = Cap::Series}, after);
  EXPECT_TRUE(shelf.find("login", "user:a", 0, after).overflow);
  EXPECT_EQ(shelf.table.counts().born, 2U);
}

TEST(Caps, WhatTheHubFoldedAsksForItsOwnInSlices) {
  Shelf shelf{{}};
  constexpr std::size_t kMany = 2 * SeriesTable::kAskedASlice + 1;
  for (std::size_t i = 0; i < kMany; ++i) {
    const auto found = shelf.find("login", "user:" + std::to_string(i));
    shelf.table.folded({.series = found.series, .cap = Cap::Series}, kStart);
  }
  const WallTime after = kStart + SeriesTable::kAskAgain;
  for (std::size_t i = 0; i < kMany; ++i)
    shelf.find("login", "user:" + std::to_string(i), 0, after - Millis{1});
  std::vector<model::LocalSeries> gone;
  std::size_t asked = 0;
  for (std::size_t i = 0; i < 3 * SeriesTable::kExpireRounds; ++i) {
    shelf.table.expire(
        after, [](model::LocalSeries) { return true; }, gone);
    EXPECT_LE(shelf.table.born_waiting(), SeriesTable::kAskedASlice);
    asked += shelf.table.born_waiting();
    shelf.born.clear();
    shelf.table.take_born(shelf.born);
  }
  EXPECT_EQ(asked, kMany);
}

TEST(Caps, WhatTheHubFoldedAndExpiresAsksForNothing) {
  Shelf shelf{{.series_ttl = Millis{10'000}}};
  const auto silent = shelf.find("login", "user:a", 0, kStart + Millis{50'000});
  shelf.table.folded({.series = silent.series, .cap = Cap::Series}, kStart);
  shelf.born.clear();
  shelf.table.take_born(shelf.born);
  shelf.born.clear();
  std::vector<model::LocalSeries> gone;
  for (std::size_t i = 0; i < SeriesTable::kExpireRounds; ++i) {
    shelf.table.expire(
        kStart + Millis{65'000}, [](model::LocalSeries) { return false; }, gone);
    shelf.table.take_born(shelf.born);
  }
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_TRUE(shelf.born.empty())
      << "a minute after it was folded, and silent for longer than it lives";
}

TEST(Caps, WhatTheHubFoldedIsNobodyOnceItHasGone) {
  Shelf shelf{{.series_ttl = Millis{10'000}}};
  const auto old = shelf.find("login", "user:a");
  std::vector<model::LocalSeries> gone;
  for (std::size_t i = 0; i < SeriesTable::kExpireRounds; ++i) {
    shelf.table.expire(
        kStart + Millis{20'000}, [](model::LocalSeries) { return false; }, gone);
  }
  ASSERT_EQ(gone.size(), 1U);
  shelf.table.folded({.series = old.series, .cap = Cap::Series}, kStart);
  shelf.table.folded({.series = {.index = 1'000, .generation = 0}, .cap = Cap::Series}, kStart);
  const auto next = shelf.find("login", "user:b", 0, kStart + Millis{20'000});
  EXPECT_EQ(next.series.index, old.series.index);
  shelf.table.folded({.series = old.series, .cap = Cap::Series}, kStart);  // it came late
  EXPECT_FALSE(shelf.find("login", "user:b", 0, kStart + Millis{20'000}).overflow);
  EXPECT_TRUE(shelf.offenders.view().empty());
}

TEST(TagValues, HoldsNothingWhenAllSeriesAreGone) {
  TagValues values{10};
  std::vector<SeriesKey> keys;
  for (int i = 0; i < 200; ++i) {
    keys.push_back(key("name" + std::to_string(i % 3),
                       "a:" + std::to_string(i % 7) + ",b:" + std::to_string(i % 5),
                       i % 2 == 0 ? Kind::Counter : Kind::Timer));
    values.add(keys.back());
  }
  EXPECT_EQ(values.tags(), 3U * 2U * 2U);
  EXPECT_EQ(values.values(), 3U * 2U * (7U + 5U));
  for (const SeriesKey& each : keys)
    values.remove(each);
  EXPECT_EQ(values.tags(), 0U);
  EXPECT_EQ(values.values(), 0U);
}

TEST(TagValues, CostsNothingWithoutALimit) {
  TagValues values{0};
  values.add(key("name", "a:1"));
  EXPECT_TRUE(values.fits(key("name", "a:2")));
  EXPECT_EQ(values.values(), 0U);
}

TEST(Caps, ASourceThatBeginsTooManySeriesHarmsNoOther) {
  Shelf shelf{{}, {.new_series_per_source = 1}};
  const auto flood = shelf.source("192.0.2.66");
  std::size_t own = 0;
  for (int i = 0; i < 5'000; ++i)
    own += shelf.find("flood", "id:" + std::to_string(i), flood).overflow ? 0U : 1U;
  EXPECT_EQ(own, SourceBook::kSeriesBurstSeconds);
  EXPECT_EQ(shelf.key_of(shelf.find("flood", "id:x", flood)), "flood,weir_overflow=true");
  // Of a name that nobody knows: it takes no name from others.
  const std::uint64_t names = shelf.table.counts().names;
  EXPECT_EQ(shelf.key_of(shelf.find("new-name-1", "", flood)), "weir.overflow");
  EXPECT_EQ(shelf.key_of(shelf.find("new-name-2", "", flood)), "weir.overflow");
  EXPECT_EQ(shelf.table.counts().names, names + 1);
  // What it had before is still its own; others are free.
  EXPECT_FALSE(shelf.find("flood", "id:1", flood).overflow);
  EXPECT_FALSE(shelf.find("new-name-1", "", shelf.source("192.0.2.1")).overflow);
  EXPECT_EQ(shelf.book.source(flood).new_series, 1'000U);
  EXPECT_EQ(shelf.book.source(flood).refused, 4'003U);

  const OffendersView view = shelf.offenders.view();
  const auto names_named = view.names(10);
  ASSERT_EQ(names_named.size(), 3U);
  EXPECT_EQ(names_named[0].name, "flood");
  EXPECT_EQ(names_named[0].cap, Cap::NewSeries);
  EXPECT_EQ(names_named[0].samples, 4'001U);
  EXPECT_EQ(names_named[0].error, 0U);
  EXPECT_EQ(names_named[0].tag, "id");
  EXPECT_NEAR(static_cast<double>(names_named[0].tag_values), 4'001, 200);
  const auto sources = view.sources(10);
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_EQ(sources[0].address, "192.0.2.66");
  EXPECT_EQ(sources[0].offence, Offence::NewSeries);
  EXPECT_EQ(sources[0].samples, 4'003U);
}

TEST(Caps, WhatWasRefusedIsTakenOnceASeriesMadeRoom) {
  SeriesTable table{{.series_max = 1, .series_ttl = Millis{1'000}}};
  const WallTime now = wall_from_ms(1'700'000'000'000);
  const auto find = [&](std::string_view tags, WallTime at) {
    const model::RawKey raw{"m", tags};
    return table.find(model::Kind::Counter, raw, SeriesTable::hash_of(model::Kind::Counter, raw),
                      at);
  };
  EXPECT_FALSE(find("a:1", now).overflow);
  const auto refused = find("a:2", now);
  EXPECT_TRUE(refused.overflow);
  for (int again = 0; again < 3; ++again) {
    EXPECT_TRUE(find("a:2", now).overflow);
    EXPECT_EQ(find("a:2", now).series, refused.series);
    EXPECT_FALSE(find("a:1", now).overflow);
  }
  std::vector<model::SeriesBorn> born;
  std::vector<model::LocalSeries> expired;
  table.take_born(born);
  const WallTime later = now + Millis{2'000};
  EXPECT_TRUE(find("a:2", later).overflow);  // keeps the overflow series alive
  for (std::size_t round = 0; round < SeriesTable::kExpireRounds && expired.empty(); ++round)
    table.expire(
        later, [](model::LocalSeries) { return false; }, expired);
  ASSERT_EQ(expired.size(), 1U);
  const auto own = find("a:2", later);
  EXPECT_FALSE(own.overflow);
  EXPECT_FALSE(own.series == refused.series);
}

TEST(Caps, EachCapIsNamed) {
  Shelf shelf{{.series_max = 6, .names_max = 3, .series_per_name_max = 3, .values_per_tag_max = 2}};
  shelf.find("a", "x:1");
  shelf.find("a", "x:2");
  shelf.find("a", "x:3");  // values_per_tag
  shelf.find("a", "y:1");
  shelf.find("a", "z:1");  // series_per_name
  shelf.find("b", "");
  shelf.find("c", "");
  shelf.find("d", "");  // names
  shelf.find("c", "x:1");
  shelf.find("c", "x:2");  // series
  std::set<std::string> named;
  for (const auto& each : shelf.offenders.view().names(10))
    named.insert(each.name + " " + std::string{cap_name(each.cap)});
  EXPECT_EQ(named, (std::set<std::string>{"a values_per_tag", "a series_per_name", "d names",
                                          "c series"}));
}

// ---- offenders ----

TEST(Offenders, NamesTheTagWithTheMostValues) {
  Offenders offenders;
  for (int i = 0; i < 2'000; ++i) {
    offenders.refused(Cap::SeriesPerName,
                      key("login", "host:web-" + std::to_string(i % 40) +
                                       ",request:" + std::to_string(i) + ",zone:eu"),
                      {.host = *parse_ip("2001:db8::1")});
  }
  const auto worst = offenders.view().names(1);
  ASSERT_EQ(worst.size(), 1U);
  EXPECT_EQ(worst[0].tag, "request");
  EXPECT_NEAR(static_cast<double>(worst[0].tag_values), 2'000, 100);
  EXPECT_EQ(offenders.view().sources(1)[0].address, "2001:db8::1");
}

TEST(Offenders, OnesWithoutAnAddressHaveAName) {
  Offenders offenders;
  offenders.limited(Offence::Rate, {}, 3);
  offenders.limited(Offence::NotAllowed, {.shared = true}, 2);
  const auto worst = offenders.view().sources(10);
  ASSERT_EQ(worst.size(), 2U);
  EXPECT_EQ(worst[0].address, "local");
  EXPECT_EQ(worst[1].address, "others");
}

TEST(Offenders, LastMonthsOffenderFades) {
  Offenders offenders;
  MonoTime now = kMono;
  offenders.pass_time(now);
  offenders.refused(Cap::Series, key("old", ""), {});
  EXPECT_TRUE(offenders.changed());
  EXPECT_EQ(offenders.view().names(10).size(), 1U);
  EXPECT_FALSE(offenders.changed());
  now += Offenders::kWindow;
  offenders.pass_time(now);
  offenders.refused(Cap::Series, key("new", ""), {});
  EXPECT_EQ(offenders.view().names(10).size(), 2U);
  now += Offenders::kWindow;
  offenders.pass_time(now);
  EXPECT_TRUE(offenders.changed());  // by time alone
  const auto worst = offenders.view().names(10);
  ASSERT_EQ(worst.size(), 1U);
  EXPECT_EQ(worst[0].name, "new");
  now += 5 * Offenders::kWindow;
  offenders.pass_time(now);
  EXPECT_TRUE(offenders.view().empty());
}

TEST(Offenders, OfManyWorkersAddUp) {
  Offenders a;
  Offenders b;
  for (int i = 0; i < 10; ++i)
    a.refused(Cap::Series, key("both", "x:" + std::to_string(i)), {});
  b.refused(Cap::Series, key("both", "x:1"), {});
  b.refused(Cap::Names, key("one", ""), {});
  OffendersView all = a.view();
  all.merge(b.view());
  const auto worst = all.names(10);
  ASSERT_EQ(worst.size(), 2U);
  EXPECT_EQ(worst[0].name, "both");
  EXPECT_EQ(worst[0].samples, 11U);
  EXPECT_EQ(worst[1].name, "one");
}

TEST(Offenders, TakeFixedMemoryWhateverTheNamesAre) {
  Offenders offenders;
  for (int i = 0; i < 3'000; ++i) {
    const std::string name = std::string(700, static_cast<char>('a' + i % 26)) + std::to_string(i);
    offenders.refused(Cap::Names, key(name + "\xff\x01", "k:" + std::to_string(i)),
                      {.host = ip_of_v4({10, 0, static_cast<std::uint8_t>(i >> 8U),
                                         static_cast<std::uint8_t>(i)})});
  }
  const OffendersView view = offenders.view();
  EXPECT_LE(view.names(1'000).size(), OffendersView::kNamesMax);
  EXPECT_LE(view.sources(1'000).size(), OffendersView::kSourcesMax);
  for (const auto& each : view.names(1'000))
    EXPECT_LE(each.name.size(), model::kNameBytesMax);
}

TEST(Offenders, CutLongNamesBetweenCharacters) {
  Offenders offenders;
  std::string name = "x";
  while (name.size() < 400)
    name += "\xE2\x82\xAC";  // three bytes each
  offenders.refused(Cap::Names, key(name, ""), {});
  const std::string shown = offenders.view().names(1).at(0).name;
  EXPECT_EQ(shown, name.substr(0, 253));
}

}  // namespace
}  // namespace ingest::series
