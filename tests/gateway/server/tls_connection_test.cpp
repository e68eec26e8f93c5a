// TLS over real sockets: what a client sees of an https listener.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "gateway/server/commons.h"
#include "tests/gateway/server/house.h"
#include "tests/gateway/server/secure_house.h"
#include "tests/support/certificates.h"

namespace tests {
namespace {

using gateway::server::Commons;
using gateway::server::Ended;
using gateway::tls::ClientContext;

/// What was logged so far.
class LogFile {
 public:
  LogFile() : file_(std::tmpfile()) {}
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile() { std::fclose(file_); }
  int fd() const { return fileno(file_); }
  std::string text() const {
    std::string all(4096, '\0');
    const ssize_t count = pread(fd(), all.data(), all.size(), 0);
    all.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return all;
  }

 private:
  std::FILE* file_;
};

TEST(TlsConnection, AnswersRequestsAndStaysOpen) {
  SecureHouse secure;
  const auto visitor = secure.visitor();
  EXPECT_STREQ(visitor->tls().version(), "TLSv1.3");
  EXPECT_EQ(visitor->tls().protocol(), "http/1.1");
  EXPECT_TRUE(visitor->get("/healthz").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(visitor->get("/healthz").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(secure.house->worker->counts().handshakes.get(), 1U);
}

TEST(TlsConnection, AnswersAHundredPipelinedRequestsInOrder) {
  SecureHouse secure;
  const auto visitor = secure.visitor();
  std::string requests;
  for (int i = 0; i < 100; ++i)
    requests += "GET /no-" + std::to_string(i) +
                " HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost: "
                "localhost\r\n\r\n";
  visitor->send(requests);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(visitor->answer().starts_with("HTTP/1.1 404 ")) << i;
    ASSERT_TRUE(visitor->answer().starts_with("HTTP/1.1 200 ")) << i;
  }
}

TEST(TlsConnection, CarriesAWebSocketWithAllThatCameWithTheUpgrade) {
  SecureHouse secure;
  const auto visitor = secure.visitor();
  ASSERT_TRUE(visitor->upgrade(text_frame(R"({"t":"hello","v":1})")));
  EXPECT_NE(visitor->text().find("\"welcome\""), std::string::npos);
  visitor->send(masked(9, "are you there"));
  const auto pong = visitor->frame();
  ASSERT_TRUE(pong.has_value());
  EXPECT_EQ(pong->payload, "are you there");
  visitor->send(masked(8, "\x03\xe8"));
  const auto closed = visitor->frame();
  ASSERT_TRUE(closed.has_value());
  EXPECT_EQ(closed->close_code(), 1000);
  EXPECT_TRUE(visitor->wait_closed());
  EXPECT_FALSE(visitor->was_reset());  // close_notify came before the end of TCP
}

TEST(TlsConnection, IsTheSameForRequestsSplitAtEveryByte) {
  constexpr std::string_view kRequest = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  SecureHouse secure;
  const auto visitor = secure.visitor();
  for (std::size_t cut = 1; cut < kRequest.size(); ++cut) {
    visitor->send(kRequest.substr(0, cut));
    visitor->send(kRequest.substr(cut));
    ASSERT_TRUE(visitor->answer().starts_with("HTTP/1.1 200 ")) << cut;
  }
}

TEST(TlsConnection, SendsALargeAnswerToASlowReaderWhole) {
  gateway::server::Settings settings;
  settings.limits.requests_per_connection = 1'000'000;
  SecureHouse secure{settings};
  const auto visitor = secure.visitor(4096);
  std::string requests;
  constexpr int kRequests = 12'000;
  for (int i = 0; i < kRequests; ++i)
    requests += "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n";
  visitor->send(requests);
  EXPECT_GT(secure.house->worker->counts().short_writes.get(), 0U);
  for (int i = 0; i < kRequests; ++i)
    ASSERT_TRUE(visitor->answer().starts_with("HTTP/1.1 404 ")) << i;
}

TEST(TlsConnection, AnswersAClientThatSaidItsLastWord) {
  SecureHouse secure;
  const auto visitor = secure.visitor();
  visitor->send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
  visitor->finish_tls("\r\n");
  EXPECT_TRUE(visitor->answer().starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(visitor->wait_closed());
  EXPECT_FALSE(visitor->was_reset());
}

TEST(TlsConnection, ClosesPlainHttpWithAHintInTheLog) {
  const LogFile log;
  SecureHouse secure{{}, {.log_level = ingest::io::LogLevel::Warn, .log_fd = log.fd()}};
  Visitor visitor{*secure.house};
  visitor.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_TRUE(visitor.heard().empty());
  EXPECT_NE(log.text().find("event=plain_http_on_tls_port"), std::string::npos) << log.text();
  EXPECT_NE(log.text().find("https://"), std::string::npos) << log.text();
  EXPECT_NE(log.text().find("peer=127.0.0.1:"), std::string::npos) << log.text();
  visitor.leave();
  secure.house->turn(3);
  EXPECT_EQ(secure.house->ended(Ended::TlsFailed), 1U);
}

TEST(TlsConnection, ClosesASilentClientAfterTenSeconds) {
  SecureHouse secure;
  Visitor visitor{*secure.house};
  secure.house->pass(9750ms);
  visitor.poll();
  EXPECT_FALSE(visitor.closed());
  secure.house->pass(500ms);
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_EQ(secure.house->ended(Ended::HandshakeTimeout), 1U);
}

TEST(TlsConnection, ClosesAHandshakeThatDripsAfterTenSeconds) {
  SecureHouse secure;
  Visitor visitor{*secure.house};
  constexpr std::string_view kHello{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11};
  for (std::size_t i = 0; i < 9; ++i) {
    visitor.send(kHello.substr(i, 1));
    secure.house->pass(1s);
  }
  visitor.poll();
  EXPECT_FALSE(visitor.closed());
  secure.house->pass(1250ms);
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_EQ(secure.house->ended(Ended::HandshakeTimeout), 1U);
}

TEST(TlsConnection, TimesHttpFromTheEndOfTheHandshake) {
  SecureHouse secure;
  auto visitor = std::make_unique<Visitor>(*secure.house);
  secure.house->pass(9s);
  ASSERT_TRUE(visitor->start_tls(*secure.client, "localhost"));
  secure.house->pass(9500ms);
  EXPECT_TRUE(visitor->get("/healthz").starts_with("HTTP/1.1 200 "));
}

TEST(TlsConnection, DoesABoundedNumberOfHandshakeStepsInATurn) {
  SecureHouse secure;
  constexpr int kClients = 3 * Commons::kHandshakesMax;
  std::vector<std::unique_ptr<Visitor>> visitors;
  for (int i = 0; i < kClients; ++i)
    visitors.push_back(std::make_unique<Visitor>(*secure.house));
  gateway::tls::Buffers buffers;
  // All hellos are there before the house looks.
  for (auto& visitor : visitors)
    visitor->begin_tls(*secure.client, "localhost");
  int answered = 0;
  for (int turn = 1; turn <= 3; ++turn) {
    secure.house->turn();
    answered = 0;
    for (auto& visitor : visitors)
      answered += visitor->has_bytes() ? 1 : 0;
    EXPECT_EQ(answered, turn * Commons::kHandshakesMax);
  }
  EXPECT_GT(secure.house->worker->counts().handshakes_deferred.get(), 0U);
  for (auto& visitor : visitors)
    EXPECT_TRUE(visitor->go_on_with_tls());
}

TEST(TlsConnection, ReloadsTheCertificateWithoutDroppingAnybody) {
  SecureHouse secure;
  const auto before = secure.visitor();
  ASSERT_TRUE(before->upgrade());
  secure.authority.issue("server", "DNS:renewed.example");
  ASSERT_TRUE(secure.server->reload().has_value());
  before->send(masked(9, "still here"));
  EXPECT_EQ(before->frame()->payload, "still here");
  Visitor after{*secure.house};
  EXPECT_TRUE(after.start_tls(*secure.client, "renewed.example")) << after.tls().fault();
}

TEST(TlsConnection, RefusesWhatItCannotAgreeOnAndGoesOn) {
  SecureHouse secure;
  {
    Visitor visitor{*secure.house};
    const auto stranger = *ClientContext::open({});
    EXPECT_FALSE(visitor.start_tls(*stranger, "localhost"));  // does not trust us: an alert
  }
  {
    Visitor visitor{*secure.house};
    visitor.send("SSH-2.0-OpenSSH_9.2\r\n");
    EXPECT_TRUE(visitor.wait_closed());
  }
  secure.house->turn(5);
  EXPECT_EQ(secure.house->ended(Ended::TlsFailed), 2U);
  EXPECT_TRUE(secure.visitor()->get("/healthz").starts_with("HTTP/1.1 200 "));
  secure.house->turn(3);
  EXPECT_EQ(secure.house->dealer.connections(), 0U);
}

TEST(TlsConnection, ClosesWithAnAlertOnABrokenRecord) {
  SecureHouse secure;
  const auto visitor = secure.visitor();
  ASSERT_TRUE(visitor->upgrade());
  visitor->send_raw(std::string_view{"\x17\x03\x03\x00\x14rubbish rubbish rubb", 25});
  EXPECT_TRUE(visitor->wait_closed());
  EXPECT_NE(visitor->tls().fault().find("bad record mac"), std::string::npos)
      << visitor->tls().fault();
  visitor->leave();
  secure.house->turn(3);
  EXPECT_EQ(secure.house->ended(Ended::TlsFailed), 1U);
}

TEST(TlsConnection, DeliversWhatCameBeforeAReset) {
  SecureHouse secure;
  const auto visitor = secure.visitor();
  ASSERT_TRUE(visitor->upgrade());
  const auto received = secure.house->worker->counts().messages_received.get();
  visitor->put_without_a_turn(text_frame(R"({"t":"hello","v":1})"));
  visitor->reset();
  secure.house->turn(3);
  EXPECT_EQ(secure.house->worker->counts().messages_received.get(), received + 1);
  EXPECT_EQ(secure.house->ended(Ended::PeerReset), 1U);
}

/// A client that asks for key updates as fast as it can and reads none of the answers.
class Flooder {
 public:
  explicit Flooder(House& house, int receive_buffer)
      : house_(house), visitor_(house, receive_buffer) {
    SSL_set_fd(ssl_, visitor_.fd());
    fcntl(visitor_.fd(), F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 100 && SSL_connect(ssl_) != 1; ++i)
      house.turn();
  }
  Flooder(const Flooder&) = delete;
  Flooder& operator=(const Flooder&) = delete;
  ~Flooder() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  bool ask() {
    return SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(ssl_) == 1;
  }
  /// Until the house takes no more.
  void flood() {
    for (int i = 0; i < 400'000; ++i) {
      if (ask()) continue;
      house_.turn();
      if (SSL_do_handshake(ssl_) == 1) continue;
      house_.turn(20);
      if (SSL_do_handshake(ssl_) != 1) return;
    }
  }
  /// Takes from the socket what is there, past TLS: a client that has a key update to finish would
  /// not read.
  void drop_what_came() {
    char bytes[4096];
    while (recv(visitor_.fd(), bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
  }
  bool say(std::string_view text) {
    return SSL_write(ssl_, text.data(), static_cast<int>(text.size())) > 0;
  }

 private:
  House& house_;
  Visitor visitor_;
  SSL_CTX* context_ = SSL_CTX_new(TLS_client_method());
  SSL* ssl_ = SSL_new(context_);
};

/// Is there anything that the house's loop would wake for now?
bool would_wake(House& house) {
  pollfd one{.fd = house.worker->loop().fd(), .events = POLLIN, .revents = 0};
  return poll(&one, 1, 0) > 0;
}

TEST(TlsConnection, SleepsWhileAPeerReadsNoneOfTheAnswersItAsksFor) {
  SecureHouse secure;
  House& house = *secure.house;
  Flooder flooder{house, 4096};
  flooder.flood();
  house.turn(20);
  EXPECT_FALSE(would_wake(house));
  // Once it takes them, all that waited is read, and what it says then.
  bool said = false;
  const auto& answered = house.worker->counts().http_answers[200];
  // The kernel may sit on a closed window for some 200 ms before it asks again.
  for (int i = 0; i < 10'000 && answered.get() == 0; ++i) {
    flooder.drop_what_came();
    house.turn(1, 1ms);
    if (!said) said = flooder.say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  EXPECT_EQ(answered.get(), 1U);
}

TEST(TlsConnection, EndsWhoReadsNoneOfTheAnswersItAsksFor) {
  SecureHouse secure;
  Flooder flooder{*secure.house, 4096};
  flooder.flood();
  secure.house->turn(20);
  secure.house->pass(30'250ms);
  EXPECT_EQ(secure.house->ended(Ended::Stalled), 1U);
  EXPECT_EQ(secure.house->dealer.connections(), 0U);
}

TEST(TlsConnection, TheEndBehindALastWordIsSeenThoughTcpStaysOpen) {
  SecureHouse secure;
  const auto visitor = secure.visitor();
  ASSERT_TRUE(visitor->upgrade(text_frame(R"({"t":"hello","v":1})")));
  EXPECT_NE(visitor->text().find("\"welcome\""), std::string::npos);
  const auto received = secure.house->worker->counts().messages_received.get();
  // Pongs ask for no answer. So many that the turn's last read brings the rest and close_notify.
  const std::string pong = masked(10, std::string(125, 'x'));
  std::string bytes;
  for (std::size_t turn_bytes = Commons::kReadsMax * gateway::tls::Buffers::kInBytes;
       bytes.size() < turn_bytes - 4'000;)
    bytes += pong;
  for (std::size_t more = 0; more < 40; ++more) {
    const auto other = secure.visitor();
    ASSERT_TRUE(other->upgrade(text_frame(R"({"t":"hello","v":1})")));
    EXPECT_NE(other->text().find("\"welcome\""), std::string::npos);
    std::string all = bytes;
    for (std::size_t i = 0; i < more; ++i)
      all += pong;
    const auto ended = secure.house->ended(Ended::PeerClosed);
    other->finish_tls(all);
    secure.house->turn(6);
    EXPECT_EQ(secure.house->ended(Ended::PeerClosed), ended + 1) << more;
  }
  EXPECT_EQ(secure.house->worker->counts().messages_received.get(), received + 40);
}

TEST(TlsConnection, ABrokenRecordBehindTheLastAnswerChangesNothing) {
  SecureHouse secure;
  const auto visitor = secure.visitor();
  visitor->send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(visitor->answer().starts_with("HTTP/1.1 200 "));
  secure.house->pass(500ms);
  visitor->send_raw(std::string_view{"\x17\x03\x03\x00\x14rubbish rubbish rubb", 25});
  secure.house->pass(750ms);  // the linger is not begun anew
  EXPECT_EQ(secure.house->dealer.connections(), 0U);
  EXPECT_EQ(secure.house->ended(Ended::Answered), 1U);
  EXPECT_EQ(secure.house->ended(Ended::TlsFailed), 0U);
}

TEST(TlsConnection, EachHandshakeStandsInLineOnceHoweverLongItWaits) {
  constexpr std::size_t kCrowd = 60;
  SecureHouse secure;
  House& house = *secure.house;
  std::vector<std::unique_ptr<Visitor>> crowd;
  for (std::size_t i = 0; i < kCrowd; ++i)
    crowd.push_back(std::make_unique<Visitor>(house));
  for (auto& one : crowd)
    one->begin_tls(*secure.client, "localhost");
  house.turn();
  const auto deferred = house.worker->counts().handshakes_deferred.get();
  EXPECT_EQ(deferred, kCrowd - Commons::kHandshakesMax);
  house.turn(5);
  EXPECT_EQ(house.worker->counts().handshakes_deferred.get(), deferred);
  for (auto& one : crowd)
    ASSERT_TRUE(one->go_on_with_tls());
}

TEST(TlsConnection, OnlyAPageThatCameOverTlsIsTheSameOrigin) {
  gateway::server::Settings settings;
  settings.hosts = {"weir.example"};
  SecureHouse secure{settings};
  const auto status_for = [&](std::string_view origin) {
    const auto visitor = secure.visitor();
    visitor->send(
        "GET /v1/ws HTTP/1.1\r\nHost: weir.example\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: " +
        std::string{origin} + "\r\n\r\n");
    visitor->wait([&] { return visitor->heard().find("\r\n\r\n") != std::string::npos; });
    return visitor->heard().substr(9, 3);
  };
  EXPECT_EQ(status_for("https://weir.example"), "101");
  EXPECT_EQ(status_for("https://weir.example:443"), "101");
  EXPECT_EQ(status_for("http://weir.example"), "403");
  EXPECT_EQ(status_for("http://weir.example:443"), "403");
}

TEST(TlsConnection, DrainsWith1001AndCloseNotify) {
  SecureHouse secure;
  const auto visitor = secure.visitor();
  ASSERT_TRUE(visitor->upgrade(text_frame(R"({"t":"hello","v":1})")));
  EXPECT_NE(visitor->text().find("\"welcome\""), std::string::npos);
  const auto idle = secure.visitor();
  secure.house->worker->stop();
  EXPECT_NE(visitor->text().find("\"bye\""), std::string::npos);
  EXPECT_EQ(visitor->frame()->close_code(), 1001);
  visitor->send(masked(8, "\x03\xe9"));
  EXPECT_TRUE(visitor->wait_closed());
  EXPECT_FALSE(visitor->was_reset());
  EXPECT_TRUE(idle->wait_closed());
  EXPECT_FALSE(idle->was_reset());
}

}  // namespace
}  // namespace tests
