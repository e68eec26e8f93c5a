#pragma once
// PaneMemory: what panes are made of, in chunks that go from one pane to the next. A pane grows
// without moving what it has, and what left it serves the one that fills now. Pure; owned by one
// worker's OpenPanes, its thread only.

#include <algorithm>
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

/// A chunk of which many are needed and given back. Kept for the next pane, as many as were in use
/// lately: what a burst needed goes back to the system bit by bit.
template <class Chunk>
class ChunkPool {
 public:
  static constexpr std::size_t kReleaseMax = 32;  // in one settle()

  std::unique_ptr<Chunk> take() {
    most_ = std::max(most_, ++used_);
    if (free_.empty()) return std::make_unique<Chunk>();
    std::unique_ptr<Chunk> chunk = std::move(free_.back());
    free_.pop_back();
    return chunk;
  }
  void give(std::unique_ptr<Chunk> chunk) {
    --used_;
    free_.push_back(std::move(chunk));
  }
  /// Once for each pane that ends. The most that were in use since the last call stay, or an eighth
  /// less than stayed then.
  void settle() {
    wanted_ = std::max(most_, wanted_ - (wanted_ + kForget - 1) / kForget);
    most_ = used_;
    const std::size_t spare = used_ + free_.size() > wanted_ ? used_ + free_.size() - wanted_ : 0;
    for (std::size_t left = std::min({spare, free_.size(), kReleaseMax}); left > 0; --left)
      free_.pop_back();
  }
  /// Free ones.
  std::size_t size() const { return free_.size(); }

 private:
  static constexpr std::size_t kForget = 8;

  std::size_t used_ = 0;
  std::size_t most_ = 0;    // of used_, since the last settle()
  std::size_t wanted_ = 0;  // used or free
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
