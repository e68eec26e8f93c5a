#include "ingest/archive/witness.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace ingest::archive {
namespace {

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
  first.committed(10, minute(1));
  first.committed(20, minute(2));
  first.committed(30, minute(5));
  const Witness witness = Witness::read(path);
  EXPECT_EQ(witness.span(), (Gap{minute(1).from, minute(5).until}));
  EXPECT_TRUE(lost(witness, 30).empty());
  EXPECT_EQ(lost(witness, 29), std::vector<Gap>{minute(5)});
  EXPECT_EQ(lost(witness, 10), (std::vector<Gap>{minute(2), minute(5)}));
  EXPECT_EQ(lost(witness, 0), (std::vector<Gap>{{minute(1).from, minute(2).until}, minute(5)}));
}

TEST_F(WitnessTest, TellsOnceAndGoesOnFromThere) {
  Witness first = Witness::read(path);
  first.committed(10, minute(1));
  first.committed(20, minute(2));
  first.settle(12);
  EXPECT_TRUE(lost(first, 12).empty());
  Witness witness = Witness::read(path);
  EXPECT_TRUE(lost(witness, 12).empty());
  witness.committed(15, minute(3));
  EXPECT_EQ(lost(witness, 12), std::vector<Gap>{minute(3)});
  EXPECT_EQ(lost(witness, 0), (std::vector<Gap>{{minute(1).from, minute(3).until}}));
}

TEST_F(WitnessTest, JoinsTheOldestWhereThereAreTooMany) {
  Witness witness = Witness::read(path);
  constexpr auto kAll = static_cast<std::int64_t>(Witness::kCommitsMax) + 5;
  for (std::int64_t i = 0; i < kAll; ++i)
    witness.committed(static_cast<std::uint64_t>(i + 1), minute(i));
  for (const Witness& each : {witness, Witness::read(path)}) {
    EXPECT_EQ(each.span(), (Gap{minute(0).from, minute(kAll - 1).until}));
    EXPECT_EQ(lost(each, kAll - 1), std::vector<Gap>{minute(kAll - 1)});
  }
}

TEST_F(WitnessTest, IsReadAsAWholeOrNotAtAll) {
  Witness::read(path).committed(10, minute(1));
  const auto size = std::filesystem::file_size(path);
  for (std::uintmax_t length = 0; length < size; ++length) {
    std::filesystem::resize_file(path, length);
    EXPECT_FALSE(Witness::read(path).span().has_value()) << length;
    Witness::read(path).committed(10, minute(1));
  }
  EXPECT_TRUE(Witness::read(path).span().has_value());
}

}  // namespace
}  // namespace ingest::archive
