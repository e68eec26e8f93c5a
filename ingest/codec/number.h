#pragma once
// Numbers as lines write them: plain decimals, nothing before, between or after. Pure, no
// allocation, no locale.

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/model/sample.h"

namespace ingest::codec {

struct Number {
  enum class Is : std::uint8_t {
    Finite,
    NotFinite,  // nan, inf, or too large for a double
    Bad,        // no number: empty, " 1", "0x10", "1_000", "1e"
  };
  Is is = Is::Bad;
  double value = 0;  // Finite only; never -0
};

/// [+-] digits [. digits] [e [+-] digits], at least one digit before the `e`: the nearest double.
Number parse_number(std::string_view text);

/// The same for a text that short_number() did not take.
Number parse_long_number(std::string_view text);

/// A sample rate above 0 and at most 1 as the decimal that was written, rounded to 10^-9.
std::optional<model::Rate> parse_rate(std::string_view text);

}  // namespace ingest::codec
