#pragma once
// A reader's own text inside a message. Pure.

#include <string>
#include <string_view>

namespace ingest::query {

/// In quotes, cut at a character's edge.
inline std::string echoed(std::string_view text) {
  constexpr std::size_t kBytesMax = 40;
  if (text.size() <= kBytesMax) return '"' + std::string{text} + '"';
  std::size_t end = kBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
    --end;
  return '"' + std::string{text.substr(0, end)} + "...\"";
}

}  // namespace ingest::query
