#pragma once
// SeparatorWalk: one separator of a line after the other. A block's separators are found together,
// so that short tokens cost one look for many of them, where find_any() looks anew for each.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "ingest/codec/scan.h"

namespace ingest::codec {

template <char... Wanted>
class SeparatorWalk {
 public:
  /// Begins at `from.at`. The line must live as long.
  explicit SeparatorWalk(const Cursor& from)
      : block_(from.at), end_(from.end), readable_(from.readable), hits_(look()) {}

  /// The next of the bytes `Wanted`, each once, then the line's end.
  const char* next() {
    while (hits_ == 0) {
      if (end_ - block_ <= kBlock) return end_;
      block_ += kBlock;
      hits_ = look();
    }
    const char* const found = block_ + std::countr_zero(hits_);
    hits_ &= hits_ - 1;
    return found < end_ ? found : end_;
  }

 private:
  static constexpr std::ptrdiff_t kBlock = 32;

  std::uint32_t look() const {
#if defined(__SSE2__)
    if (readable_ - block_ >= kBlock)
      return half(block_) | half(block_ + kBlock / 2) << static_cast<unsigned>(kBlock / 2);
#endif
    std::uint32_t hits = 0;
    std::uint32_t bit = 1;
    for (const char* at = block_; at < end_ && bit != 0; ++at, bit <<= 1U)
      hits |= ((*at == Wanted) || ...) ? bit : 0;
    return hits;
  }

#if defined(__SSE2__)
  static std::uint32_t half(const char* at) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what the intrinsic takes
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i hits = _mm_setzero_si128();
    ((hits = _mm_or_si128(hits, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(Wanted)))), ...);
    return static_cast<std::uint32_t>(_mm_movemask_epi8(hits));
  }
#endif

  const char* block_;
  const char* end_;
  const char* readable_;
  std::uint32_t hits_;  // of the block, those that were not given yet
};

}  // namespace ingest::codec
