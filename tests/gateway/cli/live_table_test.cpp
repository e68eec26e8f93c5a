#include "gateway/cli/live_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gateway::cli {
namespace {

using nlohmann::json;
using Kind = LiveTable::Change::Kind;

constexpr const char* kSubd =
    R"({"t":"subd","id":1,"ch":17,"epoch":"E","mode":"snapshot","fields":["count","p99"],"by":["route"]})";
constexpr const char* kSnap =
    R"({"t":"snap","ch":17,"s":5,"w":[1000,11000],"n":2,"k":[["/a"],["/b"]],"c":[[8,9],[1.5,null]]})";

/// A table after these messages; each is expected to be right.
struct Fed {
  explicit Fed(const std::vector<const char*>& messages) {
    for (const char* message : messages)
      take(message);
  }
  LiveTable::Change take(const std::string& message) {
    auto change = table.apply(json::parse(message));
    EXPECT_TRUE(change) << message << ": " << (change ? "" : change.error());
    return change ? *std::move(change) : LiveTable::Change{};
  }
  std::string row(std::uint64_t index) const {
    const auto found = table.rows().find(index);
    if (found == table.rows().end()) return "none";
    return json(found->second.key).dump() + found->second.values.dump();
  }
  LiveTable table;
};

TEST(LiveTable, TakesASnapshotWhole) {
  Fed fed{{kSubd}};
  EXPECT_FALSE(fed.table.is_known());
  const auto change = fed.take(kSnap);
  EXPECT_EQ(change.kind, Kind::Table);
  EXPECT_EQ(change.rows.size(), 2U);
  EXPECT_EQ(change.window, (LiveTable::Window{1000, 11000}));
  EXPECT_TRUE(fed.table.is_known());
  EXPECT_EQ(fed.row(0), R"(["/a"][8,1.5])");
  EXPECT_EQ(fed.row(1), R"(["/b"][9,null])");
}

TEST(LiveTable, RemovesThenAddsThenSets) {
  Fed fed{{kSubd, kSnap}};
  const auto change = fed.take(
      R"({"t":"u","ch":17,"s":6,"w":[1000,11000],"n":2,"x":[0],"d":{"i":[7],"k":[[null]]},"i":[7],"c":[[1],[2.5]]})");
  EXPECT_EQ(change.rows.size(), 1U);  // the window stayed: what changed
  EXPECT_EQ(fed.row(0), "none");
  EXPECT_EQ(fed.row(7), R"([""][1,2.5])");
}

TEST(LiveTable, TellsEveryRowOnceTheWindowMoved) {
  Fed fed{{kSubd, kSnap}};
  const auto change =
      fed.take(R"({"t":"u","ch":17,"s":6,"w":[2000,12000],"n":2,"i":[],"c":[[],[]]})");
  EXPECT_EQ(change.rows.size(), 2U);
  EXPECT_EQ(fed.table.window().end, 12000);
}

TEST(LiveTable, NeverTouchesTheTableByACorrection) {
  Fed fed{{kSubd, kSnap}};
  const auto final =
      fed.take(R"({"t":"u","ch":17,"s":6,"w":[0,10000],"f":1,"i":[1,99],"c":[[4,5],[3,2]]})");
  EXPECT_EQ(final.kind, Kind::Correction);
  EXPECT_TRUE(final.final);
  ASSERT_EQ(final.rows.size(), 1U);  // 99 is not known
  EXPECT_EQ(final.rows[0].values.dump(), "[4,3]");
  const auto restated =
      fed.take(R"({"t":"u","ch":17,"s":7,"w":[0,10000],"rev":2,"i":[0],"c":[[4],[3]]})");
  EXPECT_EQ(restated.rev, 2U);
  EXPECT_EQ(fed.row(1), R"(["/b"][9,null])");
  EXPECT_EQ(fed.table.window().end, 11000);
  EXPECT_EQ(fed.table.position()->s, 7U);
}

TEST(LiveTable, JoinsTheSnapshotsPartsAndStartsOverAtTheFirst) {
  Fed fed{{kSubd}};
  const std::string first =
      R"({"t":"snap","ch":17,"s":5,"w":[0,10],"n":2,"part":[1,2],"i":[3],"k":[["/a"]],"c":[[8],[1]]})";
  const std::string second =
      R"({"t":"snap","ch":17,"s":5,"w":[0,10],"n":2,"part":[2,2],"i":[4],"k":[["/b"]],"c":[[9],[2]]})";
  EXPECT_EQ(fed.take(first).kind, Kind::Nothing);
  EXPECT_EQ(fed.take(first).kind, Kind::Nothing);
  EXPECT_EQ(fed.take(second).kind, Kind::Table);
  EXPECT_EQ(fed.row(3), R"(["/a"][8,1])");
  EXPECT_EQ(fed.row(4), R"(["/b"][9,2])");
}

TEST(LiveTable, GivesIndexesNewMeaningsAfterARebase) {
  Fed fed{{kSubd, kSnap}};
  fed.take(
      R"({"t":"snap","rebase":1,"ch":17,"s":6,"w":[1000,11000],"n":1,"k":[["/b"]],"c":[[9],[null]]})");
  EXPECT_EQ(fed.row(0), R"(["/b"][9,null])");
  EXPECT_EQ(fed.table.rows().size(), 1U);
  fed.take(R"({"t":"u","ch":17,"s":7,"w":[1000,11000],"n":1,"i":[],"c":[[],[]]})");
}

TEST(LiveTable, WaitsForASnapshotAfterAGap) {
  Fed fed{{kSubd, kSnap}};
  EXPECT_EQ(fed.take(R"({"t":"gap","ch":17,"from":6,"to":9,"why":"slow","next":"snap"})").kind,
            Kind::Gap);
  EXPECT_FALSE(fed.table.is_known());
  EXPECT_FALSE(fed.table.position());
  EXPECT_EQ(fed.row(0), R"(["/a"][8,1.5])");  // what was shown stays
  fed.take(R"({"t":"snap","ch":17,"s":9,"w":[1000,11000],"n":1,"k":[["/c"]],"c":[[9],[null]]})");
  EXPECT_EQ(fed.table.gaps(), 1U);
  EXPECT_EQ(fed.table.position()->s, 9U);
}

TEST(LiveTable, GoesOnWhereItStoodOnAReplay) {
  Fed fed{{kSubd, kSnap}};
  const auto position = fed.table.position();
  ASSERT_TRUE(position);
  EXPECT_EQ(position->epoch, "E");
  EXPECT_EQ(position->ch, 17U);
  EXPECT_EQ(position->s, 5U);
  fed.take(
      R"({"t":"subd","id":1,"ch":17,"epoch":"E","mode":"replay","fields":["count","p99"],"by":["route"]})");
  EXPECT_TRUE(fed.table.is_known());
  fed.take(R"({"t":"u","ch":17,"s":6,"w":[2000,12000],"n":2,"i":[],"c":[[],[]]})");
}

TEST(LiveTable, DoesNotGoOnInAnotherChannel) {
  Fed fed{{kSubd, kSnap}};
  fed.take(
      R"({"t":"subd","id":1,"ch":18,"epoch":"F","mode":"snapshot","why":"epoch_changed","fields":["count","p99"],"by":["route"]})");
  EXPECT_FALSE(fed.table.position());
  EXPECT_EQ(fed.take(R"({"t":"u","ch":17,"s":6,"w":[2000,12000],"n":2,"i":[],"c":[[],[]]})").kind,
            Kind::Nothing);
}

TEST(LiveTable, IgnoresWhatItDoesNotKnow) {
  Fed fed{{R"({"t":"welcome","v":1})", R"({"t":"snap","ch":3})", kSubd, R"({"t":"hb","now":1})",
           R"({"t":"u","ch":99,"s":1})", R"({})"}};
  EXPECT_FALSE(fed.table.is_known());
}

TEST(LiveTable, SaysWhatBrokeTheProtocol) {
  const std::vector<std::string> cases{
      R"([])",
      R"({"t":"subd","id":1,"fields":["count"],"by":[]})",
      R"({"t":"u","ch":17,"s":7,"w":[1000,11000],"n":2,"i":[],"c":[[],[]]})",
      R"({"t":"u","ch":17,"s":6,"n":2,"i":[],"c":[[],[]]})",
      R"({"t":"u","ch":17,"s":6,"w":[1000,11000],"n":3,"i":[],"c":[[],[]]})",
      R"({"t":"u","ch":17,"s":6,"w":[1000,11000],"n":2,"i":[5],"c":[[1],[1]]})",
      R"({"t":"u","ch":17,"s":6,"w":[1000,11000],"n":2,"i":[0],"c":[[1]]})",
      R"({"t":"u","ch":17,"s":6,"w":[1000,11000],"n":2,"i":[0],"c":[[1,2],[1]]})",
      R"({"t":"u","ch":17,"s":6,"w":[1000,11000],"n":2,"i":["a"],"c":[[1],[1]]})",
      R"({"t":"u","ch":17,"s":6,"w":[1000,11000],"n":2,"x":[9],"i":[],"c":[[],[]]})",
      R"({"t":"u","ch":17,"s":6,"w":[1000,11000],"n":3,"d":{"i":[0],"k":[["/z"]]},"i":[0],"c":[[1],[1]]})",
      R"({"t":"u","ch":17,"s":6,"w":[1000,11000],"n":3,"d":{"i":[2],"k":[[]]},"i":[2],"c":[[1],[1]]})",
      R"({"t":"u","ch":17,"s":6,"w":[1000,11000],"n":3,"d":7,"i":[0],"c":[[1],[1]]})",
      R"({"t":"u","ch":17,"s":6,"w":"x","n":2,"i":[],"c":[[],[]]})",
      R"({"t":"u","ch":17,"s":-6,"w":[1000,11000],"n":2,"i":[],"c":[[],[]]})",
      R"({"t":"u","ch":17,"s":6,"w":[1,2],"f":1,"i":[0],"c":[]})",
      R"({"t":"snap","ch":17,"s":6,"w":[1,2],"n":2,"k":[["/a"]],"c":[[1],[1]]})",
      R"({"t":"snap","ch":17,"s":6,"w":[1,2],"n":1,"i":[1,2],"k":[["/a"]],"c":[[1],[1]]})",
      R"({"t":"snap","ch":17,"s":6,"w":[1,2],"n":2,"i":[1,1],"k":[["/a"],["/b"]],"c":[[1,1],[1,1]]})",
      R"({"t":"snap","ch":17,"s":6,"w":[1,2],"n":1,"part":[2,2],"k":[["/a"]],"c":[[1],[1]]})",
      R"({"t":"snap","ch":17,"s":6,"w":[1,2],"n":1,"part":[1,99999],"k":[["/a"]],"c":[[1],[1]]})",
      R"({"t":"snap","ch":17,"w":[1,2],"n":1,"k":[["/a"]],"c":[[1],[1]]})",
  };
  for (const std::string& text : cases) {
    Fed fed{{kSubd, kSnap}};
    const auto change = fed.table.apply(json::parse(text));
    ASSERT_FALSE(change) << text;
    EXPECT_TRUE(change.error().starts_with("the server broke the subscription protocol: "));
    fed.table.forget();
    EXPECT_FALSE(fed.table.position());
  }
}

}  // namespace
}  // namespace gateway::cli
