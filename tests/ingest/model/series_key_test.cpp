#include "ingest/model/series_key.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ingest::model {
namespace {

SeriesKey key(std::string_view name, std::string_view tags, TagStyle style = TagStyle::Colon,
              std::uint32_t* duplicates = nullptr) {
  return SeriesKey::from_raw(Kind::Counter, {name, tags, style}, duplicates);
}

TEST(SeriesKey, TagOrderAndRepetitionDoNotMatter) {
  const SeriesKey sorted = key("m", "a:1,b:2");
  for (const char* tags : {"b:2,a:1", "a:1,a:1,b:2", ",a:1,,b:2,"})
    EXPECT_EQ(key("m", tags), sorted) << tags;
  EXPECT_EQ(key("m", "b=2,a=1", TagStyle::Equals), sorted);
  EXPECT_EQ(key("m", "b:2,a:1").hash(), sorted.hash());
}

// Else a stranger could send names that collide.
TEST(SeriesKey, ItsHashIsNotToBeToldFromItsBytesAlone) {
  const SeriesKey plain{Kind::Counter, "m", {}};
  EXPECT_NE(plain.hash(), XXH3_64bits(plain.bytes().data(), plain.bytes().size()));
  EXPECT_EQ(plain.hash(), key("m", "").hash());
}

TEST(SeriesKey, TheLastOfDuplicatesWinsAndIsCounted) {
  std::uint32_t duplicates = 0;
  EXPECT_EQ(key("m", "a:1,b:0,a:2", TagStyle::Colon, &duplicates).tag("a"), "2");
  EXPECT_EQ(duplicates, 1U);
  key("m", "a:1,a:1,a:1", TagStyle::Colon, &duplicates);
  EXPECT_EQ(duplicates, 3U);
}

TEST(SeriesKey, AnElementWithoutASeparatorHasAnEmptyValue) {
  const SeriesKey canary = key("m", "canary");
  EXPECT_TRUE(canary.has_tag("canary"));
  EXPECT_EQ(canary.tag("canary"), "");
  EXPECT_FALSE(canary.has_tag("other"));
  EXPECT_EQ(canary, key("m", "canary:"));
}

TEST(SeriesKey, NoTagsAreNoTags) {
  EXPECT_EQ(key("m", ""), key("m", ",,"));
  EXPECT_TRUE(key("m", "").tags().empty());
  EXPECT_EQ(key("m", "").name(), "m");
}

TEST(SeriesKey, OnlyTheFirstSeparatorCounts) {
  EXPECT_EQ(key("m", "url:http://x").tag("url"), "http://x");
  EXPECT_EQ(key("m", "a=b:c", TagStyle::Equals).tag("a"), "b:c");
}

TEST(SeriesKey, EveryStyleOfTheSameTagsIsTheSameSeries) {
  const SeriesKey plain = key("m", "a:1,b:x");
  EXPECT_EQ(key("m", "b=x,a=1", TagStyle::Equals), plain);
  EXPECT_EQ(key("m", "b=x;a=1", TagStyle::Semicolon), plain);
  EXPECT_EQ(key("m", "b=x,a=1", TagStyle::Escaped), plain);
  EXPECT_EQ(key("m", R"("b":"x","a":"1")", TagStyle::Quoted), plain);
  EXPECT_EQ(key("m", R"( "b" : "x", "a": "1" )", TagStyle::Quoted), plain);
  EXPECT_EQ(key("m", " ", TagStyle::Quoted), key("m", ""));
  EXPECT_EQ(key("m", R"("e":"")", TagStyle::Quoted), key("m", "e"));
  EXPECT_EQ(key("m", std::string_view{"b\0x\0a\0001\0", 8}, TagStyle::Nul), plain);
}

TEST(SeriesKey, TakesTheBackslashesOfEscapesAway) {
  const SeriesKey tags = key("m", "t=a\\ b\\,c\\=d,k\\=\\ \\,=v", TagStyle::Escaped);
  EXPECT_EQ(tags.tag("t"), "a b,c=d");
  EXPECT_EQ(tags.tag("k= ,"), "v");
  const SeriesKey literal = key("m", "t=\\x\\\\\\,", TagStyle::Escaped);
  EXPECT_EQ(literal.tag("t"), "\\x\\\\,") << "only the last backslash escapes";
  // In a name `=` needs no escape.
  const RawKey name{"a\\ b\\,c\\=d\\x", "", TagStyle::Escaped, "f\\=g\\ h"};
  EXPECT_EQ(SeriesKey::from_raw(Kind::Gauge, name).name(), "a b,c\\=d\\x.f=g h");
}

TEST(SeriesKey, ANameWithAFieldIsJoinedByADot) {
  const RawKey joined{"cpu", "host=a", TagStyle::Escaped, "idle"};
  EXPECT_EQ(SeriesKey::from_raw(Kind::Gauge, joined),
            SeriesKey::from_raw(Kind::Gauge, {"cpu.idle", "host:a"}));
}

TEST(SeriesKey, ATagOfStyleNulMayHoldEverySeparator) {
  const SeriesKey key_of =
      key("m", std::string_view{"k,:=;\\\0v,:=;\"\0empty\0\0", 21}, TagStyle::Nul);
  EXPECT_EQ(key_of.tag("k,:=;\\"), "v,:=;\"");
  EXPECT_TRUE(key_of.has_tag("empty"));
  EXPECT_EQ(key_of.tags().size(), 2U);
}

TEST(SeriesKey, GivesItsPartsBack) {
  const SeriesKey whole = key("http.request", "route:/pay,host:a,empty");
  EXPECT_EQ(whole.name(), "http.request");
  const std::vector<TagView> tags = whole.tags();
  ASSERT_EQ(tags.size(), 3U);
  EXPECT_EQ(tags[0].key, "empty");
  EXPECT_EQ(tags[0].value, "");
  EXPECT_EQ(tags[1].key, "host");
  EXPECT_EQ(tags[2].value, "/pay");
  EXPECT_EQ(whole.tag("absent"), "");
}

TEST(SeriesKey, KindAndNameAndTagsAllCount) {
  const SeriesKey base = key("m", "a:1");
  EXPECT_NE(base, key("n", "a:1"));
  EXPECT_NE(base, key("m", "a:2"));
  EXPECT_NE(base, key("m", "a"));
  EXPECT_NE(base, SeriesKey(Kind::Gauge, "m", {{"a", "1"}}));
  EXPECT_NE(base.hash(), SeriesKey(Kind::Gauge, "m", {{"a", "1"}}).hash());
}

TEST(SeriesKey, BytesAreKeptAsTheyAre) {
  EXPECT_NE(key("caf\xC3\xA9", ""), key("cafe\xCC\x81", ""));  // NFC and NFD differ
}

}  // namespace
}  // namespace ingest::model
