#include "gateway/tools/data_rows.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_folder.h"

namespace gateway::tools {
namespace {

using ingest::Millis;

DataRows rows_of(const std::string& text) {
  auto rows = DataRows::of_text("f", text);
  EXPECT_TRUE(rows) << (rows ? "" : rows.error().what);
  return rows ? *std::move(rows) : DataRows{};
}

std::string refused(const std::string& text) {
  const auto rows = DataRows::of_text("f", text);
  EXPECT_FALSE(rows);
  return rows ? "" : rows.error().what;
}

TEST(DataRows, NumbersAreTimersTextsAreTagsAndEachRowCounts) {
  const DataRows rows = rows_of(
      R"([{"date":"2001/01/01 01:24","delay":-5,"origin":"LAS","late":false,"note":null}])");
  ASSERT_EQ(rows.size(), 1U);
  const std::string lines{rows.row(0).lines};
  EXPECT_NE(lines.find(R"("f.delay")"), std::string::npos) << lines;
  EXPECT_NE(lines.find("-5"), std::string::npos) << lines;
  EXPECT_NE(lines.find(R"("f.rows")"), std::string::npos) << lines;
  EXPECT_NE(lines.find("LAS"), std::string::npos) << lines;
  EXPECT_NE(lines.find("false"), std::string::npos) << lines;
  EXPECT_EQ(lines.find("note"), std::string::npos) << lines;
  EXPECT_EQ(lines.find("date"), std::string::npos) << lines;
}

TEST(DataRows, StandInTheOrderOfTheirTimeAndKnowHowFarApartTheyAre) {
  const DataRows rows = rows_of(
      R"([{"at":"2001-01-02","n":3},{"at":"2001-01-01T00:00:01Z","n":2},{"at":"2001/01/01 00:00","n":1}])");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows.row(0).after, Millis{0});
  EXPECT_EQ(rows.row(1).after, Millis{1'000});
  EXPECT_EQ(rows.row(2).after, Millis{86'400'000});
  EXPECT_EQ(rows.span(), Millis{86'400'000});
  EXPECT_NE(rows.row(2).lines.find('3'), std::string_view::npos);
}

TEST(DataRows, OfGeoJsonTheRowsArePropertiesAndTimesAreMilliseconds) {
  const DataRows rows = rows_of(
      R"({"type":"FeatureCollection","metadata":{"generated":1517968154000},"features":[)"
      R"({"type":"Feature","properties":{"mag":2.5,"time":1517966773840,"updated":1517966996303,"net":"ci"}},)"
      R"({"type":"Feature","properties":{"mag":null,"time":1517966774840,"updated":null,"net":"ak"}}]})");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.span(), Millis{1'000});
  EXPECT_NE(rows.row(0).lines.find(R"("f.mag")"), std::string_view::npos);
  EXPECT_EQ(rows.row(1).lines.find(R"("f.mag")"), std::string_view::npos);
  EXPECT_EQ(rows.row(0).lines.find("f.updated"), std::string_view::npos) << "a time is no value";
}

TEST(DataRows, TextOfManyDifferentValuesIsNoTag) {
  std::string text = "[";
  for (std::size_t i = 0; i <= DataRows::kTagValuesMax; ++i) {
    text += i == 0 ? "" : ",";
    text += R"({"at":"2001-01-01","id":"id-)" + std::to_string(i) + R"(","even":")" +
            (i % 2 == 0 ? "yes" : "no") + R"("})";
  }
  const DataRows rows = rows_of(text + "]");
  EXPECT_EQ(rows.row(7).lines.find("id-7"), std::string_view::npos);
  EXPECT_NE(rows.row(7).lines.find("no"), std::string_view::npos);
}

TEST(DataRows, RowsWithoutATimeAreCountedAndLeftOut) {
  const DataRows rows =
      rows_of(R"([{"at":"2001-01-01","n":1},{"n":2},{"at":null,"n":3},7,"row",[1]])");
  EXPECT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.left_out(), 2U);
}

TEST(DataRows, RefuseWhatIsNoneWithASentence) {
  for (const char* text : {"", "[", "7", "null", R"("text")", "[]", "{}", R"({"a":7})", "[1,2]"})
    EXPECT_NE(refused(text).find("no JSON array of rows"), std::string::npos) << text;
  for (const char* text :
       {R"([{"n":1}])", R"([{"at":"noon"}])", R"([{"at":"2001-01-01"},{"at":7}])"})
    EXPECT_NE(refused(text).find("is a time"), std::string::npos) << text;
}

TEST(DataRows, ReadsDatesAndNothingElse) {
  EXPECT_EQ(read_date("1970-01-02"), Millis{86'400'000});
  EXPECT_EQ(read_date("2001/01/14 21:55"), Millis{979'509'300'000});
  EXPECT_EQ(read_date("2001-01-14T21:55:09Z"), Millis{979'509'309'000});
  for (const char* text :
       {"", "2001", "2001-13-01", "2001-02-30", "2001-01-01 24:00", "2001-01-01 1:00",
        "2001-01-01 01:60", "2001-01-01 01:00:61", "2001-01-01 01:00x", "2001-01-01x", "+001-01-01",
        "2001-01-01T", "2001-01-01 01:00:"})
    EXPECT_FALSE(read_date(text)) << text;
}

TEST(DataRows, AFileGivesItsNameAndAFaultNamesTheFile) {
  const tests::support::TemporaryFolder folder;
  const std::string path = folder.path("flights-2k.json");
  EXPECT_NE(DataRows::read(path).error().what.find(path), std::string::npos);
  std::ofstream{path} << R"([{"date":"2001/01/01 01:24","delay":-5}])";
  const auto rows = DataRows::read(path);
  ASSERT_TRUE(rows);
  EXPECT_NE(rows->row(0).lines.find("flights-2k.delay"), std::string_view::npos);
  std::ofstream{path} << "no JSON";
  EXPECT_NE(DataRows::read(path).error().what.find(path), std::string::npos);
}

TEST(DataRows, SaysWhatToDoWithAFileThatIsTooLarge) {
  const tests::support::TemporaryFolder folder;
  const std::string path = folder.path("all.json");
  std::ofstream{path} << "[";
  std::filesystem::resize_file(path, DataRows::kFileBytesMax + 1);
  const std::string why = DataRows::read(path).error().what;
  EXPECT_NE(why.find("256 MiB"), std::string::npos) << why;
  EXPECT_NE(why.find("weir replay"), std::string::npos) << why;
}

}  // namespace
}  // namespace gateway::tools
