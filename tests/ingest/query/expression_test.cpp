#include "ingest/query/expression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

namespace ingest::query {
namespace {

constexpr double kNull = std::numeric_limits<double>::quiet_NaN();

// The terms by their names: "count", "http.errors.p99".
double value_of(const std::string& text, const std::map<std::string, double>& known,
                std::string_view metric = "**") {
  const auto expression = Expression::parse(text, metric);
  EXPECT_TRUE(expression) << text << ": " << (expression ? "" : expression.error());
  if (!expression) return kNull;
  std::vector<double> values;
  for (const Term& term : expression->terms()) {
    const std::string name =
        term.metric.empty() ? stat_name(term.stat) : term.metric + "." + stat_name(term.stat);
    EXPECT_TRUE(known.contains(name)) << name;
    values.push_back(known.contains(name) ? known.at(name) : kNull);
  }
  return expression->eval(values);
}

std::string canonical(const std::string& text, std::string_view metric = "**") {
  const auto expression = Expression::parse(text, metric);
  EXPECT_TRUE(expression) << text << ": " << (expression ? "" : expression.error());
  return expression ? expression->text() : std::string{};
}

TEST(Expression, ComputesAsEverybodyDoes) {
  const std::vector<std::pair<std::string, double>> cases{
      {"1", 1},
      {" 1 + 2 * 3 ", 7},
      {"(1 + 2) * 3", 9},
      {"10 - 4 - 3", 3},
      {"10 - (4 - 3)", 9},
      {"64 / 4 / 2", 8},
      {"-2 * -3", 6},
      {"--2", 2},
      {"-(1 + 2)", -3},
      {"1.5e3 / 1E2", 15},
      {"min(3, 1, 2) + max(3, 1, 2)", 4},
      {"min(7)", 7},
      {"abs(-2.5)", 2.5},
      {"if(1 < 2, 10, 20)", 10},
      {"if(1 >= 2, 10, 20)", 20},
      {"1 + 1 == 2", 1},
      {"1 != 1", 0},
      {"coalesce(1 / 0, 5)", 5},
      {"p99 - p50", 70},
      {"count/rate", 10},
      {"min + max", 101},
      {"max(min, max)", 100},
  };
  const std::map<std::string, double> row{{"p99", 90}, {"p50", 20}, {"count", 50},
                                          {"rate", 5}, {"min", 1},  {"max", 100}};
  for (const auto& [text, wanted] : cases)
    EXPECT_EQ(value_of(text, row), wanted) << text;
}

TEST(Expression, ADivisionByZeroAndWhatIsNotFiniteAreNull) {
  for (const char* text : {"1 / 0", "0 / 0", "1 / (2 - 2)", "1e308 * 10", "-1e308 - 1e308",
                           "if(1, 1 / 0, 1)", "1 / -0"}) {
    EXPECT_TRUE(std::isnan(value_of(text, {}))) << text;
  }
}

TEST(Expression, NullInIsNullOut) {
  const std::map<std::string, double> row{{"count", kNull}, {"mean", 2}};
  for (const char* text : {"count", "count + mean", "-count", "count * 0", "count < 1",
                           "count == count", "min(mean, count)", "max(count, mean)", "abs(count)",
                           "if(count, 1, 2)", "coalesce(count, count)"}) {
    EXPECT_TRUE(std::isnan(value_of(text, row))) << text;
  }
  EXPECT_EQ(value_of("coalesce(count, mean)", row), 2);
  EXPECT_EQ(value_of("if(mean > 1, mean, count)", row), 2);
}

TEST(Expression, ReadsTheStatsOfSeveralMetrics) {
  const std::map<std::string, double> row{{"errors.count", 3},
                                          {"requests.count", 12},
                                          {"http.latency.p99.9", 7},
                                          {"a b'c.last", 5},
                                          {"p50.mean", 2}};
  EXPECT_EQ(value_of("errors.count / requests.count", row), 0.25);
  EXPECT_EQ(value_of("http.latency.p99.9", row), 7);
  EXPECT_EQ(value_of("'a b''c'.last * 2", row), 10);
  EXPECT_EQ(value_of("p50.mean", row), 2);
}

TEST(Expression, FindsAMetricBehindTheGlobsOwnPrefix) {
  EXPECT_EQ(canonical("errors.count / http.requests.count", "http.*"),
            "http.errors.count/http.requests.count");
  EXPECT_EQ(canonical("'4xx'.count", "http.code.?xx"), "http.code.4xx.count");
  EXPECT_EQ(canonical("latency.p99 / latency.p50", "latency"), "p99/p50");
}

TEST(Expression, CountsATermOnce) {
  const auto expression = Expression::parse("count + rate * count - a.count", "*");
  ASSERT_TRUE(expression);
  ASSERT_EQ(expression->terms().size(), 3U);
  EXPECT_EQ(expression->terms()[0].stat, (Stat{Stat::Name::Count}));
  EXPECT_EQ(expression->terms()[1].stat, (Stat{Stat::Name::Rate}));
  EXPECT_EQ(expression->terms()[2].metric, "a");
}

TEST(Expression, PrintsWhatItReadsBackTheSame) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"( count )", "count"},
      {"1+(2*3)", "1+2*3"},
      {"(1+2)*3", "(1+2)*3"},
      {"1-(2-3)-4", "1-(2-3)-4"},
      {"1-(2+3)", "1-(2+3)"},
      {"8/(4/2)", "8/(4/2)"},
      {"- ( - 1 )", "--1"},
      {"-(1*2)", "-(1*2)"},
      {"1 - -1", "1--1"},
      {"(1<2)<3", "1<2<3"},
      {"1<(2<3)", "1<(2<3)"},
      {"min( 1 ,2, 3)", "min(1,2,3)"},
      {"0.1e1", "1"},
      {"'a-b'.p99.90_err", "'a-b'.p99.9_err"},
      {"'a.b'.count", "a.b.count"},
      {"'1'.count", "'1'.count"},
  };
  for (const auto& [text, wanted] : cases) {
    EXPECT_EQ(canonical(text), wanted);
    const auto once = Expression::parse(text, "**");
    const auto again = Expression::parse(wanted, "**");
    ASSERT_TRUE(once && again) << text;
    EXPECT_EQ(*once, *again) << text;
  }
}

TEST(Expression, RefusesWithThePlaceOfTheFault) {
  std::string deep;
  std::string wide = "min(1";
  std::string right;
  for (int i = 0; i < 40; ++i) {
    deep += '(';
    wide += ",1";
    right += "1-(";
  }
  std::string terms = "p0";
  for (int i = 1; i < 17; ++i)
    terms += "+p" + std::to_string(i);
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "at the end: want a number"},
      {"1 +", "at the end: want a number"},
      {"(1", "at the end: want ) for the ( at 1"},
      {"1)", "at 2: unexpected \")\""},
      {"1 2", "at 3: unexpected"},
      {"* 2", "at 1: unexpected"},
      {"1 ** 2", "at 4: unexpected"},
      {"1 = 2", "at 3: unexpected"},
      {".5", "at 1: unexpected"},
      {"1x", "at 2: unexpected \"x\" behind a number"},
      {"1e999", "at 1: a number out of range"},
      {"count / cuont", "at 9: unknown stat \"cuont\""},
      {"a.b.c", "at 1: unknown stat \"c\""},
      {"count.", "at 1: unknown stat \"\""},
      {"req-s.count", "at 1: unknown stat \"req\""},
      {"sqrt(2)", "at 1: unknown function \"sqrt\""},
      {"min()", "at 5: unexpected \")\""},
      {"abs(1, 2)", "at 1: abs wants 1 argument"},
      {"1 + if(1, 2)", "at 5: if wants 3 arguments"},
      {"min(1 2)", "at 7: want , or )"},
      {"buckets + 1", "at 1: buckets is a list"},
      {"'a.count", "at 1: this ' has no end"},
      {"''.count", "at 1: a metric's name is empty"},
      {"'a'", "at the end: want .stat"},
      {"nan", "at 1: unknown stat"},
      {std::string(1'025, '1'), "longer than 1024 bytes"},
      {deep + "1", "at 33: nested deeper than 32"},
      {right + "1", "too many values"},
      {wide + ")", "too many values"},
      {terms, "more than 16 different stats"},
      {std::string{"1+\0", 3}, "at 3: unexpected"},
      {"\xff", "at 1: unexpected"},
  };
  for (const auto& [text, wanted] : cases) {
    const auto expression = Expression::parse(text, "**");
    ASSERT_FALSE(expression) << text;
    EXPECT_NE(expression.error().find(wanted), std::string::npos)
        << text << ": " << expression.error();
  }
}

TEST(Expression, KnowsOnlyMetricsThatTheQueryMatches) {
  const auto other = Expression::parse("other.count", "latency");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error(),
            "at 1: the query is not about the metric \"other\"; only one whose metric is a glob "
            "can join several");
  const auto outside = Expression::parse("1 + db.x.count", "http.*");
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error(), "at 5: the query's metric \"http.*\" does not match \"db.x\"");
}

TEST(Expression, IsHeldToItsLengthWithTheNamesWrittenOut) {
  const std::string prefix(200, 'p');
  std::string text = "a.count";
  for (char c = 'b'; c <= 'f'; ++c)
    text += std::string{"+"} + c + ".count";
  const auto expression = Expression::parse(text, prefix + ".*");
  ASSERT_FALSE(expression);
  EXPECT_EQ(expression.error(), "longer than 1024 bytes");
}

}  // namespace
}  // namespace ingest::query
