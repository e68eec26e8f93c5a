#pragma once
// The common case of numbers, inline and for a reader in the middle of a line: short decimals, and
// runs of digits eight at a time. What does not fit is for number.h.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ingest::codec {

inline bool is_digit(char c) {
  return static_cast<unsigned char>(c - '0') < 10;
}

/// Digits at `at`, the first the most significant.
struct Digits {
  std::uint64_t value = 0;
  const char* end = nullptr;  // behind the last
};

/// The plain version, which the other one is tested against. Adds to `before`; wraps around past
/// 19 digits.
inline Digits take_digits_plain(const char* at, const char* end, std::uint64_t before = 0) {
  for (; at != end && is_digit(*at); ++at)
    before = before * 10 + static_cast<unsigned>(*at - '0');
  return {before, at};
}

/// Eight digits by their values, the first in the lowest byte. Pairs of digits, then fours, then
/// all eight: Johnny Lee, "fast atoi", 2008.
inline std::uint64_t value_of_eight(std::uint64_t word) {
  word = word * 10 + (word >> 8U);
  constexpr std::uint64_t kPairs = 0x000000ff000000ff;
  constexpr std::uint64_t kOuter = 100 + (std::uint64_t{1'000'000} << 32U);
  constexpr std::uint64_t kInner = 1 + (std::uint64_t{10'000} << 32U);
  return ((word & kPairs) * kOuter + ((word >> 16U) & kPairs) * kInner) >> 32U;
}

inline Digits take_digits(const char* at, const char* end, std::uint64_t before = 0) {
  constexpr std::ptrdiff_t kAtOnce = 8;
  while (std::endian::native == std::endian::little && end - at >= kAtOnce) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    constexpr std::uint64_t kHighHalves = 0xf0f0f0f0f0f0f0f0;
    constexpr std::uint64_t kZeros = 0x3030303030303030;  // "00000000"
    constexpr std::uint64_t kSixes = 0x0606060606060606;  // a digit above 9 would carry
    if ((word & kHighHalves) != kZeros || ((word + kSixes) & kHighHalves) != kZeros) break;
    before = before * 100'000'000 + value_of_eight(word - kZeros);
    at += kAtOnce;
  }
  return take_digits_plain(at, end, before);
}

/// Up to 15 digits and their power of ten are exact doubles, so one division rounds correctly
/// (Clinger 1990).
constexpr std::ptrdiff_t kExactDigitsMax = 15;
constexpr std::array<double, kExactDigitsMax + 1> kPowersOfTen{
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/// A number and where it ends.
struct ShortNumber {
  const char* end = nullptr;  // nullptr: it is none, or not a short one
  double value = 0;           // never -0
};

/// Without its sign, what short_number() gives, byte by byte: the plain version.
inline ShortNumber unsigned_number_plain(const char* at, const char* end) {
  const Digits whole = take_digits_plain(at, end);
  std::ptrdiff_t digits = whole.end - at;
  at = whole.end;
  if (at == end || *at != '.') {
    if (digits == 0 || digits > kExactDigitsMax) return {};
    return {at, static_cast<double>(whole.value)};
  }
  ++at;
  const Digits all = take_digits(at, end, whole.value);
  const std::ptrdiff_t fraction = all.end - at;
  digits += fraction;
  if (digits == 0 || digits > kExactDigitsMax) return {};
  return {all.end,
          static_cast<double>(all.value) / kPowersOfTen[static_cast<std::size_t>(fraction)]};
}

constexpr std::ptrdiff_t kWordBytes = 8;

/// The same for a number that ends within the 8 bytes at `at`, all at once: how many digits it has
/// on which side of its point differs from line to line, and a wrong guess costs more than all of
/// this. Nullptr: it is none, or longer. Bytes behind the end of the line are looked at.
inline ShortNumber unsigned_number_in_word(const char* at) {
  constexpr std::uint64_t kLow7 = 0x7f7f7f7f7f7f7f7f;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  constexpr std::uint64_t kTens = 0x7676767676767676;  // with 10 and above it reaches the high bit
  constexpr unsigned kByte = 8;
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  word ^= 0x3030303030303030;  // digits become their values
  std::uint64_t others = (((word & kLow7) + kTens) | word) & kHigh;
  if (others == 0) return {};
  const unsigned whole = static_cast<unsigned>(std::countr_zero(others)) / kByte;
  const bool point = at[whole] == '.';
  others &= others - static_cast<std::uint64_t>(point);  // the point's own bit goes, or none
  if (others == 0) return {};
  const unsigned end = static_cast<unsigned>(std::countr_zero(others)) / kByte;
  const unsigned digits = end - static_cast<unsigned>(point);
  if (digits == 0) return {};
  // The point's byte is closed up; the last digit goes to the highest byte, zeros before the first.
  const std::uint64_t before = (std::uint64_t{1} << whole * kByte) - 1;
  const std::uint64_t closed = (word & before) | (word >> (point ? kByte : 0U) & ~before);
  const std::uint64_t value = value_of_eight(closed << (kWordBytes - digits) * kByte);
  const auto number = static_cast<double>(value);
  return {at + end, point ? number / kPowersOfTen[digits - whole] : number};
}

/// `[-+] digits [. digits]` of at most 15 digits at the front of [at, end). What follows it is the
/// caller's to judge: 1e5 is the number 1 here. Bytes up to `readable` may be loaded.
inline ShortNumber short_number(const char* at, const char* end, const char* readable) {
  if (at == end) return {};
  const bool negative = *at == '-';
  if (negative || *at == '+') ++at;
  ShortNumber number;
  if (end - at > 1 && is_digit(*at) && !is_digit(at[1]) && at[1] != '.') {
    return {at + 1, static_cast<double>(negative ? '0' - *at : *at - '0')};  // most counters
  }
  if (std::endian::native == std::endian::little && readable - at >= kWordBytes)
    number = unsigned_number_in_word(at);
  if (number.end == nullptr || number.end > end) number = unsigned_number_plain(at, end);
  if (negative && number.value != 0) number.value = -number.value;
  return number;
}

}  // namespace ingest::codec
