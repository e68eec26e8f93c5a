#include "ingest/query/query.h"

#include <gtest/gtest.h>

#include "ingest/query/stat.h"

namespace ingest::query {
namespace {

Query parsed(std::string_view json, const QueryLimits& limits = {}) {
  auto query = parse_query(json, limits);
  EXPECT_TRUE(query) << json << ": " << (query ? "" : query.error().msg);
  return query ? *query : Query{};
}

TEST(Query, FillsInTheDefaults) {
  const Query query = parsed(R"({"metric":"system.cpu.utilization"})");
  EXPECT_EQ(canonical_text(query),
            R"({"metric":"system.cpu.utilization","where":[],"by":[],"window":10000,"slide":1000,)"
            R"("stats":["count","rate","mean","last","p50","p99"]})");
}

TEST(Query, PrintsTheSameForWhatMeansTheSame) {
  const Query one = parsed(R"({"metric":"a","where":[["b","in",["y","x","y"]],["a","=","1"]],
      "by":["z","a","z"],"window":"10s","slide":"1s","stats":["p99.90","count","p99.9"]})");
  const Query two = parsed(R"({"stats":["count","p99.9"],"slide":1000,"window":10000,"by":["a","z"],
      "where":[["a","in",["1"]],["b","in",["x","y"]]],"metric":"a","unknown":7})");
  EXPECT_EQ(one, two);
  EXPECT_EQ(canonical_text(one), canonical_text(two));
}

TEST(Query, TellsDifferentQueriesApart) {
  const Query base = parsed(R"({"metric":"a","where":[["t","=","1"]]})");
  for (const std::string_view other :
       {R"({"metric":"b","where":[["t","=","1"]]})", R"({"metric":"a","where":[["t","!=","1"]]})",
        R"({"metric":"a","where":[["t","=","1\u0001"]]})",
        R"({"metric":"a","where":[["t","=","1"]],"by":["t"]})",
        R"({"metric":"a","where":[["t","=","1"]],"window":"20s"})",
        R"({"metric":"a","where":[["t","=","1"]],"slide":"2s"})",
        R"({"metric":"a","where":[["t","=","1"]],"stats":["p50"]})"}) {
    EXPECT_NE(canonical_text(base), canonical_text(parsed(other))) << other;
  }
}

TEST(Query, ReadsItsOwnCanonicalText) {
  const Query query = parsed(R"({"metric":"a.*","where":[["q","=","say \"hi\"\\ \u0007 é"],
      ["e","exists"],["r","!~","x.*"],["i","nin",["1","2"]]],"by":["t"],"stats":["p0","p100","p0.5","p12.345"]})");
  EXPECT_EQ(parsed(canonical_text(query)), query);
}

TEST(Query, KeysAGlobsRowsByMetricAndKind) {
  EXPECT_EQ(parsed(R"({"metric":"http.*","by":["route"]})").by,
            (std::vector<std::string>{"@kind", "@metric", "route"}));
  EXPECT_EQ(parsed(R"({"metric":"http.?","by":["@metric"],"where":[["@kind","=","timer"]]})").by,
            (std::vector<std::string>{"@metric"}));
  EXPECT_EQ(parsed(R"({"metric":"http.a","by":["@kind"]})").by,
            (std::vector<std::string>{"@kind"}));
}

TEST(Query, TakesTheLargestDivisorUpToATenthAsTheDefaultSlide) {
  const QueryLimits fine{.pane = Millis{100}};
  EXPECT_EQ(parsed(R"({"metric":"a","window":"1m"})").slide, Millis{6'000});
  EXPECT_EQ(parsed(R"({"metric":"a","window":"13s"})").slide, Millis{1'000});
  EXPECT_EQ(parsed(R"({"metric":"a","window":"25s"})").slide, Millis{1'000});
  EXPECT_EQ(parsed(R"({"metric":"a","window":"28s"})").slide, Millis{2'000});
  EXPECT_EQ(parsed(R"({"metric":"a","window":"1s"})").slide, Millis{1'000});
  EXPECT_EQ(parsed(R"({"metric":"a","window":"1h"})").slide, Millis{360'000});
  EXPECT_EQ(parsed(R"({"metric":"a","window":"2500ms"})", fine).slide, Millis{100});
  EXPECT_EQ(parsed(R"({"metric":"a","window":"3s"})", fine).slide, Millis{300});
}

struct BadQuery {
  std::string_view json;
  Code code;
  std::string_view says;
};

TEST(Query, RefusesWithAStableCodeAndThePlaceOfTheFault) {
  const std::string long_text(300, 'x');
  const std::string long_metric = R"({"metric":")" + long_text + R"("})";
  const std::string long_regex =
      R"({"metric":"a","where":[["a","=","1"],["b","=~",")" + long_text + R"("]]})";
  const std::string long_value = R"({"metric":"a","where":[["b","=",")" + long_text + R"("]]})";
  const std::string long_tag = R"({"metric":"a","by":[")" + long_text + R"("]})";
  const std::vector<BadQuery> cases{
      {"", Code::QueryBadJson, "not JSON"},
      {"{", Code::QueryBadJson, "not JSON"},
      {"{\"metric\":\"a\"}x", Code::QueryBadJson, "not JSON"},
      {"{\"metric\":\"\xff\"}", Code::QueryBadJson, "not JSON"},
      {"[]", Code::QueryBadJson, "object"},
      {"7", Code::QueryBadJson, "object"},
      {"null", Code::QueryBadJson, "object"},
      {R"({})", Code::QueryBadMetric, "metric: missing"},
      {R"({"metric":7})", Code::QueryBadMetric, "metric: want a text"},
      {R"({"metric":null})", Code::QueryBadMetric, "metric:"},
      {R"({"metric":""})", Code::QueryBadMetric, "metric: is empty"},
      {R"({"metric":"a\u0000b"})", Code::QueryBadMetric, "NUL"},
      {long_metric, Code::QueryBadMetric, "glob longer than 255 bytes"},
      {R"({"metric":"a","where":{}})", Code::QueryBadMatcher, "where: want a list"},
      {R"({"metric":"a","where":[7]})", Code::QueryBadMatcher, "where[0]: "},
      {R"({"metric":"a","where":[[]]})", Code::QueryBadMatcher, "where[0]: "},
      {R"({"metric":"a","where":[["t"]]})", Code::QueryBadMatcher, "where[0]: "},
      {R"({"metric":"a","where":[["t","="]]})", Code::QueryBadMatcher, "where[0]: want"},
      {R"({"metric":"a","where":[["t","=","v","w"]]})", Code::QueryBadMatcher, "where[0]: want"},
      {R"({"metric":"a","where":[["t","exists","v"]]})", Code::QueryBadMatcher, "where[0]: want"},
      {R"({"metric":"a","where":[["t","=","v"],["t","==","v"]]})", Code::QueryBadMatcher,
       R"(where[1]: unknown operator "==")"},
      {R"({"metric":"a","where":[["t","=",200]]})", Code::QueryBadMatcher, "where[0]: the value"},
      {R"({"metric":"a","where":[["t","in","v"]]})", Code::QueryBadMatcher, "where[0]: in and nin"},
      {R"({"metric":"a","where":[["t","in",[]]]})", Code::QueryBadMatcher, "where[0]: in and nin"},
      {R"({"metric":"a","where":[["t","nin",["a",1]]]})", Code::QueryBadMatcher, "not a text"},
      {R"({"metric":"a","where":[["","=","v"]]})", Code::QueryBadMatcher, "name is empty"},
      {R"({"metric":"a","where":[["@x","=","v"]]})", Code::QueryBadMatcher, "@kind and @metric"},
      {R"({"metric":"a","where":[["t","=~","("]]})", Code::QueryBadMatcher, "does not compile"},
      {R"q({"metric":"a","where":[["t","!~","(?=a)"]]})q", Code::QueryBadMatcher,
       "does not compile"},
      {R"q({"metric":"a","where":[["t","=~","((a{900}){900}){900}"]]})q", Code::QueryBadMatcher,
       "does not compile"},
      {long_regex, Code::QueryBadMatcher, "where[1]: regex longer than 256 bytes"},
      {long_value, Code::QueryBadMatcher, "where[0]: a value is longer"},
      {R"({"metric":"a","by":"t"})", Code::QueryBadBy, "by: want a list"},
      {R"({"metric":"a","by":["t",7]})", Code::QueryBadBy, "by[1]: "},
      {R"({"metric":"a","by":["@nope"]})", Code::QueryBadBy, "by[0]: unknown name"},
      {R"({"metric":"a","by":["1","2","3","4","5","6","7","8","9"]})", Code::QueryBadBy,
       "more than 8"},
      {long_tag, Code::QueryBadBy, "by[0]: "},
      {R"({"metric":"a","without":["t"]})", Code::QueryBadBy, "without: not supported"},
      {R"({"metric":"a","stats":"p50"})", Code::QueryUnknownStat, "stats: want a list"},
      {R"({"metric":"a","stats":[]})", Code::QueryUnknownStat, "stats: want a list"},
      {R"({"metric":"a","stats":["count",1]})", Code::QueryUnknownStat, "stats[1]: "},
      {R"({"metric":"a","stats":["count","p101"]})", Code::QueryUnknownStat,
       R"(stats[1]: unknown stat "p101")"},
      {R"({"metric":"a","stats":["median"]})", Code::QueryUnknownStat, "known are count"},
      {R"({"metric":"a","stats":["_err"]})", Code::QueryUnknownStat, "known are count"},
      {R"({"metric":"a","derive":{}})", Code::QueryUnknownStat, "derive: not supported"},
      {R"({"metric":"a","order":"p99:desc"})", Code::QueryBadOrder, "not supported"},
      {R"({"metric":"a","limit":5})", Code::QueryBadOrder, "not supported"},
      {R"({"metric":"a","window":0})", Code::QueryBadWindow, "window: is zero"},
      {R"({"metric":"a","window":-1000})", Code::QueryBadWindow, "window: want"},
      {R"({"metric":"a","window":10000.0})", Code::QueryBadWindow, "window: want"},
      {R"({"metric":"a","window":18446744073709551615})", Code::QueryBadWindow, "window: want"},
      {R"({"metric":"a","window":"10"})", Code::QueryBadWindow, "window: 10 ms is not a multiple"},
      {R"({"metric":"a","window":"10 s"})", Code::QueryBadWindow, "window: want"},
      {R"({"metric":"a","window":"1.5s"})", Code::QueryBadWindow, "window: want"},
      {R"({"metric":"a","window":1500})", Code::QueryBadWindow, "multiple of the pane"},
      {R"({"metric":"a","window":"2h"})", Code::QueryBadWindow, "longer than the limit"},
      {R"({"metric":"a","window":"10s","slide":"20s"})", Code::QueryBadWindow,
       "slide: 20000 ms is greater than the window"},
      {R"({"metric":"a","window":"10s","slide":"3s"})", Code::QueryBadWindow,
       "window: 10000 ms is not a multiple of the slide"},
      {R"({"metric":"a","window":"10s","slide":500})", Code::QueryBadWindow,
       "slide: 500 ms is not a multiple of the pane"},
      {R"({"metric":"a","window":"10s","slide":[]})", Code::QueryBadWindow, "slide: want"},
  };
  for (const BadQuery& bad : cases) {
    const auto query = parse_query(bad.json, {});
    ASSERT_FALSE(query) << bad.json;
    EXPECT_EQ(code_name(query.error().code), code_name(bad.code)) << bad.json;
    EXPECT_NE(query.error().msg.find(bad.says), std::string::npos)
        << bad.json << " said: " << query.error().msg;
    EXPECT_FALSE(query.error().retry);
  }
}

TEST(Query, RefusesTooManyMatchersAndTooMuchText) {
  std::string where = R"(["t","=","v"])";
  for (int i = 0; i < 32; ++i)
    where += R"(,["t","=","v"])";
  const auto query = parse_query(R"({"metric":"a","where":[)" + where + "]}", {});
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().msg, "where: more than 32 matchers");
  const auto huge = parse_query(std::string(70'000, ' '), {});
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code, Code::QueryBadJson);
  EXPECT_FALSE(parse_query(std::string(60'000, '['), {}));
}

TEST(Query, NeverCutsACharacterWhenItQuotesTheReader) {
  const auto query = parse_query(R"({"metric":"a","stats":["xéééééééééééééééééééééééééé"]})", {});
  ASSERT_FALSE(query);
  EXPECT_NE(query.error().msg.find("\"xééééééééééééééééééé...\""), std::string::npos)
      << query.error().msg;
}

TEST(Query, AcceptsAnyPrefixOfItsTextOnlyWhenWhole) {
  const std::string text =
      R"({"metric":"a.*","where":[["t","in",["x"]]],"by":["t"],"stats":["p99"]})";
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    EXPECT_FALSE(parse_query(text.substr(0, cut), {})) << cut;
  }
  EXPECT_TRUE(parse_query(text, {}));
}

TEST(Stat, ReadsAndPrintsTheBoundsOfQuantiles) {
  ASSERT_TRUE(parse_stat("p99.90_err"));
  EXPECT_EQ(*parse_stat("p99.90_err"), (Stat{Stat::Name::QuantileError, 99'900}));
  EXPECT_EQ(stat_name(*parse_stat("p99.90_err")), "p99.9_err");
  for (const char* bad : {"p_err", "p99_er", "count_err", "_err", "p99_err_err"})
    EXPECT_FALSE(parse_stat(bad)) << bad;
}

TEST(Stat, ReadsAndPrintsQuantiles) {
  for (const std::string_view name :
       {"p0", "p50", "p99", "p99.9", "p99.99", "p0.001", "p100", "p5.05"}) {
    const auto stat = parse_stat(name);
    ASSERT_TRUE(stat) << name;
    EXPECT_EQ(stat_name(*stat), name);
  }
  EXPECT_DOUBLE_EQ(parse_stat("p99.9")->q(), 0.999);
  for (const std::string_view bad :
       {"", "p", "p.", "p5.", "p.5", "p100.001", "p1000", "p-1", "p+1", "P50", "p50 ", "p1.2345",
        "p1e1", "p1.2.3", "counts", "Count"}) {
    EXPECT_FALSE(parse_stat(bad)) << bad;
  }
}

TEST(Fault, NamesEveryCode) {
  EXPECT_EQ(code_name(Code::QueryBadMatcher), "query.bad_matcher");
  EXPECT_EQ(code_name(Code::LimitStreams), "limit.streams");
  EXPECT_EQ(code_name(Code::SubDuplicateId), "sub.duplicate_id");
  EXPECT_EQ(static_cast<int>(Code::HistoryUnavailable), 7003);
}

}  // namespace
}  // namespace ingest::query
