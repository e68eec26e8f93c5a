// The closing handshake: RFC 6455 sections 5.5.1 and 7, websocket.md 44 and 45.
#include <gtest/gtest.h>

#include "gateway/ws/close_code.h"
#include "gateway/ws/server_session.h"
#include "tests/gateway/ws/run_session.h"

namespace gateway::ws {
namespace {

TEST(WsClosing, AnswersAnEmptyCloseWithAnEmptyClose) {
  const Ran ran = run(client_frame(Opcode::Close, ""));
  EXPECT_EQ(ran.events, Events{"closed:1005:"});
  EXPECT_EQ(ran.output, server_frame(Opcode::Close, ""));
  EXPECT_TRUE(ran.finished);
}

TEST(WsClosing, EchoesEveryCodeThatMayBeSent) {
  for (int code = 0; code < 5100; ++code) {
    const auto wire = static_cast<std::uint16_t>(code);
    const std::string frame = close_frame(wire);
    const Ran ran = run_pieces({frame}, {});
    if (is_wire_close_code(wire)) {
      EXPECT_EQ(ran.events, Events{"closed:" + std::to_string(code) + ":"});
      EXPECT_EQ(ran.output, server_frame(Opcode::Close, raw({code >> 8, code & 0xFF})));
    } else {
      EXPECT_EQ(ran.events, Events{"failed:1002"}) << code;
    }
  }
}

TEST(WsClosing, KnowsWhichCodesMayBeSent) {
  for (const int code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1011, 1014, 3000, 3999, 4000, 4104, 4999}) {
    EXPECT_TRUE(is_wire_close_code(static_cast<std::uint16_t>(code))) << code;
  }
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535}) {
    EXPECT_FALSE(is_wire_close_code(static_cast<std::uint16_t>(code))) << code;
  }
}

TEST(WsClosing, ClosesWith1002OnBadCloseFrames) {
  expect_failure(client_frame(Opcode::Close, "\x03"), 1002);
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535}) {
    expect_failure(close_frame(static_cast<std::uint16_t>(code), "why"), 1002);
  }
}

TEST(WsClosing, ClosesWith1007OnAReasonThatIsNotUtf8) {
  expect_failure(close_frame(1000, "\xC3"), 1007);
  expect_failure(close_frame(1000, "\xED\xA0\x80"), 1007);
  EXPECT_EQ(run(close_frame(1000, "gr\xC3\xBC\xC3\x9F")).events,
            Events{"closed:1000:gr\xC3\xBC\xC3\x9F"});
}

TEST(WsClosing, IgnoresEverythingBehindThePeersClose) {
  const Ran ran =
      run(close_frame(1000) + text_frame("late") + close_frame(1001) + raw({0xFF, 0xFF, 0xFF}));
  EXPECT_EQ(ran.events, Events{"closed:1000:"});
  EXPECT_EQ(ran.output, server_frame(Opcode::Close, raw({0x03, 0xE8})));
}

TEST(WsClosing, IgnoresEverythingBehindAFault) {
  const Ran ran = run(raw({0x83, 0x80, 1, 2, 3, 4}) + close_frame(1000) + text_frame("late"));
  EXPECT_EQ(ran.events, Events{"failed:1002"});
}

TEST(WsClosing, DropsAnOpenMessageWhenTheCloseComesInside) {
  EXPECT_EQ(run(text_frame("half", Fin::No) + close_frame(1001)).events, Events{"closed:1001:"});
}

TEST(WsClosing, SendsOurCloseOnceAndWaitsForTheAnswer) {
  ServerSession session;
  EXPECT_TRUE(session.may_send());
  session.close(kCloseGoingAway, "bye");
  session.close(kCloseInternal, "again");
  EXPECT_FALSE(session.may_send());
  EXPECT_FALSE(session.close_sent());
  const std::string expected = server_frame(Opcode::Close, raw({0x03, 0xE9}) + "bye");
  EXPECT_EQ(ingest::as_text(session.output()), expected);
  session.output_sent(2);
  EXPECT_FALSE(session.close_sent());
  session.output_sent(expected.size() - 2);
  EXPECT_TRUE(session.close_sent());
  EXPECT_FALSE(session.finished());
  Ran ran;
  feed(session, text_frame("late") + client_frame(Opcode::Ping, "x") + close_frame(1001), ran);
  EXPECT_EQ(ran.events, Events{"closed:1001:"});
  EXPECT_TRUE(ran.output.empty());  // neither a pong nor a second Close
  EXPECT_TRUE(session.close_received());
  EXPECT_TRUE(session.finished());
}

TEST(WsClosing, SendsNoSecondCloseWhenThePeerFailsBehindOurs) {
  ServerSession session;
  session.close(kCloseNormal, "");
  session.output_sent(session.output().size());
  Ran ran;
  feed(session, raw({0x81, 0x00}), ran);
  EXPECT_EQ(ran.events, Events{"failed:1002"});
  EXPECT_TRUE(ran.output.empty());
  EXPECT_TRUE(session.finished());
}

TEST(WsClosing, QueuesOurCloseBehindAControlFrameThatHasBegun) {
  ServerSession session;
  session.ping("p");
  session.output_sent(1);
  session.close(4104, "slow");
  EXPECT_EQ(ingest::as_text(session.output()), server_frame(Opcode::Ping, "p").substr(1));
  session.output_sent(session.output().size());
  EXPECT_EQ(ingest::as_text(session.output()),
            server_frame(Opcode::Close, raw({0x10, 0x08}) + "slow"));
}

TEST(WsClosing, CutsAReasonAt123BytesOnACodePoint) {
  ServerSession session;
  session.close(kCloseNormal, std::string(122, 'a') + "\xC3\xBC");
  EXPECT_EQ(ingest::as_text(session.output()),
            server_frame(Opcode::Close, raw({0x03, 0xE8}) + std::string(122, 'a')));
  ServerSession other;
  other.close(kCloseNormal,
              "ok\xFF"
              "bad");
  EXPECT_EQ(ingest::as_text(other.output()), server_frame(Opcode::Close, raw({0x03, 0xE8}) + "ok"));
}

TEST(WsClosingDeathTest, NeverSendsACodeThatMayNotBeSent) {
  ServerSession session;
  for (const int code : {0, 1005, 1006, 1015, 2000, 5000}) {
    EXPECT_DEATH(session.close(static_cast<std::uint16_t>(code), ""), "is_wire_close_code") << code;
  }
}

TEST(WsClosing, GivesEachFaultACodeAndASentenceThatFits) {
  for (int fault = 0; fault <= static_cast<int>(SessionFault::BadCloseCode); ++fault) {
    EXPECT_TRUE(is_wire_close_code(close_code_of(static_cast<SessionFault>(fault))));
    EXPECT_LE(sentence_of(static_cast<SessionFault>(fault)).size(), kCloseReasonBytesMax);
    EXPECT_FALSE(sentence_of(static_cast<SessionFault>(fault)).empty());
  }
}

}  // namespace
}  // namespace gateway::ws
