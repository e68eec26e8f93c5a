#pragma once
// WindowCells: a range cut so that every window is made of whole cells, and CellSlider, which
// merges the cells of one window after another. Each cell is merged twice, whatever the window's
// length: two stacks back to back, the older one holding sums towards its newer end, the newer one
// a single running sum (the two-stack queue; Tangwongsan and others, "General Incremental
// Sliding-Window Aggregation", VLDB 2015).
//
//   windows          [0  1  2  3)
//                       [1  2  3  4)          older | newer
//   older holds      0123 123 23 3  |  newer holds  4, 45, 456
//
// Cells merge in the order of time, as gauges need. Pure; owned by who evaluates a range.

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

#include "ingest/model/partial.h"
#include "ingest/timeline/range_windows.h"

namespace ingest::timeline {

class WindowCells {
 public:
  explicit WindowCells(const RangeWindows& windows);

  std::size_t size() const { return size_; }
  /// Window i is made of the cells [first(i), first(i) + per_window()).
  std::size_t first(std::int64_t window) const {
    return static_cast<std::size_t>(window) * stride_;
  }
  std::size_t per_window() const { return per_window_; }
  /// Of a pane that begins then; nothing where no window needs it.
  std::optional<std::size_t> at(WallTime start) const;

 private:
  WallTime begin_;
  Millis length_{0};  // of a cell
  Millis every_{0};   // from one cell's begin to the next: longer where windows leave time out
  std::size_t stride_ = 1;
  std::size_t per_window_ = 1;
  std::size_t size_ = 0;
};

using Cells = std::vector<std::optional<model::Partial>>;  // nothing where nothing came

class CellSlider {
 public:
  /// Both outlive it; the cells are its own to overwrite.
  CellSlider(const WindowCells& windows, Cells& cells);

  /// At most two pieces, in the order of time; they live until the next call.
  struct Pieces {
    const model::Partial* older = nullptr;
    const model::Partial* newer = nullptr;
  };
  /// Windows ascend by one.
  Pieces window(std::int64_t index);
  /// How many bytes more the cells hold, since they were its own, because they were merged;
  /// to be added, modulo 2^64, to what they held before.
  std::size_t grown_bytes() const { return grown_bytes_; }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  void turn_over(std::size_t first, std::size_t last);

  const WindowCells& windows_;
  Cells& cells_;
  std::vector<std::size_t> next_held_;  // of the older stack: the nearest cell that holds something
  std::size_t older_last_ = 0;          // one past the older stack
  std::size_t newer_last_ = 0;
  std::optional<model::Partial> newer_;
  std::size_t grown_bytes_ = 0;
};

}  // namespace ingest::timeline
