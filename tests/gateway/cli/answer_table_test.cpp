#include "gateway/cli/answer_table.h"

#include <gtest/gtest.h>

#include "gateway/cli/query_text.h"

namespace gateway::cli {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kSnap =
    R"({"t":"snap","w":[1700000000000,1700000010000],"n":2,"fields":["count","p99"],"by":["route"],)"
    R"("k":[["/b"],["/a,\"x\""]],"c":[[12,3],[0.5,null]],"next":null})";
constexpr const char* kRange =
    R"({"t":"range","window":10000,"fields":["p99"],"by":["@metric","@tags"],)"
    R"("k":[["m","host=a\\,b,k=v"],["n",""]],"ts":[1700000010000,1700000020000],)"
    R"("c":[[[1,null],[2,3]]],"next":"more"})";

AnswerTable answer_of(std::initializer_list<const char*> bodies) {
  AnswerTable answer;
  for (const char* body : bodies) {
    const auto added = answer.add(body);
    EXPECT_TRUE(added) << body;
  }
  return answer;
}

TEST(AnswerTable, TakesOneWindow) {
  const AnswerTable answer = answer_of({kSnap});
  EXPECT_EQ(answer.by(), Texts{"route"});
  EXPECT_EQ(answer.fields(), (Texts{"count", "p99"}));
  EXPECT_EQ(answer.length(), 10'000);
  EXPECT_EQ(answer.rows(), 2U);
  EXPECT_TRUE(answer.next().empty());
}

TEST(AnswerTable, JoinsPagesAndLeavesRowsOutThatHaveNothing) {
  const AnswerTable answer =
      answer_of({kRange, R"({"fields":["p99"],"by":["@metric","@tags"],"k":[["o",""]],)"
                         R"("ts":[1700000010000,1700000020000],"c":[[[4,5]]],"next":null})"});
  EXPECT_EQ(answer.windows().size(), 2U);
  EXPECT_EQ(answer.rows(), 5U);
  EXPECT_EQ(answer.windows().at(1'700'000'020'000).front().key, (Texts{"n", ""}));
  EXPECT_TRUE(answer.next().empty());
  EXPECT_EQ(answer_of({kRange}).next(), "more");
}

TEST(AnswerTable, KeepsTheMarksOfRowsAndOfTimes) {
  const AnswerTable now =
      answer_of({R"({"w":[0,10000],"fields":["last"],"by":["h"],"k":[["a"],["b"],["c"]],)"
                 R"("c":[[1,2,null]],"m":{"stale":[1,7],"overflow":[2]},"next":null})"});
  const auto& rows = now.windows().at(10'000);
  ASSERT_EQ(rows.size(), 3U) << "a null that says why stays";
  EXPECT_FALSE(rows[0].stale || rows[0].overflow);
  EXPECT_TRUE(rows[1].stale && !rows[1].overflow);
  EXPECT_TRUE(rows[2].overflow);
  EXPECT_EQ(answer_as_json(now, "m"),
            R"({"time":10000,"window":10000,"metric":"m","tags":{"h":"a"},"stats":{"last":1}})"
            "\n"
            R"({"time":10000,"window":10000,"metric":"m","tags":{"h":"b"},"stats":{"last":2},)"
            R"("stale":true})"
            "\n"
            R"({"time":10000,"window":10000,"metric":"m","tags":{"h":"c"},"stats":{"last":null},)"
            R"("overflow":true})"
            "\n");
  const AnswerTable past =
      answer_of({R"({"window":1000,"fields":["last"],"by":[],"k":[[]],"ts":[1000,2000,3000],)"
                 R"("c":[[[1,1,2]]],"m":{"stale":[[0,1,1],[5,0,0],[0,2,9],"x"]},"next":null})"});
  EXPECT_FALSE(past.windows().at(1'000)[0].stale);
  EXPECT_TRUE(past.windows().at(2'000)[0].stale);
  EXPECT_FALSE(past.windows().at(3'000)[0].stale) << "no such run";
}

TEST(AnswerTable, SaysWhatIsNoAnswer) {
  for (const char* body : {"", "7", "[]", "{}", R"({"fields":[],"by":[]})",
                           R"({"fields":["a"],"by":["b"],"k":[["x"]],"c":[],"w":[1,2]})",
                           R"({"fields":["a"],"by":["b"],"k":[["x"]],"c":[[1,2]],"w":[1,2]})",
                           R"({"fields":["a"],"by":["b"],"k":[["x","y"]],"c":[[1]],"w":[1,2]})",
                           R"({"fields":["a"],"by":["b"],"k":["x"],"c":[[1]],"w":[1,2]})",
                           R"({"fields":["a"],"by":["b"],"k":[["x"]],"c":[[1]]})",
                           R"({"fields":["a"],"by":["b"],"k":[["x"]],"c":[[1]],"w":[1]})",
                           R"({"fields":["a"],"by":["b"],"k":[["x"]],"c":[[1]],"w":["1",2]})",
                           R"({"fields":["a"],"by":["b"],"k":[["x"]],"c":[[1]],"ts":[1]})",
                           R"({"fields":["a"],"by":["b"],"k":[["x"]],"c":[[[1]]],"ts":[1,2]})",
                           R"({"fields":["a"],"by":["b"],"k":[["x"]],"c":[[[1]]],"ts":["1"]})",
                           R"({"fields":["a"],"by":["b"],"k":[["x"]],"c":[[[1]]],"ts":null})"}) {
    AnswerTable answer;
    const auto added = answer.add(body);
    ASSERT_FALSE(added) << body;
    EXPECT_FALSE(added.error().empty());
  }
}

TEST(QueryText, ShowsOneWindowInTheOrderOfTheAnswer) {
  const std::string text = answer_as_table(answer_of({kSnap}), {}, Colors::No);
  EXPECT_EQ(text,
            "route   count  p99\n"
            "/b         12  0.5\n"
            "/a,\"x\"      3    -\n");
}

TEST(QueryText, PutsTheTimeInFrontOfSeveralWindows) {
  const std::string text = answer_as_table(answer_of({kRange}), {}, Colors::No);
  EXPECT_TRUE(text.starts_with("time      metric  tags")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
}

TEST(QueryText, ColoursOnlyWhereItIsTold) {
  const AnswerTable answer = answer_of({kSnap});
  EXPECT_EQ(answer_as_table(answer, {}, Colors::No).find('\x1b'), std::string::npos);
  const std::string bold = answer_as_table(answer, {}, Colors::Yes);
  EXPECT_TRUE(bold.starts_with("\x1b[1mroute")) << bold;
  EXPECT_EQ(std::count(bold.begin(), bold.end(), '\x1b'), 2);
}

TEST(QueryText, LetsNoControlCharacterThrough) {
  const AnswerTable answer = answer_of(
      {R"({"w":[0,1000],"fields":["count"],"by":["r"],"k":[["\u001b[31mred\n"]],"c":[[1]]})"});
  EXPECT_EQ(answer_as_table(answer, {}, Colors::No).find('\x1b'), std::string::npos);
}

TEST(QueryText, WritesALineOfJsonForEachRow) {
  EXPECT_EQ(answer_as_json(answer_of({kRange}), "*"),
            R"({"time":1700000010000,"window":10000,"metric":"m","tags":{"host":"a,b","k":"v"},)"
            R"("stats":{"p99":1}})"
            "\n"
            R"({"time":1700000010000,"window":10000,"metric":"n","tags":{},"stats":{"p99":2}})"
            "\n"
            R"({"time":1700000020000,"window":10000,"metric":"n","tags":{},"stats":{"p99":3}})"
            "\n");
}

TEST(QueryText, WritesCommaSeparatedValues) {
  EXPECT_EQ(answer_as_csv(answer_of({kSnap})),
            "time,route,count,p99\n"
            "2023-11-14T22:13:30.000Z,/b,12,0.5\n"
            "2023-11-14T22:13:30.000Z,\"/a,\"\"x\"\"\",3,\n");
  const AnswerTable lists = answer_of(
      {R"({"w":[0,250],"fields":["buckets"],"by":["@kind"],"k":[["timer"]],"c":[[[6,0,1]]]})"});
  EXPECT_EQ(answer_as_csv(lists),
            "time,kind,buckets\n1970-01-01T00:00:00.250Z,timer,\"[6,0,1]\"\n");
}

}  // namespace
}  // namespace gateway::cli
