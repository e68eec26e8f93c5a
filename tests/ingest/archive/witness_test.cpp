#include "ingest/archive/witness.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace ingest::archive {
namespace {

Witness::Tables two_tables() {
  return {{4, "default"}, {300, "part"}};
}

Gap minute(std::int64_t number) {
  return {wall_from_ms(number * 60'000), wall_from_ms((number + 1) * 60'000)};
}

std::vector<Gap> lost(const Witness& witness, std::uint64_t sequence) {
  return witness.lost_by(sequence).holes();
}

struct WitnessTest : ::testing::Test {
  tests::support::TemporaryFolder folder;
  std::string path = folder.path("blocks.filed");
};

TEST_F(WitnessTest, SaysWhatAStoreOfOlderBooksHasForgotten) {
  Witness first = Witness::read(path);
  EXPECT_FALSE(first.span().has_value());
  first.committed(10, minute(1), two_tables());
  first.committed(20, minute(2), two_tables());
  first.committed(30, minute(5), two_tables());
  const Witness witness = Witness::read(path);
  EXPECT_EQ(witness.span(), (Gap{minute(1).from, minute(5).until}));
  EXPECT_TRUE(lost(witness, 30).empty());
  EXPECT_EQ(lost(witness, 29), std::vector<Gap>{minute(5)});
  EXPECT_EQ(lost(witness, 10), (std::vector<Gap>{minute(2), minute(5)}));
  EXPECT_EQ(lost(witness, 0), (std::vector<Gap>{{minute(1).from, minute(2).until}, minute(5)}));
}

TEST_F(WitnessTest, TellsOnceAndGoesOnFromThere) {
  Witness first = Witness::read(path);
  first.committed(10, minute(1), two_tables());
  first.committed(20, minute(2), two_tables());
  first.settle(12, {{7, "default"}});
  EXPECT_TRUE(lost(first, 12).empty());
  Witness witness = Witness::read(path);
  EXPECT_TRUE(lost(witness, 12).empty());
  EXPECT_EQ(witness.tables(), (Witness::Tables{{7, "default"}}));
  witness.committed(15, minute(3), two_tables());
  EXPECT_EQ(lost(witness, 12), std::vector<Gap>{minute(3)});
  EXPECT_EQ(lost(witness, 0), (std::vector<Gap>{{minute(1).from, minute(3).until}}));
}

TEST_F(WitnessTest, JoinsTheOldestWhereThereAreTooMany) {
  Witness witness = Witness::read(path);
  constexpr auto kAll = static_cast<std::int64_t>(Witness::kCommitsMax) + 5;
  for (std::int64_t i = 0; i < kAll; ++i)
    witness.committed(static_cast<std::uint64_t>(i + 1), minute(i), two_tables());
  for (const Witness& each : {witness, Witness::read(path)}) {
    EXPECT_EQ(each.span(), (Gap{minute(0).from, minute(kAll - 1).until}));
    EXPECT_EQ(lost(each, kAll - 1), std::vector<Gap>{minute(kAll - 1)});
  }
}

TEST_F(WitnessTest, KnowsTheTablesAlsoAfterTheyWereRearranged) {
  Witness first = Witness::read(path);
  EXPECT_FALSE(first.tables().has_value());
  first.rearranged(two_tables());
  EXPECT_FALSE(std::filesystem::exists(path)) << "nothing was ever committed";
  first.committed(10, minute(1), two_tables());
  EXPECT_EQ(Witness::read(path).tables(), two_tables());
  first.rearranged({});
  const Witness witness = Witness::read(path);
  EXPECT_EQ(witness.tables(), Witness::Tables{});
  EXPECT_EQ(witness.span(), minute(1));
}

// The commits of a file whose list of tables is torn are right; an earlier Weir wrote none.
TEST_F(WitnessTest, IsReadByWholeRecords) {
  Witness::read(path).committed(10, minute(1), two_tables());
  const auto size = std::filesystem::file_size(path);
  for (std::uintmax_t length = 0; length < size; ++length) {
    std::filesystem::resize_file(path, length);
    EXPECT_FALSE(Witness::read(path).tables().has_value()) << length;
    const auto span = Witness::read(path).span();
    EXPECT_TRUE(!span || *span == minute(1)) << length;
    Witness::read(path).committed(10, minute(1), two_tables());
  }
  EXPECT_EQ(Witness::read(path).span(), minute(1));
  EXPECT_EQ(Witness::read(path).tables(), two_tables());
}

}  // namespace
}  // namespace ingest::archive
