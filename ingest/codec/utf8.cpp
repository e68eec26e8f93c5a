#include "ingest/codec/utf8.h"

#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace ingest::codec {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

bool is_in(std::uint8_t byte, std::uint8_t least, std::uint8_t most) {
  return byte >= least && byte <= most;
}

/// The length of the sequence at `at`, 0 when it is malformed (RFC 3629 section 4).
std::size_t sequence_bytes(std::string_view text, std::size_t at) {
  const std::uint8_t lead = byte_at(text, at);
  if (is_in(lead, 0x01, 0x7f)) return 1;
  std::size_t bytes = 0;
  std::uint8_t second_least = 0x80;
  std::uint8_t second_most = 0xbf;
  if (is_in(lead, 0xc2, 0xdf)) {
    bytes = 2;
  } else if (is_in(lead, 0xe0, 0xef)) {
    bytes = 3;
    if (lead == 0xe0) second_least = 0xa0;  // overlong below
    if (lead == 0xed) second_most = 0x9f;   // surrogates above
  } else if (is_in(lead, 0xf0, 0xf4)) {
    bytes = 4;
    if (lead == 0xf0) second_least = 0x90;  // overlong below
    if (lead == 0xf4) second_most = 0x8f;   // U+10FFFF is the last
  }
  if (bytes == 0 || at + bytes > text.size()) return 0;
  if (!is_in(byte_at(text, at + 1), second_least, second_most)) return 0;
  for (std::size_t i = 2; i < bytes; ++i) {
    if (!is_in(byte_at(text, at + i), 0x80, 0xbf)) return 0;
  }
  return bytes;
}

}  // namespace

bool is_plain_ascii(std::string_view text) {
  std::size_t at = 0;
#if defined(__SSE2__)
  constexpr std::size_t kStep = 16;
  __m128i found = _mm_setzero_si128();
  for (; at + kStep <= text.size(); at += kStep) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what the intrinsic takes
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i nul = _mm_cmpeq_epi8(bytes, _mm_setzero_si128());
    found = _mm_or_si128(found, _mm_or_si128(bytes, nul));  // the high bit of a bad byte
  }
  if (_mm_movemask_epi8(found) != 0) return false;
#endif
  for (; at < text.size(); ++at) {
    if (!is_in(byte_at(text, at), 0x01, 0x7f)) return false;
  }
  return true;
}

bool is_utf8_without_nul(std::string_view text) {
  return good_utf8_bytes(text) == text.size();
}

std::size_t good_utf8_bytes(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t bytes = sequence_bytes(text, at);
    if (bytes == 0) break;
    at += bytes;
  }
  return at;
}

}  // namespace ingest::codec
