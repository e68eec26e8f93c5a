#pragma once
// KeptRows: what rows said last of the newest window. When the window moves, a row in which nothing
// came and of which nothing left says the same again, and needs no evaluation: of a long window
// that slides by little, most rows. It must not know what makes a row the same. A value; owned by
// one stream, on the hub's thread.

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "ingest/query/update.h"
#include "ingest/timeline/evaluate.h"
#include "ingest/timeline/pane_run.h"

namespace ingest::timeline {

class KeptRows {
 public:
  static constexpr PaneNumber kNone = std::numeric_limits<PaneNumber>::min();

  explicit KeptRows(std::size_t columns) : columns_(columns) {}

  /// The end of the window in which the row said what is kept; kNone when nothing is.
  PaneNumber end(query::RowSlot slot) const { return slot < ends_.size() ? ends_[slot] : kNone; }
  void forget(query::RowSlot slot) {
    if (slot < ends_.size()) ends_[slot] = kNone;
  }
  /// The row that stands last in `evaluated`.
  void keep(query::RowSlot slot, PaneNumber end, const Evaluated& evaluated) {
    if (slot >= ends_.size()) {
      ends_.resize(slot + std::size_t{1}, kNone);
      marks_.resize(ends_.size());
      values_.resize(ends_.size() * columns_);
    }
    ends_[slot] = end;
    marks_[slot] = evaluated.marks.back();
    std::ranges::copy(std::span{evaluated.values}.last(columns_), values_of(slot));
  }
  /// It says the same in the window that ends at `end`.
  void append(query::RowSlot slot, PaneNumber end, Evaluated& to) {
    ends_[slot] = end;
    to.marks.push_back(marks_[slot]);
    const auto first = values_of(slot);
    to.values.insert(to.values.end(), first, first + static_cast<std::ptrdiff_t>(columns_));
  }
  std::size_t held_bytes() const {
    return ends_.capacity() * sizeof(PaneNumber) + marks_.capacity() * sizeof(query::Marks) +
           values_.capacity() * sizeof(double);
  }

 private:
  std::vector<double>::iterator values_of(query::RowSlot slot) {
    return values_.begin() + static_cast<std::ptrdiff_t>(slot * columns_);
  }

  std::size_t columns_;
  // By slot:
  std::vector<PaneNumber> ends_;
  std::vector<query::Marks> marks_;
  std::vector<double> values_;
};

}  // namespace ingest::timeline
