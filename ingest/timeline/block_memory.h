#pragma once
// BlockMemory: the blocks that closed panes are written into. Blocks of one size are cut from
// pages; a page all of whose blocks came back serves any size, or goes back to the system. So
// memory follows what is kept, whatever comes and goes. It must not know what blocks hold. Owned by
// the timeline, on the hub's thread; blocks die with it.
//
//   page, 256 KiB:  [head][block][block][block] ...      block:  [next, first, room, used][bytes]

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

namespace ingest::timeline {

/// Bytes of one run of panes, and what comes after.
struct Block {
  Block* next = nullptr;
  std::int64_t first = 0;  // number of its first pane
  std::uint32_t room = 0;  // bytes
  std::uint32_t used = 0;  // of those

  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): its bytes stand behind it
  std::byte* bytes() { return reinterpret_cast<std::byte*>(this + 1); }
  const std::byte* bytes() const { return reinterpret_cast<const std::byte*>(this + 1); }
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
};

class BlockMemory {
 public:
  static constexpr std::size_t kBlockMin = 128;  // with its head, as all sizes here
  static constexpr std::size_t kSizes = 10;
  static constexpr std::size_t kBlockMax = kBlockMin << (kSizes - 1);  // 64 KiB
  static constexpr std::size_t kPageBytes = std::size_t{256} << 10;
  static constexpr std::size_t kPagesSpare = 16;  // empty pages that wait for the next use

  BlockMemory() = default;
  BlockMemory(const BlockMemory&) = delete;
  BlockMemory& operator=(const BlockMemory&) = delete;
  ~BlockMemory();

  /// An empty block of at least `bytes` (at most kBlockMax), head included: the next power of 2.
  Block* take(std::size_t bytes);
  void give(Block* block);

  /// Of blocks in use, heads included.
  std::size_t used_bytes() const { return used_bytes_; }
  /// Of pages.
  std::size_t held_bytes() const { return all_.size() * kPageBytes; }

 private:
  struct Page;
  static std::size_t size_of(std::size_t bytes);
  static Page* page_of(Block* block);
  Page* open_page(std::size_t size);
  void link(Page* page);
  void unlink(Page* page);
  void retire(Page* page);

  std::array<Page*, kSizes> open_{};  // of each size: the first of those with a free block
  std::vector<Page*> spare_;
  std::vector<Page*> all_;
  std::size_t used_bytes_ = 0;
};

}  // namespace ingest::timeline
