#include "ingest/hub/worker_links.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace ingest::hub {
namespace {

constexpr WallTime kStart = wall_from_ms(1'700'000'000'000);

struct Pair {
  Pair() : timeline({}, 2, kStart), links({{&a, {}}, {&b, {}}}, kStart) {}

  static void hand_over(model::HubLink& link, std::uint32_t worker, int ticks) {
    for (int i = 1; i <= ticks; ++i) {
      auto handover = std::make_unique<model::Handover>();
      handover->worker = worker;
      handover->tick = kStart + Millis{250} * i;
      ASSERT_TRUE(link.to_hub.try_push(std::move(handover)));
    }
  }
  /// Whether more may wait after so many.
  bool take(int most) {
    return links.take_handovers({timeline, annotations}, [&] { return --most > 0; });
  }

  model::HubLink a;
  model::HubLink b;
  timeline::Timeline timeline;
  AnnotationLog annotations{{}};
  WorkerLinks links;
};

TEST(WorkerLinks, TakesOfEachWorkerInTurnAndNoMoreThanItMay) {
  Pair pair;
  Pair::hand_over(pair.a, 0, 20);
  Pair::hand_over(pair.b, 1, 3);
  EXPECT_TRUE(pair.take(4));
  EXPECT_EQ(pair.links.counters().handovers, 4U);
  EXPECT_EQ(pair.links.whole(WallTime::max()), kStart + Millis{500});  // two of each
  EXPECT_TRUE(pair.take(2));
  EXPECT_EQ(pair.links.whole(WallTime::max()), kStart + Millis{750});
  EXPECT_FALSE(pair.take(100));
  EXPECT_EQ(pair.links.counters().handovers, 23U);
  EXPECT_FALSE(pair.take(100));
}

}  // namespace
}  // namespace ingest::hub
