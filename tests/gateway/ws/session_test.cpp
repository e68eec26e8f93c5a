// Messages and faults, in both roles: websocket.md 29-38, 42, 43, 48 and 58.
#include "gateway/ws/session.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/gateway/ws/run_session.h"

namespace gateway::ws {
namespace {

class WsSession : public BothRoles {};
INSTANTIATE_TEST_SUITE_P(BothRoles, WsSession, both_roles(), role_name);

TEST_P(WsSession, DeliversTextAndBinary) {
  const Ran ran = run(text("Hello") + frame(Opcode::Binary, std::string_view{"\0\xff", 2}));
  EXPECT_EQ(ran.events, (Events{"text:Hello", std::string{"binary:\0\xff", 9}}));
  EXPECT_TRUE(ran.output.empty());
}

TEST_P(WsSession, DeliversAMessageThatCameWholeWithoutCopyingIt) {
  Bench bench{given()};
  const std::string frame = text(std::string(500, 'a'));
  std::vector<std::uint8_t> bytes(frame.begin(), frame.end());
  bench.session().receive(bytes);
  const auto event = bench.session().next_event();
  ASSERT_TRUE(event);
  const std::string_view delivered = std::get<Text>(*event).text;
  EXPECT_EQ(ingest::as_bytes(delivered).data(), bytes.data() + bytes.size() - delivered.size());
  EXPECT_EQ(bench.session().next_event(), std::nullopt);
}

TEST_P(WsSession, HoldsNoMemoryWhenIdle) {
  Bench bench{given()};
  Ran ran;
  feed(bench, text(std::string(5'000, 'a'), Fin::No), ran);
  EXPECT_GE(bench.session().stored_bytes(), 5'000U);
  const std::string ping = frame(Opcode::Ping, "half of a ping");
  feed(bench, ping.substr(0, 10), ran);
  feed(bench, ping.substr(10), ran);
  feed(bench, continuation("b"), ran);
  EXPECT_EQ(bench.session().stored_bytes(), 0U);
  EXPECT_LE(sizeof(ServerSession), 160U);
}

// ---- frames that end the session (websocket.md 29-35) ----

TEST_P(WsSession, ClosesWith1002OnReservedBits) {
  for (const int first : {0xC1, 0xA1, 0x91, 0xF1, 0xA2, 0x92, 0xC2})
    expect_failure(header({first, 0}), 1002);
  for (const int first : {0xC9, 0xC8, 0xCA, 0xC0})
    expect_failure(header({first, 0}), 1002);
  EXPECT_EQ(run(text("a", Fin::No) + header({0xC0, 0})).events, Events{"failed:1002"});
}

TEST_P(WsSession, ClosesWith1002OnUnknownOpcodes) {
  for (const int opcode : {3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF}) {
    expect_failure(header({0x80 | opcode, 0}), 1002);
    expect_failure(header({opcode, 0}), 1002);
  }
}

TEST_P(WsSession, ClosesWith1002OnAFragmentedControlFrame) {
  for (const int opcode : {8, 9, 10})
    expect_failure(header({opcode, 0}), 1002);
}

TEST_P(WsSession, ClosesWith1002OnALongControlFrame) {
  for (const int first : {0x88, 0x89, 0x8A}) {
    expect_failure(header({first, 126, 0, 126}), 1002);
    expect_failure(header({first, 127, 0, 0, 0, 0, 0, 1, 0, 0}), 1002);
  }
}

TEST_P(WsSession, ClosesWith1002OnAContinuationWithoutAStart) {
  expect_failure(continuation("a"), 1002);
  expect_failure(continuation("a", Fin::No), 1002);
  EXPECT_EQ(run(text("a") + continuation("b")).events, (Events{"text:a", "failed:1002"}));
}

TEST_P(WsSession, ClosesWith1002OnAMessageInsideAMessageAndDeliversNeither) {
  expect_failure(text("a", Fin::No) + text("b"), 1002);
  expect_failure(text("a", Fin::No) + frame(Opcode::Binary, "b"), 1002);
  expect_failure(frame(Opcode::Binary, "", Fin::No) + text("b", Fin::No), 1002);
}

TEST_P(WsSession, ClosesWith1002OnALengthThatIsNotMinimal) {
  expect_failure(header({0x81, 126, 0, 5}) + "Hello", 1002);
  expect_failure(header({0x81, 126, 0, 125}), 1002);
  expect_failure(header({0x81, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}), 1002);
  expect_failure(header({0x81, 127, 0, 0, 0, 0, 0, 0, 0, 5}) + "Hello", 1002);
}

TEST_P(WsSession, ClosesWith1002OnTheTopBitAndWith1009OnATerabyte) {
  expect_failure(header({0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0}), 1002);
  expect_failure(header({0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0}), 1009);
}

TEST_P(WsSession, AllocatesForWhatHasComeAndNotForWhatIsAnnounced) {
  Bench bench{given({.message_bytes_max = std::numeric_limits<std::size_t>::max()})};
  Ran ran;
  feed(bench, header({0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0}), ran);  // taken: a terabyte
  EXPECT_EQ(bench.session().stored_bytes(), 0U);
  feed(bench, "a few bytes of it", ran);
  EXPECT_GT(bench.session().stored_bytes(), 0U);
  EXPECT_LE(bench.session().stored_bytes(), 500U);
  EXPECT_TRUE(ran.events.empty());
  EXPECT_TRUE(ran.said.empty());
}

TEST_P(WsSession, ClosesWith1009OnTheHeaderOfAFrameAboveTheLimit) {
  const Options small{.message_bytes_max = 10};
  EXPECT_EQ(run(text("0123456789"), small).events, Events{"text:0123456789"});
  expect_failure(header({0x81, 11}), 1009, small);
  expect_failure(text("012345", Fin::No) + header({0x00, 5}), 1009, small);
  EXPECT_EQ(run(text("012345", Fin::No) + continuation("6789"), small).events,
            Events{"text:0123456789"});
}

TEST_P(WsSession, ClosesWith1009AboveAThousandFragments) {
  std::string stream = text("", Fin::No);
  for (int i = 0; i < 998; ++i)
    stream += continuation("", Fin::No);
  EXPECT_EQ(run(stream + continuation("end")).events, Events{"text:end"});
  expect_failure(stream + continuation("", Fin::No) + continuation(""), 1009);
}

TEST_P(WsSession, ClosesWith1003OnBinaryWhereTextIsExpected) {
  const Options text_only{.accept = Accept::TextOnly};
  expect_failure(header({0x82, 5}), 1003, text_only);
  expect_failure(header({0x02, 0}), 1003, text_only);
  EXPECT_EQ(run(text("a", Fin::No) + continuation("b"), text_only).events, Events{"text:ab"});
}

// ---- text (36-38, 42) ----

TEST_P(WsSession, ClosesWith1007AtTheFirstBadByte) {
  // The frame announces more than came, and no FIN: the bad byte alone decides.
  const auto cut = [](std::string stream, std::size_t behind) {
    return stream.substr(0, stream.size() - behind);
  };
  expect_failure(cut(text("ok\xFFrest", Fin::No), 4), 1007);
  expect_failure(cut(text("\xF4\x90zzzz"), 4), 1007);
  expect_failure(cut(text("\xC0zzz"), 3), 1007);
  expect_failure(text("good ", Fin::No) + cut(continuation("\x80more", Fin::No), 4), 1007);
}

TEST_P(WsSession, ClosesWith1007OnEveryKindOfBadText) {
  for (const std::string_view bad :
       {"\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5",
        "\xFE", "\xF0\x80\x80\x80", "\xF8\x88\x80\x80\x80", "a\x80", "\xE2\x82", "\xC3",
        "\xF0\x9F\x98", "\xC3\x28", "\xE2\x28\xA1"}) {
    expect_failure(text(bad), 1007);
    EXPECT_EQ(run(frame(Opcode::Binary, bad)).events, Events{"binary:" + std::string{bad}});
  }
  expect_failure(text("\xE2\x82", Fin::No) + continuation(""), 1007);
}

TEST_P(WsSession, JoinsACodePointThatFragmentsSplit) {
  const Ran ran = run(text("\xF0", Fin::No) + continuation("\x9F\x98", Fin::No) +
                      continuation("", Fin::No) + continuation("\x80!"));
  EXPECT_EQ(ran.events, Events{"text:\xF0\x9F\x98\x80!"});
}

TEST_P(WsSession, BeginsEachTextAfresh) {
  EXPECT_EQ(run(frame(Opcode::Binary, "\xE2\x82") + text("a")).events.back(), "text:a");
  const std::string binary =
      frame(Opcode::Binary, "\xE2", Fin::No) + continuation("\x82") + text("\xC3\xBC", Fin::No);
  EXPECT_EQ(run(binary + continuation("")).events.back(), "text:\xC3\xBC");
}

TEST_P(WsSession, DeliversEmptyMessages) {
  const Ran ran = run(text("") + text("", Fin::No) + continuation("", Fin::No) + continuation("") +
                      frame(Opcode::Binary, ""));
  EXPECT_EQ(ran.events, (Events{"text:", "text:", "binary:"}));
}

TEST_P(WsSession, ReadsLengthsOfAllThreeForms) {
  const Given roomy = given({.message_bytes_max = 70'000});
  for (const std::size_t size : {125U, 126U, 127U, 65'535U, 65'536U}) {
    const std::string payload(size, 'x');
    const std::string stream = text(payload);
    const std::string_view whole = stream;
    EXPECT_EQ(run_pieces({whole}, roomy).events, Events{"text:" + payload}) << size;
    for (std::size_t at = 1; at < 20; ++at) {
      const Ran ran =
          run_pieces({whole.substr(0, at), whole.substr(at, 3), whole.substr(at + 3)}, roomy);
      EXPECT_EQ(ran.events, Events{"text:" + payload}) << size << " split at " << at;
    }
  }
}

}  // namespace
}  // namespace gateway::ws
