#include "ingest/query/where.h"

#include <gtest/gtest.h>

#include <string>

#include "ingest/query/discovery.h"

namespace ingest::query {
namespace {

using model::Kind;
using model::SeriesKey;

Where where_of(std::string_view json) {
  auto matchers = parse_matchers(json, {});
  EXPECT_TRUE(matchers) << json;
  auto where = Where::compile(*matchers);
  EXPECT_TRUE(where) << json;
  return *std::move(where);
}

model::KeptAnnotation event(std::vector<model::KeptTag> tags, bool cut = false) {
  model::KeptAnnotation made;
  made.tags = std::move(tags);
  made.cut = cut;
  return made;
}

TEST(Where, WithoutMatchersEverythingSatisfiesIt) {
  EXPECT_TRUE(Where{}.holds(SeriesKey{Kind::Counter, "a", {}}));
  EXPECT_TRUE(Where{}.holds(event({})));
}

TEST(Where, TagsOfAnEventAreThoseOfASeries) {
  struct Case {
    const char* where;
    bool prod;
    bool bare;
  };
  for (const Case& one :
       {Case{R"([["env","=","prod"]])", true, false}, Case{R"([["env","!=","dev"]])", true, true},
        Case{R"([["env","!=","prod"]])", false, true},
        Case{R"([["env","=~","pr.*"]])", true, false},
        Case{R"([["env","!~","pr.*"]])", false, true},
        Case{R"([["env","in",["a","prod"]]])", true, false},
        Case{R"([["env","nin",["a","prod"]]])", false, true},
        Case{R"([["env","exists"]])", true, false},
        Case{R"([["env","=","prod"],["app","=","shop"]])", false, false}}) {
    const Where where = where_of(one.where);
    EXPECT_EQ(where.holds(event({{"env", "prod"}})), one.prod) << one.where;
    EXPECT_EQ(where.holds(event({})), one.bare) << one.where;
    const SeriesKey series{Kind::Counter, "a", {{"env", "prod"}}};
    EXPECT_EQ(where.holds(series), one.prod) << one.where;
    EXPECT_EQ(where.holds(SeriesKey{Kind::Counter, "a", {}}), one.bare) << one.where;
  }
}

TEST(Where, AnEventHasNoMetricAndNoKind) {
  for (const char* json : {R"([["@metric","!=","a"]])", R"([["@kind","exists"]])"}) {
    EXPECT_FALSE(where_of(json).holds(event({{"env", "prod"}}))) << json;
  }
}

TEST(Where, ATagThatMayHaveBeenCutAwaySatisfiesNothing) {
  const Where where = where_of(R"([["env","!=","dev"]])");
  EXPECT_TRUE(where.holds(event({{"a", "b"}})));
  EXPECT_FALSE(where.holds(event({{"a", "b"}}, true)));
  EXPECT_TRUE(where.holds(event({{"env", "prod"}}, true)));
}

TEST(SeriesPlace, IsReadBackAsItWasWritten) {
  for (const SeriesKey& key : {SeriesKey{Kind::Timer, "a.b", {}},
                               SeriesKey{Kind::Set, "a@b\\", {{"k\\0", "v\\"}, {"l", ""}}}}) {
    const std::string text = place_text(key);
    EXPECT_EQ(text.find('\0'), std::string::npos);
    const auto place = read_place(text);
    ASSERT_TRUE(place) << text;
    EXPECT_EQ(place->kind, key.kind());
    EXPECT_EQ(place->bytes, key.bytes());
    EXPECT_EQ(place->name(), key.name());
    EXPECT_FALSE(place->is_before(key));
  }
  for (const char* bad : {"", "a", "@a", "person@a", "timer@a\\"})
    EXPECT_FALSE(read_place(bad)) << bad;
}

TEST(SeriesAsk, SaysWhatIsWrongWithIt) {
  EXPECT_FALSE(fault_of(SeriesAsk{.metric = "a.*", .limit = kSeriesListMax}));
  EXPECT_EQ(fault_of(SeriesAsk{.metric = "a"})->code, Code::ProtoBadField);
  EXPECT_EQ(fault_of(SeriesAsk{.limit = kSeriesListMax + 1})->code, Code::ProtoBadField);
  EXPECT_EQ(fault_of(SeriesAsk{.metric = std::string(256, 'a'), .limit = 1})->code,
            Code::QueryBadMetric);
  EXPECT_EQ(fault_of(SeriesAsk{.after = "x", .limit = 1})->code, Code::ProtoBadField);
}

}  // namespace
}  // namespace ingest::query
