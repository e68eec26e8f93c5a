#include "ingest/timeline/block_memory.h"

#include <algorithm>
#include <bit>

#include "ingest/base/check.h"

namespace ingest::timeline {

// NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): pages are cut by hand

/// Stands at the start of its own memory, which is aligned to its length.
struct BlockMemory::Page {
  std::size_t size = 0;    // kBlockMin << size is a block's
  std::size_t in_use = 0;  // blocks
  std::size_t cut = 0;     // blocks that were ever given out since it has this size
  Block* free = nullptr;   // that came back
  Page* before = nullptr;  // among the open ones of its size
  Page* after = nullptr;
  std::size_t at = 0;  // in all_

  std::size_t block_bytes() const { return kBlockMin << size; }
  std::size_t blocks() const { return (kPageBytes - sizeof(Page)) / block_bytes(); }
  bool full() const { return free == nullptr && cut == blocks(); }
  Block* take() {
    ++in_use;
    void* place = free;
    if (free != nullptr) {
      free = free->next;
    } else {
      place = reinterpret_cast<std::byte*>(this + 1) + cut++ * block_bytes();
    }
    return new (place) Block{.room = static_cast<std::uint32_t>(block_bytes() - sizeof(Block))};
  }
  void give(Block* block) {
    --in_use;
    block->next = free;
    free = block;
  }
};

namespace {
constexpr std::align_val_t kPageAlign{BlockMemory::kPageBytes};
}

BlockMemory::~BlockMemory() {
  for (Page* page : all_)
    ::operator delete(page, kPageAlign);
}

std::size_t BlockMemory::size_of(std::size_t bytes) {
  CHECK(bytes <= kBlockMax);
  return static_cast<std::size_t>(std::bit_width((std::max(bytes, kBlockMin) - 1) / kBlockMin));
}

BlockMemory::Page* BlockMemory::page_of(Block* block) {
  constexpr std::uintptr_t kMask = ~(static_cast<std::uintptr_t>(kPageBytes) - 1);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the page that the block was cut from
  return reinterpret_cast<Page*>(reinterpret_cast<std::uintptr_t>(block) & kMask);
}

// NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)

Block* BlockMemory::take(std::size_t bytes) {
  const std::size_t size = size_of(bytes);
  Page* const page = open_[size] != nullptr ? open_[size] : open_page(size);
  Block* const taken = page->take();
  if (page->full()) unlink(page);
  used_bytes_ += page->block_bytes();
  return taken;
}

void BlockMemory::give(Block* block) {
  Page* const page = page_of(block);
  if (page->full()) link(page);
  page->give(block);
  used_bytes_ -= page->block_bytes();
  if (page->in_use == 0) retire(page);
}

BlockMemory::Page* BlockMemory::open_page(std::size_t size) {
  Page* page = nullptr;
  if (spare_.empty()) {
    page = new (::operator new(kPageBytes, kPageAlign)) Page;
    page->at = all_.size();
    all_.push_back(page);
  } else {
    page = spare_.back();
    spare_.pop_back();
    *page = Page{.at = page->at};
  }
  page->size = size;
  link(page);
  return page;
}

void BlockMemory::link(Page* page) {
  page->before = nullptr;
  page->after = open_[page->size];
  if (page->after != nullptr) page->after->before = page;
  open_[page->size] = page;
}

void BlockMemory::unlink(Page* page) {
  (page->before != nullptr ? page->before->after : open_[page->size]) = page->after;
  if (page->after != nullptr) page->after->before = page->before;
}

// Nothing of it is in use.
void BlockMemory::retire(Page* page) {
  unlink(page);
  if (spare_.size() < kPagesSpare) {
    spare_.push_back(page);
    return;
  }
  all_[page->at] = all_.back();
  all_[page->at]->at = page->at;
  all_.pop_back();
  ::operator delete(page, kPageAlign);
}

}  // namespace ingest::timeline
