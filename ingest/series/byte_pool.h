#pragma once
// BytePool: blocks of bytes for records of any length, without a malloc for each. Pages of 16 KiB,
// each cut into blocks of one size; a page whose last block came back may be cut for another size,
// so memory that left one kind of record serves the next. It must not know what is in a block.
// Pure; owned by one worker's table, its thread only.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace ingest::series {

class BytePool {
 public:
  /// Where a block is, in units of 8 bytes: 32 GiB can be named.
  using Ref = std::uint32_t;
  static constexpr Ref kNone = ~Ref{0};
  static constexpr std::size_t kPageBytes = std::size_t{16} * 1024;
  static constexpr std::size_t kBlockBytesMax = kPageBytes;

  /// A block of at least `bytes`, 1 to kBlockBytesMax, aligned to 8; what it holds is not defined.
  Ref take(std::size_t bytes);
  /// The block is no longer used.
  void give(Ref block);

  char* at(Ref block) { return pages_[block / kPageUnits].memory.get() + offset(block); }
  const char* at(Ref block) const {
    return pages_[block / kPageUnits].memory.get() + offset(block);
  }

  std::size_t held_bytes() const { return pages_.size() * (kPageBytes + sizeof(Page)); }
  /// Pages that no block lives in.
  std::size_t pages_empty() const { return pages_empty_; }

 private:
  static constexpr std::size_t kUnit = 8;
  static constexpr std::size_t kPageUnits = kPageBytes / kUnit;
  // Sizes in units: each to 32, every fourth to 128, then as many as fit 15, 14, ... times.
  static constexpr std::size_t kFine = 32;
  static constexpr std::size_t kCoarseStep = 4;
  static constexpr std::size_t kCoarse = 128;
  static constexpr std::size_t kLargeCount = kPageUnits / kCoarse - 1;
  static constexpr std::size_t kSizes = kFine + (kCoarse - kFine) / kCoarseStep + kLargeCount;

  struct Page {
    std::unique_ptr<char[]> memory;  // NOLINT(modernize-avoid-c-arrays): not zeroed
    std::uint32_t before = kNone;    // neighbours among the pages of its size with room
    std::uint32_t next = kNone;
    std::uint16_t free = 0;   // 1 + the unit of the block that came back last, 0 is none
    std::uint16_t fresh = 0;  // units never cut yet begin here
    std::uint16_t used = 0;   // blocks
    std::uint8_t size = 0;    // which of kSizes
  };

  static std::size_t offset(Ref block) { return block % kPageUnits * kUnit; }
  static std::uint8_t size_for(std::size_t units);
  static std::size_t units_of(std::size_t size);
  bool has_room(const Page& page) const;
  std::uint32_t page_for(std::uint8_t size);
  void link(std::uint32_t number);
  void unlink(std::uint32_t number);
  /// A free block's first bytes say which one is next.
  char* link_at(std::uint32_t number, std::size_t unit) {
    return pages_[number].memory.get() + unit * kUnit;
  }

  std::vector<Page> pages_;
  std::array<std::uint32_t, kSizes> with_room_ = filled_with_none();  // first page of each size
  std::uint32_t empty_ = kNone;  // first of the pages without a block
  std::size_t pages_empty_ = 0;

  static constexpr std::array<std::uint32_t, kSizes> filled_with_none() {
    std::array<std::uint32_t, kSizes> all{};
    all.fill(kNone);
    return all;
  }
};

}  // namespace ingest::series
