#include "gateway/http/proxy_header.h"

#include <gtest/gtest.h>

#include <vector>

namespace gateway::http {
namespace {

using std::string_view_literals::operator""sv;
using State = ProxyHeader::State;

/// What came of the bytes: "192.0.2.1:1 > 198.51.100.7:2", "none", "missing", "bad", "more"; and
/// how many bytes were left to the connection.
struct Outcome {
  std::string what;
  std::size_t left = 0;
};

Outcome outcome_of(const ProxyHeader& header, std::size_t left) {
  switch (header.state()) {
    case State::NeedMore:
      return {"more", left};
    case State::Failed:
      EXPECT_EQ(header.fault().status, 400);
      return {header.fault().kind == FaultKind::ProxyHeaderMissing ? "missing" : "bad", 0};
    case State::Done:
      break;
  }
  if (!header.addresses()) return {"none", left};
  return {header.addresses()->source.text() + " > " + header.addresses()->destination.text(), left};
}

Outcome feed(const std::vector<std::string_view>& pieces) {
  ProxyHeader header;
  std::size_t left = 0;
  for (const std::string_view piece : pieces)
    left += piece.size() - header.receive(ingest::as_bytes(piece));
  return outcome_of(header, left);
}

/// Whole, split in two at every byte, and byte by byte.
Outcome read(std::string_view text) {
  Outcome whole = feed({text});
  std::vector<std::string_view> bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    bytes.push_back(text.substr(at, 1));
    const Outcome split = feed({text.substr(0, at), text.substr(at)});
    EXPECT_EQ(split.what, whole.what) << "split at " << at;
    EXPECT_EQ(split.left, whole.left) << "split at " << at;
  }
  const Outcome single = feed(bytes);
  EXPECT_EQ(single.what, whole.what) << "byte by byte";
  EXPECT_EQ(single.left, whole.left) << "byte by byte";
  return whole;
}

std::string line(std::string_view text) {
  return "PROXY " + std::string{text} + "\r\n";
}

constexpr std::string_view kSignature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::string_view kIpv4 = "\xC0\x00\x02\x01\xC6\x33\x64\x07\xC8\x22\x01\xBB"sv;

/// A header of version 2; its length is that of `rest`.
std::string binary(int command, int family, std::string_view rest) {
  std::string bytes{kSignature};
  bytes += static_cast<char>(command);
  bytes += static_cast<char>(family);
  bytes += static_cast<char>(rest.size() >> 8U);
  bytes += static_cast<char>(rest.size() & 0xFFU);
  return bytes.append(rest);
}

TEST(ProxyHeader, ReadsVersion1AndLeavesWhatFollows) {
  const Outcome got =
      read(line("TCP4 192.0.2.1 198.51.100.7 51234 443") + "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(got.what, "192.0.2.1:51234 > 198.51.100.7:443");
  EXPECT_EQ(got.left, 18U);
  EXPECT_EQ(read(line("TCP4 255.255.255.255 0.0.0.0 65535 0")).what,
            "255.255.255.255:65535 > 0.0.0.0:0");
}

TEST(ProxyHeader, ReadsIpv6InEverySpelling) {
  const auto source = [](const std::string& address) {
    const std::string got = read(line("TCP6 " + address + " ::1 1 2")).what;
    return got.substr(0, got.find(" > "));
  };
  EXPECT_EQ(source("2001:db8::1"), "[2001:db8:0:0:0:0:0:1]:1");
  EXPECT_EQ(source("2001:DB8:0000:0:0:0:0:1"), "[2001:db8:0:0:0:0:0:1]:1");
  EXPECT_EQ(source("::"), "[0:0:0:0:0:0:0:0]:1");
  EXPECT_EQ(source("1::"), "[1:0:0:0:0:0:0:0]:1");
  EXPECT_EQ(source("1:2:3:4:5:6:7::"), "[1:2:3:4:5:6:7:0]:1");
  EXPECT_EQ(source("::ffff:192.0.2.1"), "[0:0:0:0:0:ffff:c000:201]:1");
  EXPECT_EQ(source("1:2:3:4:5:6:192.0.2.1"), "[1:2:3:4:5:6:c000:201]:1");
  for (const char* bad :
       {"1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "1::2::3",
        "12345::", ":1::", "1:", ":", "::1:", "g::", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4", "[::1]", "::1%eth0", "192.0.2.1", ":::", "::ffff:1.2.3.256"}) {
    EXPECT_EQ(source(bad), "bad") << bad;
  }
}

TEST(ProxyHeader, KeepsTheSocketsAddressWhereTheProxyDoesNotKnow) {
  EXPECT_EQ(read(line("UNKNOWN") + "x").what, "none");
  EXPECT_EQ(read(line("UNKNOWN ffff::1 ffff::2 65535 65535")).what, "none");
  EXPECT_EQ(read(line("UNKNOWN anything at all")).what, "none");
}

TEST(ProxyHeader, RefusesAMalformedLine) {
  for (const std::string_view bad : {
           "TCP4 192.0.2.1 198.51.100.7 51234"sv,
           "TCP4 192.0.2.1 198.51.100.7 51234 443 "sv,
           "TCP4 192.0.2.1 198.51.100.7 51234 443 x"sv,
           "TCP4  192.0.2.1 198.51.100.7 51234 443"sv,
           "TCP4 192.0.2.1 198.51.100.7 65536 443"sv,
           "TCP4 192.0.2.1 198.51.100.7 -1 443"sv,
           "TCP4 192.0.2.1 198.51.100.7 01 443"sv,
           "TCP4 192.0.2.1 198.51.100.7 1 99999999999999999999"sv,
           "TCP4 192.0.2.256 198.51.100.7 1 443"sv,
           "TCP4 192.0.2 198.51.100.7 1 443"sv,
           "TCP4 192.0.2.1.1 198.51.100.7 1 443"sv,
           "TCP4 192.0.2.01 198.51.100.7 1 443"sv,
           "TCP4 ::1 ::2 1 443"sv,
           "TCP6 192.0.2.1 198.51.100.7 1 443"sv,
           "TCP5 192.0.2.1 198.51.100.7 1 443"sv,
           "tcp4 192.0.2.1 198.51.100.7 1 443"sv,
           "UNKNOWNx"sv,
           "UDP4 192.0.2.1 198.51.100.7 1 443"sv,
           ""sv,
           " "sv,
           "TCP4\t192.0.2.1 198.51.100.7 1 443"sv,
           "TCP4 192.0.2.1 198.51.100.7 1 443\r"sv,
           "UNKNOWN \r"sv,
           "TCP4 192.0.2.1\0 198.51.100.7 1 443"sv,
       }) {
    EXPECT_EQ(read(line(bad)).what, "bad") << bad;
  }
  EXPECT_EQ(read("PROXY UNKNOWN\n").what, "bad");
}

TEST(ProxyHeader, BoundsALineAt107Bytes) {
  const std::string longest = line("UNKNOWN " + std::string(91, 'x'));
  ASSERT_EQ(longest.size(), ProxyHeader::kTextBytesMax);
  EXPECT_EQ(read(longest).what, "none");
  EXPECT_EQ(read(line("UNKNOWN " + std::string(92, 'x'))).what, "bad");
  EXPECT_EQ(read("PROXY UNKNOWN " + std::string(500, 'x')).what, "bad");  // no line end ever
}

TEST(ProxyHeader, SaysAtTheFirstOddByteThatNoneCame) {
  for (const std::string_view other :
       {"GET / HTTP/1.1\r\n"sv, "POST / HTTP/1.1\r\n"sv, "PROXX"sv, "PROXY\t"sv, "proxy "sv,
        "\r\nGET"sv, "\r\n\r\n\0\r\nQUIX"sv, "\x16\x03\x01"sv, "\0"sv}) {
    EXPECT_EQ(read(other).what, "missing") << other;
  }
  EXPECT_EQ(read("G").what, "missing");
  EXPECT_EQ(read("PROXY").what, "more");
}

TEST(ProxyHeader, ReadsVersion2AndSkipsWhatItDoesNotNeed) {
  const std::string with_tlvs = std::string{kIpv4} + std::string(100, '\x04');
  for (const std::string& rest : {std::string{kIpv4}, with_tlvs}) {
    const Outcome got = read(binary(0x21, 0x11, rest) + "\r\nGET");
    EXPECT_EQ(got.what, "192.0.2.1:51234 > 198.51.100.7:443");
    EXPECT_EQ(got.left, 5U);
  }
  const std::string six = "\x20\x01\x0d\xb8" + std::string(11, '\0') + '\x01' +
                          std::string(15, '\0') + '\x01' + std::string{"\x12\x34\x00\x50"sv};
  EXPECT_EQ(read(binary(0x21, 0x21, six)).what,
            "[2001:db8:0:0:0:0:0:1]:4660 > [0:0:0:0:0:0:0:1]:80");
}

TEST(ProxyHeader, KeepsTheSocketsAddressWhereAProxySpeaksForItself) {
  EXPECT_EQ(read(binary(0x20, 0x00, "") + "x").what, "none");
  EXPECT_EQ(read(binary(0x20, 0x11, kIpv4) + "x").left, 1U);  // LOCAL: whatever it says is dropped
  EXPECT_EQ(read(binary(0x20, 0xFF, "abc")).what, "none");
  EXPECT_EQ(read(binary(0x21, 0x00, "abc")).what, "none");                    // UNSPEC
  EXPECT_EQ(read(binary(0x21, 0x31, std::string(216, 'u')) + "x").left, 1U);  // a Unix socket
}

TEST(ProxyHeader, RefusesAMalformedBinaryHeader) {
  EXPECT_EQ(read(binary(0x11, 0x11, kIpv4)).what, "bad");  // version 1 in binary
  EXPECT_EQ(read(binary(0x31, 0x11, kIpv4)).what, "bad");
  EXPECT_EQ(read(binary(0x22, 0x11, kIpv4)).what, "bad");  // no such command
  EXPECT_EQ(read(binary(0x21, 0x12, kIpv4)).what, "bad");  // datagrams
  EXPECT_EQ(read(binary(0x21, 0x13, kIpv4)).what, "bad");
  EXPECT_EQ(read(binary(0x21, 0x41, kIpv4)).what, "bad");
  EXPECT_EQ(read(binary(0x21, 0x01, kIpv4)).what, "bad");
  EXPECT_EQ(read(binary(0x21, 0x11, kIpv4.substr(1))).what, "bad");  // too short for its family
  EXPECT_EQ(read(binary(0x21, 0x21, std::string(35, 'a'))).what, "bad");
}

TEST(ProxyHeader, BoundsWhatItSkips) {
  constexpr std::size_t kRestMax = ProxyHeader::kBinaryBytesMax - 16;
  EXPECT_EQ(feed({binary(0x20, 0, std::string(kRestMax, 't'))}).what, "none");
  EXPECT_EQ(feed({binary(0x20, 0, std::string(kRestMax + 1, 't'))}).what, "bad");
  EXPECT_EQ(feed({binary(0x21, 0x11, std::string(65'535, 't'))}).what, "bad");
}

TEST(ProxyHeader, TakesNothingOnceItIsDone) {
  ProxyHeader header;
  const std::string whole = line("UNKNOWN");
  EXPECT_EQ(header.receive(ingest::as_bytes(whole)), whole.size());
  EXPECT_EQ(header.receive(ingest::as_bytes("GET")), 0U);
}

}  // namespace
}  // namespace gateway::http
