#include "gateway/publish/json_text.h"

#include <array>
#include <charconv>
#include <cstddef>

namespace gateway::publish {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
}

bool in(std::uint8_t byte, std::uint8_t low, std::uint8_t high) {
  return byte >= low && byte <= high;
}

/// Bytes of the well-formed sequence at `at`, whose first byte is above 0x7F; 0 when it is not one
/// (RFC 3629 section 4: no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t sequence_bytes(std::string_view text, std::size_t at) {
  const std::uint8_t first = byte_at(text, at);
  const std::uint8_t second = byte_at(text, at + 1);
  if (in(first, 0xC2, 0xDF)) return in(second, 0x80, 0xBF) ? 2 : 0;
  const bool third = in(byte_at(text, at + 2), 0x80, 0xBF);
  if (in(first, 0xE0, 0xEF)) {
    const std::uint8_t low = first == 0xE0 ? 0xA0 : 0x80;
    const std::uint8_t high = first == 0xED ? 0x9F : 0xBF;
    return in(second, low, high) && third ? 3 : 0;
  }
  if (!in(first, 0xF0, 0xF4)) return 0;
  const std::uint8_t low = first == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
  const bool fourth = in(byte_at(text, at + 3), 0x80, 0xBF);
  return in(second, low, high) && third && fourth ? 4 : 0;
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default: {
      const auto byte = static_cast<std::uint8_t>(c);
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
}

bool is_plain(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
}

/// One character that is not plain; returns the bytes it took.
std::size_t append_special(std::string& out, std::string_view text, std::size_t at) {
  if (byte_at(text, at) < 0x80) {
    append_escape(out, text[at]);
    return 1;
  }
  const std::size_t bytes = sequence_bytes(text, at);
  out += bytes == 0 ? kReplacement : text.substr(at, bytes);
  return bytes == 0 ? 1 : bytes;
}

template <class Integer>
void append_digits(std::string& out, Integer number) {
  std::array<char, 20> digits{};  // 2^64 and -2^63 have 20 characters
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && is_plain(text[end]))
      ++end;
    out += text.substr(at, end - at);
    at = end;
    if (at < text.size()) at += append_special(out, text, at);
  }
  out += '"';
}

void append_integer(std::string& out, std::int64_t number) {
  append_digits(out, number);
}

void append_unsigned(std::string& out, std::uint64_t number) {
  append_digits(out, number);
}

}  // namespace gateway::publish
