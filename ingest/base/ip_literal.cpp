#include "ingest/base/ip_literal.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace ingest {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// 0 to 15, or -1.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Cuts the text before the first `separator` off the front of `rest`; all of it when there is
/// none.
constexpr std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view front = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return front;
}

/// Decimal digits without leading zeros, at most `max`.
std::optional<unsigned> parse_number(std::string_view text, unsigned max) {
  constexpr std::size_t kDigitsMax = 5;
  if (text.empty() || text.size() > kDigitsMax || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value > max) return std::nullopt;
  return value;
}

/// One side of "::", as far as it is read.
struct Groups {
  Ipv6Bytes bytes{};
  std::size_t count = 0;

  bool append(unsigned byte) {
    if (count == bytes.size()) return false;
    bytes[count++] = static_cast<std::uint8_t>(byte);
    return true;
  }
};

bool append_dotted(std::string_view text, Groups& out) {
  const auto address = parse_ipv4(text);
  return address && std::all_of(address->begin(), address->end(),
                                [&](std::uint8_t byte) { return out.append(byte); });
}

/// One to four hexadecimal digits.
bool append_group(std::string_view text, Groups& out) {
  constexpr std::size_t kDigitsMax = 4;
  if (text.empty() || text.size() > kDigitsMax) return false;
  unsigned value = 0;
  for (const char c : text) {
    if (hex_value(c) < 0) return false;
    value = value * 16 + static_cast<unsigned>(hex_value(c));
  }
  return out.append(value >> 8U) && out.append(value & 0xFFU);
}

/// "1:2:3" or "1:2:1.2.3.4"; "" is no group at all.
bool append_groups(std::string_view text, Groups& out) {
  if (text.ends_with(':')) return false;
  while (!text.empty()) {
    const std::string_view group = cut(text, ':');
    const bool dotted = text.empty() && group.find('.') != std::string_view::npos;
    if (!(dotted ? append_dotted(group, out) : append_group(group, out))) return false;
  }
  return true;
}

}  // namespace

std::optional<Ipv4Bytes> parse_ipv4(std::string_view text) {
  Ipv4Bytes bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool last = i + 1 == bytes.size();
    if ((text.find('.') == std::string_view::npos) != last) return std::nullopt;
    const auto part = parse_number(cut(text, '.'), std::numeric_limits<std::uint8_t>::max());
    if (!part) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(*part);
  }
  return bytes;
}

std::optional<Ipv6Bytes> parse_ipv6(std::string_view text) {
  Groups out;
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!append_groups(text, out) || out.count < out.bytes.size()) return std::nullopt;
    return out.bytes;
  }
  const std::string_view front = text.substr(0, gap);
  Groups back;
  if (front.find('.') != std::string_view::npos) return std::nullopt;
  if (!append_groups(front, out) || !append_groups(text.substr(gap + 2), back)) return std::nullopt;
  // "::" stands for one group at least.
  if (out.count + back.count >= out.bytes.size()) return std::nullopt;
  std::copy_n(back.bytes.begin(), back.count, out.bytes.end() - static_cast<long>(back.count));
  return out.bytes;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto number = parse_number(text, std::numeric_limits<std::uint16_t>::max());
  if (!number) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

}  // namespace ingest
