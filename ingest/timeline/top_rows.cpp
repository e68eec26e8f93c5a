#include "ingest/timeline/top_rows.h"

#include <algorithm>
#include <cmath>

namespace ingest::timeline {

using query::RowSlot;

void TopRows::set(RowSlot slot, double value) {
  if (slot >= places_.size()) places_.resize(std::size_t{slot} + 1);
  Place& place = places_[slot];
  if (!place.ranked) ++ranked_;
  place.ranked = true;
  place.value = value;
}

void TopRows::erase(RowSlot slot) {
  if (slot >= places_.size() || !places_[slot].ranked) return;
  --ranked_;
  if (places_[slot].inside) --inside_;
  places_[slot] = Place{};
}

const std::vector<RowSlot>& TopRows::choose(Window window, const KeyOf& key_of) {
  changed_.clear();
  const bool has_room = inside_ < std::min(limit_, ranked_);
  if (window == Window::Same && !has_room) return changed_;
  rank(key_of);
  if (has_room) fill();
  if (window == Window::Moved) displace();
  return changed_;
}

// All ranked rows, the best `limit` of them first and best first.
void TopRows::rank(const KeyOf& key_of) {
  order_.clear();
  for (RowSlot slot = 0; slot < places_.size(); ++slot) {
    if (places_[slot].ranked) order_.push_back(slot);
  }
  const auto before = [&](RowSlot a, RowSlot b) {
    const double left = places_[a].value;
    const double right = places_[b].value;
    if (std::isnan(left) != std::isnan(right)) return std::isnan(right);
    if (left != right && !std::isnan(left)) {
      return direction_ == query::Order::Direction::Descending ? left > right : left < right;
    }
    const auto& key = key_of(a);
    const auto& other = key_of(b);
    return key != other ? key < other : a < b;
  };
  const std::size_t best = std::min(limit_, order_.size());
  std::partial_sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(best),
                    order_.end(), before);
  // Those inside that stand behind are few; the worst of them goes first.
  const auto behind =
      std::stable_partition(order_.begin() + static_cast<std::ptrdiff_t>(best), order_.end(),
                            [&](RowSlot slot) { return places_[slot].inside; });
  std::sort(order_.begin() + static_cast<std::ptrdiff_t>(best), behind,
            [&](RowSlot a, RowSlot b) { return before(b, a); });
}

void TopRows::fill() {
  for (const RowSlot slot : order_) {
    if (inside_ >= limit_) return;
    if (!places_[slot].inside) enter(slot);
  }
}

void TopRows::displace() {
  const std::size_t best = std::min(limit_, order_.size());
  std::vector<RowSlot>& behind = behind_;
  behind.clear();
  for (std::size_t i = best; i < order_.size() && places_[order_[i]].inside; ++i) {
    if (++places_[order_[i]].moves_behind < kPatience) {
      behind.push_back(order_[i]);
    } else {
      leave(order_[i]);
    }
  }
  std::size_t worst = 0;
  for (std::size_t i = 0; i < best; ++i) {
    Place& place = places_[order_[i]];
    place.moves_behind = 0;
    if (place.inside) continue;
    if (inside_ >= limit_) {
      if (worst == behind.size() || !is_clear(place, places_[behind[worst]])) continue;
      leave(behind[worst++]);
    }
    enter(order_[i]);
  }
}

bool TopRows::is_clear(const Place& better, const Place& worse) const {
  if (std::isnan(better.value)) return false;
  if (std::isnan(worse.value)) return true;
  return std::abs(better.value - worse.value) > kMargin * std::abs(worse.value);
}

void TopRows::enter(RowSlot slot) {
  places_[slot].inside = true;
  places_[slot].moves_behind = 0;
  ++inside_;
  changed_.push_back(slot);
}

void TopRows::leave(RowSlot slot) {
  places_[slot].inside = false;
  places_[slot].moves_behind = 0;
  --inside_;
  changed_.push_back(slot);
}

}  // namespace ingest::timeline
