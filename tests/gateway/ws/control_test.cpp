// Pings and pongs, in both roles: websocket.md 39-41 and 58; and what each role asks of masks.
#include <gtest/gtest.h>

#include "tests/gateway/ws/run_session.h"

namespace gateway::ws {
namespace {

class WsControl : public BothRoles {};
INSTANTIATE_TEST_SUITE_P(BothRoles, WsControl, both_roles(), role_name);

TEST_P(WsControl, AnswersAPingBeforeTheMessageAroundItEnds) {
  Bench bench{given()};
  Ran ran;
  feed(bench, text("a", Fin::No) + frame(Opcode::Ping, "now"), ran);
  EXPECT_EQ(ran.said, Events{"pong:now"});
  EXPECT_TRUE(ran.events.empty());
  feed(bench, continuation("b"), ran);
  EXPECT_EQ(ran.events, Events{"text:ab"});
  const Ran empty = run(text("a", Fin::No) + frame(Opcode::Ping, "") + continuation("b"));
  EXPECT_EQ(empty.events, Events{"text:ab"});
  EXPECT_EQ(empty.said, Events{"pong:"});
}

TEST_P(WsControl, LetsDataGoBetweenThePongAndTheCloseOfOneSegment) {
  Bench bench{given()};
  Session& session = bench.session();
  const std::string stream =
      text("a", Fin::No) + frame(Opcode::Ping, "p") + continuation("b") + frame(Opcode::Close, "");
  std::vector<std::uint8_t> bytes(stream.begin(), stream.end());
  session.receive(bytes);
  while (session.next_event()) {
  }
  EXPECT_FALSE(session.output_is_close());
  EXPECT_EQ(frames_of(ingest::as_text(session.output()), GetParam()), Events{"pong:p"});
  session.output_sent(session.output().size());
  EXPECT_TRUE(session.output_is_close());
  EXPECT_EQ(frames_of(ingest::as_text(session.output()), GetParam()), Events{"close:"});
  session.output_sent(session.output().size());
  EXPECT_FALSE(session.output_is_close());
  EXPECT_TRUE(session.finished());
}

TEST_P(WsControl, AnswersEachOfTwoPingsThatComeInPiecesInsideAMessage) {
  const std::string stream = text("a", Fin::No) + frame(Opcode::Ping, "one") +
                             frame(Opcode::Ping, "two") + continuation("b");
  Bench bench{given()};
  Ran ran;
  for (std::size_t i = 0; i < stream.size(); ++i)
    feed(bench, stream.substr(i, 1), ran);
  EXPECT_EQ(ran.said, (Events{"pong:one", "pong:two"}));
  EXPECT_EQ(ran.events, Events{"text:ab"});
}

TEST_P(WsControl, EchoesAPingOf125BytesExactly) {
  const std::string payload(125, '\xFF');
  const Ran ran = run(frame(Opcode::Ping, payload));
  EXPECT_EQ(ran.said, Events{"pong:" + payload});
  EXPECT_TRUE(ran.events.empty());
}

TEST_P(WsControl, AnswersTheLatestOfTenThousandPingsWhileWritingIsBlocked) {
  Bench bench{given()};
  Session& session = bench.session();
  const auto ping = [&](const std::string& payload) {
    const std::string bytes_of = frame(Opcode::Ping, payload);
    std::vector<std::uint8_t> bytes(bytes_of.begin(), bytes_of.end());
    session.receive(bytes);
    EXPECT_EQ(session.next_event(), std::nullopt);
    EXPECT_LE(session.stored_bytes(), 1'000U);
  };
  ping("first");
  std::string output{ingest::as_text(session.output().first(3))};
  session.output_sent(3);  // the frame has begun and is never taken back
  for (int i = 0; i < 10'000; ++i)
    ping(std::to_string(i));
  while (!session.output().empty()) {
    output += ingest::as_text(session.output());
    session.output_sent(session.output().size());
  }
  EXPECT_EQ(frames_of(output, GetParam()), (Events{"pong:first", "pong:9999"}));
}

TEST_P(WsControl, TellsAPongAsLifeAndAnswersNothing) {
  const Ran ran = run(frame(Opcode::Pong, "unasked") + text("a"));
  EXPECT_EQ(ran.events, (Events{"pong", "text:a"}));
  EXPECT_TRUE(ran.output.empty());
}

TEST_P(WsControl, SendsItsOwnPing) {
  Bench bench{given()};
  bench.session().ping("1");
  EXPECT_EQ(frames_of(ingest::as_text(bench.session().output()), GetParam()), Events{"ping:1"});
}

// ---- the server reads masked frames and sends none (28, 43) ----

std::string masked_text(std::string_view payload, MaskKey key) {
  return client_frame(Opcode::Text, payload, key);
}

TEST(WsServerSession, ReadsTheExampleOfTheRfc) {
  EXPECT_EQ(run(raw({0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58})).events,
            Events{"text:Hello"});
}

TEST(WsServerSession, ClosesWith1002OnAnUnmaskedFrame) {
  expect_failure(raw({0x81, 0x05}) + "Hello", 1002, {});
  for (const int first : {0x82, 0x88, 0x89, 0x8A})
    expect_failure(raw({first, 0x00}), 1002, {});
  const Ran ran = run(masked_text("a", kTestKey) + raw({0x81, 0x00}));
  EXPECT_EQ(ran.events, (Events{"text:a", "failed:1002"}));
}

TEST(WsServerSession, ReadsAZeroMaskKeyAndKeepsThePhaseAcrossSegments) {
  EXPECT_EQ(run(masked_text("zero key", MaskKey{})).events, Events{"text:zero key"});
  std::string payload;
  for (int i = 0; i < 300; ++i)
    payload += static_cast<char>('a' + i % 26);
  EXPECT_EQ(run(masked_text(payload, kTestKey)).events, Events{"text:" + payload});
}

TEST(WsServerSession, SendsUnmaskedFrames) {
  EXPECT_EQ(run(client_frame(Opcode::Ping, "p", kTestKey)).output, raw({0x8A, 0x01}) + "p");
}

// ---- the client reads unmasked frames and masks its own (56) ----

constexpr Given kClient{.role = Role::Client, .options = {}, .compression = Compression::None};

TEST(WsClientSession, ClosesWith1002OnAMaskedFrame) {
  expect_failure(masked_text("Hello", kTestKey), 1002, kClient);
  for (const int first : {0x82, 0x88, 0x89, 0x8A})
    expect_failure(raw({first, 0x80, 0, 0, 0, 0}), 1002, kClient);
}

TEST(WsClientSession, MasksEachControlFrameWithAKeyOfItsOwn) {
  CountingMasks masks;
  ClientSession session{masks};
  std::vector<MaskKey> keys;
  for (int i = 0; i < 3; ++i) {
    session.ping("same");
    const auto parsed = parse_frame_header(session.output());
    ASSERT_TRUE(parsed && parsed->has_value() && (*parsed)->header.mask);
    keys.push_back(*(*parsed)->header.mask);
    session.output_sent(session.output().size());
  }
  CountingMasks same;
  EXPECT_EQ(keys, (std::vector<MaskKey>{same.next_key(), same.next_key(), same.next_key()}));
  EXPECT_EQ(masks.given(), 3U);
}

TEST(WsClientSession, MasksItsClose) {
  CountingMasks masks;
  ClientSession session{masks};
  session.close(kCloseNormal, "done");
  EXPECT_EQ(frames_of(ingest::as_text(session.output()), Role::Client), Events{"close:1000:done"});
}

TEST(WsClientFrame, IsTheMaskedExampleOfTheRfc) {
  EXPECT_EQ(client_frame(Opcode::Text, "Hello", kTestKey),
            raw({0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58}));
}

TEST(WsClientFrame, IsReadByAServerInEverySize) {
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65'535U, 65'536U}) {
    const std::string payload(size, 'x');
    const std::string frame = client_frame(Opcode::Text, payload, kTestKey);
    const Given roomy{.role = Role::Server,
                      .options = {.message_bytes_max = 70'000},
                      .compression = Compression::None};
    EXPECT_EQ(run_pieces({frame}, roomy).events, Events{"text:" + payload});
  }
}

TEST(WsClientFrame, MarksADeflatedPayload) {
  const std::string frame =
      client_frame(Opcode::Text, deflated("Hello"), kTestKey, Payload::Deflated);
  EXPECT_EQ(static_cast<std::uint8_t>(frame[0]), 0xC1);
  const Given both{.role = Role::Server, .options = {}, .compression = Compression::Deflate};
  EXPECT_EQ(run(frame, both).events, Events{"text:Hello"});
}

}  // namespace
}  // namespace gateway::ws
