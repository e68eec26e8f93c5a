#pragma once
// PaneRun: partials by number, ascending, only those that hold something. New ones come at the end,
// late ones near it, old ones leave at the front; so it is one array with a moving front.
// A value; owned by a series or by one level of a tree, on the hub's thread.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "ingest/model/partial.h"

namespace ingest::timeline {

/// A pane's start divided by its length; at a tree's upper levels, that shifted right.
using PaneNumber = std::int64_t;
using SeriesIndex = std::uint32_t;

class PaneRun {
 public:
  struct Item {
    PaneNumber number = 0;
    model::Partial partial;
  };

  bool empty() const { return front_ == items_.size(); }
  std::span<const Item> items() const { return std::span{items_}.subspan(front_); }
  std::span<const Item> items_from(PaneNumber number) const {
    return items().subspan(static_cast<std::size_t>(lower_bound(number) - items_.begin()) - front_);
  }
  const model::Partial* find(PaneNumber number) const {
    const auto found = lower_bound(number);
    return found != items_.end() && found->number == number ? &found->partial : nullptr;
  }
  /// The newest number below `end`, or `none`.
  PaneNumber last_below(PaneNumber end, PaneNumber none) const {
    const auto found = lower_bound(end);
    return found == items_.begin() + front() ? none : std::prev(found)->number;
  }
  void merge(PaneNumber number, const model::Partial& partial) {
    if (model::Partial* here = find_mutable(number)) {
      here->merge(partial);
    } else {
      insert(number, model::Partial{partial});
    }
  }
  /// As merge(), and takes the partial where nothing stood. Whether the pane is new.
  bool merge(PaneNumber number, model::Partial&& partial) {
    if (model::Partial* here = find_mutable(number)) {
      here->merge(partial);
      return false;
    }
    insert(number, std::move(partial));
    return true;
  }
  /// In place of what stood there.
  void put(PaneNumber number, model::Partial&& partial) {
    if (model::Partial* here = find_mutable(number)) {
      *here = std::move(partial);
    } else {
      insert(number, std::move(partial));
    }
  }
  /// Drops what is below `number`; how many it dropped.
  std::size_t drop_below(PaneNumber number) {
    const std::size_t before = front_;
    while (front_ < items_.size() && items_[front_].number < number) {
      items_[front_++].partial = model::Partial{};
    }
    const std::size_t dropped = front_ - before;
    if (front_ == items_.size()) {
      items_.clear();
      front_ = 0;
    } else if (front_ > kSlack && front_ > items_.size() / 2) {
      items_.erase(items_.begin(), items_.begin() + front());
      front_ = 0;
    }
    return dropped;
  }
  /// About what it takes on the heap: a few partials stand for all.
  std::size_t held_bytes() const {
    constexpr std::size_t kLookedAt = 8;
    const std::span<const Item> all = items();
    const std::size_t step = all.size() / kLookedAt + 1;
    std::size_t looked_at = 0;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < all.size(); i += step, ++looked_at)
      bytes += all[i].partial.held_bytes();
    const std::size_t heap = looked_at == 0 ? 0 : bytes * all.size() / looked_at;
    return items_.capacity() * sizeof(Item) + heap;
  }

 private:
  static constexpr std::size_t kSlack = 8;  // dead items worth no move

  std::ptrdiff_t front() const { return static_cast<std::ptrdiff_t>(front_); }
  std::vector<Item>::const_iterator lower_bound(PaneNumber number) const {
    if (!empty() && items_.back().number < number) return items_.end();  // the usual case
    return std::lower_bound(
        items_.begin() + front(), items_.end(), number,
        [](const Item& item, PaneNumber wanted) { return item.number < wanted; });
  }
  model::Partial* find_mutable(PaneNumber number) {
    const auto found = lower_bound(number);
    if (found == items_.end() || found->number != number) return nullptr;
    return &items_[static_cast<std::size_t>(found - items_.begin())].partial;
  }
  void insert(PaneNumber number, model::Partial&& partial) {
    items_.insert(lower_bound(number), Item{number, std::move(partial)});
  }

  std::vector<Item> items_;
  std::size_t front_ = 0;
};

/// Panes of one length, aligned to the epoch. Times before the epoch are none of ours.
struct PaneGrid {
  Millis pane{1'000};
  PaneNumber number(WallTime time) const { return time.time_since_epoch() / pane; }
  WallTime start(PaneNumber number) const { return WallTime{pane * number}; }
  WallTime end(PaneNumber number) const { return start(number + 1); }
};

}  // namespace ingest::timeline
