#include "ingest/series/byte_pool.h"

#include <cstring>

#include "ingest/base/check.h"

namespace ingest::series {

std::uint8_t BytePool::size_for(std::size_t units) {
  if (units <= kFine) return static_cast<std::uint8_t>(units - 1);
  if (units <= kCoarse) {
    return static_cast<std::uint8_t>(kFine + (units - kFine - 1) / kCoarseStep);
  }
  const std::size_t times = kPageUnits / units;  // it fits into a page
  return static_cast<std::uint8_t>(kSizes - times);
}

std::size_t BytePool::units_of(std::size_t size) {
  constexpr std::size_t kLargeFirst = kSizes - kLargeCount;
  if (size < kFine) return size + 1;
  if (size < kLargeFirst) return kFine + (size - kFine + 1) * kCoarseStep;
  return kPageUnits / (kSizes - size);
}

bool BytePool::has_room(const Page& page) const {
  return page.free != 0 || page.fresh + units_of(page.size) <= kPageUnits;
}

BytePool::Ref BytePool::take(std::size_t bytes) {
  CHECK(bytes > 0 && bytes <= kBlockBytesMax);
  const std::uint8_t size = size_for((bytes + kUnit - 1) / kUnit);
  const std::uint32_t number = with_room_[size] != kNone ? with_room_[size] : page_for(size);
  Page& page = pages_[number];
  std::size_t unit = page.fresh;
  if (page.free != 0) {
    unit = page.free - std::size_t{1};
    std::memcpy(&page.free, link_at(number, unit), sizeof page.free);
  } else {
    page.fresh = static_cast<std::uint16_t>(unit + units_of(size));
  }
  ++page.used;
  if (!has_room(page)) unlink(number);
  return static_cast<Ref>(number * kPageUnits + unit);
}

void BytePool::give(Ref block) {
  const auto number = static_cast<std::uint32_t>(block / kPageUnits);
  Page& page = pages_[number];
  CHECK(page.used > 0);
  if (!has_room(page)) link(number);
  std::memcpy(link_at(number, block % kPageUnits), &page.free, sizeof page.free);
  page.free = static_cast<std::uint16_t>(block % kPageUnits + 1);
  if (--page.used > 0) return;
  unlink(number);
  page.free = 0;
  page.fresh = 0;
  page.next = empty_;
  empty_ = number;
  ++pages_empty_;
}

// A page with room for blocks of this size: an empty one, or a new one.
std::uint32_t BytePool::page_for(std::uint8_t size) {
  std::uint32_t number = empty_;
  if (number != kNone) {
    empty_ = pages_[number].next;
    --pages_empty_;
  } else {
    number = static_cast<std::uint32_t>(pages_.size());
    CHECK(number < kNone / kPageUnits);
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): not zeroed
    pages_.emplace_back().memory = std::make_unique_for_overwrite<char[]>(kPageBytes);
  }
  pages_[number].size = size;
  link(number);
  return number;
}

void BytePool::link(std::uint32_t number) {
  Page& page = pages_[number];
  page.before = kNone;
  page.next = with_room_[page.size];
  if (page.next != kNone) pages_[page.next].before = number;
  with_room_[page.size] = number;
}

void BytePool::unlink(std::uint32_t number) {
  Page& page = pages_[number];
  (page.before != kNone ? pages_[page.before].next : with_room_[page.size]) = page.next;
  if (page.next != kNone) pages_[page.next].before = page.before;
}

}  // namespace ingest::series
