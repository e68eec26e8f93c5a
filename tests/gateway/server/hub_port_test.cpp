#include "gateway/server/hub_port.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway::server {
namespace {

using publish::ChannelGone;
using publish::Publish;
using publish::Subscribe;
using publish::ToHub;
using publish::ToWorker;
using publish::Unsubscribe;

struct Line {
  MailLink link;
  int wakes = 0;
  HubPort port{{{.link = &link, .wake = [this] { ++wakes; }}}};
};

TEST(HubPort, KeepsOrderAcrossAFullRing) {
  Line line;
  const std::uint32_t total = MailLink::kToWorkerMax + 100;
  for (std::uint32_t i = 0; i < total; ++i)
    line.port.send(0, ChannelGone{i});
  std::uint32_t expected = 0;
  while (expected < total) {
    const auto mail = line.link.to_worker.try_pop();
    if (!mail) {
      line.port.flush();
      continue;
    }
    ASSERT_EQ(std::get<ChannelGone>(*mail).ch, expected++);
  }
  EXPECT_EQ(line.port.deferred(), 100U);
}

TEST(HubPort, WakesOnlyWhoGotSomething) {
  Line line;
  line.port.flush();
  EXPECT_EQ(line.wakes, 0);
  line.port.send(0, ChannelGone{1});
  line.port.send(0, ChannelGone{2});
  EXPECT_EQ(line.wakes, 0);
  line.port.flush();
  EXPECT_EQ(line.wakes, 1);
  line.port.flush();
  EXPECT_EQ(line.wakes, 1);
}

TEST(HubPort, LeavesOutFramesAndNothingElseAboveTheOverflow) {
  Line line;
  const std::size_t room = MailLink::kToWorkerMax + HubPort::kOverflowMax;
  for (std::size_t i = 0; i < room + 50; ++i)
    line.port.send(0, Publish{.ch = 1, .s = i, .frame = {}});
  EXPECT_EQ(line.port.frames_dropped(), 50U);
  line.port.send(0, ChannelGone{77});
  std::size_t frames = 0;
  bool gone = false;
  for (int round = 0; round < 100 && !gone; ++round) {
    while (const auto mail = line.link.to_worker.try_pop()) {
      frames += std::holds_alternative<Publish>(*mail) ? 1U : 0U;
      gone = std::holds_alternative<ChannelGone>(*mail);
    }
    line.port.flush();
  }
  EXPECT_TRUE(gone);
  EXPECT_EQ(frames, room);
}

TEST(HubPort, LeavesCommandsInTheRingOfAWorkerThatDoesNotListen) {
  Line line;
  for (std::size_t i = 0; i < MailLink::kToWorkerMax + HubPort::kOverflowMax; ++i)
    line.port.send(0, ChannelGone{1});
  ASSERT_TRUE(line.link.to_hub.try_push(ToHub{Unsubscribe{}}));
  int received = 0;
  line.port.drain([&](ToHub&&) { ++received; });
  EXPECT_EQ(received, 0);
  while (line.link.to_worker.try_pop()) {
  }
  line.port.flush();
  line.port.drain([&](ToHub&&) { ++received; });
  EXPECT_EQ(received, 1);
}

TEST(HubPort, SaysWhenMoreCommandsWait) {
  Line line;
  for (std::size_t i = 0; i < HubPort::kDrainMax + 1; ++i)
    ASSERT_TRUE(line.link.to_hub.try_push(ToHub{Unsubscribe{.who = {}, .id = i}}));
  std::uint64_t next = 0;
  const auto receive = [&](ToHub&& mail) { EXPECT_EQ(std::get<Unsubscribe>(mail).id, next++); };
  EXPECT_TRUE(line.port.drain(receive));
  EXPECT_FALSE(line.port.drain(receive));
  EXPECT_EQ(next, HubPort::kDrainMax + 1);
}

TEST(HubPort, AsksToBeWokenWhileMailWaits) {
  Line line;
  for (std::size_t i = 0; i < MailLink::kToWorkerMax + 1; ++i)
    line.port.send(0, ChannelGone{1});
  EXPECT_FALSE(line.link.hub_waits.load());
  line.port.flush();
  EXPECT_TRUE(line.link.hub_waits.load());
}

}  // namespace
}  // namespace gateway::server
