#include "ingest/timeline/range_cursor.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ingest::timeline {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::int64_t kNumberMax = std::int64_t{1} << 53;  // times stay far from overflow

std::string hex_of(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kHex[byte >> 4U];
    text += kHex[byte & 15U];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes;
  if (text.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::size_t high = kHex.find(text[i]);
    const std::size_t low = kHex.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

/// Up to the next '-', which is taken too.
std::string_view next_word(std::string_view& text) {
  const std::size_t end = std::min(text.find('-'), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::optional<std::int64_t> next_number(std::string_view& text) {
  const std::string_view word = next_word(text);
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (fault != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  if (number < 0 || number > kNumberMax) return std::nullopt;
  return number;
}

bool is_sound(const RangeCursor& cursor) {
  const RangeWindows& windows = cursor.windows;
  return windows.window > Millis{0} && windows.step > Millis{0} && windows.apart > Millis{0} &&
         windows.count > 0 && cursor.time < windows.count &&
         windows.first + windows.count <= kNumberMax / windows.step.count();
}

}  // namespace

std::uint64_t hash_of(const query::RangeAsk& ask) {
  const std::string text = query::canonical_text(ask.query) + std::to_string(ask.step.count());
  return XXH3_64bits(text.data(), text.size()) >> 11U;  // as long as the other numbers
}

std::string cursor_text(const RangeCursor& cursor) {
  const RangeWindows& windows = cursor.windows;
  std::string text = std::to_string(cursor.asked) + '-';
  for (const std::int64_t number :
       {windows.window.count(), windows.step.count(), windows.apart.count(), windows.first,
        windows.count, to_ms(cursor.told), to_ms(std::max(cursor.whole, WallTime{})),
        cursor.time}) {
    text += std::to_string(number) + '-';
  }
  text += std::to_string(static_cast<int>(cursor.kind));
  text += cursor.by_kind ? "-1" : "-0";
  for (const std::string& value : cursor.key)
    text += '-' + hex_of(value);
  return text;
}

std::optional<RangeCursor> read_cursor(std::string_view text) {
  std::array<std::int64_t, 11> numbers{};
  for (std::int64_t& number : numbers) {
    const auto read = next_number(text);
    if (!read) return std::nullopt;
    number = *read;
  }
  const auto& [asked, window, step, apart, first, count, told, whole, time, kind, by_kind] =
      numbers;
  if (kind > static_cast<std::int64_t>(model::Kind::Set) || by_kind > 1) return std::nullopt;
  RangeCursor cursor{static_cast<std::uint64_t>(asked),
                     {Millis{window}, Millis{step}, Millis{apart}, first, count},
                     time,
                     {},
                     static_cast<model::Kind>(kind),
                     by_kind == 1,
                     wall_from_ms(told),
                     wall_from_ms(whole)};
  while (!text.empty()) {
    auto value = from_hex(next_word(text));
    if (!value) return std::nullopt;
    cursor.key.push_back(*std::move(value));
  }
  if (!is_sound(cursor)) return std::nullopt;
  return cursor;
}

}  // namespace ingest::timeline
