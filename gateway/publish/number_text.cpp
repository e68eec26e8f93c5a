#include "gateway/publish/number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace gateway::publish {
namespace {

constexpr double kExactInteger = 1e5;  // below it, digits are never longer than an exponent form

/// "1e+05" -> "1e5", "1e-07" -> "1e-7": what to_chars adds that JSON does not need.
char* shorten_exponent(char* begin, char* end) {
  char* e = std::find(begin, end, 'e');
  if (e == end) return end;
  char* from = e + 1;
  char* to = e + 1;
  if (*from == '+') ++from;
  if (*from == '-') *to++ = *from++;
  while (from + 1 < end && *from == '0')
    ++from;
  return std::copy(from, end, to);
}

}  // namespace

Digits digits_of(const ingest::query::Field& field) {
  using Name = ingest::query::Stat::Name;
  if (!field.stat) return Digits::Six;
  switch (field.stat->name) {
    case Name::Mean:
    case Name::Stddev:
    case Name::Rate:
    case Name::Ewma:
    case Name::Zscore:
      return Digits::Six;
    case Name::Quantile:
    case Name::QuantileError:
      return Digits::Five;
    case Name::Count:
    case Name::Sum:
    case Name::Min:
    case Name::Max:
    case Name::First:
    case Name::Last:
    case Name::Delta:
    case Name::Distinct:
    case Name::Buckets:
      return Digits::Shortest;
  }
  return Digits::Shortest;
}

NumberText number_text(double value, Digits digits) {
  NumberText text;
  if (!std::isfinite(value)) return text;
  char* const begin = text.text_.data();
  char* const limit = begin + NumberText::kSizeMax;
  char* end = nullptr;
  // The plain integers of most counts, minus zero included: same text, a fraction of the time.
  if (std::fabs(value) < kExactInteger && value == std::trunc(value)) {
    end = std::to_chars(begin, limit, static_cast<std::int32_t>(value)).ptr;
  } else if (digits == Digits::Shortest) {
    end = shorten_exponent(begin, std::to_chars(begin, limit, value).ptr);
  } else {
    const int precision = digits == Digits::Six ? 6 : 5;
    end = std::to_chars(begin, limit, value, std::chars_format::general, precision).ptr;
    end = shorten_exponent(begin, end);
  }
  text.size_ = static_cast<std::uint8_t>(end - begin);
  return text;
}

}  // namespace gateway::publish
