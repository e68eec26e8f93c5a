// The promise of the hot path: once a series is known and its pane is warm, a sample allocates
// nothing.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ingest/series/open_panes.h"
#include "ingest/series/series_table.h"
#include "tests/support/allocations.h"

namespace ingest::series {
namespace {

using tests::support::allocations;

constexpr std::size_t kSpellings = 200;

TEST(HotPath, AWarmSampleAllocatesNothing) {
  SeriesTable table{{}};
  OpenPanes panes{{}};
  const WallTime now = wall_from_ms(1'700'000'000'000);
  const auto sample = [&](model::Kind kind, double value) {
    const model::RawKey raw{"checkout.latency", "route:/pay,host:a"};
    const auto found = table.find(kind, raw, SeriesTable::hash_of(kind, raw), now);
    panes.fold(found.series, Pane::Watched::Yes, now,
               {.kind = kind, .key = raw, .value = value, .member = "member"}, now);
  };
  for (int i = 1; i <= 100; ++i) {
    for (int kind = 0; kind < 4; ++kind)
      sample(static_cast<model::Kind>(kind), i);
  }
  const std::size_t before = allocations;
  for (int i = 1; i <= 100; ++i) {
    for (int kind = 0; kind < 4; ++kind)
      sample(static_cast<model::Kind>(kind), i);
  }
  EXPECT_EQ(allocations, before);
}

TEST(HotPath, ASamplePastACapAllocatesNothingOnceItsLikeWasSeen) {
  Offenders offenders;
  SourceBook sources{{}};
  SeriesTable table{{.series_max = 4, .names_max = 4, .series_per_name_max = 2},
                    {.sources = &sources, .offenders = &offenders}};
  const WallTime now = wall_from_ms(1'700'000'000'000);
  // Two spellings whose hashes share a place would forget each other in turns: the seed decides.
  std::vector<std::pair<std::string, std::string>> spellings;
  std::set<std::uint64_t> places;
  for (int i = 0; spellings.size() < kSpellings; ++i) {
    const std::string name = "a.name.that.is.no.short.string." + std::to_string(i % 100);
    const std::string tags = "route:/a/long/route/" + std::to_string(i) + ",host:a,host:b";
    const auto hash = SeriesTable::hash_of(model::Kind::Counter, model::RawKey{name, tags});
    if (places.insert(hash % Refusals::kPlaces).second) spellings.emplace_back(name, tags);
  }
  const auto send_all = [&] {
    for (const auto& [name, tags] : spellings) {
      const model::RawKey raw{name, tags};
      const auto hash = SeriesTable::hash_of(model::Kind::Counter, raw);
      table.find(model::Kind::Counter, raw, hash, now);
    }
  };
  for (int warm = 0; warm < 2; ++warm)
    send_all();
  const SeriesTable::Counts before_counts = table.counts();
  const std::size_t before = allocations;
  send_all();
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(table.counts().duplicate_tags - before_counts.duplicate_tags, kSpellings);
  EXPECT_GT(table.counts().slow_lookups - before_counts.slow_lookups, kSpellings - 10);
  EXPECT_FALSE(offenders.view().names(1).empty());
}

}  // namespace
}  // namespace ingest::series
