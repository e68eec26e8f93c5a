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

TEST(RangeJson, NamesTheTimesOfWhichSomethingIsLost) {
  RangePage page;
  page.times = {wall_from_ms(5'000), wall_from_ms(10'000), wall_from_ms(15'000)};
  page.keys = {{"/a"}};
  page.values = {kNull, 3, kNull};
  page.holes = {{0, 0}, {2, 2}};
  EXPECT_EQ(range_text(std::nullopt, query_of({{Name::Count}}), page),
            R"({"t":"range","fields":["count"],"by":["route"],"window":0,"step":0,"k":[["/a"]],)"
            R"("ts":[5000,10000,15000],"c":[[[null,3,null]]],"holes":[[0,0],[2,2]],"next":null})");
}

TEST(RangeJson, NamesWhatTellsKindsApart) {
  RangePage page;
  page.times = {wall_from_ms(5'000)};
  page.by = {"@kind", "route"};
  page.keys = {{"counter", "/a"}, {"timer", "/a"}};
  page.values = {1, 2};
  EXPECT_EQ(range_text(std::nullopt, query_of({{Name::Count}}), page),
            R"({"t":"range","fields":["count"],"by":["@kind","route"],"window":0,"step":0,)"
            R"("k":[["counter","/a"],["timer","/a"]],"ts":[5000],"c":[[[1],[2]]],"next":null})");
}

TEST(RangeJson, TellsMarksAsRunsOfTimes) {
  using ingest::query::kOverflowed;
  using ingest::query::kStale;
  RangePage page;
  page.times = {wall_from_ms(1'000), wall_from_ms(2'000), wall_from_ms(3'000)};
  page.keys = {{"/a"}, {"/b"}};
  page.values.assign(6, 1);
  constexpr ingest::query::Marks kBoth = kStale | kOverflowed;
  page.marks = {kStale, 0, kStale, kStale, kBoth, 0};
  const std::string text = range_text(std::nullopt, query_of({{Name::Last}}), page);
  EXPECT_NE(text.find(R"(]]],"m":{"stale":[[0,0,0],[0,2,2],[1,0,1]],"overflow":[[1,1,1]]},"next")"),
            std::string::npos)
      << text;
  page.marks = {0, 0, 0, 0, 0, kOverflowed};
  EXPECT_NE(range_text(std::nullopt, query_of({{Name::Last}}), page)
                .find(R"("m":{"overflow":[[1,2,2]]})"),
            std::string::npos);
}

TEST(RangeJson, OfNothingHasEveryMember) {
  EXPECT_EQ(range_text(std::nullopt, query_of({{Name::Count}, {Name::Max}}), {}),
            R"({"t":"range","fields":["count","max"],"by":["route"],"window":0,"step":0,"k":[],)"
            R"("ts":[],"c":[[],[]],"next":null})");
}

}  // namespace
}  // namespace gateway::publish
