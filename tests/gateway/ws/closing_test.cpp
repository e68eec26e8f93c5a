// The closing handshake, in both roles: RFC 6455 sections 5.5.1 and 7, websocket.md 44, 45 and 58.
#include <gtest/gtest.h>

#include "tests/gateway/ws/run_session.h"

namespace gateway::ws {
namespace {

class WsClosing : public BothRoles {
 protected:
  /// All that the session has to say, taken as written.
  static Events said(Session& session) {
    std::string output;
    while (!session.output().empty()) {
      output += ingest::as_text(session.output());
      session.output_sent(session.output().size());
    }
    return frames_of(output, GetParam());
  }
};
INSTANTIATE_TEST_SUITE_P(BothRoles, WsClosing, both_roles(), role_name);

TEST_P(WsClosing, AnswersAnEmptyCloseWithAnEmptyClose) {
  const Ran ran = run(frame(Opcode::Close, ""));
  EXPECT_EQ(ran.events, Events{"closed:1005:"});
  EXPECT_EQ(ran.said, Events{"close:"});
  EXPECT_TRUE(ran.finished);
}

struct CodeRange {
  int first;
  int last;
};
/// RFC 6455 section 7.4 and IANA's registry: what may stand in a Close frame, and what may not.
constexpr CodeRange kEchoed[] = {{1000, 1003}, {1007, 1014}, {3000, 4999}};
constexpr CodeRange kRefused[] = {{0, 999}, {1004, 1006}, {1015, 2999}, {5000, 65'535}};
static_assert(4 + 8 + 2'000 + 1'000 + 3 + 1'985 + 60'536 == 65'536, "each code is in one of them");

TEST_P(WsClosing, EchoesEveryCodeThatMayBeSent) {
  for (const CodeRange range : kEchoed) {
    for (int code = range.first; code <= range.last; ++code) {
      const Ran ran = run(close(static_cast<std::uint16_t>(code)));
      ASSERT_EQ(ran.events, Events{"closed:" + std::to_string(code) + ":"});
      ASSERT_EQ(ran.said, Events{"close:" + std::to_string(code) + ":"});
    }
  }
}

TEST_P(WsClosing, ClosesWith1002OnEveryCodeThatMayNotBeSent) {
  for (const CodeRange range : kRefused) {
    for (int code = range.first; code <= range.last; code += code < 5'100 ? 1 : 97) {
      const std::string stream = close(static_cast<std::uint16_t>(code));
      const Ran ran = run_pieces({stream}, given());
      ASSERT_EQ(ran.events, Events{"failed:1002"}) << code;
      ASSERT_EQ(ran.said.size(), 1U) << code;
      ASSERT_TRUE(ran.said[0].starts_with("close:1002:")) << code;
    }
  }
}

TEST(WsCloseCode, IsOneOfThoseThatMayBeSent) {
  for (const CodeRange range : kEchoed) {
    for (int code = range.first; code <= range.last; ++code)
      EXPECT_TRUE(is_wire_close_code(static_cast<std::uint16_t>(code))) << code;
  }
  for (const CodeRange range : kRefused) {
    for (int code = range.first; code <= range.last; ++code)
      EXPECT_FALSE(is_wire_close_code(static_cast<std::uint16_t>(code))) << code;
  }
}

TEST_P(WsClosing, ClosesWith1002OnBadCloseFrames) {
  expect_failure(frame(Opcode::Close, "\x03"), 1002);
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535})
    expect_failure(close(static_cast<std::uint16_t>(code), "why"), 1002);
}

TEST_P(WsClosing, ClosesWith1007OnAReasonThatIsNotUtf8) {
  expect_failure(close(1000, "\xC3"), 1007);
  expect_failure(close(1000, "\xED\xA0\x80"), 1007);
  EXPECT_EQ(run(close(1000, "gr\xC3\xBC\xC3\x9F")).events,
            Events{"closed:1000:gr\xC3\xBC\xC3\x9F"});
}

TEST_P(WsClosing, IgnoresEverythingBehindThePeersClose) {
  const Ran ran = run(close(1000) + text("late") + close(1001) + raw({0xFF, 0xFF, 0xFF}));
  EXPECT_EQ(ran.events, Events{"closed:1000:"});
  EXPECT_EQ(ran.said, Events{"close:1000:"});
}

TEST_P(WsClosing, IgnoresEverythingBehindAFault) {
  const Ran ran = run(header({0x83, 0}) + close(1000) + text("late"));
  EXPECT_EQ(ran.events, Events{"failed:1002"});
  EXPECT_EQ(ran.said.size(), 1U);
}

TEST_P(WsClosing, DropsAnOpenMessageWhenTheCloseComesInside) {
  EXPECT_EQ(run(text("half", Fin::No) + close(1001)).events, Events{"closed:1001:"});
}

TEST_P(WsClosing, SendsOurCloseOnceAndWaitsForTheAnswer) {
  Bench bench{given()};
  Session& session = bench.session();
  EXPECT_TRUE(session.may_send());
  session.close(kCloseGoingAway, "bye");
  session.close(kCloseInternal, "again");
  EXPECT_FALSE(session.may_send());
  const std::string output{ingest::as_text(session.output())};
  EXPECT_EQ(frames_of(output, GetParam()), Events{"close:1001:bye"});
  session.output_sent(2);
  EXPECT_FALSE(session.close_sent());
  session.output_sent(output.size() - 2);
  EXPECT_TRUE(session.close_sent());
  EXPECT_FALSE(session.finished());
  Ran ran;
  feed(bench, text("late") + frame(Opcode::Ping, "x") + close(1001), ran);
  EXPECT_EQ(ran.events, Events{"closed:1001:"});
  EXPECT_TRUE(ran.output.empty());  // neither a pong nor a second Close
  EXPECT_TRUE(session.close_received());
  EXPECT_TRUE(session.finished());
}

TEST_P(WsClosing, SendsNoSecondCloseWhenThePeerFailsBehindOurs) {
  Bench bench{given()};
  bench.session().close(kCloseNormal, "");
  EXPECT_EQ(said(bench.session()), Events{"close:1000:"});
  Ran ran;
  feed(bench, header({0x83, 0}), ran);
  EXPECT_EQ(ran.events, Events{"failed:1002"});
  EXPECT_TRUE(ran.output.empty());
  EXPECT_TRUE(bench.session().finished());
}

TEST_P(WsClosing, QueuesOurCloseBehindAControlFrameThatHasBegun) {
  Bench bench{given()};
  Session& session = bench.session();
  session.ping("p");
  const std::string begun{ingest::as_text(session.output())};
  session.output_sent(1);
  session.close(4104, "slow");
  EXPECT_EQ(ingest::as_text(session.output()), begun.substr(1));
  session.output_sent(session.output().size());
  EXPECT_EQ(said(session), Events{"close:4104:slow"});
}

TEST_P(WsClosing, CutsAReasonAt123BytesOnACodePoint) {
  Bench bench{given()};
  bench.session().close(kCloseNormal, std::string(122, 'a') + "\xC3\xBC");
  EXPECT_EQ(said(bench.session()), Events{"close:1000:" + std::string(122, 'a')});
  Bench other{given()};
  other.session().close(kCloseNormal,
                        "ok\xFF"
                        "bad");
  EXPECT_EQ(said(other.session()), Events{"close:1000:ok"});
}

TEST(WsClosingDeathTest, NeverSendsACodeThatMayNotBeSent) {
  ServerSession session;
  for (const int code : {0, 1005, 1006, 1015, 2000, 5000}) {
    EXPECT_DEATH(session.close(static_cast<std::uint16_t>(code), ""), "is_wire_close_code") << code;
  }
}

TEST(WsSessionFault, HasACodeAndASentenceThatFits) {
  for (int fault = 0; fault <= static_cast<int>(SessionFault::BadCloseCode); ++fault) {
    EXPECT_TRUE(is_wire_close_code(close_code_of(static_cast<SessionFault>(fault))));
    EXPECT_LE(sentence_of(static_cast<SessionFault>(fault)).size(), kCloseReasonBytesMax);
    EXPECT_FALSE(sentence_of(static_cast<SessionFault>(fault)).empty());
  }
}

}  // namespace
}  // namespace gateway::ws
