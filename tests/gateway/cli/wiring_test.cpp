// The whole of Weir in this process, over real sockets: what no room can promise alone.

#include "gateway/cli/wiring.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/gateway/cli/running.h"

namespace gateway::cli {
namespace {

/// A client's text frame (RFC 6455 section 5.2), masked with zeros.
std::string text_frame(std::string_view text) {
  std::string frame{"\x81"};
  if (text.size() < 126) {
    frame.push_back(static_cast<char>(0x80U | text.size()));
  } else {
    frame.push_back(static_cast<char>(0x80U | 126U));
    frame.push_back(static_cast<char>(text.size() >> 8U));
    frame.push_back(static_cast<char>(text.size() & 0xFFU));
  }
  return frame.append(4, '\0').append(text);
}

Peer subscriber(const Address& address) {
  Peer peer{address};
  peer.send("GET /v1/ws HTTP/1.1\r\nHost: " + address.text() +
            "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  EXPECT_TRUE(peer.read_until("\r\n\r\n"));
  return peer;
}

void send_datagram(const Address& address, std::string_view bytes) {
  const Fd fd = *ingest::io::udp_connect(address);
  ASSERT_EQ(send(fd.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
}

TEST(Wiring, TellsWhereItListens) {
  Running weir{on_free_ports(1)};
  EXPECT_NE(weir.address("http").port(), 0);
  EXPECT_NE(weir.address("udp/statsd").port(), 0);
  EXPECT_NE(weir.address("tcp/statsd").port(), 0);
  EXPECT_NE(get(weir.address("http"), "/healthz").find("200 OK"), std::string::npos);
}

TEST(Wiring, ShowsADatagramToASubscriber) {
  Running weir{on_free_ports(2)};
  Peer peer = subscriber(weir.address("http"));
  peer.send(text_frame(R"({"t":"sub","id":1,"q":{"metric":"checkout.latency","by":["route"]}})"));
  ASSERT_TRUE(peer.read_until(R"("t":"subd")"));
  ASSERT_TRUE(peer.read_until(R"("t":"snap")"));
  send_datagram(weir.address("udp/statsd"), "checkout.latency:12.5|ms|#route:/pay");
  EXPECT_TRUE(peer.read_until(R"(["/pay"])"));
  EXPECT_TRUE(peer.read_until("12.5"));
}

TEST(Wiring, CountsALineOfEachTransportOnceWhateverWorkerReadIt) {
  Running weir{on_free_ports(3)};
  for (int i = 0; i < 5; ++i)
    send_datagram(weir.address("udp/statsd"), "a:1|c\nb:2|c\n");
  for (int i = 0; i < 4; ++i) {
    const Peer sender{weir.address("tcp/statsd")};
    sender.send("a:1|c\n");
  }
  const Address http = weir.address("http");
  EXPECT_TRUE(
      shows(http, "/metrics", R"(weir_ingest_samples_total{feed="udp/statsd",result="own"} 10)"));
  EXPECT_TRUE(
      shows(http, "/metrics", R"(weir_ingest_samples_total{feed="tcp/statsd",result="own"} 4)"));
  EXPECT_TRUE(shows(http, "/metrics",
                    R"(weir_ingest_connections_total{feed="tcp/statsd",result="closed"} 4)"));
}

TEST(Wiring, ReadsEveryFormatOnUdpAndTcp) {
  using config::Format;
  config::Config config = on_free_ports(2);
  config.feeds.clear();
  for (const Format format : {Format::Influx, Format::Graphite, Format::Json}) {
    for (const auto transport : {config::Transport::Udp, config::Transport::Tcp}) {
      config.feeds.emplace_back(config::SocketFeed{
          .transport = transport, .address = {.host = "127.0.0.1", .port = 0}, .format = format});
    }
  }
  Running weir{std::move(config)};
  const Address http = weir.address("http");
  const std::map<std::string, std::string> lines{
      {"influx", "m,t=a s=\"two\nlines\",f=1,g=2u"},
      {"graphite", "m.f;t=a 1 -1"},
      {"json", R"({"name":"m.f","value":1,"tags":{"t":"\u0061"}})"}};
  for (const auto& [format, line] : lines) {
    send_datagram(weir.address("udp/" + format), line);
    const Peer sender{weir.address("tcp/" + format)};
    sender.send(line + "\nBAD\n");
    for (const std::string& feed : {"udp/" + format, "tcp/" + format}) {
      const std::string label = R"({feed=")" + feed + R"(",result=)";
      EXPECT_TRUE(shows(http, "/metrics", "weir_ingest_lines_total" + label + R"("accepted"} 1)"))
          << feed;
      const std::string samples = format == "influx" ? "2" : "1";
      EXPECT_TRUE(shows(http, "/metrics",
                        "weir_ingest_samples_total" + label + R"("own"} )" + samples + "\n"))
          << feed;
    }
    EXPECT_TRUE(
        shows(http, "/metrics",
              R"(weir_ingest_lines_total{feed="tcp/)" + format + R"(",result="rejected"} 1)"));
  }
  EXPECT_TRUE(shows(http, "/api/v1/metrics", R"("m.f")"));
  EXPECT_TRUE(shows(http, "/api/v1/metrics", R"("m.g")"));
}

TEST(Wiring, ShowsTheHostWithoutAPacket) {
  Running weir{on_free_ports(1)};
  EXPECT_TRUE(shows(weir.address("http"), "/api/v1/metrics", "system.cpu.utilization"));
}

TEST(Wiring, CountsBadInputOfEveryKindAndGoesOn) {
  Running weir{on_free_ports(2)};
  const Address http = weir.address("http");
  Peer healthy = subscriber(http);
  healthy.send(text_frame(R"({"t":"sub","id":1,"q":{"metric":"still.alive"}})"));
  ASSERT_TRUE(healthy.read_until(R"("t":"snap")"));

  send_datagram(weir.address("udp/statsd"), std::string_view{"\x00\xff garbage", 10});
  EXPECT_TRUE(
      shows(http, "/metrics", R"(weir_ingest_lines_total{feed="udp/statsd",result="rejected"} 1)"));
  Peer browser{http};
  browser.send("garbage\r\n\r\n");
  EXPECT_NE(browser.read_all().find(" 400 "), std::string::npos);
  EXPECT_TRUE(shows(http, "/metrics", R"(weir_http_answers_total{status="400"} 1)"));
  Peer unmasked = subscriber(http);
  unmasked.send(std::string_view{"\x81\x02hi", 4});
  unmasked.read_all();
  EXPECT_TRUE(shows(http, "/metrics", R"(weir_ws_closes_total{code="1002"} 1)"));
  healthy.send(text_frame("garbage"));
  EXPECT_TRUE(healthy.read_until("query.bad_json"));
  EXPECT_TRUE(shows(http, "/metrics", R"(weir_commands_refused_total{code="query.bad_json"} 1)"));

  send_datagram(weir.address("udp/statsd"), "still.alive:41|g");
  EXPECT_TRUE(healthy.read_until("41"));
}

TEST(Wiring, SaysByeAndClosesWith1001WhenStopped) {
  Running weir{on_free_ports(2)};
  Peer peer = subscriber(weir.address("http"));
  peer.send(text_frame(R"({"t":"hello","v":1})"));
  ASSERT_TRUE(peer.read_until(R"("welcome")"));
  std::thread stopper{[&] { EXPECT_TRUE(weir.stop()); }};
  EXPECT_TRUE(peer.read_until(R"("t":"bye")"));
  EXPECT_TRUE(peer.read_until("\x03\xe9"));  // 1001
  // Our Close, masked with zeros, ends the drain before its deadline.
  peer.send(std::string_view{"\x88\x82\x00\x00\x00\x00\x03\xe9", 8});
  stopper.join();
}

TEST(Wiring, StopsBeforeAndAfterItRan) {
  Running weir{on_free_ports(1)};
  EXPECT_TRUE(weir.stop());
  EXPECT_TRUE(weir.stop());
}

TEST(Wiring, LimitsAndTimeoutsOfConnectionsAreTheConfigured) {
  config::Config config = on_free_ports(1);
  config.limits.requests_per_connection = 2;
  config.http.timeouts.idle = ingest::Millis{1'000};
  Running weir{std::move(config)};
  const Address http = weir.address("http");
  const std::string ask = "GET /healthz HTTP/1.1\r\nHost: " + http.text() + "\r\n\r\n";
  Peer busy{http};
  busy.send(ask + ask + ask);
  const std::string& answers = busy.read_all();  // the server ends it
  EXPECT_NE(answers.find("200 OK"), answers.rfind("200 OK"));
  EXPECT_NE(answers.find("Connection: close"), std::string::npos);
  Peer silent{http};
  silent.send(ask);
  EXPECT_NE(silent.read_all().find("200 OK"), std::string::npos);  // until it was idle for long
}

// One address may have two connections of a feed; the counters say what became of the others.
TEST(Wiring, NoAddressTakesAllPlacesOfAFeed) {
  config::Config config = on_free_ports(1);
  std::get<config::SocketFeed>(config.feeds[1]).connections_per_address = 2;
  Running weir{std::move(config)};
  std::vector<Peer> peers;
  for (int i = 0; i < 5; ++i)
    peers.emplace_back(weir.address("tcp/statsd"));
  const Address http = weir.address("http");
  const std::string feed = R"(weir_ingest_connections_total{feed="tcp/statsd",result=)";
  EXPECT_TRUE(shows(http, "/metrics", feed + R"("crowded"} 3)"));
  EXPECT_TRUE(shows(http, "/metrics", feed + R"("opened"} 2)"));
}

TEST(Wiring, GoesAwayWithoutHavingRun) {
  const config::Config config = on_free_ports(2);
  const ingest::io::RealClock clock;
  const ingest::io::Logger log{ingest::io::LogLevel::Error};
  EXPECT_TRUE(Wiring::open({.config = &config, .pages_dir = "", .clock = &clock, .log = &log}));
}

TEST(Wiring, NamesTheAddressThatIsTaken) {
  const ingest::io::RealClock clock;
  const ingest::io::Logger log{ingest::io::LogLevel::Error};
  Running weir{on_free_ports(1)};
  for (const std::string_view what : {"http", "udp/statsd", "tcp/statsd"}) {
    const Address taken = weir.address(what);
    config::Config config = on_free_ports(2);
    const config::Address again{.host = "127.0.0.1", .port = taken.port()};
    if (what == "http") config.http.listen = {again};
    if (what == "udp/statsd") std::get<config::SocketFeed>(config.feeds[0]).address = again;
    if (what == "tcp/statsd") std::get<config::SocketFeed>(config.feeds[1]).address = again;
    const auto second =
        Wiring::open({.config = &config, .pages_dir = "", .clock = &clock, .log = &log});
    ASSERT_FALSE(second) << what;
    EXPECT_NE(second.error().what.find(taken.text()), std::string::npos) << second.error().what;
    EXPECT_NE(second.error().what.find("in use"), std::string::npos) << second.error().what;
  }
}

}  // namespace
}  // namespace gateway::cli
