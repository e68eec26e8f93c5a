#pragma once
// sequence_of: which frame of its channel a hot message is, for the readers of `weir bench`, who
// need nothing else of it. Pure.

#include <charconv>
#include <cstdint>
#include <string_view>

namespace gateway::cli {

/// The number behind `"s":` in a message, or in its beginning; 0 where there is none.
inline std::uint64_t sequence_of(std::string_view message) {
  constexpr std::string_view kName = R"("s":)";
  const std::size_t at = message.find(kName);
  std::uint64_t s = 0;
  if (at != std::string_view::npos)
    std::from_chars(message.data() + at + kName.size(), message.data() + message.size(), s);
  return s;
}

}  // namespace gateway::cli
