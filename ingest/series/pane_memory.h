#pragma once
// PaneMemory: what panes are made of, in chunks that go from one pane to the next. A pane grows
// without moving what it has, and what left it serves the one that fills now. Pure; owned by one
// worker's OpenPanes, its thread only.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "ingest/model/handover.h"
#include "ingest/model/partial.h"

namespace ingest::series {

/// The totals of one series in one pane.
struct PaneEntry {
  static constexpr unsigned kGenerationBits = 30;
  std::uint32_t index = 0;
  std::uint32_t generation : kGenerationBits = 0;
  std::uint32_t fresh : 1 = 1;   // nothing folded since it was made or taken
  std::uint32_t listed : 1 = 0;  // its pane's list of changes names it
  model::Partial partial;

  model::LocalSeries series() const { return {index, generation}; }
};

/// A chunk of which many are needed and given back: kept, up to as many as ever were in use.
template <class Chunk>
class ChunkPool {
 public:
  std::unique_ptr<Chunk> take() {
    if (free_.empty()) return std::make_unique<Chunk>();
    std::unique_ptr<Chunk> chunk = std::move(free_.back());
    free_.pop_back();
    return chunk;
  }
  void give(std::unique_ptr<Chunk> chunk) { free_.push_back(std::move(chunk)); }
  std::size_t size() const { return free_.size(); }

 private:
  std::vector<std::unique_ptr<Chunk>> free_;
};

struct PaneMemory {
  static constexpr std::size_t kEntries = 256;
  static constexpr std::size_t kPlaces = 1024;
  /// Entries as their last pane left them: taken, and without totals.
  using Entries = std::array<PaneEntry, kEntries>;
  /// By series: 1 + its entry, 0 is none. All 0 in the pool.
  using Places = std::array<std::uint32_t, kPlaces>;
  ChunkPool<Entries> entries;
  ChunkPool<Places> places;
};

}  // namespace ingest::series
