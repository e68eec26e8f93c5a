#pragma once
// TextStart: as much of a text as may be kept.

#include <cstddef>
#include <string_view>

namespace ingest::model {

/// The longest start of valid UTF-8 that ends between two characters (RFC 3629: bytes 10xxxxxx go
/// on with one).
inline std::string_view start_of(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  constexpr unsigned kMask = 0xC0;
  constexpr unsigned kGoesOn = 0x80;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & kMask) == kGoesOn)
    --end;
  return text.substr(0, end);
}

}  // namespace ingest::model
