#include "gateway/cli/window_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "gateway/cli/row_lines.h"

namespace gateway::cli {
namespace {

using ingest::replay::FinalWindow;
using nlohmann::json;

ingest::query::Query query_of(const std::string& text) {
  const auto query = ingest::query::parse_query(text, {});
  EXPECT_TRUE(query) << text;
  return query ? *query : ingest::query::Query{};
}

FinalWindow window_of(ingest::replay::FinalRow row) {
  return {{ingest::wall_from_ms(0), ingest::wall_from_ms(10'000)}, {std::move(row)}};
}

std::string text_of(const std::string& query, Form form, const FinalWindow& window) {
  std::string text;
  WindowText{query_of(query), form}.append(window, text);
  return text;
}

TEST(WindowText, ALineHasTheShapeOfALineOfWeirQuery) {
  constexpr const char* kQuery =
      R"({"metric":"m.*","without":["cpu"],"stats":["count"],"window":"10s"})";
  const std::vector<std::string> by = query_of(kQuery).by;
  ASSERT_EQ(by, (std::vector<std::string>{"@kind", "@metric", "@tags"}));
  const std::vector<std::string> key{"counter", "m.a", R"(host=a\,b,k=v\=w)"};
  const std::string replayed = text_of(kQuery, Form::Json, window_of({key, {812}, {}, {}}));

  LiveTable::Change change;
  change.window = {0, 10'000};
  change.rows = {{key, json::array({812})}};
  const std::vector<std::string> fields{"count"};
  std::string asked;
  append_row_lines({by, fields}, change, "m.*", asked);
  EXPECT_EQ(json::parse(replayed), json::parse(asked)) << replayed << asked;
  EXPECT_EQ(json::parse(replayed)["tags"], json::parse(R"({"host":"a,b","k":"v=w"})"));
}

TEST(WindowText, TellsMarksAndBuckets) {
  constexpr const char* kQuery = R"({"metric":"m","stats":["buckets","sum"],"window":"10s"})";
  ASSERT_EQ(ingest::query::fields(query_of(kQuery))[1].name, "buckets");
  const ingest::replay::FinalRow row{{},
                                     {std::numeric_limits<double>::quiet_NaN(), 0},
                                     {4, 6, 0, 3, 2, 0},
                                     ingest::query::kStale | ingest::query::kOverflowed};
  const json line = json::parse(text_of(kQuery, Form::Json, window_of(row)));
  EXPECT_EQ(line["stats"], json::parse(R"({"sum":null,"buckets":[6,0,3,2]})"));
  EXPECT_EQ(line["stale"], true);
  EXPECT_EQ(line["overflow"], true);
  EXPECT_EQ(text_of(kQuery, Form::Csv, window_of(row)),
            "1970-01-01T00:00:00Z,1970-01-01T00:00:10Z,,\"[6,0,3,2]\"\r\n");
  EXPECT_NE(text_of(kQuery, Form::Table, window_of(row)).find("[6,0,3,2]"), std::string::npos);
}

}  // namespace
}  // namespace gateway::cli
