#include "gateway/auth/base64url.h"

#include <cstdint>

namespace gateway::auth {
namespace {

/// Nothing for what is no digit.
std::optional<std::uint32_t> value_of(char c) {
  constexpr std::uint32_t kLower = 26;
  constexpr std::uint32_t kDigits = 52;
  constexpr std::uint32_t kMinus = 62;
  constexpr std::uint32_t kUnderscore = 63;
  const auto from = [c](char first) { return static_cast<std::uint32_t>(c - first); };
  if (c >= 'A' && c <= 'Z') return from('A');
  if (c >= 'a' && c <= 'z') return kLower + from('a');
  if (c >= '0' && c <= '9') return kDigits + from('0');
  if (c == '-') return kMinus;
  if (c == '_') return kUnderscore;
  return std::nullopt;
}

constexpr std::uint32_t kDigitBits = 6;
constexpr std::uint32_t kByteBits = 8;

}  // namespace

std::optional<std::string> decode_base64url(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() * kDigitBits / kByteBits);
  std::uint32_t held = 0;  // the low `bits` of it are still to be given out
  std::uint32_t bits = 0;
  for (const char c : text) {
    const auto digit = value_of(c);
    if (!digit) return std::nullopt;
    held = (held << kDigitBits) | *digit;
    bits += kDigitBits;
    if (bits < kByteBits) continue;
    bits -= kByteBits;
    bytes += static_cast<char>((held >> bits) & 0xFFU);
    held &= (1U << bits) - 1U;
  }
  if (bits == kDigitBits || held != 0) return std::nullopt;
  return bytes;
}

std::string encode_base64url(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::uint32_t kDigitMask = (1U << kDigitBits) - 1U;
  std::string text;
  text.reserve((bytes.size() * kByteBits + kDigitBits - 1) / kDigitBits);
  std::uint32_t held = 0;
  std::uint32_t bits = 0;
  for (const char byte : bytes) {
    held = (held << kByteBits) | static_cast<std::uint8_t>(byte);
    bits += kByteBits;
    for (; bits >= kDigitBits; bits -= kDigitBits)
      text += kDigits[(held >> (bits - kDigitBits)) & kDigitMask];
    held &= (1U << bits) - 1U;
  }
  if (bits > 0) text += kDigits[(held << (kDigitBits - bits)) & kDigitMask];
  return text;
}

}  // namespace gateway::auth
