#pragma once
// ProxyHeader: the PROXY protocol, versions 1 and 2 (haproxy.org/download/2.8/doc/
// proxy-protocol.txt): what a proxy says of its client before the first byte of the connection
// proper. Bytes in any pieces -> two addresses, none, or a fault. Pure; who may send one, and that
// one must then come, is the caller's business. One a connection, until it is done or failed.
//
//   PROXY TCP4 192.0.2.1 198.51.100.7 51234 443\r\n       version 1, at most 107 bytes
//   PROXY UNKNOWN\r\n
//
//   0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A | 21 | 11 | 00 0C | addresses and ports | TLVs
//   signature                        command family length

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/request_fault.h"
#include "ingest/base/bytes.h"

namespace gateway::http {

/// An end of a TCP connection. A value.
struct ProxyEndpoint {
  enum class Family : std::uint8_t { Ipv4, Ipv6 };
  Family family = Family::Ipv4;
  std::array<std::uint8_t, 16> address{};  // as on the wire; IPv4 fills the first four
  std::uint16_t port = 0;

  /// "192.0.2.1:443", "[2001:db8:0:0:0:0:0:1]:443": not shortened, but what address parsers read.
  std::string text() const;
  friend bool operator==(const ProxyEndpoint&, const ProxyEndpoint&) = default;
};

struct ProxyAddresses {
  ProxyEndpoint source;       // the client
  ProxyEndpoint destination;  // where it thought to connect
  friend bool operator==(const ProxyAddresses&, const ProxyAddresses&) = default;
};

class ProxyHeader {
 public:
  enum class State : std::uint8_t { NeedMore, Done, Failed };
  static constexpr std::size_t kTextBytesMax = 107;     // of version 1, CRLF included
  static constexpr std::size_t kBinaryBytesMax = 4096;  // of version 2, TLVs included

  /// Returns how many bytes were taken: never one behind the header. Takes nothing once Done, and
  /// drops everything once Failed.
  std::size_t receive(ingest::ByteView bytes);

  State state() const { return state_; }
  /// Only while Done. nullopt: the proxy speaks for itself (LOCAL), or does not know or cannot say
  /// in terms of IP (UNKNOWN, UNSPEC, Unix sockets): the socket's own addresses hold.
  const std::optional<ProxyAddresses>& addresses() const;
  /// Only while Failed: ProxyHeaderMissing or BadProxyHeader.
  const Fault& fault() const;

 private:
  enum class Part : std::uint8_t { Start, Text, Fixed, Addresses, Rest };

  void take(char byte);
  void take_start();
  void take_text();
  void take_fixed();
  void take_addresses();
  void finish(std::optional<ProxyAddresses> addresses);
  void fail(FaultKind kind);

  State state_ = State::NeedMore;
  Part part_ = Part::Start;
  std::string bytes_;             // of the header so far, without what is skipped
  std::size_t wanted_bytes_ = 0;  // of bytes_, in Fixed and Addresses
  std::size_t rest_bytes_ = 0;    // still to be skipped
  std::optional<ProxyAddresses> addresses_;
  Fault fault_{};
};

}  // namespace gateway::http
