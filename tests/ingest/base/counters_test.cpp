#include "ingest/base/counters.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace ingest {
namespace {

TEST(Counter, Adds) {
  Counter counter;
  EXPECT_EQ(counter.get(), 0u);
  counter.add();
  counter.add(41);
  EXPECT_EQ(counter.get(), 42u);
}

struct Sums {
  std::uint64_t offered = 0;
  std::uint64_t parts[7] =
      {};  // NOLINT(modernize-avoid-c-arrays): any trivially copyable struct will do
};

TEST(Published, IsZeroUntilPublished) {
  const Published<Sums> published;
  EXPECT_EQ(published.read().offered, 0u);
}

TEST(Published, GivesTheLastValue) {
  Published<Sums> published;
  published.publish({5, {1, 4}});
  published.publish({9, {2, 7}});
  EXPECT_EQ(published.read().offered, 9u);
  EXPECT_EQ(published.read().parts[1], 7u);
}

TEST(Published, AddsUpWheneverAnotherThreadReads) {
  constexpr std::uint64_t kPublications = 200'000;
  Published<Sums> published;
  std::atomic<bool> done{false};
  std::thread writer{[&] {
    Sums sums;
    for (std::uint64_t i = 0; i < kPublications; ++i) {
      ++sums.parts[i % 7];
      ++sums.offered;
      published.publish(sums);
    }
    done = true;
  }};
  std::uint64_t before = 0;
  bool last = false;
  while (!last) {
    last = done;
    const Sums sums = published.read();
    std::uint64_t total = 0;
    for (const std::uint64_t part : sums.parts)
      total += part;
    ASSERT_EQ(total, sums.offered);
    ASSERT_GE(sums.offered, before);  // never goes back
    before = sums.offered;
  }
  writer.join();
  EXPECT_EQ(before, kPublications);
}

}  // namespace
}  // namespace ingest
