#pragma once
// Words and numbers of the texts of /proc and /sys. Pure: a text that does not say it gives
// nothing, never a guess.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

namespace ingest::host {

/// A counter that this kernel does not have.
constexpr std::uint64_t kUnsaid = ~std::uint64_t{0};

/// Takes the first line off `text`, without its end.
inline std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// Takes the next run of bytes that are no blanks off `line`; empty at the end.
inline std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

inline void skip_words(std::string_view& line, int words) {
  for (int i = 0; i < words; ++i)
    next_word(line);
}

/// The whole word is one number.
template <class Number>
std::optional<Number> number_of(std::string_view word) {
  Number number{};
  const char* end = word.data() + word.size();
  const auto [stop, fault] = std::from_chars(word.data(), end, number);
  if (fault != std::errc{} || stop != end) return std::nullopt;
  return number;
}

inline std::optional<std::uint64_t> next_count(std::string_view& line) {
  return number_of<std::uint64_t>(next_word(line));
}

/// The next numbers of a line into `counts`; false where one is missing.
inline bool next_counts(std::string_view& line, std::span<std::uint64_t> counts) {
  for (std::uint64_t& count : counts) {
    const auto number = next_count(line);
    if (!number) return false;
    count = *number;
  }
  return true;
}

/// Whether a name can stand in a tag as it is.
inline bool is_plain(std::string_view name) {
  constexpr std::size_t kLongest = 256;
  return !name.empty() && name.size() <= kLongest &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return c > ' ' && c < '\x7f' && c != ','; });
}

/// Where `word` stands among a few.
inline std::optional<std::size_t> index_of(std::span<const std::string_view> few,
                                           std::string_view word) {
  for (std::size_t i = 0; i < few.size(); ++i) {
    if (few[i] == word) return i;
  }
  return std::nullopt;
}

/// Lines of a key and a number ("pgfault 123", "MemFree: 5 kB"): the number of keys[i] into
/// values[i], kUnsaid where there is none.
inline void read_keyed(std::string_view text, std::span<const std::string_view> keys,
                       std::span<std::uint64_t> values) {
  std::fill(values.begin(), values.end(), kUnsaid);
  while (!text.empty()) {
    std::string_view line = next_line(text);
    const auto key = index_of(keys, next_word(line));
    if (key) values[*key] = next_count(line).value_or(kUnsaid);
  }
}

}  // namespace ingest::host
