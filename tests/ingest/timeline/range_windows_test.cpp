#include "ingest/timeline/range_windows.h"

#include <gtest/gtest.h>

#include "tests/ingest/timeline/given.h"

namespace ingest::timeline {
namespace {

RangeWindows windows_of(std::int64_t window_ms, std::int64_t step_ms, std::int64_t first,
                        std::int64_t count) {
  return {Millis{window_ms}, Millis{step_ms}, Millis{step_ms}, first, count};
}

// Against a look at each window.
TEST(RangeWindows, KnowsWhichOfThemATimeIsIn) {
  for (const RangeWindows& windows :
       {windows_of(10, 10, 5, 8), windows_of(30, 10, 5, 8), windows_of(10, 30, 5, 8),
        windows_of(10, 10, 5, 1), windows_of(10, 10, 5, 0)}) {
    for (std::int64_t ms = -20; ms < 320; ++ms) {
      std::int64_t first = windows.count;
      std::int64_t last = -1;
      for (std::int64_t i = windows.count - 1; i >= 0; --i)
        if (windows.end(i) > at(ms)) first = i;
      for (std::int64_t i = 0; i < windows.count; ++i)
        if (windows.start(i) < at(ms)) last = i;
      if (windows.count > 0) {
        EXPECT_EQ(windows.first_behind(at(ms)), first) << ms;
      }
      EXPECT_EQ(windows.last_before(at(ms)), last) << ms;
    }
  }
}

KeptLevels kept() {
  KeptLevels kept;
  kept.levels[0] = {Millis{1'000}, at(0), WallTime::max(), {}};
  kept.levels[1] = {Millis{10'000}, at(0), WallTime::max(), {}};
  kept.levels[2] = {Millis{60'000}, at(0), WallTime::max(), {}};
  return kept;
}

const RangeWindows kFine = windows_of(1'000, 1'000, 1, 600);
const RangeWindows kTens = windows_of(10'000, 10'000, 1, 60);
const RangeWindows kMinutes = windows_of(60'000, 60'000, 1, 10);

TEST(RangeWindows, HolesOfALengthCountWhereItIsRead) {
  KeptLevels here = kept();
  here.levels[0].holes = {{at(60'000), at(120'000)}};
  here.levels[1].holes = {{at(300'000), at(310'000)}};
  EXPECT_EQ(holes_in(here, kFine), (std::vector<Gap>{{at(60'000), at(120'000)}}));
  EXPECT_EQ(holes_in(here, kTens), (std::vector<Gap>{{at(300'000), at(310'000)}}));
  EXPECT_EQ(holes_in(here, kMinutes), std::vector<Gap>{});
  // Where the coarser panes are no more, or not yet, finer ones are read.
  here.levels[2].since = at(240'000);
  here.levels[1].since = at(100'000);
  EXPECT_EQ(holes_in(here, kMinutes), (std::vector<Gap>{{at(60'000), at(100'000)}}));
}

TEST(RangeWindows, HolesAreJoinedAndEndWhereMemoryBegins) {
  KeptLevels here = kept();
  here.holes = {{at(10'000), at(30'000)}, {at(500'000), at(590'000)}};
  here.levels[1].holes = {{at(20'000), at(50'000)}};
  here.levels[0].held_from = at(550'000);
  EXPECT_EQ(holes_in(here, kTens),
            (std::vector<Gap>{{at(10'000), at(50'000)}, {at(500'000), at(550'000)}}));
  EXPECT_EQ(holes_in(here, kFine),
            (std::vector<Gap>{{at(10'000), at(30'000)}, {at(500'000), at(550'000)}}));
}

}  // namespace
}  // namespace ingest::timeline
