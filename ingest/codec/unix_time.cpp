#include "ingest/codec/unix_time.h"

#include <array>
#include <cstddef>
#include <utility>

#include "ingest/codec/short_number.h"

namespace ingest::codec {
namespace {

constexpr std::uint64_t kEndMs = 1'000'000'000'000'000;  // from here on: no time
constexpr std::size_t kDigitsMax = 19;                   // fit 64 bits

constexpr std::uint64_t kSecondsBelow = 100'000'000'000;
constexpr std::uint64_t kMillisecondsBelow = 1'000 * kSecondsBelow;
constexpr std::uint64_t kMicrosecondsBelow = 1'000 * kMillisecondsBelow;

TimeUnit unit_by_size(std::uint64_t count) {
  if (count < kSecondsBelow) return TimeUnit::Seconds;
  if (count < kMillisecondsBelow) return TimeUnit::Milliseconds;
  return count < kMicrosecondsBelow ? TimeUnit::Microseconds : TimeUnit::Nanoseconds;
}

/// Digits after the point as milliseconds of a unit of `unit_ms`; nothing when there is none or
/// another byte.
std::optional<std::uint64_t> parse_fraction(std::string_view text, std::uint64_t unit_ms) {
  constexpr std::size_t kCounted = 9;  // further ones are below a millisecond of an hour
  if (text.empty()) return std::nullopt;
  std::uint64_t digits = 0;
  std::uint64_t parts = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    if (i >= kCounted) continue;
    digits = digits * 10 + static_cast<unsigned>(text[i] - '0');
    parts *= 10;
  }
  return digits * unit_ms / parts;
}

/// A time of `count` units with a fraction; `point` is empty or begins with the point.
std::optional<WallTime> of_long_unit(std::uint64_t count, std::uint64_t unit_ms,
                                     std::string_view point) {
  std::optional<std::uint64_t> fraction_ms{0};
  if (!point.empty()) fraction_ms = parse_fraction(point.substr(1), unit_ms);
  if (!fraction_ms || count >= kEndMs) return std::nullopt;
  const std::uint64_t since_epoch_ms = count * unit_ms + *fraction_ms;
  if (since_epoch_ms >= kEndMs) return std::nullopt;
  return wall_from_ms(static_cast<std::int64_t>(since_epoch_ms));
}

/// Of a unit of which `parts` are a millisecond: a fraction changes nothing.
std::optional<WallTime> of_short_unit(std::uint64_t since_epoch_ms, std::string_view point) {
  if (!point.empty() && !parse_fraction(point.substr(1), 0)) return std::nullopt;
  if (since_epoch_ms >= kEndMs) return std::nullopt;
  return wall_from_ms(static_cast<std::int64_t>(since_epoch_ms));
}

}  // namespace

std::optional<TimeUnit> time_unit_of(std::string_view precision) {
  using Named = std::pair<std::string_view, TimeUnit>;
  constexpr std::array<Named, 9> kNames{{{"ns", TimeUnit::Nanoseconds},
                                         {"n", TimeUnit::Nanoseconds},
                                         {"us", TimeUnit::Microseconds},
                                         {"u", TimeUnit::Microseconds},
                                         {"µ", TimeUnit::Microseconds},
                                         {"ms", TimeUnit::Milliseconds},
                                         {"s", TimeUnit::Seconds},
                                         {"m", TimeUnit::Minutes},
                                         {"h", TimeUnit::Hours}}};
  for (const auto& [name, unit] : kNames) {
    if (name == precision) return unit;
  }
  return std::nullopt;
}

std::optional<WallTime> parse_unix_time(std::string_view text, TimeUnit unit) {
  const char* const end = text.data() + text.size();
  const Digits digits = take_digits(text.data(), end);
  const auto count = static_cast<std::size_t>(digits.end - text.data());
  if (count == 0 || count > kDigitsMax) return std::nullopt;
  const std::string_view point = text.substr(count);
  if (!point.empty() && point.front() != '.') return std::nullopt;
  // Divisions by constants: the compiler multiplies.
  switch (unit == TimeUnit::Auto ? unit_by_size(digits.value) : unit) {
    case TimeUnit::Nanoseconds:
      return of_short_unit(digits.value / 1'000'000, point);
    case TimeUnit::Microseconds:
      return of_short_unit(digits.value / 1'000, point);
    case TimeUnit::Auto:
    case TimeUnit::Milliseconds:
      return of_short_unit(digits.value, point);
    case TimeUnit::Seconds:
      return of_long_unit(digits.value, 1'000, point);
    case TimeUnit::Minutes:
      return of_long_unit(digits.value, 60'000, point);
    case TimeUnit::Hours:
      return of_long_unit(digits.value, 3'600'000, point);
  }
  return std::nullopt;
}

}  // namespace ingest::codec
