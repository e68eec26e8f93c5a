#pragma once
// Looking for separators 16 bytes at a time (SSE2, which every x86-64 has; a plain loop elsewhere).
// What codecs share to take a line apart in one pass.

#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>

#include <bit>
#endif

namespace ingest::codec {

/// A place in a line. Bytes from `end` to `readable` belong to what follows the line: they may be
/// loaded, never looked at.
struct Cursor {
  const char* at = nullptr;
  const char* end = nullptr;
  const char* readable = nullptr;

  bool done() const { return at == end; }
  bool is(char c) const { return at != end && *at == c; }
  std::size_t left() const { return static_cast<std::size_t>(end - at); }
  /// From here up to `until`; goes there.
  std::string_view take_to(const char* until) {
    const std::string_view text{at, static_cast<std::size_t>(until - at)};
    at = until;
    return text;
  }
  /// What is left.
  std::string_view rest() const { return {at, left()}; }
};

/// `line` is a part of `block`.
inline Cursor cursor_of(std::string_view line, std::string_view block) {
  return {line.data(), line.data() + line.size(), block.data() + block.size()};
}

/// The plain version, which the other one is tested against.
template <char... Wanted>
const char* find_any_plain(const Cursor& from) {
  const char* at = from.at;
  while (at != from.end && ((*at != Wanted) && ...))
    ++at;
  return at;
}

/// The first of the bytes `Wanted` in what is left of a line, else its end.
template <char... Wanted>
const char* find_any(const Cursor& from) {
#if defined(__SSE2__)
  constexpr std::ptrdiff_t kStep = 16;
  const char* at = from.at;
  for (; from.readable - at >= kStep; at += kStep) {
    if (at >= from.end) return from.end;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what the intrinsic takes
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i hits = _mm_setzero_si128();
    ((hits = _mm_or_si128(hits, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(Wanted)))), ...);
    const int found = _mm_movemask_epi8(hits);
    if (found == 0) continue;
    const char* const first = at + std::countr_zero(static_cast<unsigned>(found));
    return first < from.end ? first : from.end;
  }
  return find_any_plain<Wanted...>({at < from.end ? at : from.end, from.end, from.readable});
#else
  return find_any_plain<Wanted...>(from);
#endif
}

/// The first quote, backslash or control character of a JSON string, else the line's end.
inline const char* find_string_end_plain(const Cursor& from) {
  const char* at = from.at;
  while (at != from.end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= ' ')
    ++at;
  return at;
}

inline const char* find_string_end(const Cursor& from) {
#if defined(__SSE2__)
  constexpr std::ptrdiff_t kStep = 16;
  const char* at = from.at;
  for (; from.readable - at >= kStep; at += kStep) {
    if (at >= from.end) return from.end;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what the intrinsic takes
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(' ' - 1)), bytes);
    const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const int found = _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash)));
    if (found == 0) continue;
    const char* const first = at + std::countr_zero(static_cast<unsigned>(found));
    return first < from.end ? first : from.end;
  }
  return find_string_end_plain({at < from.end ? at : from.end, from.end, from.readable});
#else
  return find_string_end_plain(from);
#endif
}

}  // namespace ingest::codec
