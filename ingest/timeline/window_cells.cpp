#include "ingest/timeline/window_cells.h"

namespace ingest::timeline {

WindowCells::WindowCells(const RangeWindows& windows) : begin_(windows.begin()) {
  const bool apart = windows.step >= windows.window;
  length_ = apart ? windows.window : Millis{std::gcd(windows.step.count(), windows.window.count())};
  every_ = apart ? windows.step : length_;
  stride_ = static_cast<std::size_t>(windows.step / every_);
  per_window_ = static_cast<std::size_t>(windows.window / length_);
  size_ = first(windows.count - 1) + per_window_;
}

std::optional<std::size_t> WindowCells::at(WallTime start) const {
  if (start < begin_) return std::nullopt;
  const Millis since = start - begin_;
  const auto cell = static_cast<std::size_t>(since / every_);
  if (cell >= size_ || since % every_ >= length_) return std::nullopt;
  return cell;
}

CellSlider::CellSlider(const WindowCells& windows, Cells& cells)
    : windows_(windows), cells_(cells), next_held_(cells.size(), kNone) {}

CellSlider::Pieces CellSlider::window(std::int64_t index) {
  const std::size_t first = windows_.first(index);
  const std::size_t last = first + windows_.per_window();
  if (first >= older_last_) turn_over(first, last);
  for (; newer_last_ < last; ++newer_last_) {
    const auto& cell = cells_[newer_last_];
    if (!cell) continue;
    if (newer_) {
      newer_->merge(*cell);
    } else {
      newer_ = cell;
    }
  }
  Pieces pieces;
  if (next_held_[first] != kNone) pieces.older = &*cells_[next_held_[first]];
  if (newer_) pieces.newer = &*newer_;
  return pieces;
}

// The older stack is used up: all of this window becomes the next one.
void CellSlider::turn_over(std::size_t first, std::size_t last) {
  std::size_t held = kNone;
  for (std::size_t i = last; i-- > first;) {
    if (cells_[i]) {
      const std::size_t before = cells_[i]->held_bytes();
      if (held != kNone) cells_[i]->merge(*cells_[held]);
      grown_bytes_ += cells_[i]->held_bytes() - before;  // wraps where it is less, as meant
      held = i;
    }
    next_held_[i] = held;
  }
  older_last_ = last;
  newer_last_ = last;
  newer_.reset();
}

}  // namespace ingest::timeline
