// Compressed messages in a session, in both roles: RFC 7692 section 6, websocket.md 29, 30, 49-54
// and 58.
#include <gtest/gtest.h>

#include "tests/gateway/ws/run_session.h"

namespace gateway::ws {
namespace {

class WsCompressed : public BothRoles {
 protected:
  static Given given(Options options = {}) {
    return {.role = GetParam(), .options = options, .compression = Compression::Deflate};
  }
  static Ran run(std::string_view stream, Options options = {}) {
    return ws::run(stream, given(options));
  }
  static void expect_failure(std::string_view stream, std::uint16_t code, Options options = {}) {
    ws::expect_failure(stream, code, given(options));
  }
  /// The first frame of a message that is compressed.
  static std::string rsv1(std::string_view payload, Fin fin = Fin::Yes,
                          Opcode opcode = Opcode::Text) {
    FrameHeader header;
    header.opcode = opcode;
    header.fin = fin;
    header.rsv1 = true;
    return peer_frame(GetParam(), header, payload);
  }
};
INSTANTIATE_TEST_SUITE_P(BothRoles, WsCompressed, both_roles(), role_name);

const std::string kHello = raw({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00});

TEST_P(WsCompressed, ReadsTheExamplesOfTheRfc) {
  const std::string payloads[] = {
      kHello,
      raw({0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00}),
      raw({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00}),
      raw({0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00}),
  };
  for (const std::string& payload : payloads)
    EXPECT_EQ(run(rsv1(payload)).events, Events{"text:Hello"});
  // 7.2.3.1's two fragments.
  const Ran ran = run(rsv1(kHello.substr(0, 3), Fin::No) + continuation(kHello.substr(3)));
  EXPECT_EQ(ran.events, Events{"text:Hello"});
}

TEST(WsCompressedServerFrame, ReadsTheRfcsUnmaskedBytesAsAClient) {
  const Given client{.role = Role::Client, .options = {}, .compression = Compression::Deflate};
  const std::string whole = raw({0xC1, 0x07}) + kHello;
  const std::string fragments =
      raw({0x41, 0x03, 0xF2, 0x48, 0xCD, 0x80, 0x04, 0xC9, 0xC9, 0x07, 0x00});
  EXPECT_EQ(run(whole + fragments, client).events, (Events{"text:Hello", "text:Hello"}));
}

TEST_P(WsCompressed, DeliversEmptyMessages) {
  EXPECT_EQ(run(rsv1(raw({0x00})) + rsv1("") + text("")).events,
            (Events{"text:", "text:", "text:"}));
  EXPECT_EQ(run(rsv1("", Fin::No) + continuation("", Fin::No) + continuation("")).events,
            Events{"text:"});
  EXPECT_EQ(run(rsv1("", Fin::No) + continuation(raw({0x00}))).events, Events{"text:"});
}

TEST_P(WsCompressed, ReadsUncompressedMessagesBetweenCompressedOnes) {
  const Ran ran = run(text("plain") + rsv1(kHello) + text("pl", Fin::No) + continuation("ain") +
                      rsv1(kHello, Fin::Yes, Opcode::Binary));
  EXPECT_EQ(ran.events, (Events{"text:plain", "text:Hello", "text:plain", "binary:Hello"}));
}

TEST_P(WsCompressed, JoinsFragmentsThatAreSplitAnywhere) {
  const std::string message = R"({"t":"hello","v":1,"text":"gr\u00fc\u00df, gr\u00fc\u00df"})";
  const std::string payload = deflated(message);
  for (std::size_t at = 0; at <= payload.size(); ++at) {
    const std::string stream = rsv1(payload.substr(0, at), Fin::No) +
                               frame(Opcode::Ping, "between") + continuation(payload.substr(at));
    const Ran ran = run(stream);
    EXPECT_EQ(ran.events, Events{"text:" + message}) << at;
    EXPECT_EQ(ran.said, Events{"pong:between"});
  }
}

TEST_P(WsCompressed, ClosesWith1002OnRsv1BehindTheFirstFrame) {
  FrameHeader more;
  more.opcode = Opcode::Continuation;
  more.rsv1 = true;
  expect_failure(rsv1(kHello.substr(0, 3), Fin::No) + peer_frame(GetParam(), more, "x"), 1002);
  expect_failure(text("a", Fin::No) + peer_frame(GetParam(), more, "x"), 1002);
  expect_failure(peer_frame(GetParam(), more, "x"), 1002);
}

TEST_P(WsCompressed, ClosesWith1002OnRsv1OnControlFramesAndOnOtherReservedBits) {
  for (const int first : {0xC8, 0xC9, 0xCA, 0xE1, 0xD1, 0xF1, 0xA1, 0x91, 0xC3, 0xCB})
    expect_failure(header({first, 0}), 1002);
}

TEST_P(WsCompressed, ClosesWith1002OnACompressedMessageInsideAnother) {
  expect_failure(text("a", Fin::No) + rsv1(kHello), 1002);
  expect_failure(rsv1(kHello, Fin::No) + rsv1(kHello), 1002);
}

TEST_P(WsCompressed, ClosesWith1007OnGarbage) {
  for (const std::string& payload :
       {raw({0xFF}), raw({0x07, 0x01}), std::string{"Hello"}, kHello.substr(0, 4)}) {
    expect_failure(rsv1(payload), 1007);
    expect_failure(rsv1(payload.substr(0, 1), Fin::No) + continuation(payload.substr(1)), 1007);
  }
}

TEST_P(WsCompressed, ClosesWith1007WhenThePeerKeptItsContext) {
  const Ran ran = run(rsv1(kHello) + rsv1(raw({0xF2, 0x00, 0x11, 0x00, 0x00})));
  EXPECT_EQ(ran.events, (Events{"text:Hello", "failed:1007"}));
}

TEST_P(WsCompressed, ClosesWith1007OnTextThatInflatesToNoUtf8) {
  expect_failure(rsv1(deflated("a\xC3")), 1007);
  expect_failure(rsv1(deflated("\xED\xA0\x80")), 1007);
  EXPECT_EQ(run(rsv1(deflated("a\xC3"), Fin::Yes, Opcode::Binary)).events, Events{"binary:a\xC3"});
  // Compressed bytes are no UTF-8, and need not be.
  EXPECT_EQ(run(rsv1(deflated("gr\xC3\xBC\xC3\x9F"))).events, Events{"text:gr\xC3\xBC\xC3\x9F"});
}

TEST_P(WsCompressed, ClosesWith1009OnABomb) {
  const std::string zeros = deflated(std::string(10'000'000, '\0'));
  ASSERT_LE(zeros.size(), 65'536U);
  const std::string stream = rsv1(zeros);
  Bench bench{given()};
  std::vector<std::uint8_t> bytes(stream.begin(), stream.end());
  bench.session().receive(bytes);
  const auto event = bench.session().next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(told(*event), "failed:1009");
  // Before the next call, which gives the memory back.
  EXPECT_GT(bench.inflater().held_bytes(), 65'536U);
  EXPECT_LE(bench.inflater().held_bytes(), 65'536U + 16'384U);
  EXPECT_EQ(bench.session().next_event(), std::nullopt);
  EXPECT_LE(bench.inflater().held_bytes(), Inflater::kKeepBytes);
  bench.session().output_sent(bench.session().output().size());
  EXPECT_EQ(bench.session().stored_bytes(), 0U);
  expect_failure(rsv1(deflated(std::string(100'000, '\0'))), 1009);  // split anywhere
}

TEST_P(WsCompressed, ClosesWith1009AboveTheLimitInflated) {
  const Options small{.message_bytes_max = 20};
  EXPECT_EQ(run(rsv1(deflated(std::string(20, 'a'))), small).events,
            Events{"text:" + std::string(20, 'a')});
  expect_failure(rsv1(deflated(std::string(21, 'a'))), 1009, small);
}

/// A payload of stored blocks: `message` in one, then empty ones up to `bytes`, 5 bytes each.
std::string stored(std::string_view message, std::size_t bytes) {
  const auto size = static_cast<int>(message.size());
  std::string payload = raw({0x00, size & 0xFF, size >> 8, ~size & 0xFF, ~size >> 8 & 0xFF});
  payload.append(message);
  while (payload.size() + 1 < bytes)
    payload += raw({0x00, 0x00, 0x00, 0xFF, 0xFF});
  return payload + raw({0x00});  // begins the block that the tail ends
}

TEST_P(WsCompressed, TakesAMessageAtTheLimitThatDidNotShrink) {
  const std::string message = noise(65'536);
  const std::string payload = deflated(message);
  ASSERT_GT(payload.size(), message.size());
  const std::string at = payload.substr(0, 40'000);
  const std::string whole = rsv1(payload, Fin::Yes, Opcode::Binary);
  EXPECT_EQ(run_pieces({whole}, given()).events, Events{"binary:" + message});
  const std::string fragments =
      rsv1(at, Fin::No, Opcode::Binary) + continuation(payload.substr(at.size()));
  EXPECT_EQ(run_pieces({fragments}, given()).events, Events{"binary:" + message});
  const std::string longer = rsv1(deflated(noise(65'537)), Fin::Yes, Opcode::Binary);
  EXPECT_EQ(run_pieces({longer}, given()).events, Events{"failed:1009"});
}

TEST_P(WsCompressed, ClosesWith1009OnTheHeaderOfMoreThanTheLimitCanDeflateTo) {
  const Options small{.message_bytes_max = 20};
  const std::size_t most = deflated_bytes_max(20);
  ASSERT_EQ(most, 38U);
  expect_failure(header({0xC1, 39}), 1009, small);
  expect_failure(rsv1("x", Fin::No) + header({0x80, 38}), 1009, small);
  const std::string exact = stored("0123456789abcdefg", 38);
  ASSERT_EQ(exact.size(), most);
  EXPECT_EQ(run(rsv1(exact), small).events, Events{"text:0123456789abcdefg"});
  EXPECT_EQ(run(rsv1(exact.substr(0, 30), Fin::No) + continuation(exact.substr(30)), small).events,
            Events{"text:0123456789abcdefg"});
  // What is not compressed is held to the limit itself.
  expect_failure(header({0x81, 21}), 1009, small);
  expect_failure(text("0123456789", Fin::No) + header({0x80, 11}), 1009, small);
}

TEST_P(WsCompressed, ClosesWith1009AboveTheFragmentsAllowed) {
  const Options three{.fragments_max = 3};
  const std::string begin = rsv1(kHello.substr(0, 2), Fin::No) + continuation("", Fin::No);
  EXPECT_EQ(run(begin + continuation(kHello.substr(2)), three).events, Events{"text:Hello"});
  expect_failure(begin + continuation("", Fin::No) + continuation(kHello.substr(2)), 1009, three);
}

TEST_P(WsCompressed, ClosesWith1003OnBinaryWhereTextIsExpected) {
  expect_failure(rsv1(kHello, Fin::Yes, Opcode::Binary), 1003, {.accept = Accept::TextOnly});
}

std::vector<std::uint8_t> bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

/// A whole compressed text, as a session in this role reads it.
std::string compressed_text(Role ours, std::string_view message) {
  FrameHeader header;
  header.rsv1 = true;
  return peer_frame(ours, header, deflated(message));
}

TEST(WsSharedInflater, ServesAServersSessionsAndAClientsInTurn) {
  Inflater inflater;
  CountingMasks masks;
  ServerSession server{{.message_bytes_max = 200'000}, &inflater};
  ClientSession client{masks, {}, &inflater};
  const auto next = [](Session& session) {
    const auto event = session.next_event();
    return event ? told(*event) : "";
  };
  const std::string large(100'000, 'a');
  const std::string half = compressed_text(Role::Client, "Hello");
  auto begun = bytes_of(half.substr(0, 4));
  auto rest = bytes_of(half.substr(4));
  auto whole =
      bytes_of(compressed_text(Role::Server, large) + compressed_text(Role::Server, "behind it"));
  client.receive(begun);
  EXPECT_EQ(next(client), "");
  server.receive(whole);
  EXPECT_EQ(next(server), "text:" + large);
  // The server's view still stands in the inflater: the client's message takes its place, and what
  // the server does next must not take the client's away before it was read.
  client.receive(rest);
  EXPECT_EQ(next(client), "text:Hello");
  EXPECT_EQ(next(server), "text:behind it");
  EXPECT_EQ(next(client), "");
  EXPECT_EQ(next(server), "");
  EXPECT_LE(inflater.held_bytes(), Inflater::kKeepBytes);
  EXPECT_EQ(server.stored_bytes() + client.stored_bytes(), 0U);
}

TEST_P(WsCompressed, HoldsNoMemoryWhenIdle) {
  Bench bench{given({.message_bytes_max = 1'000'000})};
  Ran ran;
  feed(bench, rsv1(deflated(std::string(500'000, 'a'))), ran);
  ASSERT_EQ(ran.events.size(), 1U);
  EXPECT_EQ(bench.session().stored_bytes(), 0U);
  EXPECT_LE(bench.inflater().held_bytes(), Inflater::kKeepBytes);
}

}  // namespace
}  // namespace gateway::ws
