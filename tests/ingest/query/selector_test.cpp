#include "ingest/query/selector.h"

#include <gtest/gtest.h>

namespace ingest::query {
namespace {

using model::Kind;
using model::SeriesKey;

Selector selector(const std::string& json) {
  const auto query = parse_query(json, {});
  EXPECT_TRUE(query) << json;
  auto compiled = Selector::compile(*query);
  EXPECT_TRUE(compiled) << json;
  return std::move(*compiled);
}

bool matches(const std::string& where, const SeriesKey& series) {
  return selector(R"({"metric":"http.latency","where":[)" + where + "]}").matches(series);
}

const SeriesKey kPay{Kind::Timer, "http.latency", {{"route", "/pay"}, {"host", "web-12"}}};

TEST(Selector, ComparesTags) {
  EXPECT_TRUE(matches("", kPay));
  EXPECT_TRUE(matches(R"(["route","=","/pay"])", kPay));
  EXPECT_FALSE(matches(R"(["route","=","/pa"])", kPay));
  EXPECT_FALSE(matches(R"(["route","!=","/pay"])", kPay));
  EXPECT_TRUE(matches(R"(["route","in",["/a","/pay"]])", kPay));
  EXPECT_FALSE(matches(R"(["route","nin",["/a","/pay"]])", kPay));
  EXPECT_TRUE(matches(R"(["route","exists"])", kPay));
  EXPECT_FALSE(matches(R"(["env","exists"])", kPay));
  EXPECT_FALSE(matches(R"(["route","=","/pay"],["host","=","web-13"])", kPay));
}

TEST(Selector, AnchorsRegularExpressionsAtBothEnds) {
  EXPECT_TRUE(matches(R"(["host","=~","web-[0-9]+"])", kPay));
  EXPECT_FALSE(matches(R"(["host","=~","web-[0-9]"])", kPay));
  EXPECT_FALSE(matches(R"(["host","=~","eb-12"])", kPay));
  EXPECT_FALSE(matches(R"(["host","=~","x|web-1"])", kPay));
  EXPECT_TRUE(matches(R"(["host","!~","web-[0-9]"])", kPay));
}

TEST(Selector, TakesAnAbsentTagAsEmptyForAllButExists) {
  EXPECT_TRUE(matches(R"(["env","=",""])", kPay));
  EXPECT_TRUE(matches(R"(["env","!=","prod"])", kPay));
  EXPECT_TRUE(matches(R"(["env","=~",".*"])", kPay));
  EXPECT_FALSE(matches(R"(["env","=~",".+"])", kPay));
  EXPECT_TRUE(matches(R"(["env","in",["","prod"]])", kPay));
  EXPECT_TRUE(matches(R"(["env","nin",["a","b"]])", kPay));
  const SeriesKey empty{Kind::Timer, "http.latency", {{"env", ""}}};
  EXPECT_TRUE(matches(R"(["env","exists"])", empty));
}

TEST(Selector, KnowsKindAndMetric) {
  EXPECT_TRUE(matches(R"(["@kind","=","timer"])", kPay));
  EXPECT_FALSE(matches(R"(["@kind","in",["counter","gauge"]])", kPay));
  EXPECT_TRUE(matches(R"(["@metric","=~","http.*"])", kPay));
  EXPECT_TRUE(matches(R"(["@kind","exists"])", kPay));
}

TEST(Selector, MatchesNamesAndGlobs) {
  const auto named = [](const std::string& glob, std::string_view name) {
    return selector(R"({"metric":")" + glob + R"("})").matches(SeriesKey{Kind::Counter, name, {}});
  };
  EXPECT_TRUE(named("http.requests", "http.requests"));
  EXPECT_FALSE(named("http.requests", "http.requests.count"));
  EXPECT_TRUE(named("http.*", "http.requests"));
  EXPECT_FALSE(named("http.*", "http.requests.count"));
  EXPECT_TRUE(named("http.**", "http.requests.count"));
  EXPECT_TRUE(named("htt?.requests", "http.requests"));
}

TEST(Selector, KeysARowByEachColumnInOrder) {
  const auto rows = selector(R"({"metric":"http.*","by":["route","env"]})");
  EXPECT_EQ(rows.row_key(kPay), (std::vector<std::string>{"timer", "http.latency", "", "/pay"}));
}

TEST(Selector, KeysRowsByAllTagsButSome) {
  const SeriesKey series{
      Kind::Timer, "a", {{"route", "/x,y=z\\"}, {"host", "web-1"}, {"env", "prod"}, {"flag", ""}}};
  const auto key = [&](const char* rest) {
    return selector(R"({"metric":"a",)" + std::string{rest} + "}").row_key(series);
  };
  using Key = std::vector<std::string>;
  EXPECT_EQ(key(R"("without":["host","nope"])"), (Key{R"(env=prod,flag=,route=/x\,y\=z\\)"}));
  EXPECT_EQ(key(R"("without":[])"), (Key{R"(env=prod,flag=,host=web-1,route=/x\,y\=z\\)"}));
  EXPECT_EQ(key(R"("without":["route"],"by":["@kind"])"),
            (Key{"timer", "env=prod,flag=,host=web-1"}));
  EXPECT_EQ(selector(R"({"metric":"a","without":["host"]})").row_key({Kind::Timer, "a", {}}),
            (Key{""}));
}

TEST(Selector, OfJoinedMetricsSelectsTheseAlone) {
  const Selector joined = selector(
      R"({"metric":"http.*","by":["route"],"derive":{"ratio":"errors.count / requests.count"}})");
  const SeriesKey errors{Kind::Counter, "http.errors", {{"route", "/a"}}};
  const SeriesKey requests{Kind::Counter, "http.requests", {{"route", "/a"}}};
  EXPECT_TRUE(joined.matches(errors));
  EXPECT_TRUE(joined.matches(requests));
  EXPECT_FALSE(joined.matches({Kind::Counter, "http.other", {{"route", "/a"}}}));
  EXPECT_EQ(joined.part(errors), 0U);
  EXPECT_EQ(joined.part(requests), 1U);
  EXPECT_EQ(joined.row_key(errors), joined.row_key(requests));
  EXPECT_EQ(selector(R"({"metric":"http.*"})").part(requests), 0U);
}

TEST(Selector, RefusesARegexThatNeverWentThroughParsing) {
  Query query;
  query.metric = "a";
  query.where = {{"t", Op::Equal, {"v"}}, {"t", Op::Matches, {"("}}};
  const auto compiled = Selector::compile(query);
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().code, Code::QueryBadMatcher);
  EXPECT_NE(compiled.error().msg.find("where[1]: "), std::string::npos);
}

}  // namespace
}  // namespace ingest::query
