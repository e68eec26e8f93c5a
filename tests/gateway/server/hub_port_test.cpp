#include "gateway/server/hub_port.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

TEST(HubPort, KeepsOneListOfEachKindForAWorkerThatDoesNotListen) {
  Line line;
  std::vector<std::weak_ptr<const ingest::query::Annotations>> made;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    auto annotations = std::make_shared<ingest::query::Annotations>();
    annotations->newest = i;
    made.push_back(annotations);
    line.port.send(0, publish::NewAnnotations{std::move(annotations)});
    line.port.send(0, publish::NewCatalogue{std::make_shared<ingest::query::Catalogue>()});
    line.port.flush();
  }
  const auto alive =
      std::count_if(made.begin(), made.end(), [](const auto& each) { return !each.expired(); });
  EXPECT_EQ(alive, 2);  // the one in the ring, and the newest
  EXPECT_TRUE(line.link.hub_waits.load());
  std::vector<std::uint64_t> got;
  std::size_t catalogues = 0;
  const auto take_all = [&] {
    while (const auto mail = line.link.to_worker.try_pop()) {
      if (const auto* list = std::get_if<publish::NewAnnotations>(&*mail))
        got.push_back(list->annotations->newest);
      else
        catalogues += std::holds_alternative<publish::NewCatalogue>(*mail) ? 1U : 0U;
    }
    line.port.flush();
  };
  take_all();
  take_all();
  take_all();
  EXPECT_EQ(got, (std::vector<std::uint64_t>{1, 100}));
  EXPECT_EQ(catalogues, 2U);
}

TEST(HubPort, AListComesBehindWhatWasSentBeforeIt) {
  Line line;
  const std::uint32_t before = MailLink::kToWorkerMax + 10;
  for (std::uint32_t i = 0; i < before; ++i)
    line.port.send(0, ChannelGone{i});
  line.port.send(0, publish::NewAnnotations{std::make_shared<ingest::query::Annotations>()});
  std::uint32_t seen = 0;
  bool listed = false;
  for (int round = 0; round < 3; ++round) {
    line.port.flush();
    while (const auto mail = line.link.to_worker.try_pop()) {
      listed = std::holds_alternative<publish::NewAnnotations>(*mail);
      seen += listed ? 0U : 1U;
    }
  }
  EXPECT_TRUE(listed);  // as the last of all
  EXPECT_EQ(seen, before);
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
