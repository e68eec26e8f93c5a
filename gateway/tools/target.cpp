#include "gateway/tools/target.h"

#include <netdb.h>

#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

namespace gateway::tools {
namespace {

using ingest::Error;
using ingest::Failure;
using Way = Target::Way;

struct Scheme {
  std::string_view text;
  Way way;
};
constexpr std::array kSchemes{Scheme{"udp://", Way::Udp}, Scheme{"tcp://", Way::Tcp},
                              Scheme{"http://", Way::Http}, Scheme{"unixgram:", Way::Unixgram},
                              Scheme{"unix:", Way::Unix}};
constexpr std::string_view kAllowed =
    ", allowed is udp://HOST:PORT, tcp://HOST:PORT, http://HOST:PORT, unixgram:/PATH or "
    "unix:/PATH";

Failure<std::string> wrong(std::string_view text, std::string_view why) {
  return {"\"" + std::string{text} + "\" " + std::string{why} + std::string{kAllowed}};
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [stop, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (fault != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return port;
}

bool has_path(Way way) {
  return way == Way::Unixgram || way == Way::Unix;
}

enum class For : std::uint8_t { Sending, Listening };

using Read = ingest::Result<Target, std::string>;

/// HOST:PORT behind a scheme.
Read read_host(std::string_view text, std::string_view rest, For what, Target target) {
  while (rest.ends_with('/'))
    rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  const auto port = port_of(colon == std::string_view::npos ? "" : rest.substr(colon + 1));
  if (!port || (*port == 0 && what == For::Sending))
    return wrong(text, "has no port of 1 to 65535");
  std::string_view host = rest.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.find_first_of("/@? \t") != std::string_view::npos ||
      (!bracketed && host.find(':') != std::string_view::npos))
    return wrong(text, "names no host");
  if (what == For::Listening && host.empty()) host = "0.0.0.0";
  if (!host.empty()) target.host = host;
  target.port = *port;
  return target;
}

Read read(std::string_view text, For what) {
  Target target;
  std::string_view rest;
  for (const Scheme& scheme : kSchemes) {
    if (!text.starts_with(scheme.text)) continue;
    target.way = scheme.way;
    rest = text.substr(scheme.text.size());
    break;
  }
  if (text.starts_with("https://"))
    return wrong(text, "is encrypted, which these tools do not speak");
  if (rest.empty()) return wrong(text, "is no address");
  if (has_path(target.way)) {
    if (rest.starts_with("//")) rest.remove_prefix(2);
    target.path = rest;
    if (rest.empty()) return wrong(text, "names no path");
    return target;
  }
  return read_host(text, rest, what, std::move(target));
}

}  // namespace

Read parse_target(std::string_view text) {
  return read(text, For::Sending);
}

Read parse_listen(std::string_view text) {
  Read target = read(text, For::Listening);
  if (target && target->way == Way::Http)
    return Failure{"\"" + std::string{text} + "\" cannot be recorded, allowed is udp:// or " +
                   "tcp://ADDRESS:PORT, unixgram:/PATH or unix:/PATH"};
  return target;
}

std::string to_text(const Target& target) {
  std::string text;
  for (const Scheme& scheme : kSchemes) {
    if (scheme.way == target.way) text = scheme.text;
  }
  if (has_path(target.way)) return text + target.path;
  const bool v6 = target.host.find(':') != std::string::npos;
  text += v6 ? "[" + target.host + "]" : target.host;
  return text + ":" + std::to_string(target.port);
}

std::uint16_t usual_port(ingest::codec::Format format) {
  using ingest::codec::Format;
  switch (format) {
    case Format::Statsd:
      return 8125;
    case Format::Influx:
      return 8094;
    case Format::Graphite:
      return 2003;
    case Format::Json:
      return 8127;
  }
  return 0;
}

ingest::Result<ingest::io::Address> address_of(const Target& target) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = target.way == Way::Udp ? SOCK_DGRAM : SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(target.port);
  // A server that listens on loopback does so for IPv4 unless it was told otherwise.
  const char* const host = target.host == "localhost" ? "127.0.0.1" : target.host.c_str();
  const int fault = ::getaddrinfo(host, port.c_str(), &hints, &found);
  if (fault != 0)
    return Failure{Error{0, "cannot find " + target.host + ": " + ::gai_strerror(fault)}};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list{found, &::freeaddrinfo};
  sockaddr_storage storage{};
  std::memcpy(&storage, list->ai_addr, list->ai_addrlen);
  return ingest::io::Address::from(storage);
}

}  // namespace gateway::tools
