// The open connection over real sockets: acceptance lines 56 and 58 from the client's side.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/gateway/ws_client/host.h"

namespace gateway::ws_client {
namespace {

using tests::close_frame;
using tests::Got;
using tests::Guest;
using tests::Host;
using tests::options_for;
using tests::Room;
using tests::server_frame;
using namespace std::chrono_literals;

/// A room with an open connection in it.
struct Open {
  explicit Open(ws_client::ClientOptions (*change)(ws_client::ClientOptions) = nullptr)
      : guest(room, change == nullptr ? options_for(host.url()) : change(options_for(host.url()))) {
    EXPECT_TRUE(host.welcome());
    EXPECT_TRUE(room.until([this] { return guest.client.is_open(); }));
  }
  const Ending& ending() {
    EXPECT_TRUE(room.until([this] { return !guest.ear.endings.empty(); }));
    return guest.ear.endings.front();
  }
  Room room;
  Host host{room};
  Guest guest;
};

TEST(ClientSession, MasksEveryFrameWithAnotherKey) {
  Open open;
  std::set<ws::MaskKey> keys;
  constexpr int kFrames = 100;
  for (int i = 0; i < kFrames; ++i) {
    ASSERT_EQ(open.guest.client.send_text("the same text"), Sent::Queued);
  }
  for (int i = 0; i < kFrames; ++i) {
    const auto got = open.host.frame();
    ASSERT_TRUE(got && got->header.mask);
    EXPECT_EQ(got->payload, "the same text");
    keys.insert(*got->header.mask);
  }
  EXPECT_EQ(keys.size(), std::size_t{kFrames});
}

TEST(ClientSession, MasksItsPongsPingsAndCloseToo) {
  Open open;
  open.host.send(server_frame(ws::Opcode::Ping, "p"));
  const auto pong = open.host.frame();
  ASSERT_TRUE(pong && pong->header.mask);
  EXPECT_EQ(pong->header.opcode, ws::Opcode::Pong);
  EXPECT_EQ(pong->payload, "p");
  open.guest.client.close(1000, "done");
  const auto close = open.host.frame();
  ASSERT_TRUE(close && close->header.mask);
  EXPECT_EQ(close->close_code(), 1000);
  EXPECT_EQ(close->payload.substr(2), "done");
}

struct Breach {
  std::string name;
  std::string bytes;
  int code;
};

TEST(ClientSession, ClosesWithTheCodeOfWhatTheServerBroke) {
  const std::string text = server_frame(ws::Opcode::Text, "a");
  const std::vector<Breach> cases{
      {"masked", std::string{"\x81\x81\x01\x02\x03\x04\x60", 7}, 1002},
      {"RSV1 without the extension",
       "\xc1\x01"
       "a",
       1002},
      {"RSV2",
       "\xa1\x01"
       "a",
       1002},
      {"opcode 3",
       "\x83\x01"
       "a",
       1002},
      {"fragmented ping", std::string{"\x09\x00", 2}, 1002},
      {"long ping", std::string{"\x89\x7e\x00\x7e", 4}, 1002},
      {"continuation without a start",
       "\x80\x01"
       "a",
       1002},
      {"text inside a message",
       "\x01\x01"
       "a" +
           text,
       1002},
      {"length not minimal", std::string{"\x81\x7e\x00\x05hello", 9}, 1002},
      {"2^40 bytes", std::string{"\x82\x7f\x00\x00\x01\x00\x00\x00\x00\x00", 10}, 1009},
      {"not UTF-8", "\x81\x02\xc0\xaf", 1007},
      {"Close of one byte",
       "\x88\x01"
       "a",
       1002},
      {"Close 1005", close_frame(1005), 1002},
      {"Close with bad text", close_frame(1000, "\xff"), 1007},
  };
  for (const Breach& breach : cases) {
    Open open;
    open.host.send(breach.bytes);
    const auto close = open.host.frame();
    ASSERT_TRUE(close) << breach.name;
    EXPECT_EQ(close->header.opcode, ws::Opcode::Close) << breach.name;
    EXPECT_TRUE(close->header.mask) << breach.name;
    EXPECT_EQ(close->close_code(), breach.code) << breach.name;
    open.host.leave();
    EXPECT_TRUE(open.ending().sentence.starts_with("the server broke the WebSocket protocol: "))
        << open.ending().sentence;
    EXPECT_FALSE(open.ending().clean);
  }
}

TEST(ClientSession, DeliversMessagesInPiecesAndBetweenPings) {
  Open open;
  open.host.send(server_frame(ws::Opcode::Text, "gr\xc3", ws::Fin::No));
  open.host.send(server_frame(ws::Opcode::Ping, "now"));
  open.host.send(server_frame(ws::Opcode::Continuation,
                              "\xbc\xc3\x9f"
                              "e"));
  open.host.send(server_frame(ws::Opcode::Binary, std::string(70'000, 'b')));
  ASSERT_TRUE(open.room.until([&] { return open.guest.ear.log.size() == 3; }));
  EXPECT_EQ(open.guest.ear.log[1],
            "text gr\xc3\xbc\xc3\x9f"
            "e");
  EXPECT_EQ(open.guest.ear.log[2], "binary " + std::string(70'000, 'b'));
  EXPECT_EQ(open.host.frame()->payload, "now");
  EXPECT_EQ(open.guest.client.counts().messages_received, 2U);
  EXPECT_EQ(open.guest.client.counts().bytes_received, 70'007U);
}

TEST(ClientSession, AnswersTheServersCloseAndWaitsForItToEndTcp) {
  Open open;
  open.host.send(close_frame(4100, "internal"));
  EXPECT_EQ(open.host.frame()->close_code(), 4100);
  open.room.turn(20);
  EXPECT_FALSE(open.host.closed());  // RFC 6455 section 7.1.1: the server is first
  EXPECT_TRUE(open.guest.ear.endings.empty());
  open.host.leave();
  EXPECT_EQ(open.ending().sentence, "the server closed with 4100: internal");
  EXPECT_EQ(open.ending().close_code, 4100);
  EXPECT_TRUE(open.ending().clean);
}

TEST(ClientSession, EndsTcpItselfWhenTheServerDoesNot) {
  Open open;
  open.host.send(close_frame(1001));
  ASSERT_TRUE(open.host.frame());
  open.room.turn(20);
  open.room.pass(1'900ms);
  EXPECT_TRUE(open.guest.ear.endings.empty());
  open.room.pass(300ms);
  EXPECT_EQ(open.ending().close_code, 1001);
  EXPECT_TRUE(open.host.saw_end());
}

TEST(ClientSession, SendsWhatIsQueuedBeforeItsClose) {
  Open open;
  open.guest.client.send_text("one");
  open.guest.client.send_binary(ingest::as_bytes("two"));
  open.guest.client.close(1000, "bye");
  EXPECT_EQ(open.guest.client.send_text("too late"), Sent::NotOpen);
  EXPECT_EQ(open.host.frame()->payload, "one");
  EXPECT_EQ(open.host.frame()->payload, "two");
  EXPECT_EQ(open.host.frame()->close_code(), 1000);
  open.host.send(server_frame(ws::Opcode::Text, "after our Close"));
  open.host.send(close_frame(1000));
  open.host.leave();
  EXPECT_EQ(open.ending().sentence, "closed by us");
  EXPECT_TRUE(open.ending().clean);
  EXPECT_FALSE(open.guest.ear.again_in);
  EXPECT_EQ(open.guest.ear.log.size(), 2U);  // opened, ended: nothing is heard after our Close
}

TEST(ClientSession, DoesNotWaitLongerThan5sForTheServersClose) {
  Open open;
  open.guest.client.close(1000, "");
  ASSERT_TRUE(open.host.frame());
  open.room.pass(4'900ms);
  EXPECT_TRUE(open.guest.ear.endings.empty());
  open.room.pass(300ms);
  EXPECT_EQ(open.ending().sentence, "closed by us");
  EXPECT_FALSE(open.ending().clean);
}

TEST(ClientSession, TellsAnEndWithoutACloseFrameFromAReset) {
  {
    Open open;
    open.host.send(std::string{"\x81\x05hal", 5});
    open.room.turn();
    open.host.leave();
    EXPECT_EQ(open.ending().sentence, "the server closed the connection without a Close frame");
    EXPECT_EQ(open.ending().again, Again::MayHelp);
  }
  Open open;
  open.host.reset();
  EXPECT_EQ(open.ending().sentence, "the connection broke: connection reset by peer");
}

TEST(ClientSession, PingsAQuietServerAndLeavesASilentOne) {
  Open open;
  open.room.pass(19'000ms);
  EXPECT_TRUE(open.host.unread().empty());
  open.room.pass(1'500ms);
  const auto ping = open.host.frame();
  ASSERT_TRUE(ping);
  EXPECT_EQ(ping->header.opcode, ws::Opcode::Ping);
  open.host.send(server_frame(ws::Opcode::Pong, ""));
  open.room.turn();
  open.room.pass(19'000ms);
  EXPECT_TRUE(open.guest.ear.endings.empty());
  open.room.pass(1'500ms);
  EXPECT_EQ(open.host.frame()->header.opcode, ws::Opcode::Ping);
  open.room.pass(10'500ms);
  EXPECT_EQ(open.ending().sentence, "nothing was heard from the server for 30000 ms");
}

TEST(ClientSession, BoundsWhatWaitsForAServerThatDoesNotRead) {
  Open open{[](ws_client::ClientOptions options) {
    options.send_bytes_max = 100'000;
    return options;
  }};
  const std::string message(10'000, 'x');
  int queued = 0;
  Sent sent = Sent::Queued;
  for (int i = 0; i < 5'000 && sent == Sent::Queued; ++i) {
    sent = open.guest.client.send_text(message);
    if (sent == Sent::Queued) ++queued;
    open.room.turn(2);
  }
  EXPECT_EQ(sent, Sent::Full);
  EXPECT_EQ(open.guest.client.counts().messages_refused, 1U);
  // Pings are still answered, between whole messages, and nothing that was queued is lost.
  open.host.send(server_frame(ws::Opcode::Ping, "still there?"));
  open.room.turn(20);
  int texts = 0;
  bool ponged = false;
  while (texts < queued) {
    const auto got = open.host.frame();
    ASSERT_TRUE(got) << texts;
    if (got->header.opcode == ws::Opcode::Pong) {
      ponged = got->payload == "still there?";
    } else {
      EXPECT_EQ(got->payload, message);
      ++texts;
    }
  }
  EXPECT_TRUE(ponged);
}

TEST(ClientSession, SpeaksDeflateBothWaysAndPlainBesides) {
  Room room;
  Host host{room};
  auto options = options_for(host.url());
  options.compression = ws::Compression::Deflate;
  Guest guest{room, options};
  ASSERT_TRUE(
      host.welcome("Sec-WebSocket-Extensions: permessage-deflate; "
                   "server_no_context_takeover; client_no_context_takeover\r\n"));
  ASSERT_TRUE(room.until([&] { return guest.client.is_open(); }));
  const std::string message(5'000, 'z');
  guest.client.send_text(message);
  guest.client.send_text("short");
  const auto deflated = host.frame();
  ASSERT_TRUE(deflated && deflated->header.rsv1);
  EXPECT_LT(deflated->payload.size(), 100U);
  EXPECT_EQ(
      ingest::as_text(*room.tools.inflater.inflate(ingest::as_bytes(deflated->payload), 10'000)),
      message);
  EXPECT_FALSE(host.frame()->header.rsv1);
  host.send("\xc1" + std::string{static_cast<char>(deflated->payload.size())} + deflated->payload);
  host.send(server_frame(ws::Opcode::Text, "plain"));
  EXPECT_TRUE(room.until([&] { return guest.ear.heard("text plain"); }));
  EXPECT_TRUE(guest.ear.heard("text " + message));
  host.send(
      "\xc1\x03"
      "abc");  // garbage
  EXPECT_EQ(host.frame()->close_code(), 1007);
}

TEST(ClientSession, MayBeClosedFromInsideADelivery) {
  Open open;
  open.guest.ear.on_text = [&](std::string_view) { open.guest.client.close(1000, "enough"); };
  open.host.send(server_frame(ws::Opcode::Text, "one") + server_frame(ws::Opcode::Text, "two"));
  EXPECT_EQ(open.host.frame()->close_code(), 1000);
  open.host.send(close_frame(1000));
  open.host.leave();
  open.ending();
  EXPECT_TRUE(open.guest.ear.heard("text one"));
}

}  // namespace
}  // namespace gateway::ws_client
