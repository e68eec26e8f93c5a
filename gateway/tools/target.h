#pragma once
// Target: where a tool sends to, as a person writes it: udp://127.0.0.1:8125, tcp://HOST:PORT,
// http://HOST:PORT, unixgram:/run/weir/statsd.sock, unix:/run/weir/statsd.sock. A value.

#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/base/result.h"
#include "ingest/codec/format.h"
#include "ingest/io/socket.h"

namespace gateway::tools {

struct Target {
  enum class Way : std::uint8_t { Udp, Tcp, Unixgram, Unix, Http };
  Way way = Way::Udp;
  std::string host = "127.0.0.1";  // a name or an address, without brackets
  std::uint16_t port = 0;
  std::string path;        // of Unixgram and Unix, instead of both
  std::string token = {};  // shown to streams and HTTP; empty: none. Never in a text
};

/// The error is a sentence that says what is allowed.
ingest::Result<Target, std::string> parse_target(std::string_view text);
/// Where to listen: the same, but HTTP; port 0 takes a free one, and no host is every one of IPv4.
ingest::Result<Target, std::string> parse_listen(std::string_view text);
/// As parse_target reads it.
std::string to_text(const Target& target);
constexpr bool sends_datagrams(Target::Way way) {
  return way == Target::Way::Udp || way == Target::Way::Unixgram;
}
/// The port that the format's servers usually have.
std::uint16_t usual_port(ingest::codec::Format format);

/// Asks the system for the host's address; may take some seconds. The error names the host.
ingest::Result<ingest::io::Address> address_of(const Target& target);

}  // namespace gateway::tools
