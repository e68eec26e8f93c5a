#include "ingest/query/query.h"

#include <gtest/gtest.h>

#include "ingest/query/selector.h"
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
        R"({"metric":"a","where":[["t","=","1"]],"stats":["p50"]})",
        R"({"metric":"a","where":[["t","=","1"]],"without":[]})",
        R"({"metric":"a","where":[["t","=","1"]],"derive":{"x":"max"}})",
        R"({"metric":"a","where":[["t","=","1"]],"err":true})",
        R"({"metric":"a","where":[["t","=","1"]],"order":"count"})"}) {
    EXPECT_NE(canonical_text(base), canonical_text(parsed(other))) << other;
  }
}

TEST(Query, ReadsItsOwnCanonicalText) {
  const Query query = parsed(R"({"metric":"a.*","where":[["q","=","say \"hi\"\\ \u0007 é"],
      ["e","exists"],["r","!~","x.*"],["i","nin",["1","2"]]],"by":["t"],"stats":["p0","p100","p0.5","p12.345"]})");
  EXPECT_EQ(parsed(canonical_text(query)), query);
  for (
      const char* other :
      {R"({"metric":"a","without":["u","t"],"err":true,"order":"p50:asc","limit":7})",
       R"q({"metric":"a.*","without":[],"stats":["buckets","ewma"],"derive":{"z":"1-(2-3)","b":"max/min"}})q",
       R"({"metric":"a.*","by":["1","2","3","4","5","6","7","8","@metric"]})",
       R"({"metric":"a.**","by":["t"],"derive":{"r":"'b-c'.count/d.e.p99.9"},"order":"r","limit":1})"}) {
    const Query one = parsed(other);
    EXPECT_EQ(parsed(canonical_text(one)), one) << other;
  }
}

TEST(Query, OrdersByAFieldDownwardsUnlessItSaysSo) {
  const Query top = parsed(R"({"metric":"a","stats":["p99"],"order":"p99.0","limit":3})");
  ASSERT_TRUE(top.order);
  EXPECT_EQ(*top.order, (Order{"p99", Order::Direction::Descending}));
  EXPECT_EQ(top.limit, 3U);
  EXPECT_EQ(top, parsed(R"({"metric":"a","stats":["p99"],"order":"p99:desc","limit":3})"));
  const Query derived =
      parsed(R"({"metric":"a","derive":{"spread":"max-min"},"order":"spread:asc"})");
  ASSERT_TRUE(derived.order);
  EXPECT_EQ(*derived.order, (Order{"spread", Order::Direction::Ascending}));
  EXPECT_EQ(derived.limit, 0U);
}

TEST(Query, AddsTheBoundOfEachQuantileWhereItIsAskedFor) {
  EXPECT_EQ(parsed(R"({"metric":"a","stats":["p99","count","p50"],"err":true})"),
            parsed(R"({"metric":"a","stats":["p99","count","p50","p50_err","p99_err"]})"));
  EXPECT_EQ(parsed(R"({"metric":"a","stats":["p99"],"err":false})"),
            parsed(R"({"metric":"a","stats":["p99"]})"));
}

TEST(Query, WithoutKeysRowsByEveryOtherTag) {
  const Query query = parsed(R"({"metric":"a","without":["host","az","host"]})");
  EXPECT_EQ(query.by, (std::vector<std::string>{"@tags"}));
  EXPECT_EQ(query.without, (std::vector<std::string>{"az", "host"}));
  EXPECT_TRUE(groups_by_all_tags(query));
  EXPECT_EQ(parsed(R"({"metric":"a","without":[]})"), parsed(R"({"metric":"a","by":["@tags"]})"));
  EXPECT_EQ(parsed(R"({"metric":"a.*","without":["host"]})").by,
            (std::vector<std::string>{"@kind", "@metric", "@tags"}));
}

TEST(Query, DerivedFieldsOverMetricsJoinTheRowsOfThese) {
  const Query query = parsed(
      R"({"metric":"http.*","by":["route"],"derive":{"error_rate":"errors.count / requests.count"}})");
  EXPECT_TRUE(query.stats.empty());
  EXPECT_EQ(query.by, (std::vector<std::string>{"route"}));
  EXPECT_EQ(fields(query), (std::vector<Field>{{"error_rate", std::nullopt}}));
  EXPECT_NE(canonical_text(query).find(
                R"("derive":{"error_rate":"http.errors.count/http.requests.count"})"),
            std::string::npos);
}

TEST(Query, DerivedFieldsOfAQueryOfOneMetricStandBesideItsStats) {
  const Query query = parsed(R"({"metric":"a","stats":["count"],"derive":{"spread":"max - min"}})");
  EXPECT_EQ(fields(query),
            (std::vector<Field>{{"count", Stat{Stat::Name::Count}}, {"spread", std::nullopt}}));
  EXPECT_EQ(parsed(R"({"metric":"a","derive":{"x":"max"}})").stats.size(), 6U);
  EXPECT_TRUE(parsed(R"({"metric":"a","stats":[],"derive":{"x":"max"}})").stats.empty());
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
  const QueryLimits one_window{.default_slide = QueryLimits::Slide::Pane};
  EXPECT_EQ(parsed(R"({"metric":"a","window":"1h"})", one_window).slide, Millis{1'000});
  EXPECT_EQ(parsed(R"({"metric":"a","slide":"5s"})", one_window).slide, Millis{5'000});
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
  const std::string long_derived =
      R"({"metric":"a","derive":{")" + std::string(65, 'x') + R"(":"max"}})";
  std::string many_derived = R"({"metric":"a","derive":{)";
  std::string many_bounds = R"({"metric":"a","err":true,"stats":[)";
  for (int i = 0; i < 17; ++i) {
    const std::string comma = i == 0 ? "" : ",";
    many_derived += comma + "\"x" + std::to_string(i) + R"(":"max")";
    many_bounds += comma + "\"p" + std::to_string(i) + '"';
  }
  many_derived += "}}";
  many_bounds += "]}";
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
      {R"({"metric":"a.*.*.*.*.*.*.*.*.**.?.?.?.?.?.?.?.?"})", Code::QueryBadMetric,
       "metric: more than 16 wildcards"},
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
      {R"({"metric":"a","by":["t"],"without":["u"]})", Code::QueryBadBy, R"(by: "t" besides)"},
      {R"({"metric":"a","by":["@tags","t"]})", Code::QueryBadBy, R"(by: "t" besides)"},
      {R"({"metric":"a","without":"t"})", Code::QueryBadBy, "without: want a list"},
      {R"({"metric":"a","without":[7]})", Code::QueryBadBy, "without[0]: not a text"},
      {R"({"metric":"a","without":["t","@kind"]})", Code::QueryBadBy, R"(without[1]: "@kind")"},
      {R"({"metric":"a","without":["1","2","3","4","5","6","7","8","9"]})", Code::QueryBadBy,
       "without: more than 8"},
      {R"({"metric":"*","by":["@metric"],"derive":{"r":"a.count / b.count"}})", Code::QueryBadBy,
       R"(by: "@metric" tells)"},
      {R"({"metric":"*","by":["@kind"],"derive":{"r":"a.count / b.count"}})", Code::QueryBadBy,
       R"(by: "@kind" tells)"},
      {R"({"metric":"a","where":[["@tags","exists"]]})", Code::QueryBadMatcher,
       R"(where[0]: unknown name "@tags")"},
      {R"({"metric":"a","stats":"p50"})", Code::QueryUnknownStat, "stats: want a list"},
      {R"({"metric":"a","stats":[]})", Code::QueryUnknownStat, "stats: want at least"},
      {R"({"metric":"a","stats":["count",1]})", Code::QueryUnknownStat, "stats[1]: "},
      {R"({"metric":"a","stats":["count","p101"]})", Code::QueryUnknownStat,
       R"(stats[1]: unknown stat "p101")"},
      {R"({"metric":"a","stats":["median"]})", Code::QueryUnknownStat, "known are count"},
      {R"({"metric":"a","stats":["_err"]})", Code::QueryUnknownStat, "known are count"},
      {R"({"metric":"a","stats":["p50"],"err":1})", Code::QueryUnknownStat, "err: want true"},
      {R"({"metric":"a","stats":[],"derive":{}})", Code::QueryUnknownStat, "stats: want at least"},
      {R"({"metric":"a","derive":[]})", Code::QueryUnknownStat, "derive: want an object"},
      {R"({"metric":"a","derive":{"2x":"max"}})", Code::QueryUnknownStat,
       R"(derive: "2x" is no name)"},
      {R"({"metric":"a","derive":{"":"max"}})", Code::QueryUnknownStat, R"(derive: "" is no name)"},
      {R"({"metric":"a","derive":{"a:b":"max"}})", Code::QueryUnknownStat, "is no name"},
      {long_derived, Code::QueryUnknownStat, "is no name"},
      {R"({"metric":"a","derive":{"p99":"max"}})", Code::QueryUnknownStat,
       "derive.p99: is a stat's name"},
      {R"({"metric":"a","derive":{"x":7}})", Code::QueryUnknownStat,
       "derive.x: want an expression"},
      {R"({"metric":"a","derive":{"ok":"max","x":"max - men"}})", Code::QueryUnknownStat,
       R"(derive.x: at 7: unknown stat "men")"},
      {R"({"metric":"a","derive":{"x":"b.max"}})", Code::QueryUnknownStat,
       "derive.x: at 1: the query is not about"},
      {R"({"metric":"*","derive":{"x":"a.max / max"}})", Code::QueryUnknownStat,
       "derive.x: max of which metric?"},
      {R"({"metric":"*","derive":{"x":"a.max","y":"count"}})", Code::QueryUnknownStat,
       "derive.y: count of which metric?"},
      {R"({"metric":"*","stats":["p99"],"derive":{"x":"a.max"}})", Code::QueryUnknownStat,
       "stats: p99 of which metric?"},
      {many_derived, Code::QueryUnknownStat, "derive: more than 16 fields"},
      {many_bounds, Code::QueryUnknownStat, "stats: more than 32 stats"},
      {R"({"metric":"a","order":7})", Code::QueryBadOrder, "order: want a field"},
      {R"({"metric":"a","order":"p99:down"})", Code::QueryBadOrder, "order: want a field"},
      {R"({"metric":"a","order":"p99:"})", Code::QueryBadOrder, "order: want a field"},
      {R"({"metric":"a","order":"p99:asc:asc"})", Code::QueryBadOrder, "order: want a field"},
      {R"({"metric":"a","order":"p98:desc"})", Code::QueryBadOrder, R"(order: "p98" is none)"},
      {R"({"metric":"a","order":""})", Code::QueryBadOrder, R"(order: "" is none)"},
      {R"({"metric":"a","stats":["buckets"],"order":"buckets"})", Code::QueryBadOrder,
       "order: buckets is a list"},
      {R"({"metric":"a","limit":5})", Code::QueryBadOrder, "limit: which rows?"},
      {R"({"metric":"a","order":"p99","limit":0})", Code::QueryBadOrder, "limit: want a whole"},
      {R"({"metric":"a","order":"p99","limit":-1})", Code::QueryBadOrder, "limit: want a whole"},
      {R"({"metric":"a","order":"p99","limit":1.5})", Code::QueryBadOrder, "limit: want a whole"},
      {R"({"metric":"a","order":"p99","limit":"5"})", Code::QueryBadOrder, "limit: want a whole"},
      {R"({"metric":"a","order":"p99","limit":10001})", Code::LimitRows,
       "limit: 10001 rows are more than the 10000 of limits.rows"},
      {R"({"metric":"a","order":"p99","limit":4294967297})", Code::LimitRows, "limit: 4294967297"},
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

TEST(Query, TellsWhereTwoKindsCouldShareARow) {
  const auto mixes = [](const char* json) { return mixes_kinds(*parse_query(json, {})); };
  EXPECT_TRUE(mixes(R"({"metric":"m","by":["host"]})"));
  EXPECT_TRUE(mixes(R"({"metric":"m","where":[["@kind","!=","set"]]})"));
  EXPECT_FALSE(mixes(R"({"metric":"m","by":["@kind"]})"));
  EXPECT_FALSE(mixes(R"({"metric":"m","where":[["@kind","=","timer"]]})"));
  EXPECT_FALSE(mixes(R"({"metric":"m.*"})")) << "has @kind already";
  EXPECT_FALSE(mixes(R"({"metric":"**","derive":{"x":"a.count / b.count"}})")) << "joins them";
  const Query keyed = keyed_by_kind(*parse_query(R"({"metric":"m","by":["host"]})", {}));
  EXPECT_EQ(keyed.by, (std::vector<std::string>{"@kind", "host"}));
}

TEST(Query, WhoIsBoundNeverSeesWhatOthersFoldedTogether) {
  Query query;
  query.metric = "**";
  Query bound = query;
  restrict(bound, {});
  EXPECT_EQ(bound, query);  // sees everything
  restrict(bound, {{"env", Op::NotEqual, {"prod"}}});
  const auto selector = Selector::compile(bound);
  ASSERT_TRUE(selector);
  const auto sees = [&](std::string_view name, std::vector<model::TagView> tags) {
    return selector->matches(model::SeriesKey{model::Kind::Counter, name, std::move(tags)});
  };
  EXPECT_TRUE(sees("a", {{"env", "stage"}}));
  EXPECT_TRUE(sees("a", {}));
  EXPECT_FALSE(sees("a", {{"env", "prod"}}));
  EXPECT_FALSE(sees("a", {{"weir_overflow", "true"}}));
  EXPECT_FALSE(sees("weir.overflow", {}));
}

}  // namespace
}  // namespace ingest::query
