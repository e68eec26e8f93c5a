#include "ingest/query/columns.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ingest::query {
namespace {

Derived derived(const char* name, const char* text, const char* metric = "**") {
  const auto expression = Expression::parse(text, metric);
  EXPECT_TRUE(expression) << text;
  return {name, *expression};
}

TEST(Columns, AreTheStatsThenWhatIsDerived) {
  Query query;
  query.stats = {{Stat::Name::Count}, {Stat::Name::Quantile, 99'000}};
  query.derive = {derived("spread", "p99 - p50"), derived("twice", "count * 2")};
  const std::vector<Field> wanted{{"count", Stat{Stat::Name::Count}},
                                  {"p99", Stat{Stat::Name::Quantile, 99'000}},
                                  {"spread", std::nullopt},
                                  {"twice", std::nullopt}};
  EXPECT_EQ(fields(query), wanted);
  EXPECT_EQ(Columns{query}.size(), wanted.size());
}

TEST(Columns, EvaluateEachStatOnce) {
  Query query;
  query.stats = {{Stat::Name::Count}, {Stat::Name::Quantile, 99'000}};
  query.derive = {derived("spread", "p99 - p50"), derived("twice", "count * 2")};
  const Columns columns{query};
  ASSERT_EQ(columns.inputs().size(), 3U);
  EXPECT_EQ(columns.inputs()[2], (Columns::Input{0, {Stat::Name::Quantile, 50'000}}));
  std::vector<double> row(columns.size());
  columns.finish(std::vector<double>{7, 90, 20}, row);
  EXPECT_EQ(row, (std::vector<double>{7, 90, 70, 14}));
}

TEST(Columns, OfAJoinedRowAreDerivedFromTheStatsOfItsParts) {
  Query query;
  query.metric = "http.*";
  query.stats = {};
  query.derive = {derived("rate", "errors.count / requests.count", "http.*"),
                  derived("slow", "requests.count - errors.count", "http.*")};
  EXPECT_EQ(joined_metrics(query), (std::vector<std::string>{"http.errors", "http.requests"}));
  const Columns columns{query};
  ASSERT_EQ(columns.inputs().size(), 2U);
  EXPECT_EQ(columns.inputs()[0], (Columns::Input{0, {Stat::Name::Count}}));
  EXPECT_EQ(columns.inputs()[1], (Columns::Input{1, {Stat::Name::Count}}));
  std::vector<double> row(columns.size());
  columns.finish(std::vector<double>{3, 12}, row);
  EXPECT_EQ(row, (std::vector<double>{0.25, 9}));
  columns.finish(std::vector<double>{3, 0}, row);
  EXPECT_TRUE(std::isnan(row[0]));
}

}  // namespace
}  // namespace ingest::query
