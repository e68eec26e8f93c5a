// Many readers of the same frames over real sockets: with and without compression, slow and fast,
// coming and going while frames are on their way.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "gateway/ws/deflate.h"
#include "tests/gateway/server/house.h"

namespace tests {
namespace {

using gateway::publish::FramePtr;
using gateway::publish::make_frame;
using gateway::server::Ended;
namespace publish = gateway::publish;

constexpr std::string_view kHello = R"({"t":"hello","v":1})";
constexpr publish::ChannelId kChannel = 3;

std::string sub(int id) {
  return text_frame(R"({"t":"sub","id":)" + std::to_string(id) + R"(,"q":{"metric":"a.b"}})");
}

std::string deflate_request(std::string_view offer = "permessage-deflate") {
  std::string request{kUpgrade};
  request.insert(request.size() - 2, "Sec-WebSocket-Extensions: " + std::string{offer} + "\r\n");
  return request;
}

/// The publisher's answer to every subscription that came: all read kChannel from `next` on.
void answer_subscriptions(House& house, publish::Sequence next) {
  for (const publish::ToHub& mail : house.hub_mail()) {
    const auto* one = std::get_if<publish::Subscribe>(&mail);
    if (one == nullptr) continue;
    house.hub->send(0, publish::Tell{.who = one->who,
                                     .frame = make_frame(R"({"t":"subd"})"),
                                     .verdict = publish::Verdict::Accepted,
                                     .id = one->id,
                                     .ticket = one->ticket,
                                     .ch = kChannel});
    house.hub->send(0, publish::Join{.who = one->who,
                                     .id = one->id,
                                     .ch = kChannel,
                                     .frames = {make_frame(R"({"t":"snap"})")},
                                     .next = next});
  }
  house.hub->flush();
  house.turn(2);
}

FramePtr publish_frame(House& house, publish::Sequence s, std::string_view text) {
  FramePtr frame = make_frame(text, publish::FramePlace{.ch = kChannel, .s = s});
  house.hub->send(0, publish::Publish{.ch = kChannel, .s = s, .frame = frame});
  house.hub->flush();
  return frame;
}

std::string repeating(publish::Sequence s, std::size_t size) {
  std::string text = R"({"t":"u","s":)" + std::to_string(s) + ",";
  while (text.size() < size)
    text += R"("abc":[1,2,3],)";
  return text;
}

std::string message_of(const Heard& heard) {
  if (!heard.compressed) return heard.payload;
  gateway::ws::Inflater inflater;
  const auto message = inflater.inflate(ingest::as_bytes(heard.payload), 16U << 20U);
  return message ? std::string{ingest::as_text(*message)} : "not deflate";
}

TEST(WsDelivery, AClientWithoutTheExtensionNeverReceivesRsv1) {
  House house;
  Visitor plain(house);
  Visitor deflated(house);
  Visitor small_window(house);
  ASSERT_TRUE(plain.upgrade(sub(1)));
  ASSERT_TRUE(deflated.upgrade(sub(1), deflate_request()));
  ASSERT_TRUE(small_window.upgrade(
      sub(1), deflate_request("permessage-deflate; server_max_window_bits=10")));
  answer_subscriptions(house, 1);
  for (Visitor* visitor : {&plain, &deflated, &small_window}) {
    EXPECT_EQ(visitor->text(), R"({"t":"subd"})");
    EXPECT_EQ(visitor->text(), R"({"t":"snap"})");
  }
  for (publish::Sequence s = 1; s <= 20; ++s) {
    const std::string text = repeating(s, s * 300);  // some above a window of 1024, some below
    publish_frame(house, s, text);
    const std::optional<Heard> one = plain.frame();
    const std::optional<Heard> other = deflated.frame();
    const std::optional<Heard> third = small_window.frame();
    ASSERT_TRUE(one && other && third) << s;
    EXPECT_FALSE(one->compressed);
    EXPECT_TRUE(other->compressed);
    EXPECT_EQ(third->compressed, text.size() <= 1024);
    EXPECT_LT(other->payload.size(), text.size());
    for (const auto& heard : {one, other, third})
      EXPECT_EQ(message_of(*heard), text);
  }
  const gateway::server::Counts& counts = house.worker->counts();
  EXPECT_EQ(counts.frames_deflated.get(), 20U);  // each once for all
  EXPECT_EQ(counts.frames_sent_deflated.get(), 20U + 3U);
  EXPECT_GT(counts.deflate_saved_bytes.get(), 20'000U);
}

TEST(WsDelivery, APongWaitsForOnePartOfALongFanOutAlone) {
  constexpr std::size_t kReaders = 600;  // more than two parts
  House house({}, {.connections_max = 2 * kReaders});
  std::vector<std::unique_ptr<Visitor>> readers;
  for (std::size_t i = 0; i < kReaders; ++i) {
    readers.push_back(std::make_unique<Visitor>(house));
    ASSERT_TRUE(readers.back()->upgrade(sub(1)));
  }
  answer_subscriptions(house, 1);
  for (const auto& reader : readers)
    ASSERT_EQ((reader->text(), reader->text()), R"({"t":"snap"})");
  Visitor& last = *readers.back();  // its frame is due behind all others
  publish_frame(house, 1, repeating(1, 500));
  ASSERT_TRUE(last.post(masked(9, "you?")));
  house.turn();
  const auto served = std::count_if(readers.begin(), readers.end(),
                                    [](const auto& reader) { return reader->has_bytes(); });
  EXPECT_LT(served, 300) << "the fan-out is still under way";
  ASSERT_TRUE(last.has_bytes());
  EXPECT_EQ(last.frame()->opcode, 10);
  EXPECT_EQ(last.text(), repeating(1, 500));
  house.turn(4);
  for (const auto& reader : std::span{readers}.first(kReaders - 1))
    EXPECT_EQ(reader->text(), repeating(1, 500));
  EXPECT_FALSE(last.has_bytes()) << "nothing twice";
}

TEST(WsDelivery, FramesAboveTheRateOfAConnectionWaitAndComeAll) {
  gateway::server::Settings settings;
  settings.rules.output_per_second = 2'000;
  House house(settings);
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(sub(1)));
  answer_subscriptions(house, 1);
  for (publish::Sequence s = 1; s <= 8; ++s) {
    publish_frame(house, s, repeating(s, 1'000));
    house.turn(2);
  }
  publish::Sequence heard = 0;
  const auto hear = [&] {
    visitor.poll();
    while (!visitor.heard().empty())
      if (visitor.text() == repeating(heard + 1, 1'000)) ++heard;
    return heard;
  };
  EXPECT_GE(hear(), 2U) << "a second's worth at once";
  EXPECT_LT(hear(), 5U);
  house.pass(4'500ms);
  EXPECT_EQ(hear(), 8U);
  EXPECT_GE(house.worker->counts().output_held.get(), 1U);
}

TEST(WsDelivery, NothingIsDeflatedWhereItIsTurnedOff) {
  gateway::server::Settings settings;
  settings.compression = gateway::ws::Compression::None;
  House house(settings);
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(sub(1), deflate_request()));
  answer_subscriptions(house, 1);
  publish_frame(house, 1, repeating(1, 5'000));
  visitor.text();
  visitor.text();
  EXPECT_EQ(visitor.text(), repeating(1, 5'000));
  // And what it compresses all the same is a fault.
  visitor.send(masked(0x41, "x"));
  const std::optional<Heard> close = visitor.frame();
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->close_code(), 1002);
}

TEST(WsDelivery, TakesACompressedSubscription) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade({}, deflate_request()));
  gateway::ws::Deflater deflater;
  std::string compressed;
  deflater.compress(kHello, compressed);
  visitor.send(masked(0x41, compressed));
  EXPECT_TRUE(visitor.text().starts_with(R"({"t":"welcome")"));
}

TEST(WsDelivery, ADeflatedFrameThatIsWrittenInPartsStaysTheSameFrame) {
  House house;
  Visitor visitor(house, 4096);
  Visitor plain(house, 4096);
  ASSERT_TRUE(visitor.upgrade(sub(1), deflate_request()));
  ASSERT_TRUE(plain.upgrade(sub(1)));
  answer_subscriptions(house, 1);
  std::string text;  // shrinks, and is larger than the kernel's buffers all the same
  std::uint32_t state = 1;
  while (text.size() < (8U << 20U))
    text += static_cast<char>('a' + ((state = state * 1'664'525U + 1'013'904'223U) >> 28U));
  publish_frame(house, 1, text);
  publish_frame(house, 2, repeating(2, 1'000));
  house.turn(5);
  EXPECT_GT(house.worker->counts().short_writes.get(), 1U);
  for (Visitor* one : {&visitor, &plain}) {
    one->text();
    one->text();
    const std::optional<Heard> large = one->frame();
    const std::optional<Heard> next = one->frame();
    ASSERT_TRUE(large && next);
    EXPECT_EQ(large->compressed, one == &visitor);
    EXPECT_TRUE(message_of(*large) == text);
    EXPECT_EQ(message_of(*next), repeating(2, 1'000));
  }
}

TEST(WsDelivery, AThousandWhoNeverReadHoldNoFramesAndDelayNobody) {
  constexpr std::size_t kSlow = 1'000;
  constexpr publish::Sequence kFrames = 100;
  gateway::server::Settings settings;
  settings.deadlines.stalled = 1h;  // they shall stay
  settings.deadlines.ping_every = 1h;
  House house(settings, {.connections_max = kSlow + 1});
  std::deque<Visitor> slow;
  for (std::size_t i = 0; i < kSlow; ++i)
    ASSERT_TRUE(slow.emplace_back(house, 4096).upgrade(sub(1)));
  Visitor fast(house);
  ASSERT_TRUE(fast.upgrade(sub(1)));
  answer_subscriptions(house, 1);
  fast.text();
  fast.text();
  const std::string text(std::size_t{128} * 1024, 'x');
  std::vector<std::weak_ptr<const publish::Frame>> frames;
  for (publish::Sequence s = 1; s <= kFrames; ++s) {
    frames.push_back(publish_frame(house, s, text));
    ASSERT_EQ(fast.text().size(), text.size()) << s;
    house.clock.advance(1s);
  }
  EXPECT_EQ(house.dealer.connections(), kSlow + 1);
  EXPECT_GE(house.worker->counts().short_writes.get(), kSlow);
  // The ring holds those of the last 30 s, and each slow reader at most the one that it began.
  std::size_t alive = 0;
  for (const auto& frame : frames)
    if (!frame.expired()) ++alive;
  EXPECT_LE(alive, 45U);
  // Who reads again is told what it missed.
  Visitor& late = slow.front();
  EXPECT_TRUE(late.wait([&] { return late.heard().find(R"("t":"gap")") != std::string::npos; }));
}

TEST(WsDelivery, AThousandSubscribersGet1001WhenTheServerStops) {
  constexpr std::size_t kSubscribers = 1'000;
  House house({}, {.connections_max = kSubscribers});
  std::deque<Visitor> all;
  for (std::size_t i = 0; i < kSubscribers; ++i)
    ASSERT_TRUE(all.emplace_back(house).upgrade(sub(1)));
  answer_subscriptions(house, 1);
  house.worker->stop();
  std::size_t told = 0;
  for (Visitor& visitor : all) {
    std::optional<Heard> heard = visitor.frame();
    while (heard && heard->opcode == 1)
      heard = visitor.frame();
    ASSERT_TRUE(heard.has_value());
    if (heard->close_code() == 1001) ++told;
    visitor.send(masked(8, std::string("\x03\xE9", 2)));
    visitor.leave();
  }
  EXPECT_EQ(told, kSubscribers);
  house.turn(20);
  EXPECT_TRUE(house.worker->is_drained());  // no time has passed
  EXPECT_EQ(house.ended(Ended::Drained), kSubscribers);
}

/// There are no callbacks to a client's code here. What comes nearest to a call from inside a
/// delivery: commands, Closes and resets of readers that arrive in the turn in which a frame is
/// handed to them.
TEST(WsDelivery, SubscribeUnsubscribeAndCloseInTheTurnOfADelivery) {
  House house;
  std::deque<Visitor> readers;
  std::uint32_t state = 7;
  const auto chance = [&state](std::uint32_t of) {
    state = state * 1'664'525U + 1'013'904'223U;
    return (state >> 16U) % of;
  };
  for (int round = 1; round <= 120; ++round) {
    while (readers.size() < 12) {
      ASSERT_TRUE(readers.emplace_back(house).upgrade(sub(1)));
    }
    answer_subscriptions(house, static_cast<publish::Sequence>(round));
    const std::vector<std::string> commands{text_frame(R"({"t":"unsub","id":1})"), sub(2 + round),
                                            text_frame(R"({"t":"mod","id":1,"pause":true})"),
                                            masked(8, std::string("\x03\xE8", 2))};
    for (Visitor& reader : readers) {
      const std::uint32_t what = chance(6);
      if (what < commands.size()) static_cast<void>(reader.post(commands[what]));
      if (what == commands.size()) reader.reset();
    }
    publish_frame(house, static_cast<publish::Sequence>(round), repeating(1, 300));
    house.turn(2);
    while (readers.size() > 6)
      readers.pop_front();
  }
  readers.clear();
  house.turn(5);
  Visitor last(house);
  ASSERT_TRUE(last.upgrade(sub(1)));
  answer_subscriptions(house, 200);
  last.text();
  last.text();
  publish_frame(house, 200, repeating(200, 300));
  EXPECT_EQ(last.text(), repeating(200, 300));
}

TEST(WsDelivery, TheClientMayLeaveWhileItsUpgradeIsDecided) {
  House house;
  for (int i = 0; i < 20; ++i) {
    Visitor visitor(house);
    ASSERT_TRUE(visitor.post(std::string{kUpgrade} + sub(1)));
    if (i % 2 == 0) {
      visitor.reset();
    } else {
      visitor.shut_half();
      visitor.leave();
    }
    house.turn(3);
  }
  EXPECT_EQ(house.dealer.connections(), 0U);
  std::size_t open = 0;
  for (const publish::ToHub& mail : house.hub_mail()) {
    if (std::holds_alternative<publish::Subscribe>(mail)) ++open;
    if (std::holds_alternative<publish::Unsubscribe>(mail)) --open;
  }
  EXPECT_EQ(open, 0U);
}

TEST(WsDelivery, WhatCameBeforeTheHangUpIsTakenFirst) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello)));
  ASSERT_TRUE(visitor.post(sub(1) + sub(2)));
  visitor.shut_half();
  visitor.leave();
  house.turn(3);
  const auto mail = house.hub_mail();
  ASSERT_EQ(mail.size(), 4U);
  EXPECT_TRUE(std::holds_alternative<publish::Subscribe>(mail[1]));
  EXPECT_TRUE(std::holds_alternative<publish::Unsubscribe>(mail[3]));
  EXPECT_EQ(house.dealer.connections(), 0U);
}

TEST(WsDelivery, AClientThatGoesOnAfterAnErrorIsDrainedForOneSecond) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  visitor.send(masked(3, ""));
  const std::optional<Heard> close = visitor.frame();
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->close_code(), 1002);
  for (int i = 0; i < 3; ++i) {
    visitor.send(text_frame("more"));
    house.pass(250ms);
  }
  EXPECT_EQ(house.dealer.connections(), 1U);  // its bytes are read, so that it can read our Close
  visitor.send(text_frame("more"));
  house.pass(500ms);
  EXPECT_EQ(house.dealer.connections(), 0U);
}

}  // namespace
}  // namespace tests
