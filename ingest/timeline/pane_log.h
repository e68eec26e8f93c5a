#pragma once
// PaneLog: the closed panes of one series at one level, packed, in the order of time: written at
// the end, dropped at the front, in a chain of blocks.
//
//   front                                    mark             tail
//   [....][pane][pane] -> [pane][pane][pane][pane] -> [pane][pane]      a record is
//                                            |                          number - first, varint
//                  up to here taken into the next level                 length, varint
//                                                                       packed partial
//
// It must not know what a packed partial looks like. Owned by its series' PaneStore, on the hub's
// thread; its blocks are the BlockMemory's and go back to it by drop_below() or clear().

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ingest/timeline/block_memory.h"
#include "ingest/timeline/pane_run.h"

namespace ingest::timeline {

class PaneLog {
 public:
  struct Record {
    PaneNumber number = 0;
    std::span<const std::byte> packed;
  };
  static constexpr std::size_t kRecordMax = std::size_t{32} << 10;  // bytes of a packed partial

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  /// Number of the oldest record; not when empty.
  PaneNumber front() const { return read(front_, front_at_).number; }
  /// Of the newest one; not when empty. Looks at all of its block.
  PaneNumber newest() const;

  /// `number` is above all others.
  void append(PaneNumber number, std::span<const std::byte> packed, BlockMemory& memory);
  /// Asks for the memory that append() will touch.
  void prefetch() const {
    if (tail_ != nullptr) __builtin_prefetch(tail_, 1);
  }
  /// Asks for what take_marked() will read first, then for what it will read.
  void prefetch_mark() const {
    if (mark_ != nullptr) __builtin_prefetch(mark_);
  }
  void prefetch_marked() const {
    if (mark_ == nullptr) return;
    const std::size_t left = mark_->used - mark_at_;
    prefetch_bytes(mark_->bytes() + mark_at_, std::min(left, kMarkedBytes));
    if (left < kMarkedBytes && mark_->next != nullptr)
      prefetch_bytes(mark_->next->bytes(), kMarkedBytes - left);
  }
  void prefetch_end() const {
    if (tail_ == nullptr) return;
    constexpr std::size_t kCacheLine = 64;
    __builtin_prefetch(tail_->bytes() + tail_->used, 1);
    __builtin_prefetch(tail_->bytes() + tail_->used + kCacheLine, 1);
  }

  /// visit(Record) for those of [first, last).
  template <class Visit>
  void each(PaneNumber first, PaneNumber last, Visit visit) const {
    std::uint32_t at = front_at_;
    for (const Block* block = front_; block != nullptr; block = block->next, at = 0) {
      if (block->next != nullptr && block->next->first <= first) continue;
      if (block->first >= last) return;
      while (at < block->used) {
        const Record record = read(block, at);
        if (record.number >= last) return;
        if (record.number >= first) visit(record);
        at = after(block, record);
      }
    }
  }
  /// visit(Record) for those below `end` that were not taken yet; they are then.
  template <class Visit>
  void take_marked(PaneNumber end, Visit visit) {
    while (mark_ != nullptr) {
      if (mark_at_ == mark_->used) {
        if (mark_->next == nullptr) return;
        mark_ = mark_->next;
        mark_at_ = 0;
        continue;
      }
      const Record record = read(mark_, mark_at_);
      if (record.number >= end) return;
      mark_at_ = after(mark_, record);
      visit(record);
    }
  }
  /// visit(Record) for those below `end`; they are gone then. How many.
  template <class Visit>
  std::size_t drop_below(PaneNumber end, BlockMemory& memory, Visit visit) {
    const std::size_t before = count_;
    while (count_ > 0) {
      if (front_at_ == front_->used) {
        drop_front(memory);
        continue;
      }
      const Record record = read(front_, front_at_);
      if (record.number >= end) break;
      visit(record);
      front_at_ = after(front_, record);
      if (mark_ == front_) mark_at_ = std::max(mark_at_, front_at_);
      --count_;
    }
    if (count_ == 0) clear(memory);
    return before - count_;
  }
  void clear(BlockMemory& memory);

 private:
  static constexpr std::size_t kMarkedBytes = 1'024;  // of ten panes of a timer, as most are

  static void prefetch_bytes(const std::byte* first, std::size_t count) {
    constexpr std::size_t kCacheLine = 64;
    for (std::size_t at = 0; at < count; at += kCacheLine)
      __builtin_prefetch(first + at);
  }
  static std::uint32_t varint(const std::byte*& at);
  static Record read(const Block* block, std::uint32_t at) {
    const std::byte* next = block->bytes() + at;
    const PaneNumber number = block->first + varint(next);
    const std::uint32_t length = varint(next);
    return {number, {next, length}};
  }
  /// Where the record behind this one begins.
  static std::uint32_t after(const Block* block, const Record& record) {
    return static_cast<std::uint32_t>(record.packed.data() + record.packed.size() - block->bytes());
  }
  bool fits(PaneNumber number, std::size_t bytes) const;
  void add_block(PaneNumber number, std::size_t bytes, BlockMemory& memory);
  void drop_front(BlockMemory& memory);

  Block* front_ = nullptr;
  Block* tail_ = nullptr;
  Block* mark_ = nullptr;  // not before the front
  std::uint32_t front_at_ = 0;
  std::uint32_t mark_at_ = 0;
  std::uint32_t count_ = 0;
};

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
inline std::uint32_t PaneLog::varint(const std::byte*& at) {
  constexpr unsigned kBits = 7;
  constexpr std::uint32_t kMore = 1U << kBits;
  std::uint32_t value = 0;
  for (unsigned shift = 0;; shift += kBits) {
    const auto byte = static_cast<std::uint32_t>(*at++);
    value |= (byte & (kMore - 1)) << shift;
    if (byte < kMore) return value;
  }
}

}  // namespace ingest::timeline
