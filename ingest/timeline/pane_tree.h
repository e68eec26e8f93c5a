#pragma once
// PaneTree: an aligned binary tree of merged panes, so that a change costs O(log n) merges and any
// window is read from O(log n) nodes. Node i of level k holds the panes [i * 2^k, (i+1) * 2^k):
//
//   level 2   [0..4)                  [4..8)
//   level 1   [0..2)      [2..4)      [4..6)   ...
//   level 0   0     1     2     3     4     5
//
// Nodes exist only where something happened. Levels are as many as the window can use. What is a
// pane here may be a whole slide of panes: no window begins or ends within one.
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
  explicit PaneTree(std::uint64_t panes_max) : levels_(std::bit_width(panes_max)) {}

  bool empty() const { return levels_.front().empty(); }
  const PaneRun& panes() const { return levels_.front(); }

  void merge(PaneNumber pane, const model::Partial& change) {
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      levels_[level].merge(pane >> level, change);
    }
  }

  /// As merge(), for gauges: a node is made of its two halves again, because what was set and what
  /// was added must merge in the order of time, also when a late change comes.
  void merge_in_order(PaneNumber pane, const model::Partial& change) {
    levels_[0].merge(pane, change);
    for (std::size_t level = 1; level < levels_.size(); ++level) {
      const PaneNumber node = pane >> level;
      const model::Partial* left = levels_[level - 1].find(2 * node);
      const model::Partial* right = levels_[level - 1].find(2 * node + 1);
      if (left == nullptr) std::swap(left, right);  // one of them has the change
      model::Partial both = *left;
      if (right != nullptr) both.merge(*right);
      levels_[level].put(node, std::move(both));
    }
  }

  /// Calls visit(partial) for nodes that together hold [first, last), in the order of time.
  template <class Visit>
  void cover(PaneNumber first, PaneNumber last, Visit visit) const {
    if (empty()) return;
    // Where nothing lies behind the window, a node may reach over its end: the newest window is
    // read from the few nodes at its beginning.
    const PaneNumber newest = levels_.front().items().back().number;
    const PaneNumber bound = newest < last ? std::numeric_limits<PaneNumber>::max() : last;
    while (first < last) {
      std::size_t level = 0;
      while (level + 1 < levels_.size() && fits(first, bound, level + 1))
        ++level;
      if (const model::Partial* node = levels_[level].find(first >> level)) visit(*node);
      first += PaneNumber{1} << level;
    }
  }

  /// Forgets panes below `pane`: cover() may not ask for them any more.
  void drop_below(PaneNumber pane) {
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      levels_[level].drop_below(pane >> level);
    }
  }

 private:
  static bool fits(PaneNumber first, PaneNumber bound, std::size_t level) {
    const PaneNumber size = PaneNumber{1} << level;
    return first % size == 0 && size <= bound - first;
  }
  std::vector<PaneRun> levels_;
};

}  // namespace ingest::timeline
