#include "gateway/config/text.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>

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

}  // namespace gateway::config
