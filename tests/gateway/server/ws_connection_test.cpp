// WebSocket over real sockets: the upgrade, the frames of the wire, the deadlines and the close.
#include <gtest/gtest.h>

#include "gateway/server/commons.h"
#include "gateway/server/ws_phase.h"
#include "tests/gateway/server/house.h"

namespace tests {
namespace {

using gateway::publish::make_frame;
using gateway::server::Ended;
namespace publish = gateway::publish;

constexpr std::string_view kHello = R"({"t":"hello","v":1})";
constexpr std::string_view kSub = R"({"t":"sub","id":1,"q":{"metric":"a.b"}})";

bool begins(const std::string& text, std::string_view start) {
  return text.starts_with(start);
}

TEST(WsConnection, TakesFrameBytesOfTheSameSegmentAsTheRequest) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello) + text_frame(R"({"t":"ping","n":7})")));
  EXPECT_TRUE(begins(visitor.text(), R"({"t":"welcome","v":1)"));
  EXPECT_EQ(visitor.text(), R"({"t":"pong","n":7})");
}

TEST(WsConnection, GivesTheSameForEverySplitOfTheRequest) {
  const std::string bytes = std::string{kUpgrade} + text_frame(kHello);
  House house;
  for (std::size_t split = 1; split < bytes.size(); ++split) {
    Visitor visitor(house);
    visitor.send(std::string_view{bytes}.substr(0, split));
    visitor.send(std::string_view{bytes}.substr(split));
    ASSERT_TRUE(visitor.wait([&] {
      return visitor.heard().find(R"("t":"welcome")") != std::string::npos;
    })) << split;
    ASSERT_TRUE(visitor.heard().starts_with("HTTP/1.1 101 ")) << split;
    visitor.reset();
    house.turn(2);
  }
}

TEST(WsConnection, AnswersAPlainGetWith426) {
  House house;
  Visitor visitor(house);
  const std::string answer = visitor.get("/v1/ws");
  EXPECT_TRUE(begins(answer, "HTTP/1.1 426 ")) << answer;
  EXPECT_NE(answer.find("Upgrade: websocket"), std::string::npos);
  EXPECT_NE(answer.find("Sec-WebSocket-Version: 13"), std::string::npos);
}

TEST(WsConnection, AnswersAnotherVersionWith426AndCloses) {
  House house;
  for (const std::string_view version : {"Sec-WebSocket-Version: 12\r\n", ""}) {
    Visitor visitor(house);
    constexpr std::string_view kOurs = "Sec-WebSocket-Version: 13\r\n";
    std::string request{kUpgrade};
    request.replace(request.find(kOurs), kOurs.size(), version);
    visitor.send(request);
    const std::string answer = visitor.answer();
    EXPECT_TRUE(begins(answer, "HTTP/1.1 426 ")) << answer;
    EXPECT_NE(answer.find("Sec-WebSocket-Version: 13\r\n"), std::string::npos);
    EXPECT_NE(answer.find("Connection: Upgrade, close\r\n"), std::string::npos);
    EXPECT_TRUE(visitor.wait_closed());
  }
}

TEST(WsConnection, AnswersAPingBetweenFragmentsBeforeTheMessage) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  std::string first = text_frame(R"({"t":"hello",)");
  first[0] = '\x01';  // without FIN
  visitor.send(first + masked(9, "between"));
  const std::optional<Heard> pong = visitor.frame();
  ASSERT_TRUE(pong.has_value());
  EXPECT_EQ(pong->payload, "between");
  visitor.send(masked(0, R"("v":1})"));
  EXPECT_TRUE(begins(visitor.text(), R"({"t":"welcome")"));
}

TEST(WsConnection, RefusesAForeignOriginAndNamesTheKey) {
  House house;
  Visitor visitor(house);
  std::string request{kUpgrade};
  request.insert(request.size() - 2, "Origin: https://evil.example\r\n");
  visitor.send(request);
  const std::string answer = visitor.answer();
  EXPECT_TRUE(begins(answer, "HTTP/1.1 403 ")) << answer;
  EXPECT_NE(answer.find("http.origins"), std::string::npos);
  EXPECT_NE(answer.find("https://evil.example"), std::string::npos);
  EXPECT_TRUE(visitor.wait_closed());
}

TEST(WsConnection, TakesTheSameOriginAndAListedOne) {
  gateway::server::Settings settings;
  settings.origins = {"https://ours.example"};
  House house(settings);
  for (const char* origin : {"http://localhost", "https://ours.example"}) {
    Visitor visitor(house);
    std::string request{kUpgrade};
    request.insert(request.size() - 2, std::string{"Origin: "} + origin + "\r\n");
    visitor.send(request);
    EXPECT_TRUE(visitor.wait([&] { return visitor.heard().starts_with("HTTP/1.1 101 "); }));
  }
}

TEST(WsConnection, RefusesABoundHostBeforeAnythingElse) {
  House house;
  Visitor visitor(house);
  std::string request{kUpgrade};
  request.replace(request.find("localhost"), 9, "evil.test");
  visitor.send(request);
  EXPECT_TRUE(begins(visitor.answer(), "HTTP/1.1 421 "));
}

TEST(WsConnection, RefusesAPostUpgradeWith405) {
  House house;
  Visitor visitor(house);
  std::string request{kUpgrade};
  request.replace(0, 3, "POST");
  visitor.send(request);
  const std::string answer = visitor.answer();
  EXPECT_TRUE(begins(answer, "HTTP/1.1 405 ")) << answer;
  EXPECT_NE(answer.find("Allow: GET"), std::string::npos);
}

struct BadFrame {
  const char* what;
  std::string bytes;
  int code;
};

TEST(WsConnection, ClosesOnABadFrameWithItsCodeAndTheRestGoesOn) {
  const std::vector<BadFrame> bad{
      {"unmasked", std::string("\x81\x02hi", 4), 1002},
      {"reserved bit", std::string("\xF1\x80\0\0\0\0", 6), 1002},
      {"unknown opcode", std::string("\x83\x80\0\0\0\0", 6), 1002},
      {"fragmented ping", std::string("\x09\x80\0\0\0\0", 6), 1002},
      {"continuation without start", std::string("\x80\x80\0\0\0\0", 6), 1002},
      {"binary", masked(2, "x"), 1003},
      {"not UTF-8", text_frame("\xC0\xAF"), 1007},
      {"too long", std::string("\x81\xFF\0\0\x01\0\0\0\0\0\0\0\0\0", 14), 1009},
      {"bad close code", masked(8, std::string("\x03\xED", 2)), 1002},
  };
  House house;
  Visitor bystander(house);
  ASSERT_TRUE(bystander.upgrade(text_frame(kHello)));
  bystander.text();
  for (const BadFrame& one : bad) {
    Visitor visitor(house);
    ASSERT_TRUE(visitor.upgrade());
    visitor.send(one.bytes);
    const std::optional<Heard> last = visitor.frame();
    ASSERT_TRUE(last.has_value()) << one.what;
    EXPECT_EQ(last->close_code(), one.code) << one.what;
    EXPECT_TRUE(visitor.wait_closed()) << one.what;
    EXPECT_FALSE(visitor.was_reset()) << one.what;
    visitor.leave();
  }
  house.turn(3);
  EXPECT_EQ(house.ended(Ended::Protocol), bad.size());
  EXPECT_EQ(house.worker->counts().standard_closes[2].get(), 6U);
  bystander.send(text_frame(R"({"t":"ping","n":1})"));
  EXPECT_EQ(bystander.text(), R"({"t":"pong","n":1})");
}

TEST(WsConnection, EchoesAPingAndACloseAndShutsFirst) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  visitor.send(masked(9, "abc"));
  const std::optional<Heard> pong = visitor.frame();
  ASSERT_TRUE(pong.has_value());
  EXPECT_EQ(pong->opcode, 10);
  EXPECT_EQ(pong->payload, "abc");
  visitor.send(masked(8, std::string("\x03\xE8", 2)));
  const std::optional<Heard> close = visitor.frame();
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->close_code(), 1000);
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_FALSE(visitor.was_reset());
}

TEST(WsConnection, AnswersABadSubscriptionAndGoesOn) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  for (const char* bad :
       {R"({"t":"sub","id":1})", R"({"t":"sub","id":1,"q":{"metric":"a","stats":["p999x"]}})", "{",
        R"({"t":"dance"})"}) {
    visitor.send(text_frame(bad));
    EXPECT_TRUE(begins(visitor.text(), R"({"t":"err")")) << bad;
  }
  visitor.send(text_frame(kHello));
  EXPECT_TRUE(begins(visitor.text(), R"({"t":"welcome")"));
  house.turn();
  using ingest::query::Code;
  const auto refused = [&](Code code) {
    return house.worker->counts().commands_refused.at(publish::Refusals::slot_of(code)).get();
  };
  EXPECT_EQ(refused(Code::ProtoBadField), 1U);
  EXPECT_EQ(refused(Code::QueryUnknownStat), 1U);
  EXPECT_EQ(refused(Code::QueryBadJson), 1U);
  EXPECT_EQ(refused(Code::ProtoUnknownType), 1U);
}

TEST(WsConnection, ClosesWith4009AfterTenErrors) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  std::string flood;
  for (int i = 0; i < 10; ++i)
    flood += text_frame("{");
  visitor.send(flood);
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(begins(visitor.text(), R"({"t":"err")")) << i;
  const std::optional<Heard> close = visitor.frame();
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->close_code(), 4009);
  visitor.leave();  // without an answer to our Close
  house.turn(3);
  EXPECT_EQ(house.ended(Ended::Refused), 1U);
}

TEST(WsConnection, AnswersMoreTextsInOneSegmentThanMayWait) {
  House house;
  Visitor visitor(house);
  std::string flood = text_frame(kHello);
  for (int i = 0; i < 1'000; ++i)
    flood += text_frame(R"({"t":"ping","n":)" + std::to_string(i) + "}");
  ASSERT_TRUE(visitor.upgrade(flood));
  EXPECT_TRUE(begins(visitor.text(), R"({"t":"welcome")"));
  for (int i = 0; i < 1'000; ++i)
    ASSERT_EQ(visitor.text(), R"({"t":"pong","n":)" + std::to_string(i) + "}");
}

TEST(WsConnection, ReadsNoMoreWhileItsAnswersWait) {
  constexpr int kPings = 20'000;
  House house;
  Visitor visitor(house, 4096);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello)));
  std::string flood;
  for (int i = 0; i < kPings; ++i)
    flood += text_frame(R"({"t":"ping","n":)" + std::to_string(i) + "}");
  std::size_t sent = visitor.send(flood);
  house.turn(100);
  EXPECT_LT(house.worker->counts().messages_received.get(), kPings / 2);
  house.turn(100);
  EXPECT_EQ(house.worker->counts().our_closes[104].get(), 0U);
  // Once it reads, everything is answered, in order.
  std::size_t pongs = 0;
  ASSERT_TRUE(visitor.wait([&] {
    sent += visitor.send(std::string_view{flood}.substr(sent));
    while (visitor.heard().find("\"n\":" + std::to_string(pongs) + "}") != std::string::npos)
      pongs += 100;
    return pongs >= kPings;
  }));
}

TEST(WsConnection, AnswersWhatCameBeforeTheCloseBeforeItsOwn) {
  House house;
  for (const std::string& last : {masked(8, std::string("\x03\xE8", 2)), masked(3, "")}) {
    Visitor visitor(house);
    ASSERT_TRUE(visitor.upgrade(text_frame(kHello)));
    visitor.text();
    visitor.send(text_frame(R"({"t":"ping","n":1})") + last);
    EXPECT_EQ(visitor.text(), R"({"t":"pong","n":1})");
    const std::optional<Heard> close = visitor.frame();
    ASSERT_TRUE(close.has_value());
    EXPECT_EQ(close->close_code(), last[0] == '\x88' ? 1000 : 1002);
    EXPECT_TRUE(visitor.wait_closed());
    EXPECT_FALSE(visitor.was_reset());
  }
}

TEST(WsConnection, SaysPongThenTheAnswerThenTheCloseOfOneSegment) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello)));
  visitor.text();
  visitor.send(masked(9, "now") + text_frame(R"({"t":"ping","n":1})") +
               masked(8, std::string("\x03\xE8", 2)));
  const std::optional<Heard> pong = visitor.frame();
  ASSERT_TRUE(pong.has_value());
  EXPECT_EQ(pong->opcode, 10);
  EXPECT_EQ(pong->payload, "now");
  EXPECT_EQ(visitor.text(), R"({"t":"pong","n":1})");
  const std::optional<Heard> close = visitor.frame();
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->close_code(), 1000);
  EXPECT_TRUE(visitor.wait_closed());
}

TEST(WsConnection, PostsSubscriptionsAndTakesThemBackWhenTheClientGoes) {
  House house;
  {
    Visitor visitor(house);
    ASSERT_TRUE(visitor.upgrade(text_frame(kHello) + text_frame(kSub)));
    visitor.text();
    const auto mail = house.hub_mail();
    ASSERT_EQ(mail.size(), 1U);
    const auto* subscribe = std::get_if<publish::Subscribe>(mail.data());
    ASSERT_NE(subscribe, nullptr);
    EXPECT_EQ(subscribe->query.metric, "a.b");
    EXPECT_GT(house.hub_wakes, 0);
    visitor.reset();
  }
  house.turn(3);
  const auto mail = house.hub_mail();
  ASSERT_EQ(mail.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<publish::Unsubscribe>(mail[0]));
  EXPECT_EQ(house.dealer.connections(), 0U);
}

TEST(WsConnection, ClosesWith4008WithoutAHelloInTenSeconds) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  house.pass(9750ms);
  EXPECT_TRUE(visitor.heard().empty());
  house.pass(500ms);
  const std::optional<Heard> close = visitor.frame();
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->close_code(), 4008);
  house.pass(5500ms);  // it never answers
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_EQ(house.dealer.connections(), 0U);
}

TEST(WsConnection, EndsFiveSecondsAfterACloseThatIsNeverAnswered) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  std::string flood;
  for (int i = 0; i < 10; ++i)
    flood += text_frame("{");
  visitor.send(flood);
  std::optional<Heard> heard = visitor.frame();
  while (heard && heard->opcode == 1)
    heard = visitor.frame();
  ASSERT_TRUE(heard.has_value());
  EXPECT_EQ(heard->close_code(), 4009);
  house.pass(4750ms);
  visitor.poll();
  EXPECT_FALSE(visitor.closed());
  EXPECT_EQ(house.dealer.connections(), 1U);
  house.pass(500ms);
  EXPECT_TRUE(visitor.wait_closed());
  house.turn(2);
  EXPECT_EQ(house.dealer.connections(), 0U);
  EXPECT_EQ(house.ended(Ended::CloseTimeout), 1U);
}

TEST(WsConnection, SaysHbAfterTenSilentSeconds) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello)));
  visitor.text();
  house.pass(9750ms);
  visitor.poll();
  EXPECT_TRUE(visitor.heard().empty());
  house.pass(500ms);
  EXPECT_TRUE(begins(visitor.text(), R"({"t":"hb","now":)"));
  house.pass(10250ms);
  EXPECT_TRUE(begins(visitor.text(), R"({"t":"hb","now":)"));
}

TEST(WsConnection, PingsASilentPeerAndClosesWith4103) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello)));
  house.pass(25500ms);
  bool pinged = false;
  while (const std::optional<Heard> heard = visitor.frame())
    if (heard->opcode == 9) pinged = true;
  EXPECT_TRUE(pinged);
  house.pass(20500ms);
  int code = 0;
  while (const std::optional<Heard> heard = visitor.frame())
    if (heard->opcode == 8) code = heard->close_code();
  EXPECT_EQ(code, 4103);
}

/// Closes that came, and whether the connection is gone.
int close_code_of(Visitor& visitor) {
  int code = 0;
  while (const std::optional<Heard> heard = visitor.frame())
    if (heard->opcode == 8) code = heard->close_code();
  return code;
}

TEST(WsConnection, ClosesAMessageThatDripsAtThirtySeconds) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello)));
  const std::string whole = text_frame(std::string(4096, 'a'));
  visitor.send(std::string_view{whole}.substr(0, 8));
  for (std::size_t i = 8; i < 10; ++i) {
    house.pass(10s);
    visitor.send(std::string_view{whole}.substr(i, 1));
  }
  house.pass(9750ms);
  EXPECT_EQ(house.worker->counts().our_closes[103].get(), 0U);
  house.pass(500ms);
  EXPECT_EQ(house.worker->counts().our_closes[103].get(), 1U);
  EXPECT_EQ(close_code_of(visitor), 4103);
  visitor.send("a");  // it drips on
  house.pass(5250ms);
  EXPECT_EQ(house.dealer.connections(), 0U);
  EXPECT_EQ(house.ended(Ended::MessageTimeout), 1U);
}

TEST(WsConnection, ClosesHalfAFrameThatIsFollowedBySilence) {
  const std::string header = text_frame(std::string(4096, 'a')).substr(0, 1);
  const std::string part = text_frame("half a frame").substr(0, 9);
  const std::string fragment = std::string{"\x01\x80\0\0\0\0", 6};  // FIN is missing
  for (const std::string& half : {header, part, fragment}) {
    House house;
    Visitor visitor(house);
    ASSERT_TRUE(visitor.upgrade(text_frame(kHello)));
    visitor.send(half);
    house.pass(20s);
    visitor.send(masked(10, "x").substr(0, half == fragment ? 7 : 0));  // a pong is no rest
    house.pass(9750ms);
    EXPECT_EQ(house.worker->counts().our_closes[103].get(), 0U);
    house.pass(500ms);
    EXPECT_EQ(close_code_of(visitor), 4103);
    house.pass(5250ms);
    EXPECT_EQ(house.ended(Ended::MessageTimeout), 1U);
  }
}

TEST(WsConnection, AlwaysInTheMiddleOfAnotherMessageIsNoTimeout) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello)));
  const std::string ping = text_frame(R"({"t":"ping","n":1})");
  for (const std::string& frame : {ping, masked(9, "a control frame")}) {
    visitor.send(std::string_view{frame}.substr(0, 5));
    for (int i = 0; i < 8; ++i) {
      house.pass(10s);
      visitor.send(frame.substr(5) + frame.substr(0, 5));
    }
    visitor.send(frame.substr(5));
  }
  visitor.poll();
  EXPECT_FALSE(visitor.closed());
  EXPECT_EQ(house.worker->counts().our_closes[103].get(), 0U);
}

TEST(WsConnection, APongKeepsItAlive) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello)));
  for (int i = 0; i < 6; ++i) {
    house.pass(20s);
    visitor.send(masked(10, ""));
  }
  visitor.poll();
  EXPECT_FALSE(visitor.closed());
  EXPECT_EQ(house.worker->counts().ended[static_cast<std::size_t>(Ended::PongTimeout)].get(), 0U);
}

/// The publisher's answer to the first subscription of `subscriber`.
void answer_subscription(House& house, const publish::Subscribe& subscribe, publish::ChannelId ch) {
  const std::string subd = publish::subd_text({.id = subscribe.id,
                                               .ch = ch,
                                               .epoch = "01JDX8Q3",
                                               .rate = 1000ms,
                                               .query = subscribe.query});
  house.hub->send(0, publish::Tell{.who = subscribe.who,
                                   .frame = make_frame(subd),
                                   .verdict = publish::Verdict::Accepted,
                                   .id = subscribe.id,
                                   .ticket = subscribe.ticket,
                                   .ch = ch});
  house.hub->send(0, publish::Join{.who = subscribe.who,
                                   .id = subscribe.id,
                                   .ch = ch,
                                   .frames = {make_frame(R"({"t":"snap","ch":3,"s":1})")},
                                   .next = 2});
  house.hub->flush();
}

TEST(WsConnection, SendsSharedFramesToEveryReaderInOneWriteATurn) {
  House house;
  Visitor first(house);
  Visitor second(house);
  for (Visitor* visitor : {&first, &second}) {
    ASSERT_TRUE(visitor->upgrade(text_frame(kHello) + text_frame(kSub)));
    EXPECT_TRUE(begins(visitor->text(), R"({"t":"welcome")"));
  }
  for (const publish::ToHub& mail : house.hub_mail())
    answer_subscription(house, std::get<publish::Subscribe>(mail), 3);
  for (Visitor* visitor : {&first, &second}) {
    EXPECT_TRUE(begins(visitor->text(), R"({"t":"subd","id":1,"ch":3)"));
    EXPECT_EQ(visitor->text(), R"({"t":"snap","ch":3,"s":1})");
  }
  const std::uint64_t writes = house.worker->counts().writes.get();
  const std::uint64_t sent = house.worker->counts().frames_sent.get();
  for (std::uint64_t s = 2; s < 10; ++s)
    house.hub->send(0,
                    publish::Publish{
                        .ch = 3, .s = s, .frame = make_frame("{\"s\":" + std::to_string(s) + "}")});
  house.hub->flush();
  for (Visitor* visitor : {&first, &second})
    for (std::uint64_t s = 2; s < 10; ++s)
      EXPECT_EQ(visitor->text(), "{\"s\":" + std::to_string(s) + "}");
  EXPECT_EQ(house.worker->counts().writes.get() - writes, 2U);
  EXPECT_EQ(house.worker->counts().frames_sent.get() - sent, 16U);
}

TEST(WsConnection, ASlowReaderDelaysNobodyAndEndsWith4104) {
  House house;
  Visitor slow(house, 4096);
  Visitor fast(house);
  for (Visitor* visitor : {&slow, &fast})
    ASSERT_TRUE(visitor->upgrade(text_frame(kHello) + text_frame(kSub)));
  for (const publish::ToHub& mail : house.hub_mail())
    answer_subscription(house, std::get<publish::Subscribe>(mail), 3);
  const std::string payload(256 * 1024, 'x');
  for (Visitor* visitor : {&fast}) {
    visitor->text();
    visitor->text();
    visitor->text();
  }
  std::uint64_t s = 2;
  for (; s < 50; ++s) {
    house.hub->send(0, publish::Publish{.ch = 3, .s = s, .frame = make_frame(payload)});
    house.hub->flush();
    ASSERT_EQ(fast.text().size(), payload.size()) << s;
  }
  EXPECT_GT(house.worker->counts().short_writes.get(), 0U);
  // Nobody takes a byte of the slow one's; the fast one answers pings meanwhile.
  for (int i = 0; i < 7; ++i) {
    house.pass(5s);
    fast.send(masked(10, ""));
    fast.poll();
  }
  EXPECT_EQ(house.worker->counts().our_closes[104].get(), 1U);
  EXPECT_EQ(house.dealer.connections(), 1U);
  EXPECT_FALSE(fast.closed());
  EXPECT_EQ(house.ended(Ended::Stalled), 1U);
}

TEST(WsConnection, AnswersTheLatestOfManyPings) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  visitor.send(masked(9, "first") + masked(9, "second") + masked(9, "third"));
  std::string last;
  while (last != "third") {
    const std::optional<Heard> pong = visitor.frame();
    ASSERT_TRUE(pong.has_value()) << "after " << last;
    ASSERT_EQ(pong->opcode, 10);
    last = pong->payload;
  }
}

TEST(WsConnection, TenThousandPingsWhileItCannotWriteCostNothingAndTheLatestIsAnswered) {
  House house;
  Visitor visitor(house, 4096);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello) + text_frame(kSub)));
  for (const publish::ToHub& mail : house.hub_mail())
    answer_subscription(house, std::get<publish::Subscribe>(mail), 3);
  house.hub->send(
      0, publish::Publish{.ch = 3, .s = 2, .frame = make_frame(std::string(1 << 20, 'x'))});
  house.hub->flush();
  house.turn(5);
  ASSERT_GT(house.worker->counts().short_writes.get(), 0U);
  for (int i = 0; i < 10'000; ++i)
    ASSERT_GT(visitor.send(masked(9, std::to_string(i))), 0U) << i;
  std::string last;
  while (last != "9999") {
    const std::optional<Heard> heard = visitor.frame();
    ASSERT_TRUE(heard.has_value()) << "after " << last;
    if (heard->opcode == 10) last = heard->payload;
  }
  EXPECT_FALSE(visitor.closed());
}

TEST(WsConnection, SurvivesAResetWhileFramesAreSent) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade(text_frame(kHello) + text_frame(kSub)));
  for (const publish::ToHub& mail : house.hub_mail())
    answer_subscription(house, std::get<publish::Subscribe>(mail), 3);
  house.turn(2);
  visitor.reset();
  for (std::uint64_t s = 2; s < 6; ++s) {
    house.hub->send(0, publish::Publish{.ch = 3, .s = s, .frame = make_frame("{}")});
    house.hub->flush();
    house.turn();
  }
  house.turn(3);
  EXPECT_EQ(house.dealer.connections(), 0U);
  EXPECT_EQ(house.ended(Ended::PeerReset), 1U);
}

TEST(WsConnection, FinMidFrameIsTheEndWithoutAWord) {
  House house;
  Visitor visitor(house);
  ASSERT_TRUE(visitor.upgrade());
  visitor.send(text_frame(kHello).substr(0, 9));
  visitor.shut_half();
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_TRUE(visitor.heard().empty());
  EXPECT_EQ(house.dealer.connections(), 0U);
}

TEST(WsConnection, StopSaysByeAnd1001AndEndsTheRun) {
  House house;
  Visitor subscriber(house);
  ASSERT_TRUE(subscriber.upgrade(text_frame(kHello)));
  subscriber.text();
  Visitor idle(house);
  EXPECT_TRUE(begins(idle.get("/healthz"), "HTTP/1.1 200"));
  house.worker->stop();
  EXPECT_TRUE(begins(subscriber.text(), R"({"t":"bye","why":"drain")"));
  const std::optional<Heard> close = subscriber.frame();
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->close_code(), 1001);
  subscriber.send(masked(8, std::string("\x03\xE9", 2)));
  EXPECT_TRUE(subscriber.wait_closed());
  EXPECT_TRUE(idle.wait_closed());
  subscriber.leave();
  house.turn(5);
  EXPECT_TRUE(house.worker->is_drained());
}

TEST(WsConnection, StopEndsInTimeWithAPeerThatNeverAnswers) {
  House house;
  Visitor subscriber(house);
  ASSERT_TRUE(subscriber.upgrade(text_frame(kHello)));
  house.worker->stop();
  house.turn(3);
  EXPECT_FALSE(house.worker->is_drained());
  house.pass(5500ms);
  EXPECT_TRUE(house.worker->is_drained());
}

TEST(WsConnection, WhileMuchWaitsForTheHubOnlyWhoAsksForMoreIsSentAway) {
  using gateway::server::WsPhase;
  House house;
  gateway::server::Commons commons(house.worker->loop(), *house.site, 0, 1);
  commons.mail_full = true;
  WsPhase phase({0, 1, 1}, commons, std::nullopt, {});
  const auto say = [&](std::string_view text) {
    std::string bytes = text_frame(text);
    phase.receive({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    static_cast<void>(phase.continue_reading(commons));
  };
  say(R"({"t":"hello","v":1})");
  say(R"({"t":"ping","n":7})");
  say(R"({"t":"seen","a":[[17,5]]})");
  EXPECT_FALSE(phase.is_closing());
  say(R"({"t":"sub","id":1,"q":{"metric":"a"}})");
  EXPECT_TRUE(phase.is_closing());
  EXPECT_EQ(phase.why(), gateway::server::Ended::Overloaded);
}

}  // namespace
}  // namespace tests
