#include "ingest/timeline/recent_past.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ingest::timeline {
namespace {

constexpr double kNull = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Level& RecentPast::slot(WindowNumber window) {
  const auto size = static_cast<WindowNumber>(levels_.size());
  return levels_[static_cast<std::size_t>((window % size + size) % size)];
}

void RecentPast::hold_from(WindowNumber window, WindowNumber newest) {
  const auto wanted = std::min(static_cast<std::size_t>(newest - window) + kWindows + 1, kHeldMax);
  if (wanted <= levels_.size()) return;
  RecentPast wider;
  wider.levels_.resize(wanted);
  if (newest_ != kNone) {
    for (WindowNumber each = oldest(); each <= newest_; ++each)
      wider.put(each, at(each));
  }
  *this = std::move(wider);
}

void RecentPast::put(WindowNumber window, Level level) {
  if (window < oldest()) return;
  if (window > newest_) {
    // Windows that were left out have no level.
    const WindowNumber first =
        std::max(newest_ + 1, window - static_cast<WindowNumber>(levels_.size()) + 1);
    for (WindowNumber skipped = first; skipped < window; ++skipped)
      slot(skipped) = {};
    newest_ = window;
  }
  slot(window) = level;
}

Level RecentPast::at(WindowNumber window) const {
  if (window > newest_ || window < oldest()) return {};
  const auto size = static_cast<WindowNumber>(levels_.size());
  return levels_[static_cast<std::size_t>((window % size + size) % size)];
}

RecentPast::Known RecentPast::known(WindowNumber window) const {
  Known known;
  bool seen = false;
  for (WindowNumber each = window - static_cast<WindowNumber>(kWindows); each <= window; ++each) {
    const Level level = at(each);
    seen = seen || level.seen;
    known.levels[known.size++] = seen ? level.value : kNull;
  }
  return known;
}

double RecentPast::ewma(WindowNumber window) const {
  const Known levels = known(window);
  double sum = 0;
  double weights = 0;
  for (const double level : levels.all()) {
    sum *= 1 - kAlpha;
    weights *= 1 - kAlpha;
    if (std::isnan(level)) continue;
    sum += level;
    weights += 1;
  }
  const double mean = sum / weights;
  return std::isfinite(mean) ? mean : kNull;
}

double RecentPast::zscore(WindowNumber window) const {
  const Known levels = known(window);
  const double own = levels.all().back();
  if (std::isnan(own)) return kNull;
  const auto past = levels.all().first(kWindows);
  std::array<double, kWindows> counted{};
  std::size_t size = 0;
  for (const double level : past) {
    if (!std::isnan(level)) counted[size++] = level;
  }
  const std::span<const double> these{counted.data(), size};
  if (these.size() < kLeast) return kNull;
  const auto [least, most] = std::ranges::minmax(these);
  if (least == most) return own == least ? 0 : kNull;  // not left to the rounding of a mean
  const auto count = static_cast<double>(these.size());
  const double mean = std::accumulate(these.begin(), these.end(), 0.0) / count;
  double squares = 0;
  for (const double level : these)
    squares += (level - mean) * (level - mean);
  const double score = (own - mean) / std::sqrt(squares / count);
  return std::isfinite(score) ? score : kNull;
}

}  // namespace ingest::timeline
