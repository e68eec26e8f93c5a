#pragma once
// What readers of `weir bench` want to know of a hot message, from its beginning, and nothing else
// of it. Pure.

#include <charconv>
#include <cstdint>
#include <string_view>

namespace gateway::cli {

/// The number behind `name` in a message, or in its beginning; 0 where there is none.
inline std::uint64_t number_behind(std::string_view message, std::string_view name) {
  const std::size_t at = message.find(name);
  std::uint64_t number = 0;
  if (at != std::string_view::npos)
    std::from_chars(message.data() + at + name.size(), message.data() + message.size(), number);
  return number;
}

/// Which frame of its channel it is.
inline std::uint64_t sequence_of(std::string_view message) {
  return number_behind(message, R"("s":)");
}

/// Where its window ends, in ms since 1970.
inline std::uint64_t window_end_of(std::string_view message) {
  const std::size_t at = message.find(R"("w":[)");
  return at == std::string_view::npos ? 0 : number_behind(message.substr(at), ",");
}

}  // namespace gateway::cli
