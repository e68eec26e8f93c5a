#include "ingest/base/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace ingest {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Ascending; the first name of a factor is the one that is printed.
constexpr std::array<Unit, 6> kDurationUnits{
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 4> kSizeUnits{{{"B", 1},
                                          {"KiB", std::uint64_t{1} << 10},
                                          {"MiB", std::uint64_t{1} << 20},
                                          {"GiB", std::uint64_t{1} << 30}}};
constexpr std::uint64_t kNumberMax = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string quoted(std::string_view text) {
  return "\"" + std::string{text} + "\"";
}

Read<std::uint64_t> read_with_unit(std::string_view text, std::span<const Unit> units, Units rule,
                                   const char* words) {
  const auto* const digits_end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = static_cast<std::size_t>(digits_end - text.begin());
  std::string_view unit = text.substr(digits);
  if (digits == 0) return Failure{quoted(text) + " is no " + words};
  std::uint64_t number = 0;
  if (std::from_chars(text.data(), text.data() + digits, number).ec != std::errc{}) {
    return Failure{quoted(text) + " is too large"};
  }
  if (unit.empty()) {
    if (rule == Units::Required) return Failure{std::string{text} + " has no unit"};
    unit = units.front().name;
  }
  const auto known = [&](const Unit& u) { return u.name == unit; };
  const auto found = std::find_if(units.begin(), units.end(), known);
  if (found == units.end()) return Failure{quoted(text) + " has an unknown unit " + quoted(unit)};
  if (number > kNumberMax / found->factor) return Failure{quoted(text) + " is too large"};
  return number * found->factor;
}

std::string text_with_unit(std::uint64_t number, std::span<const Unit> units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (number % unit.factor == 0 && unit.factor > best->factor) best = &unit;
  }
  return std::to_string(number / best->factor) + std::string{best->name};
}

}  // namespace

Read<Millis> read_duration(std::string_view text, Units units) {
  const auto ms = read_with_unit(text, kDurationUnits, units, "duration");
  if (!ms) return Failure{ms.error()};
  return Millis{static_cast<std::int64_t>(*ms)};
}

std::string duration_text(Millis duration) {
  if (duration == Millis::zero()) return "0s";
  return text_with_unit(static_cast<std::uint64_t>(duration.count()), kDurationUnits);
}

Read<std::uint64_t> read_size(std::string_view text, Units units) {
  return read_with_unit(text, kSizeUnits, units, "size");
}

std::string size_text(std::uint64_t bytes) {
  return text_with_unit(bytes, kSizeUnits);
}

}  // namespace ingest
