#include "ingest/codec/unix_time.h"

#include <array>
#include <cstddef>
#include <utility>

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

/// A unit in milliseconds is `times` / `parts`; one of them is 1.
struct Scale {
  std::uint64_t times = 1;
  std::uint64_t parts = 1;
};

Scale scale_of(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::Nanoseconds:
      return {1, 1'000'000};
    case TimeUnit::Microseconds:
      return {1, 1'000};
    case TimeUnit::Auto:
    case TimeUnit::Milliseconds:
      return {1, 1};
    case TimeUnit::Seconds:
      return {1'000, 1};
    case TimeUnit::Minutes:
      return {60'000, 1};
    case TimeUnit::Hours:
      return {3'600'000, 1};
  }
  return {};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Digits after the point as milliseconds of a unit of `times` milliseconds; nothing when there is
/// none or another byte.
std::optional<std::uint64_t> parse_fraction(std::string_view text, std::uint64_t times) {
  constexpr std::size_t kCounted = 9;  // further ones are below a millisecond of an hour
  if (text.empty()) return std::nullopt;
  std::uint64_t digits = 0;
  std::uint64_t unit = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    if (i >= kCounted) continue;
    digits = digits * 10 + static_cast<unsigned>(text[i] - '0');
    unit *= 10;
  }
  return digits * times / unit;
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
  std::uint64_t count = 0;
  std::size_t at = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    if (at == kDigitsMax) return std::nullopt;
    count = count * 10 + static_cast<unsigned>(text[at] - '0');
  }
  if (at == 0) return std::nullopt;
  const Scale scale = scale_of(unit == TimeUnit::Auto ? unit_by_size(count) : unit);
  std::uint64_t fraction_ms = 0;
  if (at < text.size()) {
    if (text[at] != '.') return std::nullopt;
    const auto fraction = parse_fraction(text.substr(at + 1), scale.times);
    if (!fraction) return std::nullopt;
    fraction_ms = scale.parts == 1 ? *fraction : 0;
  }
  if (count / scale.parts > (kEndMs - 1) / scale.times) return std::nullopt;
  return wall_from_ms(static_cast<std::int64_t>(count / scale.parts * scale.times + fraction_ms));
}

}  // namespace ingest::codec
