// Dialing, coming back, TLS and Unix sockets, and our own server.
#include "gateway/ws_client/client.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "tests/gateway/ws_client/host.h"
#include "tests/support/certificates.h"

namespace gateway::ws_client {
namespace {

using tests::close_frame;
using tests::Ear;
using tests::Guest;
using tests::Host;
using tests::options_for;
using tests::Room;
using tests::server_frame;
using namespace std::chrono_literals;
using ingest::Millis;
using tests::support::Authority;

/// Ends every attempt like this and says how long the client wants to wait.
std::optional<Millis> wait_after_close(int code, std::string_view first = "") {
  Room room;
  Host host{room};
  Guest guest{room, options_for(host.url())};
  EXPECT_TRUE(host.welcome("", first));
  host.send(close_frame(code));
  EXPECT_TRUE(host.frame());
  host.leave();
  EXPECT_TRUE(room.until([&] { return !guest.ear.endings.empty(); })) << code;
  return guest.ear.again_in;
}

TEST(Client, ComesBackUnlessTheCloseCodeForbidsIt) {
  for (const int code : {1000, 1001, 1011, 3000, 4100, 4105, 4999})
    EXPECT_TRUE(wait_after_close(code)) << code;
  for (const int code : {4000, 4001, 4008, 4099})
    EXPECT_FALSE(wait_after_close(code)) << code;
}

TEST(Client, ConnectsAgainAfterItsWait) {
  Room room;
  Host host{room};
  Guest guest{room, options_for(host.url())};
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(host.welcome()) << i;
    ASSERT_TRUE(room.until([&] { return guest.client.is_open(); }));
    host.leave();
    ASSERT_TRUE(room.until([&] { return !guest.client.is_open(); }));
    ASSERT_TRUE(guest.ear.again_in);
    EXPECT_LE(*guest.ear.again_in, 500ms * (1 << i));
    room.clock.advance(*guest.ear.again_in);
  }
  EXPECT_EQ(guest.client.counts().opened, 4U);
  EXPECT_EQ(guest.client.counts().attempts, 4U);
}

TEST(Client, ForgetsItsFailuresOnceTheServerSaidSomething) {
  Room room;
  Host host{room};
  Guest guest{room, options_for(host.url())};
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(host.welcome("", server_frame(ws::Opcode::Text, "hi")));
    const auto told = guest.ear.endings.size();
    ASSERT_TRUE(room.until([&] { return guest.client.counts().messages_received > told; }));
    host.leave();
    ASSERT_TRUE(room.until([&] { return guest.ear.endings.size() > told; }));
    ASSERT_LE(*guest.ear.again_in, 500ms);
    room.clock.advance(*guest.ear.again_in);
  }
}

TEST(Client, WaitsAsTheServerAskedAfterABye) {
  for (int i = 0; i < 10; ++i) {
    Room room;
    Host host{room};
    Guest guest{room, options_for(host.url())};
    guest.ear.on_text = [&](std::string_view) { guest.client.come_back_after(2'000ms, 2'400ms); };
    ASSERT_TRUE(host.welcome("", server_frame(ws::Opcode::Text, "bye") + close_frame(1001)));
    host.frame();
    host.leave();
    ASSERT_TRUE(room.until([&] { return !guest.ear.endings.empty(); }));
    EXPECT_GE(*guest.ear.again_in, 2'000ms);
    EXPECT_LE(*guest.ear.again_in, 2'400ms);
  }
}

TEST(Client, DoesNotComeBackWhenToldNeverTo) {
  Room room;
  Host host{room};
  auto options = options_for(host.url());
  options.reconnect = Reconnect::Never;
  const Guest guest{room, options};
  ASSERT_TRUE(host.welcome());
  host.leave();
  ASSERT_TRUE(room.until([&] { return !guest.ear.endings.empty(); }));
  EXPECT_FALSE(guest.ear.again_in);
}

TEST(Client, MayBeStartedAnewFromItsLastWord) {
  Room room;
  Host host{room};
  auto options = options_for(host.url());
  options.reconnect = Reconnect::Never;
  Guest guest{room, options};
  guest.ear.on_end = [&] {
    if (guest.ear.endings.size() == 1) guest.client.start();
  };
  ASSERT_TRUE(host.welcome());
  host.leave();
  ASSERT_TRUE(host.welcome());
  EXPECT_TRUE(room.until([&] { return guest.client.is_open(); }));
}

TEST(Client, MayBeStartedAnewBeforeItsCloseIsAnswered) {
  Room room;
  Host host{room};
  auto options = options_for(host.url());
  options.reconnect = Reconnect::Never;
  Guest guest{room, options};
  guest.ear.on_text = [&](std::string_view) {
    guest.client.close(1000, "");
    guest.client.start();
  };
  ASSERT_TRUE(host.welcome("", server_frame(ws::Opcode::Text, "anew")));
  const auto got = host.frame();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->header.opcode, ws::Opcode::Close);  // the first one is closed in order
  EXPECT_EQ(guest.client.counts().attempts, 1U);
  host.send(close_frame(1000));
  host.leave();
  ASSERT_TRUE(host.welcome());
  EXPECT_TRUE(room.until([&] { return guest.client.is_open(); }));
  ASSERT_EQ(guest.ear.endings.size(), 1U);
  EXPECT_TRUE(guest.ear.endings.front().clean);
  EXPECT_EQ(guest.ear.again_in, 0ms);
}

TEST(Client, StaysAwayWhenClosedBeforeItCouldStartAnew) {
  Room room;
  Host host{room};
  Guest guest{room, options_for(host.url())};
  guest.ear.on_text = [&](std::string_view) {
    guest.client.close(1000, "");
    guest.client.start();
    guest.client.close(1000, "");
  };
  ASSERT_TRUE(host.welcome("", server_frame(ws::Opcode::Text, "anew")));
  ASSERT_TRUE(host.frame());
  host.send(close_frame(1000));
  host.leave();
  ASSERT_TRUE(room.until([&] { return !guest.ear.endings.empty(); }));
  EXPECT_FALSE(guest.ear.again_in);
  room.pass(60'000ms);
  EXPECT_EQ(guest.client.counts().attempts, 1U);
}

TEST(Client, SaysThatNobodyListens) {
  Room room;
  Host host{room};
  host.stop_listening();
  const Guest guest{room, options_for(host.url())};
  ASSERT_TRUE(room.until([&] { return !guest.ear.endings.empty(); }));
  EXPECT_EQ(guest.ear.endings.front().sentence,
            "cannot connect to " + host.address() + ": connection refused");
  EXPECT_TRUE(guest.ear.again_in);
}

TEST(Client, TriesEveryAddressAndNamesEachFault) {
  Room room;
  Host host{room};
  const std::string port = host.address().substr(host.address().find(':'));
  // 127.0.0.1 is first and answers.
  const Guest guest{room, options_for("ws://localhost" + port)};
  ASSERT_TRUE(host.welcome());
  EXPECT_TRUE(room.until([&] { return guest.client.is_open(); }));

  Dialer dialer{*room.loop, 4'000ms};
  std::vector<Endpoint> endpoints = *known_endpoints(*Url::parse("ws://127.0.0.1:1"));
  endpoints.push_back(known_endpoints(*Url::parse("ws://" + host.address()))->front());
  std::optional<Dialer::Dialed> dialed;
  dialer.dial("weir", endpoints, [&](Dialer::Dialed done) { dialed = std::move(done); });
  ASSERT_TRUE(room.until([&] { return dialed.has_value(); }));
  EXPECT_TRUE(dialed->has_value()) << "the second address listens";

  endpoints.pop_back();
  endpoints.push_back(Endpoint::of_unix("/nowhere/at/all.sock"));
  dialed.reset();
  dialer.dial("weir", endpoints, [&](Dialer::Dialed done) { dialed = std::move(done); });
  ASSERT_TRUE(room.until([&] { return dialed.has_value(); }));
  ASSERT_FALSE(dialed->has_value());
  EXPECT_EQ(dialed->error().what,
            "cannot connect to weir: 127.0.0.1:1: connection refused, "
            "unix:/nowhere/at/all.sock: no such file or directory");
}

TEST(Client, LeavesAnAddressThatDoesNotAnswerAfterItsTime) {
  Room room;
  // A queue that is full swallows what comes: nobody answers, as behind a firewall.
  const ingest::io::Fd full{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto any = *ingest::io::Address::parse("127.0.0.1:0");
  ASSERT_EQ(bind(full.get(), any.data(), any.size()), 0);
  ASSERT_EQ(listen(full.get(), 0), 0);
  const auto address = *ingest::io::local_address(full.get());
  const ingest::io::Fd first = *ingest::io::tcp_connect(address);
  Dialer dialer{*room.loop, 4'000ms};
  std::optional<Dialer::Dialed> dialed;
  dialer.dial("weir", {Endpoint::of(address)},
              [&](Dialer::Dialed done) { dialed = std::move(done); });
  room.turn(20);
  ASSERT_FALSE(dialed.has_value());
  room.pass(3'900ms);
  EXPECT_FALSE(dialed.has_value());
  room.pass(300ms);
  ASSERT_TRUE(dialed.has_value());
  ASSERT_FALSE(dialed->has_value());
  EXPECT_EQ(dialed->error().what,
            "cannot connect to weir: " + address.text() + ": no answer in 4000 ms");
}

TEST(Client, LooksNamesUpWithoutStoppingTheLoop) {
  Room room;
  Resolver resolver{*room.loop};
  std::optional<Resolver::Found> found;
  // RFC 6761 section 6.4: such a name is never found.
  resolver.ask("weir.invalid", 80, [&](Resolver::Found answer) { found = std::move(answer); });
  EXPECT_FALSE(found.has_value());
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (!found && std::chrono::steady_clock::now() < until)
    room.loop->turn(10ms);
  ASSERT_TRUE(found.has_value());
  ASSERT_FALSE(found->has_value());
  EXPECT_TRUE(found->error().what.starts_with("cannot find the address of weir.invalid: "))
      << found->error().what;
}

TEST(Client, SaysThatTheNameServiceIsSilent) {
  Room room;
  const Guest guest{room, options_for("ws://weir.invalid/")};
  room.loop->turn(0ms);          // the question is asked
  room.clock.advance(10'100ms);  // before the answer can be read
  room.loop->turn(0ms);
  ASSERT_EQ(guest.ear.endings.size(), 1U);
  EXPECT_NE(guest.ear.endings.front().sentence.find("weir.invalid"), std::string::npos);
}

TEST(Client, EndsAtOnceWhileItWaits) {
  Room room;
  Host host{room};
  host.stop_listening();
  Guest guest{room, options_for(host.url())};
  ASSERT_TRUE(room.until([&] { return !guest.ear.endings.empty(); }));
  guest.client.close(1000, "");
  ASSERT_EQ(guest.ear.endings.size(), 2U);
  EXPECT_EQ(guest.ear.endings.back().sentence, "closed by us");
  EXPECT_FALSE(guest.ear.again_in);
  room.pass(60'000ms);
  EXPECT_EQ(guest.client.counts().attempts, 1U);
}

TEST(Client, ConnectsOverAUnixSocket) {
  Room room;
  const std::string path =
      std::filesystem::temp_directory_path() / ("weir_ws_client_" + std::to_string(getpid()));
  const ingest::io::Fd listener{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const Endpoint endpoint = Endpoint::of_unix(path);
  ASSERT_EQ(
      bind(listener.get(), reinterpret_cast<const sockaddr*>(&endpoint.storage), endpoint.size), 0);
  ASSERT_EQ(listen(listener.get(), 4), 0);
  const Guest guest{room, options_for("ws+unix://" + path + ":/v1/ws")};
  ingest::io::Fd peer;
  ASSERT_TRUE(room.until([&] {
    peer = ingest::io::Fd{accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    return static_cast<bool>(peer);
  }));
  std::string request;
  ASSERT_TRUE(room.until([&] {
    char bytes[4096];
    const ssize_t count = recv(peer.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (count > 0) request.append(bytes, static_cast<std::size_t>(count));
    return request.find("\r\n\r\n") != std::string::npos;
  }));
  EXPECT_TRUE(request.starts_with("GET /v1/ws HTTP/1.1\r\nHost: localhost\r\n"));
  const std::string answer = Host::answer(request);
  ASSERT_GT(send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL), 0);
  EXPECT_TRUE(room.until([&] { return guest.client.is_open(); }));
  unlink(path.c_str());
}

// ---- TLS ----

/// A server that speaks TLS and echoes nothing: enough to be verified by.
struct TlsHost {
  explicit TlsHost(Room& room_in, const std::string& names) : room(room_in) {
    authority.issue("server", names);
    context = *tls::ServerContext::open({{authority.cert("server"), authority.key("server")}});
    listener = *ingest::io::tcp_listen(*ingest::io::Address::parse("127.0.0.1:0"));
    port = ingest::io::local_address(listener.get())->port();
  }
  /// Does what it can now.
  void go_on() {
    if (!fd) {
      auto taken = ingest::io::accept_from(listener.get());
      if (!taken) return;
      fd = std::move(taken->fd);
      stream = *tls::Stream::server(*context, fd.get(), buffers);
    }
    if (!stream->is_ready()) {
      stream->handshake();
      return;
    }
    std::vector<std::uint8_t> bytes(tls::Stream::kReadBytes);
    const auto got = stream->read(bytes);
    if (got.state != tls::Stream::State::Done) return;
    heard.append(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(got.bytes));
    if (answered || heard.find("\r\n\r\n") == std::string::npos) return;
    answered = true;
    std::string text =
        Host::answer(heard) + server_frame(ws::Opcode::Text, std::string(40'000, 'x'));
    const iovec piece{text.data(), text.size()};
    EXPECT_EQ(stream->write({&piece, 1}).bytes, text.size());
  }
  Room& room;
  Authority authority;
  std::unique_ptr<tls::ServerContext> context;
  ingest::io::Fd listener;
  ingest::io::Fd fd;
  tls::Buffers buffers;
  std::unique_ptr<tls::Stream> stream;
  std::string heard;
  std::uint16_t port = 0;
  bool answered = false;
};

std::unique_ptr<tls::ClientContext> trusting(const Authority& authority) {
  return *tls::ClientContext::open(
      {.trust = tls::ClientContext::Trust::File, .ca_file = authority.ca_file()});
}

TEST(Client, SpeaksTlsToAServerItTrusts) {
  Room room;
  TlsHost host{room, "DNS:localhost"};
  const auto trust = trusting(host.authority);
  room.tools.tls = trust.get();
  const Guest guest{room, options_for("wss://localhost:" + std::to_string(host.port) + "/v1/ws")};
  EXPECT_TRUE(room.until([&] {
    host.go_on();
    return guest.ear.heard("text " + std::string(40'000, 'x'));
  }));
}

/// Counts what a connection says.
struct Counter final : ConnectionListener {
  void opened(const ws::Opened& /*opened*/) override { ++openings; }
  void text(std::string_view message) override { bytes += message.size(); }
  void binary(ingest::ByteView message) override { bytes += message.size(); }
  void ended(const Ending& /*ending*/) override { ++endings; }
  int openings = 0;
  int endings = 0;
  std::size_t bytes = 0;
};

TEST(Client, HearsTheEndThatCameWithTheLastReadOfATurn) {
  Room room;
  Authority authority;
  authority.issue("server", "DNS:localhost");
  const auto context =
      *tls::ServerContext::open({{authority.cert("server"), authority.key("server")}});
  const auto trust = trusting(authority);
  int ends[2] = {-1, -1};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  const ingest::io::Fd there{ends[0]};
  tls::Buffers buffers;
  const auto stream = *tls::Stream::server(*context, there.get(), buffers);
  const auto options = options_for("wss://localhost/");
  Counter counter;
  Connection connection{
      {.loop = room.loop.get(), .tools = &room.tools, .options = &options, .listener = &counter},
      *Transport::with_tls(ingest::io::Fd{ends[1]}, *trust, "localhost", room.tools.tls_buffers)};
  connection.start();
  ASSERT_TRUE(room.until(
      [&] { return stream->is_ready() || stream->handshake().state == tls::Stream::State::Done; }));
  std::string request;
  std::vector<std::uint8_t> bytes(tls::Stream::kReadBytes);
  ASSERT_TRUE(room.until([&] {
    request.append(bytes.begin(),
                   bytes.begin() + static_cast<std::ptrdiff_t>(stream->read(bytes).bytes));
    return request.find("\r\n\r\n") != std::string::npos;
  }));
  const auto say = [&](std::string text) {
    const iovec piece{text.data(), text.size()};
    return stream->write({&piece, 1}).bytes == text.size() && !stream->holds_output();
  };
  ASSERT_TRUE(say(Host::answer(request)));
  ASSERT_TRUE(room.until([&] { return counter.openings == 1; }));
  // Four receives of 32 KiB, which is what one turn reads: the last has TLS's end, but not TCP's.
  constexpr std::size_t kBytes = 105'000;
  ASSERT_TRUE(say(server_frame(ws::Opcode::Text, std::string(kBytes, 'x'))));
  stream->finish();
  ASSERT_FALSE(stream->holds_output());
  EXPECT_TRUE(room.until([&] { return counter.endings == 1; }));
  EXPECT_EQ(counter.bytes, kBytes);
}

TEST(Client, RefusesACertificateForAnotherName) {
  Room room;
  TlsHost host{room, "DNS:other.example"};
  const auto trust = trusting(host.authority);
  room.tools.tls = trust.get();
  const Guest guest{room, options_for("wss://localhost:" + std::to_string(host.port) + "/v1/ws")};
  ASSERT_TRUE(room.until([&] {
    host.go_on();
    return !guest.ear.endings.empty();
  }));
  EXPECT_TRUE(guest.ear.endings.front().sentence.starts_with("TLS failed: "));
  EXPECT_NE(guest.ear.endings.front().sentence.find("hostname mismatch"), std::string::npos)
      << guest.ear.endings.front().sentence;
  EXPECT_TRUE(host.heard.empty());
}

TEST(Client, SaysThatTheServerSpeaksNoTls) {
  Room room;
  Host host{room};
  const Authority authority;
  const auto trust = trusting(authority);
  room.tools.tls = trust.get();
  const Guest guest{room, options_for("wss://" + host.address() + "/")};
  ASSERT_TRUE(host.accept());
  host.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  ASSERT_TRUE(room.until([&] { return !guest.ear.endings.empty(); }));
  EXPECT_TRUE(guest.ear.endings.front().sentence.starts_with("TLS failed: "))
      << guest.ear.endings.front().sentence;
}

}  // namespace
}  // namespace gateway::ws_client
