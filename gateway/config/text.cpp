#include "gateway/config/text.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cmath>

#include "ingest/base/network.h"

namespace gateway::config {
namespace {

using ingest::Failure;

std::string quoted(std::string_view text) {
  return "\"" + std::string{text} + "\"";
}

bool is_literal(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(family, host.c_str(), bytes.data()) == 1;
}

Read<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || fault != std::errc{} || end != text.data() + text.size()) {
    return Failure{std::string{"has no port from 0 to 65535"}};
  }
  return port;
}

constexpr std::string_view kUnix = "unix:";
constexpr std::uint64_t kModeMax = 0777;

}  // namespace

Read<std::uint64_t> read_count(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec == std::errc::result_out_of_range) return Failure{quoted(text) + " is too large"};
  if (text.empty() || read.ec != std::errc{} || read.ptr != end) {
    return Failure{quoted(text) + " is no whole number"};
  }
  return number;
}

std::string to_text(const Address& address) {
  if (!address.unix_path.empty()) return std::string{kUnix} + address.unix_path;
  const bool six = address.host.find(':') != std::string::npos;
  return (six ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

Read<Address> read_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Failure{quoted(text) + " has no port"};
  std::string host{text.substr(0, colon)};
  if (host.empty()) return Failure{quoted(text) + " has no address (0.0.0.0 is every address)"};
  const auto port = read_port(text.substr(colon + 1));
  if (!port) return Failure{quoted(text) + " " + port.error()};
  if (host == "localhost") host = "127.0.0.1";
  if (is_literal(AF_INET, host)) return Address{std::move(host), *port};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (is_literal(AF_INET6, host)) return Address{std::move(host), *port};
  }
  return Failure{quoted(text) + " has an address that is no literal"};
}

Read<Address> read_listen_address(std::string_view text) {
  if (!text.starts_with(kUnix)) return read_address(text);
  constexpr std::size_t kPathMax = 107;  // unix(7)
  const std::string_view path = text.substr(kUnix.size());
  if (path.empty() || path.size() > kPathMax) {
    return Failure{quoted(text) + " has no path of 1 to 107 bytes"};
  }
  return Address{.host = {}, .port = 0, .unix_path = std::string{path}};
}

Read<std::uint64_t> read_mode(std::string_view text) {
  std::uint64_t mode = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, mode, 8);
  if (!text.starts_with('0') || read.ec != std::errc{} || read.ptr != end || mode > kModeMax) {
    return Failure{quoted(text) + " is no mode"};
  }
  return mode;
}

std::string mode_text(std::uint64_t mode) {
  std::string text = "0000";
  for (std::size_t i = text.size(); i-- > 0; mode /= 8)
    text[i] = static_cast<char>('0' + mode % 8);
  return text;
}

bool is_network(std::string_view text) {
  return ingest::Network::parse(text).has_value();
}

bool is_peer_network(std::string_view text) {
  return text == "unix" || is_network(text);
}

std::string yaml_text(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += "\\x";
      quoted += kDigits[byte >> 4U];
      quoted += kDigits[byte & 15U];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::optional<double> read_number(std::string_view text) {
  double number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

std::string number_text(double number) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), written.ptr};
}

}  // namespace gateway::config
