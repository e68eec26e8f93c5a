// Acceptance lines 55 to 57 over real sockets, against a server that does what it must not.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/gateway/ws_client/host.h"

namespace gateway::ws_client {
namespace {

using tests::Ear;
using tests::Guest;
using tests::Host;
using tests::options_for;
using tests::Room;
using namespace std::chrono_literals;

struct WrongAnswer {
  std::string name;
  std::string lines;  // of the answer; KEY stands for the right accept key
  std::string says;   // what the sentence must hold
};

std::string filled(std::string text, const std::string& accept) {
  const std::size_t at = text.find("KEY");
  return at == std::string::npos ? text : text.replace(at, 3, accept);
}

TEST(ClientHandshake, FailsWithASentenceThatSaysWhichPartOfTheAnswerIsWrong) {
  const std::string up = "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  const std::vector<WrongAnswer> cases{
      {"accept missing", up, "Sec-WebSocket-Accept"},
      {"accept wrong", up + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
       "Sec-WebSocket-Accept"},
      {"accept twice", up + "Sec-WebSocket-Accept: KEY\r\nSec-WebSocket-Accept: x\r\n",
       "Sec-WebSocket-Accept"},
      {"no upgrade", "HTTP/1.1 101 x\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n",
       "Upgrade"},
      {"no connection", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: KEY\r\n",
       "Connection"},
      {"extension not offered",
       up + "Sec-WebSocket-Accept: KEY\r\nSec-WebSocket-Extensions: permessage-deflate\r\n",
       "permessage-deflate"},
      {"subprotocol not offered",
       up + "Sec-WebSocket-Accept: KEY\r\nSec-WebSocket-Protocol: chat\r\n", "chat"},
      {"status 200", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "200 OK"},
      {"status 403 with a page",
       "HTTP/1.1 403 Forbidden\r\nContent-Length: 13\r\n\r\n<p>go away</p", "go away"},
      {"status 404", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n", "404 Not Found"},
      {"redirect", "HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\n",
       "http://x/"},
      {"no HTTP", "SSH-2.0-OpenSSH\r\n", "does not speak HTTP"},
      {"HTTP/1.0", "HTTP/1.0 101 x\r\n", "another version"},
      {"bad header", up + "Sec WebSocket: x\r\n", "header line"},
  };
  for (const WrongAnswer& wrong : cases) {
    Room room;
    Host host{room};
    Guest guest{room, options_for(host.url())};
    ASSERT_TRUE(host.accept()) << wrong.name;
    const std::string key = Host::header(host.request(), "Sec-WebSocket-Key");
    std::string answer = filled(wrong.lines, ws::accept_key(key));
    if (answer.find("\r\n\r\n") == std::string::npos) answer += "\r\n";
    host.send(answer);
    ASSERT_TRUE(room.until([&] { return !guest.ear.endings.empty(); })) << wrong.name;
    const Ending& ending = guest.ear.endings.front();
    EXPECT_NE(ending.sentence.find(wrong.says), std::string::npos) << ending.sentence;
    EXPECT_EQ(ending.sentence.find('\n'), std::string::npos);
    EXPECT_FALSE(ending.sentence.ends_with('.'));
    EXPECT_EQ(guest.ear.log.size(), 1U) << wrong.name;  // never opened
    EXPECT_TRUE(host.saw_end()) << wrong.name;
  }
}

TEST(ClientHandshake, SendsAFresh16ByteKeyAndAllThatTheRfcWants) {
  Room room;
  Host host{room};
  std::vector<std::string> keys;
  for (int i = 0; i < 3; ++i) {
    auto options = options_for(host.url());
    options.protocols = {"weir.v1.json"};
    options.headers = {{"User-Agent", "weir/test"}};
    const Guest guest{room, options};
    ASSERT_TRUE(host.accept());
    const std::string request = host.request();
    EXPECT_TRUE(request.starts_with("GET /v1/ws HTTP/1.1\r\nHost: " + host.address() + "\r\n"));
    EXPECT_EQ(Host::header(request, "Upgrade"), "websocket");
    EXPECT_EQ(Host::header(request, "Connection"), "Upgrade");
    EXPECT_EQ(Host::header(request, "Sec-WebSocket-Version"), "13");
    EXPECT_EQ(Host::header(request, "Sec-WebSocket-Protocol"), "weir.v1.json");
    EXPECT_EQ(Host::header(request, "User-Agent"), "weir/test");
    EXPECT_EQ(Host::header(request, "Origin"), "");
    keys.push_back(Host::header(request, "Sec-WebSocket-Key"));
    EXPECT_TRUE(ws::is_valid_key(keys.back()));
  }
  EXPECT_NE(keys[0], keys[1]);
  EXPECT_NE(keys[1], keys[2]);
  EXPECT_NE(keys[0], keys[2]);
}

TEST(ClientHandshake, ConfirmsTheUpgradeWithItsFirstMessageAtOnce) {
  Room room;
  Host host{room};
  Guest guest{room, options_for(host.url())};
  guest.ear.on_open = [&] { EXPECT_EQ(guest.client.send_text("hello"), Sent::Queued); };
  // Frames in the segment of the 101: the first message still leaves before they are heard.
  ASSERT_TRUE(host.welcome("", tests::server_frame(ws::Opcode::Text, "early")));
  guest.ear.on_text = [&](std::string_view) { guest.client.send_text("answer"); };
  const auto first = host.frame();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->payload, "hello");
  EXPECT_TRUE(first->header.mask);
  EXPECT_EQ(host.frame()->payload, "answer");
  EXPECT_EQ(guest.ear.log, (std::vector<std::string>{"opened ", "text early"}));
}

TEST(ClientHandshake, SendsNothingBeforeTheAnswerIsVerified) {
  Room room;
  Host host{room};
  Guest guest{room, options_for(host.url())};
  ASSERT_TRUE(host.accept());
  const std::string request = host.request();
  EXPECT_EQ(guest.client.send_text("too early"), Sent::NotOpen);
  EXPECT_EQ(guest.client.counts().messages_refused, 1U);
  const std::string answer = Host::answer(request);
  host.send(answer.substr(0, answer.size() - 1));
  room.turn(20);
  EXPECT_TRUE(guest.ear.log.empty());
  EXPECT_TRUE(host.unread().empty());
  host.send("\n");
  EXPECT_TRUE(room.until([&] { return guest.ear.heard("opened "); }));
}

TEST(ClientHandshake, TakesAnAnswerSplitAtEveryByte) {
  Room room;
  Host host{room};
  Guest guest{room, options_for(host.url())};
  ASSERT_TRUE(host.accept());
  const std::string bytes = Host::answer(host.request()) +
                            tests::server_frame(ws::Opcode::Text, "hi") + tests::close_frame(1000);
  for (const char byte : bytes) {
    host.send({&byte, 1});
    room.turn(2);
  }
  EXPECT_TRUE(room.until([&] { return guest.ear.heard("text hi"); }));
  EXPECT_EQ(host.frame()->close_code(), 1000);
}

TEST(ClientHandshake, AcceptsDeflateOnlyWhenItWasOffered) {
  Room room;
  Host host{room};
  auto options = options_for(host.url());
  options.compression = ws::Compression::Deflate;
  const Guest guest{room, options};
  ASSERT_TRUE(host.accept());
  const std::string request = host.request();
  EXPECT_EQ(Host::header(request, "Sec-WebSocket-Extensions"), ws::kDeflateOffer);
  host.send(Host::answer(request,
                         "Sec-WebSocket-Extensions: permessage-deflate; "
                         "server_no_context_takeover; client_no_context_takeover\r\n"));
  EXPECT_TRUE(room.until([&] { return guest.ear.heard("opened +deflate"); }));
}

TEST(ClientHandshake, GivesUpOnAServerThatNeverAnswers) {
  Room room;
  Host host{room};
  const Guest guest{room, options_for(host.url())};
  ASSERT_TRUE(host.accept());
  host.request();
  room.pass(9'900ms);
  EXPECT_TRUE(guest.ear.log.empty());
  room.pass(300ms);
  ASSERT_EQ(guest.ear.endings.size(), 1U);
  EXPECT_EQ(guest.ear.endings.front().sentence,
            "the server did not finish the handshake in 10000 ms");
}

TEST(ClientHandshake, DoesNotWaitForTheEndOfARefusalsPage) {
  Room room;
  Host host{room};
  const Guest guest{room, options_for(host.url())};
  ASSERT_TRUE(host.accept());
  host.request();
  host.send("HTTP/1.1 503 Busy\r\nRetry-After: 9\r\nContent-Length: 999\r\n\r\ntry later");
  room.turn(20);
  EXPECT_TRUE(guest.ear.log.empty());
  room.pass(1'100ms);
  ASSERT_EQ(guest.ear.endings.size(), 1U);
  EXPECT_NE(guest.ear.endings.front().sentence.find("try later"), std::string::npos);
  EXPECT_GE(*guest.ear.again_in, 9'000ms);
}

TEST(ClientHandshake, SaysThatTheServerClosedBeforeItAnswered) {
  Room room;
  Host host{room};
  const Guest guest{room, options_for(host.url())};
  ASSERT_TRUE(host.accept());
  host.request();
  host.send("HTTP/1.1 101 Swi");
  host.leave();
  ASSERT_TRUE(room.until([&] { return !guest.ear.endings.empty(); }));
  EXPECT_EQ(guest.ear.endings.front().sentence,
            "the server closed the connection before it had answered");
}

}  // namespace
}  // namespace gateway::ws_client
