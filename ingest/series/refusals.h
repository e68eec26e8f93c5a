#pragma once
// Refusals: which spellings ran into a cap lately, and where their samples went, so that the next
// sample of one goes there without being taken apart: what floods past a cap costs no allocation.
// Told apart by their seeded 64-bit hashes alone. In fixed memory, taken when first needed: a newer
// one takes the place of an older. Pure. Owned by one SeriesTable, its thread only.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/series/byte_pool.h"
#include "ingest/series/offenders.h"

namespace ingest::series {

class Refusals {
 public:
  static constexpr std::size_t kPlaces = std::size_t{1} << 16;
  /// Then one is taken apart once more, so that whoever watches its tags hears of them.
  static constexpr Millis kTtl{60'000};

  struct Refusal {
    std::uint64_t hash = 0;  // of the spelling
    BytePool::Ref into = BytePool::kNone;
    Cap cap = Cap::Series;
    std::uint8_t duplicates = 0;  // of its tags
  };

  /// Null when it is not known. Until the next call of any other function.
  const Refusal* find(std::uint64_t hash, WallTime now) const {
    if (places_.empty()) return nullptr;
    const Place& place = places_[hash % kPlaces];
    const bool good = place.refusal.hash == hash && place.caps == caps_ && now < place.ends;
    return good ? &place.refusal : nullptr;
  }
  void remember(const Refusal& refusal, WallTime now) {
    if (places_.empty()) places_.resize(kPlaces);
    places_[refusal.hash % kPlaces] = {.refusal = refusal, .caps = caps_, .ends = now + kTtl};
  }
  /// Something made room: another may be taken now.
  void forget() { ++caps_; }

  std::size_t held_bytes() const { return places_.capacity() * sizeof(Place); }

 private:
  struct Place {
    Refusal refusal;
    std::uint64_t caps = 0;
    WallTime ends;
  };
  std::vector<Place> places_;
  std::uint64_t caps_ = 1;  // as they stand; a place that holds nothing has 0
};

}  // namespace ingest::series
