#include "ingest/archive/entry.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/archive/block.h"
#include "ingest/archive/segment_deltas.h"

namespace ingest::archive {
namespace {

using Bytes = std::vector<std::byte>;
using model::Kind;
using model::SeriesKey;

Bytes bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span{text});
  return {bytes.begin(), bytes.end()};
}

TEST(Entry, ReadsBackBirthsAndDeltasInTheirOrder) {
  const SeriesKey key{Kind::Timer, "m", {{"a", ""}, {"b", "x"}}};
  const Bytes packed = bytes_of("any bytes");
  Bytes bytes;
  write_born(bytes, 300, Kind::Timer, key.bytes());
  write_delta(bytes, 300, -7, packed);
  EntryReader reader{bytes};
  const auto born = reader.next();
  ASSERT_TRUE(born);
  EXPECT_EQ(born->what, Entry::What::Born);
  EXPECT_EQ(born->number, 300U);
  EXPECT_EQ(read_key(born->kind, born->key), key);
  const auto delta = reader.next();
  ASSERT_TRUE(delta);
  EXPECT_EQ(delta->what, Entry::What::Delta);
  EXPECT_EQ(delta->pane, -7);
  EXPECT_EQ(Bytes(delta->packed.begin(), delta->packed.end()), packed);
  EXPECT_FALSE(reader.next());
}

TEST(Entry, GivesNothingOfWhatIsCutOffOrNoEntry) {
  Bytes bytes;
  write_delta(bytes, 1, 2, bytes_of("four"));
  for (std::size_t kept = 0; kept < bytes.size(); ++kept)
    EXPECT_FALSE(EntryReader{std::span{bytes}.first(kept)}.next()) << kept;
  bytes[0] = std::byte{9};
  EXPECT_FALSE(EntryReader{bytes}.next());
}

TEST(Entry, AKeyIsOnlyReadFromItsCanonicalBytes) {
  for (const SeriesKey& key :
       {SeriesKey{Kind::Counter, "m", {}}, SeriesKey{Kind::Gauge, "m.n", {{"a", ""}}},
        SeriesKey{Kind::Set, "m", {{"a", "1"}, {"b", ""}, {"c", "3"}}}})
    EXPECT_EQ(read_key(key.kind(), key.bytes()), key);
  using namespace std::string_view_literals;
  EXPECT_FALSE(read_key(Kind::Counter, "m\0b\0001\0a\0002"sv));  // not sorted
  EXPECT_FALSE(read_key(Kind::Counter, "m\0a"sv));               // a key without its value
}

std::string text_of(std::span<const std::byte> bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
/// As "offset/source:bytes" one after the other.
std::string listed(std::span<const std::byte> block) {
  std::string all;
  for (const BlockPanes::Pane& each : read_block(block).all) {
    all += std::to_string(each.offset) + '/' + std::to_string(each.source) + ':' +
           text_of(each.packed) + ' ';
  }
  return all;
}

TEST(Block, APaneThatComesAgainFromItsSourceReplacesTheOneBefore) {
  Bytes block;
  append_source(block, 1'700'000'000'000);
  append_pane(block, 0, bytes_of("a"));
  append_pane(block, 59, bytes_of("old"));
  append_source(block, 1'700'000'000'000);
  append_pane(block, 59, bytes_of("new"));
  append_pane(block, 0, bytes_of("b"));
  EXPECT_TRUE(read_block(block).whole);
  EXPECT_EQ(listed(block), "0/1700000000000:b 59/1700000000000:new ");
}

TEST(Block, APaneOfAnotherSourceStandsBesideTheOneBefore) {
  Bytes block;
  append_source(block, 7);
  append_pane(block, 3, bytes_of("late"));
  append_source(block, 5);
  append_pane(block, 3, bytes_of("old"));
  append_pane(block, 4, bytes_of("x"));
  append_source(block, 5);
  append_pane(block, 3, bytes_of("new"));
  append_pane(block, 4, bytes_of("x"));
  EXPECT_EQ(listed(block), "3/5:new 3/7:late 4/5:x ");
}

TEST(Block, KeepsWhatStandsBeforeDamage) {
  Bytes block;
  append_source(block, 5);
  append_pane(block, 3, bytes_of("abc"));
  const std::size_t first = block.size();
  append_pane(block, 4, bytes_of("defg"));
  for (std::size_t kept = first + 1; kept < block.size(); ++kept) {
    EXPECT_FALSE(read_block(std::span{block}.first(kept)).whole);
    EXPECT_EQ(listed(std::span{block}.first(kept)), "3/5:abc ");
  }
  block[first] = std::byte{61};  // no pane of a block
  EXPECT_FALSE(read_block(block).whole);
}

TEST(Block, NumbersGoOnBeforeTheEpoch) {
  EXPECT_EQ(block_of(59), 0);
  EXPECT_EQ(block_of(60), 1);
  EXPECT_EQ(block_of(-1), -1);
  EXPECT_EQ(offset_in_block(-1), 59U);
  EXPECT_EQ(offset_in_block(61), 1U);
}

TEST(Levels, AreThoseOfTheDesign) {
  using std::chrono::hours;
  using std::chrono::minutes;
  const Levels levels{Millis{1'000}};
  EXPECT_EQ(levels.kept(Rollup::Base), hours{2});
  EXPECT_EQ(levels.kept(Rollup::Ten), hours{48});
  EXPECT_EQ(levels.kept(Rollup::Sixty), hours{24 * 30});
  EXPECT_EQ(levels.block(Rollup::Base), minutes{1});
  EXPECT_EQ(levels.part(Rollup::Base), minutes{10});
  EXPECT_EQ(levels.part(Rollup::Ten), hours{4});
  EXPECT_EQ(levels.part(Rollup::Sixty), hours{48});
}

TEST(SegmentDeltas, ANumberThatNoRunGivesCostsNoMemoryAndItsDeltasAreDamaged) {
  const SeriesKey key{Kind::Counter, "m", {}};
  Bytes bytes;
  for (const std::uint32_t number : {SegmentDeltas::kNumberMax + 1, ~std::uint32_t{0}}) {
    write_born(bytes, number, key.kind(), key.bytes());
    write_delta(bytes, number, 7, bytes_of("any bytes"));
  }
  write_born(bytes, 3, key.kind(), key.bytes());
  write_delta(bytes, 3, 7, bytes_of("any bytes"));
  SegmentDeltas deltas;
  deltas.take(bytes);
  EXPECT_EQ(deltas.damaged(), 2U);
  ASSERT_EQ(deltas.series(), 1U);
  EXPECT_EQ(deltas.size(0), 1U);
}

TEST(Levels, FitEveryLengthOfPanes) {
  for (const int pane_ms : {100, 250, 700, 1'000, 3'000, 7'000, 10'000, 20'000, 30'000, 60'000}) {
    const Levels levels{Millis{pane_ms}};
    for (const Rollup level : {Rollup::Base, Rollup::Ten, Rollup::Sixty}) {
      if (!levels.exists(level)) continue;
      EXPECT_EQ(levels.part(level) % levels.block(level), Millis{0}) << pane_ms;
      EXPECT_EQ(levels.period() % levels.pane(level), Millis{0}) << pane_ms;
      EXPECT_EQ(levels.pane(level) % levels.pane(Rollup::Base), Millis{0}) << pane_ms;
      EXPECT_LE(levels.kept(level) / levels.part(level), 30) << pane_ms;
    }
  }
  EXPECT_FALSE(Levels{Millis{700}}.exists(Rollup::Ten));
  EXPECT_FALSE(Levels{Millis{10'000}}.exists(Rollup::Ten));
  EXPECT_TRUE(Levels{Millis{20'000}}.exists(Rollup::Sixty));
}

}  // namespace
}  // namespace ingest::archive
