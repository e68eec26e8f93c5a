#include "gateway/ws/server_session.h"

#include <gtest/gtest.h>

#include "gateway/ws/close_code.h"
#include "tests/gateway/ws/run_session.h"

namespace gateway::ws {
namespace {

TEST(WsSession, DeliversTextAndBinary) {
  const Ran ran =
      run(text_frame("Hello") + client_frame(Opcode::Binary, std::string_view{"\0\xff", 2}));
  EXPECT_EQ(ran.events, (Events{"text:Hello", std::string{"binary:\0\xff", 9}}));
  EXPECT_TRUE(ran.output.empty());
}

TEST(WsSession, ReadsTheExampleOfTheRfc) {
  EXPECT_EQ(run(raw({0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58})).events,
            Events{"text:Hello"});
}

TEST(WsSession, DeliversAMessageThatCameWholeWithoutCopyingIt) {
  ServerSession session;
  const std::string frame = text_frame(std::string(500, 'a'));
  std::vector<std::uint8_t> bytes(frame.begin(), frame.end());
  session.receive(bytes);
  const auto event = session.next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(ingest::as_bytes(std::get<Text>(*event).text).data(), bytes.data() + 8);
  EXPECT_EQ(session.next_event(), std::nullopt);
}

TEST(WsSession, HoldsLittleMemoryWhenIdle) {
  ServerSession session;
  Ran ran;
  feed(session, text_frame(std::string(5'000, 'a'), Fin::No), ran);
  EXPECT_GE(session.stored_bytes(), 5'000U);
  feed(session, continuation("b"), ran);
  constexpr std::size_t kInlineStrings = 64;  // what empty strings call their capacity
  EXPECT_LE(session.stored_bytes(), kInlineStrings);
  EXPECT_LE(sizeof(ServerSession), 512U);
}

// ---- frames that end the session (websocket.md 28-35) ----

TEST(WsSession, ClosesWith1002OnAnUnmaskedFrame) {
  expect_failure(raw({0x81, 0x05}) + "Hello", 1002);
  expect_failure(raw({0x89, 0x00}), 1002);
  expect_failure(raw({0x88, 0x00}), 1002);
}

TEST(WsSession, ClosesWith1002OnReservedBits) {
  for (const int first : {0xC1, 0xA1, 0x91, 0xF1, 0xA2, 0x92, 0xC2})
    expect_failure(raw({first, 0x80, 1, 2, 3, 4}), 1002);
  for (const int first : {0xC9, 0xC8, 0xCA, 0xC0})
    expect_failure(raw({first, 0x80, 1, 2, 3, 4}), 1002);
  const Ran ran = run(text_frame("a", Fin::No) + raw({0xC0, 0x80, 1, 2, 3, 4}));
  EXPECT_EQ(ran.events, Events{"failed:1002"});
}

TEST(WsSession, ClosesWith1002OnUnknownOpcodes) {
  for (const int opcode : {3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF}) {
    expect_failure(raw({0x80 | opcode, 0x80, 1, 2, 3, 4}), 1002);
  }
}

TEST(WsSession, ClosesWith1002OnAFragmentedPing) {
  for (const int opcode : {8, 9, 10})
    expect_failure(raw({opcode, 0x80, 1, 2, 3, 4}), 1002);
}

TEST(WsSession, ClosesWith1002OnALongControlFrame) {
  for (const int first : {0x88, 0x89, 0x8A}) {
    expect_failure(raw({first, 0xFE, 0, 126, 1, 2, 3, 4}), 1002);
    expect_failure(raw({first, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4}), 1002);
  }
}

TEST(WsSession, ClosesWith1002OnAContinuationWithoutAStart) {
  expect_failure(continuation("a"), 1002);
  expect_failure(continuation("a", Fin::No), 1002);
  EXPECT_EQ(run(text_frame("a") + continuation("b")).events, (Events{"text:a", "failed:1002"}));
}

TEST(WsSession, ClosesWith1002OnAMessageInsideAMessageAndDeliversNeither) {
  expect_failure(text_frame("a", Fin::No) + text_frame("b"), 1002);
  expect_failure(text_frame("a", Fin::No) + client_frame(Opcode::Binary, "b"), 1002);
  expect_failure(client_frame(Opcode::Binary, "", Fin::No) + text_frame("b", Fin::No), 1002);
}

TEST(WsSession, ClosesWith1002OnALengthThatIsNotMinimal) {
  expect_failure(raw({0x81, 0xFE, 0, 5, 0, 0, 0, 0}) + "Hello", 1002);
  expect_failure(raw({0x81, 0xFE, 0, 125, 0, 0, 0, 0}), 1002);
  expect_failure(raw({0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0}), 1002);
  expect_failure(raw({0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0}) + "Hello", 1002);
}

TEST(WsSession, ClosesWith1002OnTheTopBitAndWith1009OnATerabyte) {
  expect_failure(raw({0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}), 1002);
  expect_failure(raw({0x81, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4}), 1009);
}

TEST(WsSession, ClosesWith1009OnTheHeaderOfAFrameAboveTheLimit) {
  const ServerSession::Options small{.message_bytes_max = 10};
  EXPECT_EQ(run(text_frame("0123456789"), small).events, Events{"text:0123456789"});
  expect_failure(raw({0x81, 0x8B, 1, 2, 3, 4}), 1009, small);
  expect_failure(text_frame("012345", Fin::No) + raw({0x00, 0x85, 1, 2, 3, 4}), 1009, small);
  EXPECT_EQ(run(text_frame("012345", Fin::No) + continuation("6789"), small).events,
            Events{"text:0123456789"});
}

TEST(WsSession, ClosesWith1009AboveAThousandFragments) {
  std::string stream = text_frame("", Fin::No);
  for (int i = 0; i < 998; ++i)
    stream += continuation("", Fin::No);
  EXPECT_EQ(run(stream + continuation("end")).events, Events{"text:end"});
  expect_failure(stream + continuation("", Fin::No) + continuation(""), 1009);
}

TEST(WsSession, ClosesWith1003OnBinaryWhereTextIsExpected) {
  const ServerSession::Options text_only{.accept = Accept::TextOnly};
  expect_failure(raw({0x82, 0x85, 1, 2, 3, 4}), 1003, text_only);
  expect_failure(raw({0x02, 0x80, 1, 2, 3, 4}), 1003, text_only);
  EXPECT_EQ(run(text_frame("a", Fin::No) + continuation("b"), text_only).events, Events{"text:ab"});
}

// ---- text (36-38, 42) ----

TEST(WsSession, ClosesWith1007AtTheFirstBadByte) {
  // The frame announces more than came, and no FIN: the bad byte alone decides.
  expect_failure(text_frame("ok\xFFrest", Fin::No).substr(0, 9), 1007);
  expect_failure(text_frame("\xF4\x90zzzz").substr(0, 8), 1007);
  expect_failure(text_frame("\xC0zzz").substr(0, 7), 1007);
  expect_failure(text_frame("good ", Fin::No) + continuation("\x80more", Fin::No).substr(0, 7),
                 1007);
}

TEST(WsSession, ClosesWith1007OnEveryKindOfBadText) {
  for (const std::string_view bad :
       {"\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5",
        "\xFE", "\xF0\x80\x80\x80", "\xF8\x88\x80\x80\x80", "a\x80", "\xE2\x82", "\xC3",
        "\xF0\x9F\x98", "\xC3\x28", "\xE2\x28\xA1"}) {
    expect_failure(text_frame(bad), 1007);
    EXPECT_EQ(run(client_frame(Opcode::Binary, bad)).events, Events{"binary:" + std::string{bad}});
  }
  expect_failure(text_frame("\xE2\x82", Fin::No) + continuation(""), 1007);
}

TEST(WsSession, JoinsACodePointThatFragmentsSplit) {
  const Ran ran = run(text_frame("\xF0", Fin::No) + continuation("\x9F\x98", Fin::No) +
                      continuation("", Fin::No) + continuation("\x80!"));
  EXPECT_EQ(ran.events, Events{"text:\xF0\x9F\x98\x80!"});
}

TEST(WsSession, BeginsEachTextAfresh) {
  EXPECT_EQ(run(client_frame(Opcode::Binary, "\xE2\x82") + text_frame("a")).events.back(),
            "text:a");
}

TEST(WsSession, DeliversEmptyMessages) {
  const Ran ran = run(text_frame("") + text_frame("", Fin::No) + continuation("", Fin::No) +
                      continuation("") + client_frame(Opcode::Binary, ""));
  EXPECT_EQ(ran.events, (Events{"text:", "text:", "binary:"}));
}

TEST(WsSession, ReadsLengthsOfAllThreeForms) {
  for (const std::size_t size : {125U, 126U, 127U, 65'535U, 65'536U}) {
    const std::string payload(size, 'x');
    const ServerSession::Options roomy{.message_bytes_max = 70'000};
    EXPECT_EQ(run_pieces({text_frame(payload)}, roomy).events, Events{"text:" + payload}) << size;
    const std::string frame = text_frame(payload);
    EXPECT_EQ(run_pieces({frame.substr(0, 9), frame.substr(9, 3), frame.substr(12)}, roomy).events,
              Events{"text:" + payload});
  }
}

TEST(WsSession, ReadsAZeroMaskKeyAndKeepsThePhaseAcrossSegments) {
  EXPECT_EQ(run(client_frame(Opcode::Text, "zero key", Fin::Yes, MaskKey{})).events,
            Events{"text:zero key"});
  std::string payload;
  for (int i = 0; i < 300; ++i)
    payload += static_cast<char>('a' + i % 26);
  EXPECT_EQ(run(text_frame(payload)).events, Events{"text:" + payload});
}

// ---- control frames (39-41) ----

TEST(WsSession, AnswersAPingBeforeTheMessageAroundItEnds) {
  ServerSession session;
  Ran ran;
  feed(session, text_frame("a", Fin::No) + client_frame(Opcode::Ping, "now"), ran);
  EXPECT_EQ(ran.output, server_frame(Opcode::Pong, "now"));
  EXPECT_TRUE(ran.events.empty());
  feed(session, continuation("b"), ran);
  EXPECT_EQ(ran.events, Events{"text:ab"});
  EXPECT_EQ(
      run(text_frame("a", Fin::No) + client_frame(Opcode::Ping, "") + continuation("b")).events,
      Events{"text:ab"});
}

TEST(WsSession, EchoesAPingOf125BytesExactly) {
  const std::string payload(125, '\xFF');
  const Ran ran = run(client_frame(Opcode::Ping, payload));
  EXPECT_EQ(ran.output, server_frame(Opcode::Pong, payload));
  EXPECT_TRUE(ran.events.empty());
}

TEST(WsSession, AnswersTheLatestOfTenThousandPingsWhileWritingIsBlocked) {
  ServerSession session;
  const auto ping = [&](const std::string& payload) {
    const std::string frame = client_frame(Opcode::Ping, payload);
    std::vector<std::uint8_t> bytes(frame.begin(), frame.end());
    session.receive(bytes);
    EXPECT_EQ(session.next_event(), std::nullopt);
  };
  ping("first");
  session.output_sent(3);  // the frame has begun and is never taken back
  for (int i = 0; i < 10'000; ++i)
    ping(std::to_string(i));
  EXPECT_EQ(ingest::as_text(session.output()), server_frame(Opcode::Pong, "first").substr(3));
  session.output_sent(session.output().size());
  EXPECT_EQ(ingest::as_text(session.output()), server_frame(Opcode::Pong, "9999"));
  session.output_sent(session.output().size());
  EXPECT_TRUE(session.output().empty());
}

TEST(WsSession, TellsAPongAsLifeAndAnswersNothing) {
  const Ran ran = run(client_frame(Opcode::Pong, "unasked") + text_frame("a"));
  EXPECT_EQ(ran.events, (Events{"pong", "text:a"}));
  EXPECT_TRUE(ran.output.empty());
}

TEST(WsSession, SendsItsOwnPing) {
  ServerSession session;
  session.ping("1");
  EXPECT_EQ(ingest::as_text(session.output()), server_frame(Opcode::Ping, "1"));
}

}  // namespace
}  // namespace gateway::ws
