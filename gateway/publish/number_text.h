#pragma once
// The printed text of a number, as it stands on the wire (DESIGN section 6, Numbers). A row has
// changed when its printed text has. Stateless.

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "ingest/query/query.h"

namespace gateway::publish {

/// Significant digits of a printed value.
enum class Digits : std::uint8_t {
  Shortest,  // that reads back the same: count, sum, min, max, first, last, distinct, delta
  Six,       // mean, stddev, rate, ewma, zscore, and what is derived
  Five,      // quantiles and their bounds
};
Digits digits_of(const ingest::query::Field& field);

/// A printed number, in place: at most 24 characters ("-2.2250738585072014e-308").
class NumberText {
 public:
  static constexpr std::size_t kSizeMax = 24;
  std::string_view view() const { return {text_.data(), size_}; }
  bool operator==(const NumberText& other) const {
    return size_ == other.size_ && std::memcmp(text_.data(), other.text_.data(), size_) == 0;
  }

 private:
  friend NumberText number_text(double value, Digits digits);
  std::array<char, kSizeMax> text_{'n', 'u', 'l', 'l'};
  std::uint8_t size_ = 4;
};

/// JSON text of `value`; NaN and infinities are null, zero has no sign, exponents are as short as
/// they can be (1e22, not 1e+22).
NumberText number_text(double value, Digits digits);

}  // namespace gateway::publish
