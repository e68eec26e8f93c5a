#include "ingest/codec/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace ingest::codec {
namespace {

/// Up to 15 digits and their power of ten are exact doubles, so one division rounds correctly
/// (Clinger 1990).
constexpr std::ptrdiff_t kExactDigitsMax = 15;
constexpr std::array<double, kExactDigitsMax + 1> kPowersOfTen{
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_sign(char c) {
  return c == '+' || c == '-';
}

/// mantissa * 10^exponent, the mantissa cut to 18 significant digits.
struct Decimal {
  std::uint64_t mantissa = 0;
  std::int64_t exponent = 0;
};

/// An exponent with its sign; beyond a million all are alike.
std::optional<std::int64_t> parse_exponent(std::string_view text) {
  constexpr std::int64_t kFar = 1'000'000;
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && is_sign(text.front())) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    if (value < kFar) value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

/// Without a sign.
std::optional<Decimal> parse_decimal(std::string_view text) {
  constexpr std::uint64_t kMantissaMax = 100'000'000'000'000'000;  // 10^17: one more digit fits
  Decimal decimal;
  bool any = false;
  bool fraction = false;
  std::size_t i = 0;
  for (; i < text.size() && (is_digit(text[i]) || text[i] == '.'); ++i) {
    if (text[i] == '.') {
      if (fraction) return std::nullopt;
      fraction = true;
      continue;
    }
    any = true;
    const bool counts = decimal.mantissa < kMantissaMax;
    if (counts) decimal.mantissa = decimal.mantissa * 10 + static_cast<unsigned>(text[i] - '0');
    if (counts == fraction) decimal.exponent += fraction ? -1 : 1;
  }
  if (!any) return std::nullopt;
  if (i == text.size()) return decimal;
  if (text[i] != 'e' && text[i] != 'E') return std::nullopt;
  const auto exponent = parse_exponent(text.substr(i + 1));
  if (!exponent) return std::nullopt;
  decimal.exponent += *exponent;
  return decimal;
}

constexpr std::uint64_t kRateDenominatorMax = 1'000'000'000;

/// Without the zeros that both end with: 0.10 is 1/10.
model::Rate shortest(std::uint64_t numerator, std::uint64_t denominator) {
  for (; numerator % 10 == 0 && denominator > 1; numerator /= 10)
    denominator /= 10;
  return {static_cast<std::uint32_t>(numerator), static_cast<std::uint32_t>(denominator)};
}

/// At most nine decimals: nothing to round.
std::optional<model::Rate> exact_rate(const Decimal& decimal) {
  std::uint64_t denominator = 1;
  for (std::int64_t e = decimal.exponent; e < 0; ++e)
    denominator *= 10;
  if (decimal.mantissa > denominator) return std::nullopt;
  return shortest(decimal.mantissa, denominator);
}

/// from_chars says "out of range" of what is too large and of what is too small.
Number out_of_range(std::string_view unsigned_text) {
  const auto decimal = parse_decimal(unsigned_text);
  if (!decimal) return {};
  // Out of range means an exponent far from 0, which 18 digits of mantissa cannot outweigh.
  return {decimal->exponent < 0 ? Number::Is::Finite : Number::Is::NotFinite, 0};
}

Number parse_any(std::string_view text) {
  const bool negative = text.front() == '-';
  if (is_sign(text.front())) text.remove_prefix(1);
  if (text.empty() || is_sign(text.front())) return {};
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, value);
  if (fault == std::errc::invalid_argument || stop != end) return {};
  if (fault == std::errc::result_out_of_range) return out_of_range(text);
  if (!std::isfinite(value)) return {Number::Is::NotFinite, 0};
  return {Number::Is::Finite, negative && value != 0 ? -value : value};
}

}  // namespace

std::optional<double> take_short_number(const char** at_in, const char* end) {
  const char* at = *at_in;
  if (at == end) return std::nullopt;
  const bool negative = *at == '-';
  if (is_sign(*at)) ++at;
  std::uint64_t mantissa = 0;
  const char* start = at;
  for (; at != end && is_digit(*at); ++at)
    mantissa = mantissa * 10 + static_cast<unsigned>(*at - '0');
  std::ptrdiff_t digits = at - start;
  std::ptrdiff_t fraction = 0;
  if (at != end && *at == '.') {
    start = ++at;
    for (; at != end && is_digit(*at); ++at)
      mantissa = mantissa * 10 + static_cast<unsigned>(*at - '0');
    fraction = at - start;
    digits += fraction;
  }
  if (digits == 0 || digits > kExactDigitsMax) return std::nullopt;
  *at_in = at;
  const auto whole = static_cast<double>(mantissa);
  const double value =
      fraction == 0 ? whole : whole / kPowersOfTen[static_cast<std::size_t>(fraction)];
  return negative && mantissa != 0 ? -value : value;
}

Number parse_number(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto value = take_short_number(&at, end);
  if (value && at == end) return {Number::Is::Finite, *value};
  return text.empty() ? Number{} : parse_any(text);
}

std::optional<model::Rate> parse_rate(std::string_view text) {
  constexpr std::uint64_t kOne = kRateDenominatorMax;
  const auto decimal = parse_decimal(text);
  if (!decimal || decimal->mantissa == 0) return std::nullopt;
  if (decimal->exponent <= 0 && decimal->exponent >= -9) return exact_rate(*decimal);
  std::uint64_t numerator = decimal->mantissa;
  std::int64_t exponent = decimal->exponent + 9;
  for (; exponent > 0; --exponent) {
    if (numerator > kOne) return std::nullopt;
    numerator *= 10;
  }
  std::uint64_t last_digit = 0;  // the one cut last: whether to round up
  bool inexact = false;
  for (; exponent < 0 && (numerator != 0 || last_digit != 0); ++exponent) {
    inexact = inexact || last_digit != 0;
    last_digit = numerator % 10;
    numerator /= 10;
  }
  inexact = inexact || last_digit != 0;
  if (numerator > kOne || (numerator == kOne && inexact)) return std::nullopt;
  if (exponent == 0 && last_digit >= 5) ++numerator;
  if (numerator == 0) return std::nullopt;
  return shortest(numerator, kOne);
}

}  // namespace ingest::codec
