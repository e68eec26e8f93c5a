#include "ingest/codec/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "ingest/codec/short_number.h"

namespace ingest::codec {
namespace {

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

/// The common case: 0.1, 0.25. Nothing when it is any other.
std::optional<model::Rate> short_rate(std::string_view text) {
  constexpr std::array<std::uint32_t, 10> kTens{
      1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
  if (text.size() < 3 || text.size() - 2 >= kTens.size() || text[0] != '0' || text[1] != '.') {
    return std::nullopt;
  }
  const char* const end = text.data() + text.size();
  const Digits digits = take_digits_plain(text.data() + 2, end);
  if (digits.end != end || digits.value == 0 || text.back() == '0') return std::nullopt;
  return model::Rate{static_cast<std::uint32_t>(digits.value), kTens[text.size() - 2]};
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

}  // namespace

Number parse_long_number(std::string_view text) {
  if (text.empty()) return {};
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

Number parse_number(std::string_view text) {
  const char* const end = text.data() + text.size();
  const ShortNumber number = short_number(text.data(), end, end);
  if (number.end == end && end != nullptr) return {Number::Is::Finite, number.value};
  return parse_long_number(text);
}

std::optional<model::Rate> parse_rate(std::string_view text) {
  if (const auto rate = short_rate(text)) return rate;
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
