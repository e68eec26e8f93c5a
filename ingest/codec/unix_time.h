#pragma once
// Times as lines write them: a count since the Unix epoch, read as text, so that no double rounds
// it. Pure, no allocation.

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/base/clock.h"

namespace ingest::codec {

enum class TimeUnit : std::uint8_t {
  Auto,  // by size: below 1e11 seconds, 1e14 milliseconds, 1e17 microseconds, else nanoseconds
  Nanoseconds,
  Microseconds,
  Milliseconds,
  Seconds,
  Minutes,
  Hours,
};

/// The unit that InfluxDB's `precision` parameter names: ns n us u µ ms s m h.
std::optional<TimeUnit> time_unit_of(std::string_view precision);

/// Digits, with an optional fraction; what is finer than a millisecond is cut off. Nothing for any
/// sign or other byte, and for times past the year 33,000.
std::optional<WallTime> parse_unix_time(std::string_view text, TimeUnit unit);

}  // namespace ingest::codec
