#include "ingest/base/ip_literal.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ingest {
namespace {

/// What the system says of the same text.
template <class Bytes>
std::optional<Bytes> by_system(int family, const std::string& text) {
  Bytes bytes{};
  if (inet_pton(family, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

TEST(IpLiteral, ReadsIpv4AsTheSystemDoes) {
  for (const std::string text : {"0.0.0.0",
                                 "127.0.0.1",
                                 "255.255.255.255",
                                 "192.0.2.256",
                                 "192.0.2",
                                 "192.0.2.1.1",
                                 "192.0.2.",
                                 ".192.0.2.1",
                                 "192..2.1",
                                 "01.2.3.4",
                                 "1.2.3.00",
                                 "1.2.3.4 ",
                                 " 1.2.3.4",
                                 "+1.2.3.4",
                                 "0x1.2.3.4",
                                 "1.2.3.-4",
                                 "",
                                 ".",
                                 "...",
                                 "1",
                                 "::1",
                                 "a.b.c.d",
                                 "1.2.3.4567890123"})
    EXPECT_EQ(parse_ipv4(text), by_system<Ipv4Bytes>(AF_INET, text)) << text;
}

TEST(IpLiteral, ReadsIpv6AsTheSystemDoes) {
  for (const std::string text : {"::",
                                 "::1",
                                 "1::",
                                 "2001:db8::1",
                                 "2001:DB8:0000:0:0:0:0:1",
                                 "1:2:3:4:5:6:7:8",
                                 "1:2:3:4:5:6:7::",
                                 "::2:3:4:5:6:7:8",
                                 "1:2:3:4:5:6:1.2.3.4",
                                 "::ffff:192.0.2.1",
                                 "1:2:3:4:5:6:7",
                                 "1:2:3:4:5:6:7:8:9",
                                 "1::2::3",
                                 "12345::",
                                 ":1::",
                                 "1:",
                                 ":",
                                 ":::",
                                 "::::::::::",
                                 "::1:",
                                 "g::",
                                 "::1.2.3",
                                 "1.2.3.4::",
                                 "::1.2.3.4:5",
                                 "1:2:3:4:5:6:7:1.2.3.4",
                                 "[::1]",
                                 "::1%lo",
                                 "192.0.2.1",
                                 "::ffff:1.2.3.256",
                                 "",
                                 ".",
                                 "1",
                                 "::.",
                                 "1.2.3.4::1",
                                 "0::0::0",
                                 "1:2:3:4:5:6::1.2.3.4",
                                 "1:2:3:4:5::1.2.3.4"})
    EXPECT_EQ(parse_ipv6(text), by_system<Ipv6Bytes>(AF_INET6, text)) << text;
}

TEST(IpLiteral, ReadsEveryTextOfAFewCharactersAsTheSystemDoes) {
  constexpr std::string_view kAlphabet = "1f:.0";
  constexpr std::size_t kBytesMax = 7;
  std::size_t good = 0;
  std::string text;
  for (std::size_t size = 1; size <= kBytesMax; ++size) {
    text.assign(size, kAlphabet.front());
    for (std::size_t count = 0; size > 0; ++count) {
      std::size_t rest = count;
      for (char& c : text) {
        c = kAlphabet[rest % kAlphabet.size()];
        rest /= kAlphabet.size();
      }
      if (rest > 0) break;
      const auto six = parse_ipv6(text);
      ASSERT_EQ(six, by_system<Ipv6Bytes>(AF_INET6, text)) << text;
      ASSERT_EQ(parse_ipv4(text), by_system<Ipv4Bytes>(AF_INET, text)) << text;
      good += six ? 1 : 0;
    }
  }
  EXPECT_GT(good, 100U);
}

TEST(IpLiteral, ReadsAPortWithoutLeadingZeros) {
  EXPECT_EQ(parse_port("0"), 0);
  EXPECT_EQ(parse_port("443"), 443);
  EXPECT_EQ(parse_port("65535"), 65535);
  for (const std::string_view text : {"", "65536", "99999", "100000", "080", "00", "-1", "+1", " 1",
                                      "1 ", "0x50", "99999999999999999999"})
    EXPECT_EQ(parse_port(text), std::nullopt) << text;
}

}  // namespace
}  // namespace ingest
