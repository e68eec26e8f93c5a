#include "ingest/timeline/retention.h"

#include <gtest/gtest.h>

namespace ingest::timeline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Millis kOld = hours{100};

Retention retention() {
  return Retention{{.most = {minutes{10}, hours{2}, hours{24}},
                    .least = {seconds{60}, seconds{120}, seconds{180}},
                    .bytes_max = 1'000}};
}

TEST(Retention, KeepsAllWhileThereIsRoom) {
  Retention keeps = retention();
  for (int i = 0; i < 10; ++i)
    keeps.adapt(800, kOld);
  EXPECT_EQ(keeps.keep(0), minutes{10});
  EXPECT_FALSE(keeps.shrunk(0));
}

TEST(Retention, TheFinestDetailGoesFirstAndNewSeriesOverflowLast) {
  Retention keeps = retention();
  for (int i = 0; keeps.keep(0) > seconds{60}; ++i) {
    ASSERT_LT(i, 20);
    EXPECT_FALSE(keeps.shrunk(1));
    keeps.adapt(950, kOld);
  }
  for (int i = 0; keeps.keep(1) > seconds{120}; ++i) {
    ASSERT_LT(i, 30);
    EXPECT_FALSE(keeps.shrunk(2));
    keeps.adapt(950, kOld);
  }
  for (int i = 0; keeps.keep(2) > seconds{180}; ++i) {
    ASSERT_LT(i, 40);
    EXPECT_FALSE(keeps.exhausted());
    keeps.adapt(950, kOld);
  }
  keeps.adapt(950, kOld);
  EXPECT_TRUE(keeps.exhausted());
}

TEST(Retention, ShrinksWhatIsThereAndNotWhatMayCome) {
  Retention keeps = retention();
  keeps.adapt(950, seconds{200});
  EXPECT_EQ(keeps.keep(0), seconds{150});
}

TEST(Retention, GrowsBackTheCoarsestFirst) {
  Retention keeps = retention();
  for (int i = 0; i < 100; ++i)
    keeps.adapt(2'000, kOld);
  ASSERT_TRUE(keeps.exhausted());
  keeps.adapt(500, kOld);
  EXPECT_FALSE(keeps.exhausted());
  EXPECT_GT(keeps.keep(2), seconds{180});
  EXPECT_EQ(keeps.keep(0), seconds{60});
  for (int i = 0; i < 300; ++i)
    keeps.adapt(500, kOld);
  EXPECT_FALSE(keeps.shrunk(0) || keeps.shrunk(1) || keeps.shrunk(2));
}

}  // namespace
}  // namespace ingest::timeline
