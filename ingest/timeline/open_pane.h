#pragma once
// OpenPane: the partials of every series in one pane that still takes some, side by side, so that
// merging walks memory and not pointers. Its chunks go from one pane to the next, with the partials
// that were taken: they leave in place of those that come. It must not know when a pane closes.
// Owned by the PaneStore, on the hub's thread.
//
//   places  by series: 1 + its entry, 0 is none       entries  in the order of their coming
//   [2][0][1]...                                      [series 2, partial][series 0, partial]...

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "ingest/timeline/pane_run.h"

namespace ingest::timeline {

class OpenPane {
 public:
  struct Entry {
    SeriesIndex series = 0;
    model::Partial partial;
  };
  /// What panes are made of, and wait here between two of them.
  class Memory;

  OpenPane(PaneNumber number, Memory& memory) : memory_(memory), number_(number) {}
  OpenPane(const OpenPane&) = delete;
  OpenPane& operator=(const OpenPane&) = delete;
  ~OpenPane() { clear(); }

  PaneNumber number() const { return number_; }
  /// Entries that wait to be taken.
  std::size_t size() const { return end_ - taken_; }

  /// Ask for the memory that merge() will touch: where the entry is named, the entry, what it
  /// holds.
  void prefetch_place(SeriesIndex series) const {
    if (const std::uint32_t* const place = find_place(series)) __builtin_prefetch(place);
  }
  void prefetch_entry(SeriesIndex series) const {
    if (const model::Partial* const held = find(series)) __builtin_prefetch(held, 1);
  }
  void prefetch_partial(SeriesIndex series) const {
    if (const model::Partial* const held = find(series)) held->prefetch_all();
  }
  /// Whether the series had nothing in this pane before. What is left in `partial` says nothing any
  /// more: an older one stands there, so that its memory goes back to who brought this.
  bool merge(SeriesIndex series, model::Partial&& partial);
  /// nullptr when it has nothing here.
  const model::Partial* find(SeriesIndex series) const {
    const std::uint32_t* const place = find_place(series);
    return place == nullptr || *place == 0 ? nullptr : &entry(*place - std::size_t{1}).partial;
  }
  /// The entry that take_front() will take after `ahead` others; nullptr past the end.
  const Entry* ahead(std::size_t ahead) const {
    return taken_ + ahead < end_ ? &entry(taken_ + ahead) : nullptr;
  }
  /// The oldest entry leaves; there is one. Its place until the next call; its partial stays there
  /// until another comes.
  Entry& take_front();

 private:
  static constexpr std::size_t kEntries = 256;
  static constexpr std::size_t kPlaces = 1'024;
  using Entries = std::array<Entry, kEntries>;
  using Places = std::array<std::uint32_t, kPlaces>;  // all 0 between two panes

  Entry& entry(std::size_t at) { return (*entries_[at / kEntries])[at % kEntries]; }
  const Entry& entry(std::size_t at) const { return (*entries_[at / kEntries])[at % kEntries]; }
  const std::uint32_t* find_place(SeriesIndex series) const {
    const std::size_t chunk = series / kPlaces;
    if (chunk >= places_.size() || places_[chunk] == nullptr) return nullptr;
    return &(*places_[chunk])[series % kPlaces];
  }
  std::uint32_t& place(SeriesIndex series);
  void clear();

  Memory& memory_;
  PaneNumber number_;
  std::vector<std::unique_ptr<Places>> places_;
  std::vector<std::unique_ptr<Entries>> entries_;  // null once all of a chunk is taken
  std::size_t taken_ = 0;
  std::size_t end_ = 0;
};

class OpenPane::Memory {
 public:
  /// Chunks that may wait besides as many as are in use: after a flood memory goes back.
  static constexpr std::size_t kSpare = 16;
  std::size_t held_bytes() const {
    return entries_.made * sizeof(Entries) + places_.made * sizeof(Places);
  }
  /// Entries, used or not.
  std::size_t entries() const { return entries_.made * kEntries; }

 private:
  friend class OpenPane;
  template <class Chunk>
  struct Chunks {
    std::unique_ptr<Chunk> take() {
      if (free.empty()) {
        ++made;
        return std::make_unique<Chunk>();
      }
      std::unique_ptr<Chunk> chunk = std::move(free.back());
      free.pop_back();
      return chunk;
    }
    void give(std::unique_ptr<Chunk> chunk) {
      free.push_back(std::move(chunk));
      const std::size_t in_use = made - free.size();
      for (; free.size() > in_use + kSpare; --made)
        free.pop_back();
    }
    std::vector<std::unique_ptr<Chunk>> free;
    std::size_t made = 0;
  };
  Chunks<Entries> entries_;
  Chunks<Places> places_;
};

}  // namespace ingest::timeline
