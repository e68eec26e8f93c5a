#include "gateway/cli/table_text.h"

#include <gtest/gtest.h>

#include <string>

#include "gateway/cli/row_lines.h"

namespace gateway::cli {
namespace {

using nlohmann::json;

/// Three routes with two numbers each.
LiveTable three_rows(const std::string& second = "/b") {
  LiveTable table;
  EXPECT_TRUE(table.apply(json::parse(
      R"({"t":"subd","id":1,"ch":1,"epoch":"E","fields":["count","p99"],"by":["route","@kind"]})")));
  const json snap{{"t", "snap"},
                  {"ch", 1},
                  {"s", 1},
                  {"w", {1000, 11000}},
                  {"n", 3},
                  {"k", json::array({json::array({"/a", "timer"}), json::array({second, "timer"}),
                                     json::array({"/c", nullptr})})},
                  {"c", {{5, 50, 500}, {3.25, nullptr, 1.5}}}};
  EXPECT_TRUE(table.apply(json::parse(snap.dump())));
  return table;
}

std::string drawn(const LiveTable& table, const std::string& order, const Screen& screen) {
  std::string text;
  for (const std::string& line : table_lines(table, parse_order(order), screen)) {
    EXPECT_LE(width_of(line), screen.columns) << line;
    text += line + "\n";
  }
  return text;
}

TEST(TableText, SortsByTheFirstFieldUnlessToldOtherwise) {
  const LiveTable table = three_rows();
  EXPECT_EQ(drawn(table, "", {80, 24, SIZE_MAX}),
            "route  @kind  count   p99\n"
            "/c     -        500   1.5\n"
            "/b     timer     50     -\n"
            "/a     timer      5  3.25\n");
  EXPECT_EQ(drawn(table, "p99:asc", {80, 24, SIZE_MAX}),
            "route  @kind  count   p99\n"
            "/c     -        500   1.5\n"
            "/a     timer      5  3.25\n"
            "/b     timer     50     -\n");  // nothing to say is last
  EXPECT_TRUE(drawn(table, "route:asc", {80, 24, SIZE_MAX}).find("/a") <
              drawn(table, "route:asc", {80, 24, SIZE_MAX}).find("/b"));
  EXPECT_EQ(drawn(table, "nonsense:asc", {80, 24, SIZE_MAX}), drawn(table, "", {80, 24, SIZE_MAX}));
}

TEST(TableText, KeepsEqualNumbersInTheOrderOfTheirKeys) {
  // As doubles these are one number, as integers three.
  LiveTable table;
  EXPECT_TRUE(table.apply(
      json::parse(R"({"t":"subd","id":1,"ch":1,"epoch":"E","fields":["last"],"by":["route"]})")));
  EXPECT_TRUE(table.apply(
      json::parse(R"({"t":"snap","ch":1,"s":1,"w":[0,10],"n":3,"k":[["/c"],["/b"],["/a"]],)"
                  R"("c":[[9007199254740992,9007199254740993,9007199254740992]]})")));
  for (const char* order : {"last:desc", "last:asc"}) {
    std::string keys;
    for (const LiveTable::Row* row : sorted_rows(table, parse_order(order), SIZE_MAX))
      keys += row->key[0];
    EXPECT_EQ(keys, "/a/b/c") << order;
  }
}

TEST(TableText, FitsTheHeightAndSaysWhatDoesNot) {
  EXPECT_EQ(drawn(three_rows(), "", {80, 3, SIZE_MAX}),
            "route  @kind  count  p99\n"
            "/c     -        500  1.5\n"
            "2 more rows\n");
  EXPECT_EQ(drawn(three_rows(), "", {80, 24, 1}), drawn(three_rows(), "", {80, 3, SIZE_MAX}));
}

TEST(TableText, FitsEveryWidth) {
  const LiveTable table = three_rows("/a/very/long/route/that/nobody/can/read/on/a/telephone");
  EXPECT_NE(drawn(table, "", {200, 24, SIZE_MAX}).find("telephone"), std::string::npos);
  const std::string narrow = drawn(table, "", {40, 24, SIZE_MAX});
  EXPECT_NE(narrow.find("\xE2\x80\xA6"), std::string::npos);
  EXPECT_NE(narrow.find("3.25"), std::string::npos);  // numbers go last
  EXPECT_NE(drawn(table, "", {20, 24, SIZE_MAX}).find("more column"), std::string::npos);
  for (std::size_t columns = 1; columns < 100; ++columns)
    drawn(table, "", {columns, 24, SIZE_MAX});
}

/// A table of one row with this number.
LiveTable one_number(const std::string& number) {
  LiveTable table;
  EXPECT_TRUE(table.apply(json::parse(
      R"({"t":"subd","id":1,"ch":1,"epoch":"E","fields":["mean","last"],"by":["route"]})")));
  EXPECT_TRUE(table.apply(json::parse(
      R"({"t":"snap","ch":1,"s":1,"w":[0,10],"n":1,"k":[["/a"]],"c":[[)" + number + "],[1]]}")));
  return table;
}

TEST(TableText, RoundsToSixDigitsAndKeepsWholeNumbersWhole) {
  const std::vector<std::pair<const char*, const char*>> cases{{"0.7860696517412935", "0.78607"},
                                                               {"12.5", "12.5"},
                                                               {"123456.789", "123457"},
                                                               {"999999.7", "1000000"},
                                                               {"1234567.8", "1234568"},
                                                               {"25276502016", "25276502016"},
                                                               {"2.5276502016e10", "25276502016"},
                                                               {"-0.1234567", "-0.123457"},
                                                               {"1e-9", "1e-09"},
                                                               {"1.5e20", "1.5e+20"},
                                                               {"0.0", "0"}};
  for (const auto& [number, text] : cases) {
    const std::string cell = std::string{" "} + text + " ";
    EXPECT_NE(drawn(one_number(number), "", {80, 24, SIZE_MAX}).find(cell), std::string::npos)
        << number;
  }
  // Lines of JSON keep every digit.
  LiveTable table = one_number("0.7860696517412935");
  LiveTable::Change change;
  change.rows.push_back(table.rows().begin()->second);
  std::string out;
  append_row_lines(table.head(), change, "m", out);
  EXPECT_NE(out.find("0.7860696517412935"), std::string::npos);
}

TEST(TableText, KeepsItsColumnsWhereTheyStood) {
  const Screen screen{40, 24, SIZE_MAX};
  std::vector<std::size_t> widths;
  const Order order;
  const auto wide = table_lines(one_number("0.786069"), order, screen, &widths);
  const auto narrow = table_lines(one_number("0.5"), order, screen, &widths);
  EXPECT_EQ(wide[0], "route      mean  last");
  EXPECT_EQ(narrow[0], wide[0]);
  EXPECT_EQ(narrow[1], "/a          0.5     1");
  // Not at the price of a column.
  const Screen tight{17, 24, SIZE_MAX};
  EXPECT_EQ(table_lines(one_number("0.5"), order, tight, &widths)[0], "route  mean  last");
}

TEST(TableText, LetsNoControlCharacterReachTheTerminal) {
  EXPECT_EQ(safe_text("a\x1b[2Jb\r\n\x7f", 80), "a?[2Jb???");
  EXPECT_EQ(safe_text("a\xc2\x9b"
                      "b",
                      80),
            "a?b");  // CSI in one character
  EXPECT_EQ(safe_text("gr\xc3\xbc\xc3\x9f"
                      "e",
                      80),
            "gr\xc3\xbc\xc3\x9f"
            "e");
  EXPECT_EQ(safe_text("gr\xc3\xbc\xc3\x9f"
                      "e",
                      4),
            "gr\xc3\xbc\xE2\x80\xA6");
  EXPECT_EQ(safe_text("abc", 3), "abc");
  EXPECT_EQ(safe_text("abc", 0), "");
  const std::string text = drawn(three_rows("/b\x1b]0;owned\x07"), "", {80, 24, SIZE_MAX});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
}

TEST(RowLines, AreOneObjectForEachRowAndWindow) {
  LiveTable table = three_rows();
  const auto change = table.apply(
      json::parse(R"({"t":"u","ch":1,"s":2,"w":[2000,12000],"n":3,"i":[0],"c":[[6],[4.5]]})"));
  ASSERT_TRUE(change);
  std::string out;
  append_row_lines(table.head(), *change, "http.*", out);
  EXPECT_EQ(
      out.substr(0, out.find('\n')),
      R"({"time":12000,"window":10000,"metric":"http.*","kind":"timer","tags":{"route":"/a"},)"
      R"("stats":{"count":6,"p99":4.5}})");
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 3);
  EXPECT_NE(out.find(R"("stats":{"count":50,"p99":null})"), std::string::npos);
}

TEST(RowLines, MarkCorrectionsAndKeepEachLineALine) {
  LiveTable table = three_rows("/b\n\"x\"");
  const auto final = table.apply(
      json::parse(R"({"t":"u","ch":1,"s":2,"w":[0,10000],"f":1,"i":[1],"c":[[6],[4.5]]})"));
  const auto restated = table.apply(
      json::parse(R"({"t":"u","ch":1,"s":3,"w":[0,10000],"rev":3,"i":[1],"c":[[7],[4.5]]})"));
  ASSERT_TRUE(final && restated);
  std::string out;
  append_row_lines(table.head(), *final, "m", out);
  append_row_lines(table.head(), *restated, "m", out);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
  EXPECT_NE(out.find(R"(},"final":true})"), std::string::npos);
  EXPECT_NE(out.find(R"(},"rev":3})"), std::string::npos);
  EXPECT_NE(out.find(R"("/b\n\"x\"")"), std::string::npos);
}

}  // namespace
}  // namespace gateway::cli
