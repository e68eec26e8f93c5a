// The promise of the hot path: once a series is known and its pane is warm, a sample allocates
// nothing.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "ingest/series/open_panes.h"
#include "ingest/series/series_table.h"

namespace {
std::size_t allocations = 0;  // by this thread's only user, the test
}  // namespace

// Not inlined: g++ would see our malloc through the operator and miss its delete, which is free.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  ++allocations;
  void* const memory = std::malloc(bytes);  // NOLINT(*-no-malloc): this is the allocator
  if (memory == nullptr) std::abort();
  return memory;
}
[[gnu::noinline]] void* operator new(std::size_t bytes, const std::nothrow_t& /*unused*/) noexcept {
  return ::operator new(bytes);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);  // NOLINT(*-no-malloc): this is the allocator
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*unused*/) noexcept {
  std::free(memory);  // NOLINT(*-no-malloc): this is the allocator
}

namespace ingest::series {
namespace {

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

}  // namespace
}  // namespace ingest::series
