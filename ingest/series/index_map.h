#pragma once
// IndexMap: hash -> index, for records that live elsewhere and know their own keys. Extendible
// hashing: a directory of small segments, each an open-addressed table of 8-byte slots (fingerprint
// and index), at most half full. A full segment splits in two, so no insertion moves more than one
// segment's slots and a lookup never asks two tables. It must not know what the indexes mean.
// Pure; owned by one worker's table, its thread only.
//
//   fingerprint = high half of the hash:  |<- segment: `depth` bits ->| ... |<- home: 8 bits ->|
//
// Deletion moves the slots behind it back towards their homes: there are no tombstones.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace ingest::series {

class IndexMap {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = ~Index{0};
  static constexpr std::size_t kSegmentSlots = 256;
  static constexpr std::size_t kSegmentFull = kSegmentSlots / 2;
  /// Segments of this depth no longer split; they fill up, and then refuse. Only fingerprints that
  /// were chosen to collide get there.
  static constexpr unsigned kDepthMax = 20;
  /// Of each segment: for the few indexes that must find a place.
  static constexpr std::size_t kSlotsKept = 8;
  enum class Need : std::uint8_t {
    May,
    Must,  // of at most kSlotsKept indexes
  };

  IndexMap();

  std::size_t size() const { return size_; }
  /// Memory held, for those who account for it.
  std::size_t held_bytes() const;
  /// Slots that the last insertion moved.
  std::size_t moved() const { return moved_; }

  /// Asks for the memory that find() with this hash will touch first.
  void prefetch(std::uint64_t hash) const {
    const std::uint32_t print = print_of(hash);
    __builtin_prefetch(&segment(print).slots[home(print)]);
  }
  /// The first index with the hash's fingerprint of which same(index) is true; kNone when there is
  /// none.
  template <class Same>
  Index find(std::uint64_t hash, const Same& same) const {
    const std::uint32_t print = print_of(hash);
    const Segment& here = segment(print);
    for (std::size_t at = home(print); here.slots[at].index != kNone; at = after(at)) {
      const Slot& slot = here.slots[at];
      if (slot.print == print && same(slot.index)) return slot.index;
    }
    return kNone;
  }
  /// `index` does not stand under this hash. False, and nothing done, when its segment can take no
  /// more; never of one that must.
  [[nodiscard]] bool insert(std::uint64_t hash, Index index, Need need = Need::May);
  /// Whether it was there.
  bool erase(std::uint64_t hash, Index index);

 private:
  struct Slot {
    std::uint32_t print = 0;
    Index index = kNone;
  };
  static constexpr std::size_t kCacheLine = 64;
  struct alignas(kCacheLine) Segment {
    std::array<Slot, kSegmentSlots> slots{};
    std::uint32_t used = 0;
    std::uint32_t depth = 1;
  };
  static constexpr unsigned kPrintBits = 32;

  static std::uint32_t print_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> kPrintBits);
  }
  static std::size_t home(std::uint32_t print) { return print % kSegmentSlots; }
  static std::size_t after(std::size_t at) { return (at + 1) % kSegmentSlots; }
  std::size_t place(std::uint32_t print) const { return print >> (kPrintBits - depth_); }
  const Segment& segment(std::uint32_t print) const { return *directory_[place(print)]; }
  static void put(Segment& segment, Slot slot);
  void split(std::uint32_t print);

  unsigned depth_ = 1;               // of the directory; never 0
  std::vector<Segment*> directory_;  // 2^depth_
  std::vector<std::unique_ptr<Segment>> segments_;
  std::size_t size_ = 0;
  std::size_t moved_ = 0;
};

}  // namespace ingest::series
