#include "gateway/publish/range_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gateway::publish {
namespace {

using ingest::Millis;
using ingest::wall_from_ms;
using ingest::query::RangePage;
using Name = ingest::query::Stat::Name;

constexpr double kNull = std::numeric_limits<double>::quiet_NaN();

ingest::query::Query query_of(std::vector<ingest::query::Stat> stats) {
  ingest::query::Query query;
  query.metric = "m";
  query.by = {"route"};
  query.stats = std::move(stats);
  return query;
}

TEST(RangeJson, WritesColumnsByFieldRowAndTime) {
  RangePage page;
  page.window = Millis{10'000};
  page.step = Millis{5'000};
  page.times = {wall_from_ms(5'000), wall_from_ms(10'000)};
  page.keys = {{"/a"}, {"/\"b"}};
  page.values = {1, 2, 3, kNull, 0.1234567, kNull, 7, 8};
  page.next = "cursor-1";
  const auto query = query_of({{Name::Count}, {Name::Mean}});
  EXPECT_EQ(
      range_text(9, query, page),
      R"({"t":"range","id":9,"fields":["count","mean"],"by":["route"],"window":10000,"step":5000,)"
      R"("k":[["/a"],["/\"b"]],"ts":[5000,10000],)"
      R"("c":[[[1,2],[3,null]],[[0.123457,null],[7,8]]],"next":"cursor-1"})");
}

TEST(RangeJson, WritesListsAndNullInTheirPlace) {
  RangePage page;
  page.times = {wall_from_ms(5'000), wall_from_ms(10'000)};
  page.keys = {{"/a"}};
  page.values = {0, kNull};
  page.lists = {4, 6, 0, 3, 2, 0};
  EXPECT_EQ(range_text(std::nullopt, query_of({{Name::Buckets}}), page),
            R"({"t":"range","fields":["buckets"],"by":["route"],"window":0,"step":0,"k":[["/a"]],)"
            R"("ts":[5000,10000],"c":[[[[6,0,3,2],null]]],"next":null})");
}

TEST(RangeJson, OfNothingHasEveryMember) {
  EXPECT_EQ(range_text(std::nullopt, query_of({{Name::Count}, {Name::Max}}), {}),
            R"({"t":"range","fields":["count","max"],"by":["route"],"window":0,"step":0,"k":[],)"
            R"("ts":[],"c":[[],[]],"next":null})");
}

}  // namespace
}  // namespace gateway::publish
