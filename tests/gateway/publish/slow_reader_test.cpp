// Readers that fall off their ring: a gap and the shared snapshot, and a slower rate where that
// happens time and again.

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/gateway/publish/house.h"

namespace gateway::publish {
namespace {

using ingest::Millis;
using test::Client;
using test::House;
using test::Told;

std::string sub(int id, int rate_ms) {
  return R"({"t":"sub","id":)" + std::to_string(id) + R"(,"rate":)" + std::to_string(rate_ms) +
         R"(,"q":{"metric":"m","by":["k"],"stats":["count"]}})";
}

/// Rings of eight frames, and a stream that changes at each tick.
struct Scene {
  void tick(int count = 1) {
    for (int i = 0; i < count; ++i) {
      Told told;
      told.window = test::window_at(house.now + Millis{250}, Millis{10'000}, Millis{1'000});
      if (ticks == 0) told.added = {{0, {"a"}}};
      told.rows = {0};
      told.values = {static_cast<double>(++ticks)};
      house.tick({{1, told}});
    }
  }
  /// Reads nothing for `ticks` of them, then everything.
  void stall(Client& client, int ticks_stalled) {
    client.reads = false;
    tick(ticks_stalled);
    client.reads = true;
    house.settle();
  }
  House house{{}, {Millis{60'000}, 1, 1'000'000, 8}};
  int ticks = 0;
};

TEST(SlowReader, ThreeGapsInThirtySecondsMoveItOneTierDownAndSaySo) {
  Scene scene;
  Client& slow = scene.house.connect();
  Client& good = scene.house.connect();
  for (Client* client : {&slow, &good})
    scene.house.say(*client, sub(1, 250));
  scene.tick();
  for (int i = 0; i < 3; ++i)
    scene.stall(slow, 10);
  EXPECT_EQ(slow.model.gaps, 3U);
  const test::json& subd = *slow.model.last("subd");
  EXPECT_EQ(subd["id"], 1);
  EXPECT_EQ(subd["mode"], "snapshot");
  EXPECT_EQ(subd["why"], "slow");
  EXPECT_EQ(subd["rate"], 500);
  EXPECT_EQ(scene.house.ledger().demotions, 0U) << "told at the end of a tick";
  scene.tick();
  EXPECT_EQ(scene.house.ledger().demotions, 1U);

  const std::uint64_t ch = slow.model.channels[1];
  EXPECT_NE(ch, good.model.channels[1]);
  EXPECT_EQ(slow.model.tables[ch].rows, good.model.tables[1].rows);
  const std::size_t before = slow.model.count("u");
  scene.tick(8);
  EXPECT_EQ(slow.model.count("u"), before + 4);
  EXPECT_EQ(good.model.count("u"), static_cast<std::size_t>(scene.ticks) - 1) << "no delay";
  EXPECT_EQ(slow.model.tables[ch].rows, good.model.tables[1].rows);
}

TEST(SlowReader, GapsFurtherApartLeaveTheRateAlone) {
  Scene scene;
  Client& slow = scene.house.connect();
  scene.house.say(slow, sub(1, 250));
  scene.tick();
  for (int i = 0; i < 6; ++i) {
    scene.stall(slow, 10);
    scene.tick(4 * 15);
  }
  EXPECT_EQ(slow.model.gaps, 6U);
  EXPECT_EQ(scene.house.ledger().demotions, 0U);
  EXPECT_EQ(slow.model.count("subd"), 1U);
}

TEST(SlowReader, AllSubscriptionsOfTheChannelMoveAndOthersStay) {
  Scene scene;
  Client& slow = scene.house.connect();
  scene.house.say(slow, sub(1, 250));
  scene.house.say(slow, sub(2, 250));
  scene.house.say(slow, sub(3, 1'000));
  scene.tick();
  for (int i = 0; i < 3; ++i)
    scene.stall(slow, 10);
  EXPECT_EQ(slow.model.channels[1], slow.model.channels[2]);
  EXPECT_EQ((*slow.model.last("subd"))["rate"], 500);
  EXPECT_EQ(slow.model.channels[3], 2U);
  scene.tick(5);
  EXPECT_EQ(scene.house.ledger().demotions, 2U);
  EXPECT_EQ(slow.model.tables[slow.model.channels[1]].rows,
            slow.model.tables[slow.model.channels[3]].rows);
}

TEST(SlowReader, AtTheSlowestRateThereIsASnapshotAndNothingElse) {
  Scene scene;
  Client& slow = scene.house.connect();
  scene.house.say(slow, sub(1, 60'000));
  scene.tick();
  scene.house.publisher->handle(Demote{slow.who, 1});
  scene.house.settle();
  EXPECT_EQ(slow.model.order, (std::vector<std::string>{"subd", "snap", "snap"}));
  scene.tick();
  EXPECT_EQ(scene.house.ledger().demotions, 0U);
}

TEST(SlowReader, ItsWishIsHonouredAgainWhenItAsks) {
  Scene scene;
  Client& slow = scene.house.connect();
  scene.house.say(slow, sub(1, 250));
  scene.tick();
  for (int i = 0; i < 3; ++i)
    scene.stall(slow, 10);
  scene.house.say(slow, R"({"t":"mod","id":1,"rate":250})");
  EXPECT_EQ((*slow.model.last("subd"))["rate"], 250);
  EXPECT_EQ((*slow.model.last("subd"))["why"], "rate_changed");
}

TEST(SlowReader, FiveHundredThatFellOffShareOneSnapshot) {
  Scene scene;
  std::vector<Client*> crowd;
  for (int i = 0; i < 500; ++i) {
    crowd.push_back(&scene.house.connect(static_cast<std::uint32_t>(i % 2)));
    scene.house.say(*crowd.back(), sub(1, 250));
  }
  scene.tick();
  const auto built = scene.house.ledger().snapshots_encoded;
  for (Client* client : crowd)
    client->reads = false;
  scene.tick(10);
  for (Client* client : crowd)
    client->reads = true;
  scene.tick(2);
  std::set<const Frame*> snapshots;
  for (const Client* client : crowd) {
    ASSERT_EQ(client->model.gaps, 1U);
    for (const FramePtr& frame : client->frames) {
      if (frame->payload().find(R"("t":"snap")") != std::string_view::npos)
        snapshots.insert(frame.get());
    }
  }
  EXPECT_EQ(scene.house.ledger().snapshots_encoded, built + 1);
  EXPECT_EQ(snapshots.size(), 2U) << "the first of all, and the one after the gap";
}

}  // namespace
}  // namespace gateway::publish
