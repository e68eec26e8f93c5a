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

inline Digits take_digits(const char* at, const char* end, std::uint64_t before = 0) {
  constexpr std::ptrdiff_t kAtOnce = 8;
  while (std::endian::native == std::endian::little && end - at >= kAtOnce) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    constexpr std::uint64_t kHighHalves = 0xf0f0f0f0f0f0f0f0;
    constexpr std::uint64_t kZeros = 0x3030303030303030;  // "00000000"
    constexpr std::uint64_t kSixes = 0x0606060606060606;  // a digit above 9 would carry
    if ((word & kHighHalves) != kZeros || ((word + kSixes) & kHighHalves) != kZeros) break;
    // Pairs of digits, then fours, then all eight: Johnny Lee, "fast atoi", 2008.
    word -= kZeros;
    word = word * 10 + (word >> 8U);
    constexpr std::uint64_t kPairs = 0x000000ff000000ff;
    constexpr std::uint64_t kOuter = 100 + (std::uint64_t{1'000'000} << 32U);
    constexpr std::uint64_t kInner = 1 + (std::uint64_t{10'000} << 32U);
    word = ((word & kPairs) * kOuter + ((word >> 16U) & kPairs) * kInner) >> 32U;
    before = before * 100'000'000 + word;
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

/// `[-+] digits [. digits]` of at most 15 digits at the front of [at, end). What follows it is the
/// caller's to judge: 1e5 is the number 1 here.
inline ShortNumber short_number(const char* at, const char* end) {
  if (at == end) return {};
  const bool negative = *at == '-';
  if (negative || *at == '+') ++at;
  const Digits whole = take_digits_plain(at, end);
  std::ptrdiff_t digits = whole.end - at;
  at = whole.end;
  if (at == end || *at != '.') {
    if (digits == 0 || digits > kExactDigitsMax) return {};
    const auto value = static_cast<double>(whole.value);
    return {at, negative && whole.value != 0 ? -value : value};
  }
  ++at;
  const Digits all = take_digits(at, end, whole.value);
  const std::ptrdiff_t fraction = all.end - at;
  digits += fraction;
  if (digits == 0 || digits > kExactDigitsMax) return {};
  const double value =
      static_cast<double>(all.value) / kPowersOfTen[static_cast<std::size_t>(fraction)];
  return {all.end, negative && all.value != 0 ? -value : value};
}

}  // namespace ingest::codec
