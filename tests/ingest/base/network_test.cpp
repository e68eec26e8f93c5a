#include "ingest/base/network.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace ingest {
namespace {

TEST(Network, HoldsItsAddressesOnly) {
  struct Case {
    std::string_view network;
    std::string_view address;
    bool holds;
  };
  for (const Case& one :
       {Case{"10.0.0.0/8", "10.255.0.1", true}, Case{"10.0.0.0/8", "11.0.0.1", false},
        Case{"10.1.2.3/8", "10.9.9.9", true}, Case{"10.0.0.0/8", "::ffff:10.1.2.3", true},
        Case{"192.0.2.64/26", "192.0.2.127", true}, Case{"192.0.2.64/26", "192.0.2.128", false},
        Case{"192.0.2.1", "192.0.2.1", true}, Case{"192.0.2.1", "192.0.2.2", false},
        Case{"192.0.2.1/32", "192.0.2.0", false}, Case{"0.0.0.0/0", "203.0.113.9", true},
        Case{"0.0.0.0/0", "2001:db8::1", false}, Case{"::/0", "2001:db8::1", true},
        Case{"::/0", "203.0.113.9", false}, Case{"2001:db8::/32", "2001:db8:ffff::1", true},
        Case{"2001:db8::/32", "2001:db9::1", false},
        Case{"2001:db8::/33", "2001:db8:8000::", false}, Case{"::1", "::1", true},
        Case{"::1/128", "::2", false}}) {
    const auto network = Network::parse(one.network);
    ASSERT_TRUE(network.has_value()) << one.network;
    EXPECT_EQ(network->contains(*parse_ip(one.address)), one.holds)
        << one.network << " " << one.address;
  }
}

TEST(Network, RefusesWhatIsNone) {
  for (const char* bad : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                          "10.0.0/8", "010.0.0.0/8", "host", "unix", "2001:db8::/129",
                          "10.0.0.1:80", "[::1]", "10.0.0.0/8/8", "::1%eth0"})
    EXPECT_FALSE(Network::parse(bad).has_value()) << bad;
}

TEST(Network, ManyHoldWhatOneOfThemHolds) {
  const std::vector<Network> networks{*Network::parse("10.0.0.0/8"), *Network::parse("::1")};
  EXPECT_TRUE(any_contains(networks, *parse_ip("10.2.3.4")));
  EXPECT_TRUE(any_contains(networks, *parse_ip("::1")));
  EXPECT_FALSE(any_contains(networks, *parse_ip("11.2.3.4")));
  EXPECT_FALSE(any_contains({}, *parse_ip("10.2.3.4")));
}

TEST(IpAddress, IsWrittenAsTheSystemWritesIt) {
  std::mt19937 random{7};
  for (int i = 0; i < 20'000; ++i) {
    IpAddress ip{};
    // Mostly zeros, so that gaps of every length and place come up.
    for (std::size_t at = 0; at < ip.size(); ++at)
      ip[at] = random() % 3 == 0 ? static_cast<std::uint8_t>(random()) : std::uint8_t{0};
    ip[0] = 0x20;  // the system writes some of ::/96 with dots
    std::array<char, INET6_ADDRSTRLEN> text{};
    ASSERT_NE(inet_ntop(AF_INET6, ip.data(), text.data(), text.size()), nullptr);
    ASSERT_EQ(ip_text(ip), text.data());
    ASSERT_EQ(parse_ip(ip_text(ip)), ip);
  }
  for (const char* same :
       {"::", "::1", "1::", "0.0.0.0", "192.0.2.1", "255.255.255.255", "2001:db8::1:0:0:1",
        "1:0:0:2::", "1:2:3:4:5:6:7:8", "::2:3:4:5:6:7:8"}) {
    const auto ip = parse_ip(same);
    ASSERT_TRUE(ip.has_value()) << same;
    EXPECT_EQ(parse_ip(ip_text(*ip)), ip) << same;
  }
  EXPECT_EQ(ip_text(*parse_ip("::ffff:192.0.2.1")), "192.0.2.1");
  EXPECT_EQ(ip_text({}), "::");
}

TEST(IpAddress, AHostIsAnAddressOfIpv4AndA64OfIpv6) {
  EXPECT_NE(host_of(*parse_ip("192.0.2.1")), host_of(*parse_ip("192.0.2.2")));
  EXPECT_EQ(host_of(*parse_ip("2001:db8::1")), host_of(*parse_ip("2001:db8::ffff:1:2:3")));
  EXPECT_NE(host_of(*parse_ip("2001:db8::1")), host_of(*parse_ip("2001:db8:0:1::1")));
}

}  // namespace
}  // namespace ingest
