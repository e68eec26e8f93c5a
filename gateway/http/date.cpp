#include "gateway/http/date.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <span>

namespace gateway::http {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> kLongDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// What follows the name of the day: d, n, y, h, m and s stand for the parts of a date, everything
/// else for itself.
struct Shape {
  std::span<const std::string_view> days;
  std::string_view text;

  bool fits(std::string_view day, std::string_view rest) const {
    if (std::find(days.begin(), days.end(), day) == days.end()) return false;
    return std::equal(text.begin(), text.end(), rest.begin(), rest.end(), [](char want, char have) {
      return kParts.find(want) != std::string_view::npos || want == have;
    });
  }
  /// Of a text that fits.
  std::string_view part(std::string_view rest, char name) const {
    return rest.substr(text.find(name), text.rfind(name) - text.find(name) + 1);
  }
  static constexpr std::string_view kParts = "dnyhms";
};
constexpr std::array<Shape, 3> kShapes{{{kDays, ", dd nnn yyyy hh:mm:ss GMT"},
                                        {kLongDays, ", dd-nnn-yy hh:mm:ss GMT"},
                                        {kDays, " nnn dd hh:mm:ss yyyy"}}};
constexpr const Shape& kRfc850 = kShapes[1];
constexpr const Shape& kAsctime = kShapes[2];

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<unsigned> month_of(std::string_view name) {
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (kMonths[i] == name) return static_cast<unsigned>(i + 1);
  }
  return std::nullopt;
}

/// `rest` fits; the year that it holds is counted from `century`.
std::optional<ingest::WallTime> read_parts(const Shape& shape, std::string_view rest, int century) {
  using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
  std::string_view day_text = shape.part(rest, 'd');
  if (&shape == &kAsctime && day_text.front() == ' ') day_text.remove_prefix(1);
  const auto day = number(day_text);
  const auto month = month_of(shape.part(rest, 'n'));
  const auto year = number(shape.part(rest, 'y'));
  const auto hour = number(shape.part(rest, 'h'));
  const auto minute = number(shape.part(rest, 'm'));
  const auto second = number(shape.part(rest, 's'));
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{century + *year},
                                         std::chrono::month{*month},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  constexpr int kLeapSecond = 60;
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > kLeapSecond) return std::nullopt;
  return ingest::WallTime{std::chrono::sys_days{date}.time_since_epoch() + hours{*hour} +
                          minutes{*minute} + seconds{*second}};
}

/// The last year of these two digits that is at most 50 years ahead.
std::optional<ingest::WallTime> read_short_year(std::string_view rest, ingest::WallTime now) {
  constexpr std::chrono::years kAhead{50};
  const auto today = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day last_day = std::chrono::year_month_day{today} + kAhead;
  const ingest::WallTime last = std::chrono::sys_days{last_day} + (now - today);
  const int century = static_cast<int>(last_day.year()) / 100 * 100;
  const auto date = read_parts(kRfc850, rest, century);
  return date && *date <= last ? date : read_parts(kRfc850, rest, century - 100);
}

}  // namespace

std::string http_date(ingest::WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto days = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date{days};
  const std::chrono::hh_mm_ss clock{seconds - days};
  const std::string_view day = kDays[std::chrono::weekday{days}.c_encoding()];
  const std::string_view month = kMonths[static_cast<unsigned>(date.month()) - 1];
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT", day.data(),
      static_cast<unsigned>(date.day()), month.data(), static_cast<int>(date.year()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<ingest::WallTime> parse_http_date(std::string_view text, ingest::WallTime now) {
  const std::string_view day = text.substr(0, text.find_first_of(", "));
  const std::string_view rest = text.substr(day.size());
  for (const Shape& shape : kShapes) {
    if (!shape.fits(day, rest)) continue;
    return &shape == &kRfc850 ? read_short_year(rest, now) : read_parts(shape, rest, 0);
  }
  return std::nullopt;
}

}  // namespace gateway::http
