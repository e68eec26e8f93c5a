#include "ingest/archive/block_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "ingest/archive/block.h"
#include "ingest/archive/segment.h"
#include "ingest/base/byte_coding.h"
#include "ingest/io/fd.h"
#include "ingest/model/packed_partial.h"
#include "tests/support/temporary_folder.h"

namespace ingest::archive {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};
constexpr WallTime kStart = wall_from_ms(1'700'000'400'000);  // a part of panes begins

/// A store, opened again as often as one likes.
struct BlockStoreTest : ::testing::Test {
  BlockStoreTest() { open(kStart); }
  void open(WallTime now) {
    store.reset();
    auto opened = BlockStore::open(folder.path("blocks"), now, log);
    ASSERT_TRUE(opened.has_value()) << opened.error().what;
    store = *std::move(opened);
  }
  static model::SeriesKey key(const std::string& name) { return {model::Kind::Timer, name, {}}; }
  /// Files a minute of the series: panes of one timer whose values do not compress.
  void file(const std::string& name, WallTime minute, std::size_t values = 20) {
    const auto id = store->id_of(key(name), minute);
    ASSERT_TRUE(id.has_value());
    const PaneNumber first = levels.grid(Rollup::Base).number(minute);
    std::vector<std::byte> block;
    append_source(block, 1);
    for (PaneNumber pane = first; pane < first + kPanesPerBlock; ++pane) {
      model::Partial partial{model::Kind::Timer};
      for (std::size_t i = 0; i < values; ++i)
        partial.fold({.kind = model::Kind::Timer, .value = random(engine)}, minute);
      std::vector<std::byte> packed;
      model::pack(partial, packed);
      append_pane(block, offset_in_block(pane), packed);
    }
    ASSERT_TRUE(store->append(levels, {Rollup::Base, *id, block_of(first)}, block).has_value());
    ASSERT_TRUE(store->commit(minute + minutes{1}).has_value());
  }
  std::set<std::string> names() const {
    std::set<std::string> names;
    store->series("", "", [&](ArchiveId, const model::SeriesKey& found) {
      names.emplace(found.name());
      return true;
    });
    return names;
  }
  std::size_t panes(const std::string& name, WallTime from, WallTime until) const {
    std::size_t count = 0;
    const timeline::PaneGrid grid = levels.grid(Rollup::Base);
    store->series(name, "", [&](ArchiveId id, const model::SeriesKey&) {
      store->panes(levels, id, {Rollup::Base, grid.number(from), grid.number(until)},
                   [&](PaneNumber, std::span<const std::byte>) { return ++count > 0; });
      return true;
    });
    return count;
  }

  tests::support::TemporaryFolder folder;
  io::Logger log{io::LogLevel::Error, -1};
  Levels levels{Millis{1'000}};
  std::mt19937 engine{7};
  std::uniform_real_distribution<double> random;
  std::unique_ptr<BlockStore> store;
};

TEST_F(BlockStoreTest, APartLeavesAsAWholeWhenAllOfItIsTooOld) {
  file("m", kStart);
  file("m", kStart + minutes{9});
  file("m", kStart + minutes{10});
  const WallTime ends = kStart + levels.part(Rollup::Base) + levels.kept(Rollup::Base);
  store->retain(ends - Millis{1}, kNoLimit);
  EXPECT_EQ(store->counts().parts_expired, 0U);
  EXPECT_EQ(panes("m", kStart, kStart + minutes{11}), 180U);
  store->retain(ends, kNoLimit);
  EXPECT_EQ(store->counts().parts_expired, 1U);
  EXPECT_EQ(store->counts().parts_shed, 0U);
  EXPECT_EQ(panes("m", kStart, kStart + minutes{11}), 60U);
  EXPECT_EQ(store->oldest(Millis{1'000}), kStart + minutes{10});
  open(ends);
  EXPECT_EQ(panes("m", kStart, kStart + minutes{11}), 60U);
}

// After a restart a pane may come from two segments.
TEST_F(BlockStoreTest, OfTwoSourcesOfAPaneTheWholeOneStays) {
  const auto id = store->id_of(key("m"), kStart);
  ASSERT_TRUE(id.has_value());
  const PaneNumber pane = levels.grid(Rollup::Base).number(kStart);
  model::Partial partial{model::Kind::Timer};
  partial.fold({.kind = model::Kind::Timer, .value = 1}, kStart);
  std::vector<std::byte> whole;
  model::pack(partial, whole);
  const std::vector<std::byte> damaged(3, std::byte{0xff});
  for (const auto& [first, second] : {std::pair{damaged, whole}, std::pair{whole, damaged}}) {
    std::vector<std::byte> block;
    append_source(block, 1);
    append_pane(block, offset_in_block(pane), first);
    append_source(block, 2);
    append_pane(block, offset_in_block(pane), second);
    const std::uint64_t before = store->counts().damaged;
    ASSERT_TRUE(store->append(levels, {Rollup::Base, *id, block_of(pane)}, block).has_value());
    ASSERT_TRUE(store->commit(kStart + minutes{1}).has_value());
    EXPECT_EQ(panes("m", kStart, kStart + minutes{1}), 1U);
    EXPECT_EQ(store->counts().damaged, before + 1);
  }
}

TEST_F(BlockStoreTest, ADamagedBlockIsAHoleOfItsLength) {
  file("m", kStart);
  const auto id = store->id_of(key("m"), kStart);
  ASSERT_TRUE(id.has_value());
  std::vector<std::byte> block;
  append_source(block, 2);
  append_pane(block, 7, std::vector<std::byte>(3, std::byte{0xff}));
  const PaneNumber number = block_of(levels.grid(Rollup::Base).number(kStart + minutes{3}));
  ASSERT_TRUE(store->append(levels, {Rollup::Base, *id, number}, block).has_value());
  ASSERT_TRUE(store->commit(kStart + minutes{4}).has_value());
  EXPECT_EQ(store->missing(), Missing{});
  EXPECT_EQ(panes("m", kStart, kStart + minutes{10}), 61U);  // PaneVisit says what is damaged
  const timeline::PaneGrid grid = levels.grid(Rollup::Base);
  store->panes(levels, *id, {Rollup::Base, grid.number(kStart), grid.number(kStart + minutes{10})},
               [](PaneNumber, std::span<const std::byte> packed) {
                 return model::unpack(packed).has_value();
               });
  const std::vector<Gap> hole{{kStart + minutes{3}, kStart + minutes{4}}};
  EXPECT_EQ(store->missing().holes(Millis{1'000}), hole);
  EXPECT_TRUE(store->missing().holes().empty());
  store->retain(kStart + minutes{5}, kNoLimit);
  open(kStart + minutes{5});
  EXPECT_EQ(store->missing().holes(Millis{1'000}), hole);
  // Memory is filled by a scan, and makes its roll-ups of what comes: all lengths lack it.
  store->scan(levels, {Rollup::Base, grid.number(kStart), grid.number(kStart + minutes{10})},
              nullptr, [](ArchiveId, model::Kind, std::span<const timeline::PackedPane>) {});
  EXPECT_EQ(store->missing().holes(), hole);
}

// Whichever of its files it is: of the dictionary's, nothing else would ever be filed again.
TEST_F(BlockStoreTest, WhatIsDamagedIsRepairedSoThatFilingGoesOn) {
  constexpr int kTriesMax = 3;
  file("m", kStart);
  store.reset();
  const std::string whole = folder.path("whole");
  fs::copy(folder.path("blocks"), whole, fs::copy_options::recursive);
  std::size_t all_lost = 0;
  std::size_t tables = 0;
  for (const auto& each : fs::directory_iterator{whole}) {
    if (each.path().extension() != ".sst") continue;
    ++tables;
    fs::remove_all(folder.path("blocks"));
    fs::copy(whole, folder.path("blocks"), fs::copy_options::recursive);
    std::fstream table{folder.path("blocks") + "/" + each.path().filename().string(),
                       std::ios::in | std::ios::out | std::ios::binary};
    table.write("damaged", 7);
    table.close();
    open(kStart + minutes{1});
    int tries = 0;
    while (tries < kTriesMax && !store->id_of(key("m"), kStart).has_value()) {
      store->recover();
      ++tries;
    }
    file("n", kStart + minutes{1});
    EXPECT_EQ(panes("n", kStart + minutes{1}, kStart + minutes{2}), 60U);
    const auto holes = store->missing().holes();
    if (tries == 0) continue;
    EXPECT_EQ(tries, 1);
    EXPECT_EQ(store->counts().repairs, 1U);
    ASSERT_EQ(holes.size(), 1U);
    EXPECT_GE(holes.front().until, kStart + minutes{1});
    ++all_lost;
  }
  EXPECT_EQ(tables, 2U);  // of the part, and of the dictionary
  EXPECT_EQ(all_lost, 1U);
}

/// The lines of what opening a store says.
std::string said_by_opening(const std::string& blocks, const std::string& to, WallTime now) {
  const io::Fd file{::open(to.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)};
  const io::Logger log{io::LogLevel::Warn, file.get()};
  EXPECT_TRUE(BlockStore::open(blocks, now, log).has_value());
  std::ifstream lines{to};
  return {std::istreambuf_iterator<char>{lines}, {}};
}

/// A closed store of two parts: of each a minute was filed.
struct ARepair : BlockStoreTest {
  ARepair() {
    for (const WallTime minute : {kStart, kStart + minutes{10}}) {
      store->filed(levels, {minute, minute + minutes{1}});
      file("m", minute);
    }
    store.reset();
    fs::copy(blocks, whole, fs::copy_options::recursive);
    fs::copy(witness, whole + ".filed");
    for (const auto& each : fs::directory_iterator{blocks}) {
      if (each.path().extension() == ".sst") tables.push_back(each.path());
    }
    std::ranges::sort(tables);
  }
  /// As it was, but for one table.
  void lose(const fs::path& table) const {
    fs::remove_all(blocks);
    fs::copy(whole, blocks, fs::copy_options::recursive);
    fs::copy(whole + ".filed", witness, fs::copy_options::overwrite_existing);
    fs::remove(table);
  }
  void lose_books() const {
    for (const auto& each : fs::directory_iterator{blocks}) {
      if (!each.path().filename().string().starts_with("MANIFEST")) continue;
      std::ofstream{each.path(), std::ios::binary | std::ios::trunc} << "unreadable";
    }
  }

  std::string blocks = folder.path("blocks");
  std::string whole = folder.path("whole");
  std::string witness = blocks + ".filed";
  std::vector<fs::path> tables;
  WallTime opened_at = kStart + minutes{11};
};

TEST_F(ARepair, FindsTheSameHolesWithTheBooksAndWithoutThem) {
  ASSERT_GE(tables.size(), 3U);
  std::vector<std::vector<Gap>> of_one_length;
  for (const fs::path& table : tables) {
    lose(table);
    open(opened_at);
    EXPECT_EQ(store->counts().repairs, 1U) << table;
    const Missing known = store->missing();
    EXPECT_NE(known, Missing{}) << table;
    of_one_length.push_back(known.holes(Millis{1'000}));
    store.reset();
    lose(table);
    lose_books();
    open(opened_at);
    EXPECT_EQ(store->missing(), known) << table;
    // It is told once, and known from then on.
    open(opened_at);
    EXPECT_EQ(store->counts().repairs, 0U) << table;
    EXPECT_EQ(store->missing(), known) << table;
    store.reset();
  }
  for (const Gap& each : {Gap{kStart, kStart + minutes{10}}, Gap{kStart + minutes{10}, opened_at}})
    EXPECT_EQ(std::ranges::count(of_one_length, std::vector<Gap>{each}), 1);
}

TEST_F(ARepair, WithNothingLostButTheBooksFindsNoHole) {
  lose("");
  lose_books();
  open(opened_at);
  EXPECT_EQ(store->counts().repairs, 1U);
  EXPECT_EQ(store->missing(), Missing{});
  EXPECT_EQ(panes("m", kStart, opened_at), 120U);
}

TEST_F(ARepair, SaysWhatWasLost) {
  ASSERT_GE(tables.size(), 2U);
  const std::string left = std::to_string(tables.size() - 1);
  const std::string gone = "1 of " + std::to_string(tables.size()) + " tables are lost";
  lose(tables.front());
  std::string said = said_by_opening(blocks, folder.path("log"), opened_at);
  EXPECT_NE(said.find(gone + "\" known_from=\"its own books"), std::string::npos) << said;

  lose(tables.front());
  lose_books();
  said = said_by_opening(blocks, folder.path("log"), opened_at);
  EXPECT_NE(said.find(gone + "\" known_from=" + witness), std::string::npos) << said;

  // An earlier Weir's witness names no tables.
  lose(tables.front());
  lose_books();
  SegmentWriter earlier{witness, 1, 0};
  ByteWriter commit{earlier.entries()};
  for (const std::int64_t each : {std::int64_t{1}, to_ms(kStart), to_ms(opened_at)})
    commit.u64(static_cast<std::uint64_t>(each));
  ASSERT_TRUE(earlier.sync().has_value());
  said = said_by_opening(blocks, folder.path("log"), opened_at);
  const std::string span =
      std::to_string(to_ms(kStart)) + " to " + std::to_string(to_ms(opened_at));
  EXPECT_NE(said.find(left + " are left, 0 cannot be read, and what of " + span + " ms"),
            std::string::npos)
      << said;
}

TEST_F(BlockStoreTest, TheOldestPartsLeaveForTheSizeCap) {
  for (int part = 0; part < 5; ++part)
    file("m", kStart + minutes{10} * part, 400);
  const WallTime now = kStart + minutes{50};
  const std::uint64_t all = store->bytes();
  store->retain(now, all);
  EXPECT_EQ(store->counts().parts_shed, 0U);
  store->retain(now, all / 2);
  EXPECT_EQ(store->counts().parts_shed, 3U);
  EXPECT_EQ(store->counts().parts_expired, 0U);
  EXPECT_LE(store->bytes(), all / 2);
  EXPECT_EQ(panes("m", kStart, kStart + minutes{30}), 0U);
  EXPECT_EQ(panes("m", kStart + minutes{30}, now), 120U);
}

TEST_F(BlockStoreTest, HowFarEachLengthHasLeftIsKnownAlsoAfterARestart) {
  for (int part = 0; part < 3; ++part)
    file("m", kStart + minutes{10} * part, 400);
  EXPECT_EQ(store->whole_from(Millis{1'000}), WallTime::min());
  const std::uint64_t all = store->bytes();
  store->retain(kStart + minutes{30}, all / 2);
  ASSERT_GE(store->counts().parts_shed, 1U);
  const WallTime left = *store->oldest(Millis{1'000});
  EXPECT_EQ(store->whole_from(Millis{1'000}), left);
  // Of a length that was never filed nothing is there of what was.
  EXPECT_EQ(store->whole_from(Millis{500}), kStart + minutes{21});
  open(kStart + minutes{30});
  EXPECT_EQ(store->whole_from(Millis{1'000}), left);
  levels = Levels{Millis{500}};
  file("m", kStart + minutes{30});
  EXPECT_EQ(store->whole_from(Millis{500}), kStart + minutes{21});
  open(kStart + minutes{30});
  EXPECT_EQ(store->whole_from(Millis{500}), kStart + minutes{21});
}

TEST_F(BlockStoreTest, WhatWasLostIsKnownAfterARestartUntilAllOfItsTimeHasLeft) {
  const Gap filed{kStart + minutes{3}, kStart + minutes{4}};
  const Gap retained{kStart + minutes{7}, kStart + minutes{8}};
  Missing missing;
  missing.add(filed);
  store->lost(missing);
  file("m", kStart);
  open(kStart);
  EXPECT_EQ(store->missing().holes(), std::vector<Gap>{filed});
  missing.add(retained);
  store->lost(missing);
  open(kStart);
  EXPECT_EQ(store->missing().holes(), (std::vector<Gap>{filed, retained}));
  store->retain(retained.until + hours{24 * 31} - Millis{1}, kNoLimit);
  EXPECT_EQ(store->missing().holes(), std::vector<Gap>{retained});
  store->retain(retained.until + hours{24 * 31}, kNoLimit);
  EXPECT_TRUE(store->missing().holes().empty());
}

TEST_F(BlockStoreTest, ThePartThatIsBeingWrittenStaysWhateverTheCap) {
  file("m", kStart);
  file("m", kStart + minutes{10});
  store->retain(kStart + minutes{11}, 0);
  EXPECT_EQ(store->counts().parts_shed, 1U);
  EXPECT_EQ(panes("m", kStart, kStart + minutes{20}), 60U);
}

TEST_F(BlockStoreTest, ASeriesIsForgottenWhenNothingOfItCanBeLeft) {
  file("gone", kStart);
  file("stays", kStart);
  file("stays", kStart + hours{24});
  store->retain(kStart + hours{24 * 31} - Millis{1}, kNoLimit);
  EXPECT_EQ(names(), (std::set<std::string>{"gone", "stays"}));  // not a moment earlier
  store->retain(kStart + hours{24 * 31}, kNoLimit);
  EXPECT_EQ(names(), std::set<std::string>{"stays"});
  EXPECT_EQ(store->filed_until(), kStart + hours{24} + minutes{1});
  file("stays", kStart + hours{24 * 32});
  open(kStart + hours{24 * 32});
  EXPECT_EQ(names(), std::set<std::string>{"stays"});
}

TEST_F(BlockStoreTest, AnIdIsNeverUsedForAnotherSeries) {
  const auto first = store->id_of(key("a"), kStart);
  ASSERT_TRUE(store->commit(kStart).has_value());
  store->retain(kStart + hours{24 * 32}, kNoLimit);
  ASSERT_TRUE(names().empty());
  EXPECT_NE(*store->id_of(key("b"), kStart + hours{24 * 32}), *first);
  EXPECT_NE(*store->id_of(key("a"), kStart + hours{24 * 32}), *first);
}

TEST_F(BlockStoreTest, RemembersHowFarItWasFiled) {
  EXPECT_EQ(store->filed_until(), WallTime::min());
  file("m", kStart + minutes{5});
  file("m", kStart);  // late
  open(kStart);
  EXPECT_EQ(store->filed_until(), kStart + minutes{6});
}

}  // namespace
}  // namespace ingest::archive
