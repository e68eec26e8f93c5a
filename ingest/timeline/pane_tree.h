#pragma once
// PaneTree: an aligned tree of merged panes, four children a node, so that a change costs O(log n)
// merges and any window is read from O(log n) nodes. Node i of level k holds the panes
// [i * 4^k, (i+1) * 4^k):
//
//   level 2   [0..16)                                        ...
//   level 1   [0..4)      [4..8)      [8..12)     [12..16)   ...
//   level 0   0  1  2  3  4  5  6  7  8  9  ...
//
// Four children take a third less memory than two, and half the merges for a change, for half as
// many reads again. Nodes exist only where something happened. Levels are as many as the window can
// use. What is a pane here may be a whole slide of panes: no window begins or ends within one.
// A value; owned by one row (or one gauge of a row) of a stream, on the hub's thread.

#include <bit>
#include <limits>
#include <utility>
#include <vector>

#include "ingest/timeline/pane_run.h"

namespace ingest::timeline {

class PaneTree {
 public:
  /// For windows of `panes_max` panes at most, at least one.
  explicit PaneTree(std::uint64_t panes_max)
      : levels_((static_cast<std::size_t>(std::bit_width(panes_max)) + kBits - 1) / kBits) {}

  bool empty() const { return levels_.front().empty(); }
  const PaneRun& panes() const { return levels_.front(); }

  /// Whether anything happened in [first, last).
  bool any(PaneNumber first, PaneNumber last) const {
    return first < last && panes().last_below(last, first - 1) >= first;
  }

  void merge(PaneNumber pane, const model::Partial& change) {
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      levels_[level].merge(pane >> (kBits * level), change);
    }
  }

  /// As merge(), for gauges: a node is made of its children again, because what was set and what
  /// was added must merge in the order of time, also when a late change comes.
  void merge_in_order(PaneNumber pane, const model::Partial& change) {
    levels_[0].merge(pane, change);
    for (std::size_t level = 1; level < levels_.size(); ++level) {
      const PaneNumber node = pane >> (kBits * level);
      model::Partial all{change.kind()};
      for (const PaneRun::Item& child : levels_[level - 1].items_from(node << kBits)) {
        if (child.number >> kBits != node) break;
        all.merge(child.partial);
      }
      levels_[level].put(node, std::move(all));
    }
  }

  /// Calls visit(partial) for nodes that together hold [first, last), in the order of time.
  template <class Visit>
  void cover(PaneNumber first, PaneNumber last, Visit visit) const {
    if (empty()) return;
    // Where nothing lies behind the window, a node may reach over its end: the newest window is
    // read from the few nodes at its beginning.
    const PaneNumber newest = levels_.front().items().back().number;
    const PaneNumber bound = newest < last ? kFarAhead : last;
    while (first < last) {
      std::size_t level = 0;
      while (level + 1 < levels_.size() && fits(first, bound, level + 1))
        ++level;
      const std::size_t shift = kBits * level;
      if (const model::Partial* node = levels_[level].find(first >> shift)) visit(*node);
      first += PaneNumber{1} << shift;
    }
  }

  /// About what it takes on the heap: of each level a few nodes are looked at.
  std::size_t held_bytes() const {
    std::size_t bytes = levels_.capacity() * sizeof(PaneRun);
    for (const PaneRun& level : levels_)
      bytes += level.held_bytes();
    return bytes;
  }

  /// Forgets panes below `pane`: cover() may not ask for them any more.
  void drop_below(PaneNumber pane) {
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      levels_[level].drop_below(pane >> (kBits * level));
    }
  }

 private:
  static constexpr std::size_t kBits = 2;  // of a child's number within its node
  static constexpr PaneNumber kFarAhead = std::numeric_limits<PaneNumber>::max() / 2;
  static bool fits(PaneNumber first, PaneNumber bound, std::size_t level) {
    const PaneNumber size = PaneNumber{1} << (kBits * level);
    return first % size == 0 && size <= bound - first;
  }
  std::vector<PaneRun> levels_;
};

}  // namespace ingest::timeline
