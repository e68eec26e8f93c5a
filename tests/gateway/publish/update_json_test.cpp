#include "gateway/publish/update_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace gateway::publish {
namespace {

const ingest::query::Window kWindow{ingest::wall_from_ms(1'764'000'000'000),
                                    ingest::wall_from_ms(1'764'000'010'000)};
const std::vector<std::string> kKeys{R"(["/a"])", R"(["/b"])", R"(["/c"])", R"(["/d"])"};

/// Rows of [count, p99].
struct Values {
  Values() {
    for (const double value : {812.0, 12.1, 90.0, 8.8, 401.0, 14.02, 7.0, 3.1}) {
      texts.push_back(number_text(value, Digits::Five));
    }
  }
  Cells cells() const { return {texts, 2}; }
  std::vector<NumberText> texts;
};

std::string snap(SnapMessage message) {
  std::string out;
  append_snap(message, out);
  return out;
}

TEST(UpdateJson, ASnapOfRowsCountedFromZeroLeavesIndexesOut) {
  const Values values;
  const std::vector<RowIndex> rows{0, 1, 2};
  EXPECT_EQ(
      snap({17, 48'211, SnapMessage::Rebase::No, 1, 1, kWindow, 3, rows, values.cells(), kKeys}),
      R"({"t":"snap","ch":17,"s":48211,"w":[1764000000000,1764000010000],"n":3,)"
      R"("k":[["/a"],["/b"],["/c"]],"c":[[812,90,401],[12.1,8.8,14.02]]})");
}

TEST(UpdateJson, ASnapWithHolesNamesItsIndexes) {
  const Values values;
  const std::vector<RowIndex> rows{0, 3};
  EXPECT_EQ(snap({17, 9, SnapMessage::Rebase::Yes, 1, 1, kWindow, 2, rows, values.cells(), kKeys}),
            R"({"t":"snap","ch":17,"s":9,"rebase":1,"w":[1764000000000,1764000010000],"n":2,)"
            R"("i":[0,3],"k":[["/a"],["/d"]],"c":[[812,7],[12.1,3.1]]})");
}

TEST(UpdateJson, PartsSayWhichTheyAreAndNameTheirIndexes) {
  const Values values;
  const std::vector<RowIndex> rows{0};
  EXPECT_EQ(snap({17, 9, SnapMessage::Rebase::No, 1, 2, kWindow, 2, rows, values.cells(), kKeys}),
            R"({"t":"snap","ch":17,"s":9,"part":[1,2],"w":[1764000000000,1764000010000],"n":2,)"
            R"("i":[0],"k":[["/a"]],"c":[[812],[12.1]]})");
}

TEST(UpdateJson, AnEmptyTableIsASnapToo) {
  const Values values;
  EXPECT_EQ(snap({17, 0, SnapMessage::Rebase::No, 1, 1, kWindow, 0, {}, values.cells(), kKeys}),
            R"({"t":"snap","ch":17,"s":0,"w":[1764000000000,1764000010000],"n":0,)"
            R"("k":[],"c":[[],[]]})");
}

TEST(UpdateJson, AnUpdateRemovesAddsAndSets) {
  const Values values;
  const std::vector<RowIndex> removed{2};
  const std::vector<RowIndex> added{3};
  const std::vector<RowIndex> rows{1, 3};
  std::string out;
  append_update({17, 48'213, kWindow, 3, removed, added, rows, values.cells(), kKeys}, out);
  EXPECT_EQ(out, R"({"t":"u","ch":17,"s":48213,"w":[1764000000000,1764000010000],"n":3,"x":[2],)"
                 R"("d":{"i":[3],"k":[["/d"]]},"i":[1,3],"c":[[90,7],[8.8,3.1]]})");
}

TEST(UpdateJson, AnUpdateWithoutChangesMovesTheWindow) {
  const Values values;
  std::string out;
  append_update({17, 48'214, kWindow, 3, {}, {}, {}, values.cells(), kKeys}, out);
  EXPECT_EQ(out, R"({"t":"u","ch":17,"s":48214,"w":[1764000000000,1764000010000],"n":3,"i":[],)"
                 R"("c":[[],[]]})");
}

TEST(UpdateJson, CorrectionsAreFinalOrRestated) {
  const Values values;
  const std::vector<RowIndex> rows{0};
  std::string out;
  append_correction({17, 1, kWindow, CorrectionMessage::Last::Yes, 4, rows, values.cells()}, out);
  EXPECT_EQ(out, R"({"t":"u","ch":17,"s":1,"w":[1764000000000,1764000010000],"f":1,"i":[0],)"
                 R"("c":[[812],[12.1]]})");
  out.clear();
  append_correction({17, 2, kWindow, CorrectionMessage::Last::No, 4, rows, values.cells()}, out);
  EXPECT_EQ(out, R"({"t":"u","ch":17,"s":2,"w":[1764000000000,1764000010000],"rev":4,"i":[0],)"
                 R"("c":[[812],[12.1]]})");
}

// A list stands in its cell; null where there is none.
TEST(UpdateJson, AListStandsInItsCell) {
  const Values values;
  const std::vector<double> lists{4, 6, 1, -12, 3, 0, 4, 6, 0, 0, 1.0 / 3, 5, 6, 0, 2, 1e6, 2};
  const std::vector<ListText> texts{
      std::make_shared<const std::string>(list_text(lists, 0)), nullptr,
      std::make_shared<const std::string>(list_text(lists, 6)), nullptr};
  Cells cells = values.cells();
  cells.list_field = 1;
  cells.lists = texts;
  const std::vector<RowIndex> rows{0, 1, 2};
  EXPECT_EQ(snap({17, 9, SnapMessage::Rebase::No, 1, 1, kWindow, 3, rows, cells, kKeys}),
            R"({"t":"snap","ch":17,"s":9,"w":[1764000000000,1764000010000],"n":3,)"
            R"("k":[["/a"],["/b"],["/c"]],)"
            R"("c":[[812,90,401],[[6,1,-12,3],null,[[6,0,0,0.333333],[6,0,2,1e6,2]]]]})");
}

TEST(UpdateJson, NoListOfNothing) {
  EXPECT_EQ(list_text({}, std::nan("")), "");
}

TEST(UpdateJson, MarksNameTheRowsThatHaveThem) {
  const Values values;
  const std::vector<ingest::query::Marks> marks{
      ingest::query::kStale, 0, ingest::query::kStale | ingest::query::kOverflowed, 0};
  Cells cells = values.cells();
  cells.marks = marks;
  const std::vector<RowIndex> rows{0, 1, 2};
  std::string out;
  append_update({17, 9, kWindow, 3, {}, {}, rows, cells, kKeys}, out);
  EXPECT_EQ(out, R"({"t":"u","ch":17,"s":9,"w":[1764000000000,1764000010000],"n":3,"i":[0,1,2],)"
                 R"("c":[[812,90,401],[12.1,8.8,14.02]],"m":{"stale":[0,2],"overflow":[2]}})");
  const std::vector<RowIndex> plain{1, 3};
  out.clear();
  append_update({17, 9, kWindow, 3, {}, {}, plain, cells, kKeys}, out);
  EXPECT_EQ(out.find("\"m\""), std::string::npos);
}

}  // namespace
}  // namespace gateway::publish
