// The PROXY protocol over real sockets: from the addresses that are configured, and from others.
#include <gtest/gtest.h>

#include "tests/gateway/server/house.h"
#include "tests/support/certificates.h"

namespace tests {
namespace {

using gateway::server::Arrival;
using gateway::server::Ended;
using gateway::server::Peer;
using gateway::server::PeerNetwork;
using gateway::server::ProxyRules;

constexpr std::string_view kV1 = "PROXY TCP4 192.0.2.1 198.51.100.7 51234 443\r\n";
constexpr std::string_view kV2{
    "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0C\xC0\x00\x02\x01\xC6\x33\x64\x07\xC8\x22\x01\xBB", 28};
constexpr std::string_view kLocal{"\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00", 16};
constexpr std::string_view kRequest =
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

Door behind_a_proxy(std::string_view network = "127.0.0.0/8") {
  Door door;
  door.options.proxies = {.trusted = {*PeerNetwork::parse(network)},
                          .protocol = ProxyRules::Protocol::Required};
  return door;
}

Peer told_peer() {
  gateway::http::ProxyHeader header;
  header.receive(ingest::as_bytes(kV1));
  return Peer::of(header.addresses()->source);
}

TEST(ProxyConnection, TheAddressThatTheHeaderTellsIsThePeers) {
  for (const std::string_view header : {kV1, kV2}) {
    House house{{}, behind_a_proxy()};
    Visitor visitor{house};
    visitor.send(header);
    EXPECT_EQ(house.dealer.addresses().connections(told_peer()), 1U);
    EXPECT_TRUE(visitor.get("/healthz").starts_with("HTTP/1.1 200 "));
    visitor.leave();
    house.turn(3);
    EXPECT_EQ(house.dealer.addresses().connections(told_peer()), 0U);
  }
}

TEST(ProxyConnection, TheSameForAHeaderSplitAtEveryByte) {
  for (const std::string_view header : {kV1, kV2, kLocal}) {
    const std::string bytes = std::string{header} + std::string{kRequest};
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      House house{{}, behind_a_proxy()};
      Visitor visitor{house};
      visitor.send(std::string_view{bytes}.substr(0, cut));
      visitor.send(std::string_view{bytes}.substr(cut));
      ASSERT_TRUE(visitor.answer().starts_with("HTTP/1.1 200 ")) << cut;
    }
  }
}

TEST(ProxyConnection, TheSameByteByByte) {
  House house{{}, behind_a_proxy()};
  Visitor visitor{house};
  for (const char byte : std::string{kV2} + std::string{kRequest})
    visitor.send({&byte, 1});
  EXPECT_TRUE(visitor.answer().starts_with("HTTP/1.1 200 "));
}

TEST(ProxyConnection, FromAProxyTheHeaderIsRequired) {
  House house{{}, behind_a_proxy()};
  Visitor visitor{house};
  visitor.send(kRequest);
  const std::string answer = visitor.answer();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
  EXPECT_NE(answer.find("PROXY protocol header"), std::string::npos) << answer;
  EXPECT_TRUE(visitor.wait_closed());
  visitor.leave();
  house.turn(3);
  EXPECT_EQ(house.ended(Ended::BadRequest), 1U);
}

TEST(ProxyConnection, AMalformedHeaderIs400) {
  House house{{}, behind_a_proxy()};
  Visitor visitor{house};
  visitor.send("PROXY TCP4 nonsense\r\n");
  EXPECT_TRUE(visitor.answer().starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(visitor.wait_closed());
}

TEST(ProxyConnection, FromElsewhereAHeaderIsABadRequest) {
  for (const std::string_view header : {kV1, kV2}) {
    House house{{}, behind_a_proxy("10.0.0.0/8")};
    Visitor visitor{house};
    visitor.send(std::string{header} + std::string{kRequest});
    EXPECT_TRUE(visitor.answer().starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(visitor.wait_closed());
    Visitor plain{house};
    EXPECT_TRUE(plain.get("/healthz").starts_with("HTTP/1.1 200 "));
  }
}

TEST(ProxyConnection, WhereItIsOffAHeaderIsABadRequest) {
  House house;
  Visitor visitor{house};
  visitor.send(std::string{kV1} + std::string{kRequest});
  EXPECT_TRUE(visitor.answer().starts_with("HTTP/1.1 400 "));
}

TEST(ProxyConnection, AHeaderThatDoesNotComeIsClosedAfterTenSeconds) {
  House house{{}, behind_a_proxy()};
  Visitor visitor{house};
  visitor.send(kV1.substr(0, 10));
  house.pass(9750ms);
  visitor.poll();
  EXPECT_FALSE(visitor.closed());
  house.pass(500ms);
  EXPECT_TRUE(visitor.wait_closed());
  EXPECT_EQ(house.ended(Ended::HeadTimeout), 1U);
}

TEST(ProxyConnection, CountsEachClientByTheAddressThatIsTold) {
  Door door = behind_a_proxy();
  door.connections_per_address_max = 2;
  House house{{}, door};
  std::vector<std::unique_ptr<Visitor>> guests;
  for (int i = 0; i < 2; ++i) {
    guests.push_back(std::make_unique<Visitor>(house));
    guests.back()->send(kV1);
  }
  Visitor third{house};
  third.send(kV1);
  EXPECT_TRUE(third.answer().starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(third.wait_closed());
  third.leave();
  house.turn(3);
  EXPECT_EQ(house.ended(Ended::AddressLimit), 1U);
  EXPECT_EQ(house.dealer.addresses().refused(), 1U);
  Visitor other{house};
  other.send("PROXY TCP4 192.0.2.2 198.51.100.7 51234 443\r\n");
  EXPECT_TRUE(other.get("/healthz").starts_with("HTTP/1.1 200 "));
  guests.clear();
  house.turn(3);
  Visitor again{house};
  again.send(kV1);
  EXPECT_TRUE(again.get("/healthz").starts_with("HTTP/1.1 200 "));
}

TEST(ProxyConnection, TlsFollowsTheHeaderEvenInTheSameSegment) {
  const support::Authority authority;
  authority.issue("server", "DNS:localhost");
  const auto server =
      *gateway::tls::ServerContext::open({{authority.cert("server"), authority.key("server")}});
  const auto client = *gateway::tls::ClientContext::open(
      {.trust = gateway::tls::ClientContext::Trust::File, .ca_file = authority.ca_file()});
  Door door = behind_a_proxy();
  door.options.wire = Arrival::Wire::Tls;
  door.tls = server.get();
  House house{{}, door};
  for (const int turns : {0, 3}) {
    Visitor visitor{house};
    visitor.put_without_a_turn(kV2);
    house.turn(turns);
    ASSERT_TRUE(visitor.start_tls(*client, "localhost")) << visitor.tls().fault();
    EXPECT_TRUE(visitor.get("/healthz").starts_with("HTTP/1.1 200 "));
    EXPECT_EQ(house.dealer.addresses().connections(told_peer()), 1U);
    visitor.leave();
    house.turn(3);
  }
}

TEST(ProxyRules, ANetworkHoldsItsAddressesOnly) {
  struct Case {
    std::string_view network;
    std::string_view address;
    bool holds;
  };
  for (const Case& one :
       {Case{"10.0.0.0/8", "10.255.0.1:1", true}, Case{"10.0.0.0/8", "11.0.0.1:1", false},
        Case{"10.0.0.0/8", "[::ffff:10.1.2.3]:1", true},
        Case{"192.0.2.64/26", "192.0.2.127:1", true}, Case{"192.0.2.64/26", "192.0.2.128:1", false},
        Case{"192.0.2.1", "192.0.2.1:9", true}, Case{"192.0.2.1", "192.0.2.2:9", false},
        Case{"0.0.0.0/0", "203.0.113.9:1", true}, Case{"0.0.0.0/0", "[2001:db8::1]:1", false},
        Case{"2001:db8::/32", "[2001:db8:ffff::1]:1", true},
        Case{"2001:db8::/32", "[2001:db9::1]:1", false}, Case{"::1", "[::1]:1", true},
        Case{"unix", "127.0.0.1:1", false}}) {
    const auto network = PeerNetwork::parse(one.network);
    ASSERT_TRUE(network.has_value()) << one.network;
    const Peer peer = Peer::of(*ingest::io::Address::parse(one.address));
    EXPECT_EQ(network->contains(peer), one.holds) << one.network << " " << one.address;
  }
  EXPECT_TRUE(PeerNetwork::parse("unix")->contains(Peer{}));
  EXPECT_FALSE(PeerNetwork::parse("0.0.0.0/0")->contains(Peer{}));
}

TEST(ProxyRules, RefusesWhatIsNoNetwork) {
  for (const char* bad : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                          "10.0.0/8", "host", "2001:db8::/129", "10.0.0.1:80"})
    EXPECT_FALSE(PeerNetwork::parse(bad).has_value()) << bad;
}

TEST(ProxyConnection, OnlyATrustedProxyTellsTheScheme) {
  const auto status_for = [](House& house, std::string_view lines) {
    Visitor visitor{house};
    visitor.send("POST /healthz HTTP/1.1\r\nHost: localhost\r\n" + std::string{lines} + "\r\n");
    return visitor.answer().substr(9, 3);
  };
  constexpr std::string_view kSecure = "Origin: https://localhost\r\n";
  constexpr std::string_view kPlain = "Origin: http://localhost\r\n";
  constexpr std::string_view kTold = "X-Forwarded-Proto: https\r\n";
  const std::string both = std::string{kTold} + std::string{kSecure};
  Door trusting;
  trusting.options.proxies = {.trusted = {*PeerNetwork::parse("127.0.0.0/8")},
                              .protocol = ProxyRules::Protocol::Off};
  House house{{}, trusting};
  EXPECT_EQ(status_for(house, both), "405");  // through the gate
  EXPECT_EQ(status_for(house, kPlain), "405");
  EXPECT_EQ(status_for(house, kSecure), "405");  // nobody said how it was asked for
  EXPECT_EQ(status_for(house, std::string{kTold} + std::string{kPlain}), "403");
  EXPECT_EQ(status_for(house, "X-Forwarded-Proto: http\r\n" + std::string{kSecure}), "403");
  House open_to_all;
  EXPECT_EQ(status_for(open_to_all, both), "405");
  EXPECT_EQ(status_for(open_to_all, std::string{kTold} + std::string{kPlain}), "405");
}

}  // namespace
}  // namespace tests
