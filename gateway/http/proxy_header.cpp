#include "gateway/http/proxy_header.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "gateway/http/characters.h"
#include "ingest/base/check.h"
#include "ingest/base/ip_literal.h"

namespace gateway::http {
namespace {

using Family = ProxyEndpoint::Family;

constexpr std::string_view kTextStart = "PROXY ";
constexpr std::string_view kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t kFixedBytes = 16;  // signature, command, family, length
constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;
constexpr std::size_t kPortBytes = 2;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}
std::uint16_t big_endian(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>((byte_at(bytes, at) << 8U) | byte_at(bytes, at + 1));
}

std::optional<ProxyEndpoint> parse_endpoint(Family family, std::string_view address,
                                            std::string_view port) {
  ProxyEndpoint endpoint{.family = family};
  if (family == Family::Ipv4) {
    const auto bytes = ingest::parse_ipv4(address);
    if (!bytes) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), endpoint.address.begin());
  } else {
    const auto bytes = ingest::parse_ipv6(address);
    if (!bytes) return std::nullopt;
    endpoint.address = *bytes;
  }
  const auto number = ingest::parse_port(port);
  if (!number) return std::nullopt;
  endpoint.port = *number;
  return endpoint;
}

/// "192.0.2.1 198.51.100.7 51234 443"
std::optional<ProxyAddresses> parse_text_addresses(Family family, std::string_view text) {
  const std::string_view source = cut(text, ' ');
  const std::string_view destination = cut(text, ' ');
  const std::string_view source_port = cut(text, ' ');
  const auto from = parse_endpoint(family, source, source_port);
  const auto to = parse_endpoint(family, destination, text);
  if (!from || !to) return std::nullopt;
  return ProxyAddresses{*from, *to};
}

ProxyEndpoint endpoint_of(Family family, std::string_view address, std::uint16_t port) {
  ProxyEndpoint endpoint{family, {}, port};
  std::copy(address.begin(), address.end(), endpoint.address.begin());
  return endpoint;
}

}  // namespace

std::string ProxyEndpoint::text() const {
  std::array<char, 64> out{};
  if (family == Family::Ipv4) {
    (void)std::snprintf(out.data(), out.size(), "%u.%u.%u.%u:%u", address[0], address[1],
                        address[2], address[3], port);
    return out.data();
  }
  std::string groups;
  for (std::size_t i = 0; i < kIpv6Bytes; i += 2) {
    const unsigned group = (static_cast<unsigned>(address[i]) << 8U) | address[i + 1];
    (void)std::snprintf(out.data(), out.size(), i == 0 ? "%x" : ":%x", group);
    groups += out.data();
  }
  return "[" + groups + "]:" + std::to_string(port);
}

const std::optional<ProxyAddresses>& ProxyHeader::addresses() const {
  CHECK(state_ == State::Done);
  return addresses_;
}

const Fault& ProxyHeader::fault() const {
  CHECK(state_ == State::Failed);
  return fault_;
}

std::size_t ProxyHeader::receive(ingest::ByteView bytes) {
  const std::string_view text = ingest::as_text(bytes);
  std::size_t used = 0;
  while (state_ == State::NeedMore && used < text.size()) {
    if (part_ != Part::Rest) {
      take(text[used++]);
      continue;
    }
    const std::size_t count = std::min(rest_bytes_, text.size() - used);
    used += count;
    rest_bytes_ -= count;
    if (rest_bytes_ == 0) finish(addresses_);
  }
  return state_ == State::Failed ? text.size() : used;
}

/// Byte by byte, because nothing behind the header may be taken: it is 107 or some 52 bytes, once.
void ProxyHeader::take(char byte) {
  bytes_ += byte;
  switch (part_) {
    case Part::Start:
      return take_start();
    case Part::Text:
      if (byte == '\n') return take_text();
      if (bytes_.size() == kTextBytesMax) fail(FaultKind::BadProxyHeader);
      return;
    case Part::Fixed:
      if (bytes_.size() == wanted_bytes_) take_fixed();
      return;
    case Part::Addresses:
      if (bytes_.size() == wanted_bytes_) take_addresses();
      return;
    case Part::Rest:
      break;
  }
  CHECK(false && "what is skipped is not kept");
}

/// Which version it is; anything else is seen at its first byte that differs.
void ProxyHeader::take_start() {
  if (!kTextStart.starts_with(bytes_) && !kSignature.starts_with(bytes_))
    return fail(FaultKind::ProxyHeaderMissing);
  if (bytes_ == kTextStart) part_ = Part::Text;
  if (bytes_ != kSignature) return;
  part_ = Part::Fixed;
  wanted_bytes_ = kFixedBytes;
}

void ProxyHeader::take_text() {
  std::string_view line = bytes_;
  if (!line.ends_with("\r\n")) return fail(FaultKind::BadProxyHeader);
  line.remove_suffix(2);
  line.remove_prefix(kTextStart.size());
  if (line.find('\r') != std::string_view::npos) return fail(FaultKind::BadProxyHeader);
  const std::string_view family = cut(line, ' ');
  if (family == "UNKNOWN") return finish(std::nullopt);  // whatever follows is to be ignored
  if (family != "TCP4" && family != "TCP6") return fail(FaultKind::BadProxyHeader);
  const auto addresses = parse_text_addresses(family == "TCP4" ? Family::Ipv4 : Family::Ipv6, line);
  if (!addresses) return fail(FaultKind::BadProxyHeader);
  finish(addresses);
}

/// Command, family and length: what follows them is read or skipped.
void ProxyHeader::take_fixed() {
  const std::uint8_t command = byte_at(bytes_, 12);
  const std::uint8_t family = byte_at(bytes_, 13);
  const std::size_t length = big_endian(bytes_, 14);
  constexpr std::uint8_t kLocal = 0x20;
  constexpr std::uint8_t kProxy = 0x21;
  constexpr std::uint8_t kTcp4 = 0x11;
  constexpr std::uint8_t kTcp6 = 0x21;
  constexpr std::uint8_t kUnixStream = 0x31;
  const bool stream = family == kTcp4 || family == kTcp6;
  const bool nameless = family == 0 || family == kUnixStream;
  if (command != kLocal && (command != kProxy || !(stream || nameless)))
    return fail(FaultKind::BadProxyHeader);
  if (length > kBinaryBytesMax - kFixedBytes) return fail(FaultKind::BadProxyHeader);
  rest_bytes_ = length;
  part_ = Part::Rest;
  if (command == kLocal || nameless) {
    if (length == 0) finish(std::nullopt);
    return;
  }
  const std::size_t addresses = 2 * ((family == kTcp4 ? kIpv4Bytes : kIpv6Bytes) + kPortBytes);
  if (length < addresses) return fail(FaultKind::BadProxyHeader);
  part_ = Part::Addresses;
  wanted_bytes_ = kFixedBytes + addresses;
  rest_bytes_ = length - addresses;
}

/// source address | destination address | source port | destination port
void ProxyHeader::take_addresses() {
  const std::string_view bytes = std::string_view{bytes_}.substr(kFixedBytes);
  const std::size_t size = bytes.size() / 2 - kPortBytes;
  const Family family = size == kIpv4Bytes ? Family::Ipv4 : Family::Ipv6;
  addresses_ = ProxyAddresses{
      endpoint_of(family, bytes.substr(0, size), big_endian(bytes, 2 * size)),
      endpoint_of(family, bytes.substr(size, size), big_endian(bytes, 2 * size + kPortBytes))};
  part_ = Part::Rest;
  if (rest_bytes_ == 0) finish(addresses_);
}

void ProxyHeader::finish(std::optional<ProxyAddresses> addresses) {
  addresses_ = addresses;
  state_ = State::Done;
  std::string{}.swap(bytes_);
}

void ProxyHeader::fail(FaultKind kind) {
  fault_ = describe(kind);
  state_ = State::Failed;
  std::string{}.swap(bytes_);
}

}  // namespace gateway::http
