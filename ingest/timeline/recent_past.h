#pragma once
// RecentPast: the levels of a row in the windows up to now, from which `ewma` and `zscore` come.
// They are functions of these levels alone, so that a stream, history and an instant query agree,
// whenever each of them began to look. A value; it must not know panes, stats or kinds.
//
// A row's level in a window is one number: a counter's rate, a timer's mean, a gauge's last, a
// set's distinct. The past of a window are the kWindows windows before it, one slide apart. Those
// without a level (null) do not count, nor do those before the first of them in which anything was
// seen.
//
//   ewma    the mean of the window's own level and of those of its past, k windows back with weight
//           (1 - kAlpha)^k; null when none is known. What is cut off weighs 0.1%.
//   zscore  (level - mean) / population deviation of the past alone; null while fewer than kLeast
//   of
//           it are known; 0 when the past never moved and the level equals it, else null.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace ingest::timeline {

/// A window's end divided by the slide.
using WindowNumber = std::int64_t;

struct Level {
  double value = std::numeric_limits<double>::quiet_NaN();  // NaN: null
  bool seen = false;  // something of the row was there; an empty counter has a level, 0, unseen
};

class RecentPast {
 public:
  static constexpr std::size_t kWindows = 30;
  static constexpr std::size_t kLeast = 5;
  static constexpr double kAlpha = 0.2;

  static constexpr std::size_t kHeldMax = 256;  // windows

  RecentPast() : levels_(kWindows + 1) {}

  /// Windows from this one on may still be asked for: their past is kept too, as far as kHeldMax.
  void hold_from(WindowNumber window, WindowNumber newest);

  /// In any order; what lies further back than it holds is no longer wanted, and ignored.
  void put(WindowNumber window, Level level);
  /// The newest window that was put; below every other at first.
  WindowNumber newest() const { return newest_; }
  /// The oldest that it holds.
  WindowNumber oldest() const { return newest_ - static_cast<WindowNumber>(levels_.size()) + 1; }

  double ewma(WindowNumber window) const;
  double zscore(WindowNumber window) const;
  std::size_t held_bytes() const { return levels_.capacity() * sizeof(Level); }

 private:
  struct Known {
    std::array<double, kWindows + 1> levels{};  // oldest first, the window's own last; NaN: null
    std::size_t size = 0;
    std::span<const double> all() const { return std::span{levels}.first(size); }
  };
  static constexpr WindowNumber kNone = std::numeric_limits<WindowNumber>::min() / 2;
  Level& slot(WindowNumber window);
  Level at(WindowNumber window) const;
  Known known(WindowNumber window) const;

  std::vector<Level> levels_;  // window w stands at w modulo the size
  WindowNumber newest_ = kNone;
};

}  // namespace ingest::timeline
