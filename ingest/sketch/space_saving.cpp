#include "ingest/sketch/space_saving.h"

#include <algorithm>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::sketch {
namespace {

/// Heaviest first, equal ones by key, so that the order is the same on every machine.
bool heavier(const SpaceSaving::Item& a, const SpaceSaving::Item& b) {
  return a.estimate != b.estimate ? a.estimate > b.estimate : a.key < b.key;
}

}  // namespace

SpaceSaving::SpaceSaving(std::size_t counters_max) : counters_max_(counters_max) {
  CHECK(counters_max > 0);
}

void SpaceSaving::add(std::string_view key, std::uint64_t weight) {
  if (weight == 0) return;
  weight_ += weight;
  if (const auto held = place_.find(key); held != place_.end()) {
    heap_[held->second].estimate += weight;
    sink(held->second);
    return;
  }
  if (heap_.size() < counters_max_) {
    heap_.push_back({});
    put(heap_.size() - 1, {std::string{key}, floor_ + weight, floor_});
    rise(heap_.size() - 1);
    return;
  }
  // The lightest gives its counter up. What it weighed is what the new one may have weighed before.
  floor_ = heap_.front().estimate;
  place_.erase(heap_.front().key);
  put(0, {std::string{key}, floor_ + weight, floor_});
  sink(0);
}

// Both sides are turned into counts above what absent items may weigh; these are summed, and pruned
// to m - 1 by what the m-th of them weighs.
void SpaceSaving::merge(const SpaceSaving& other) {
  CHECK(counters_max_ == other.counters_max_);
  std::vector<Item> all;
  all.reserve(heap_.size() + other.heap_.size());
  for (const Item& item : heap_) {
    const auto held = other.place_.find(item.key);
    const Item there = held == other.place_.end() ? Item{{}, other.floor_, other.floor_}
                                                  : other.heap_[held->second];
    all.push_back({item.key, item.estimate + there.estimate, item.error + there.error});
  }
  for (const Item& item : other.heap_) {
    if (!place_.contains(item.key))
      all.push_back({item.key, item.estimate + floor_, item.error + floor_});
  }
  floor_ += other.floor_;
  weight_ += other.weight_;
  if (all.size() >= counters_max_) {
    const auto last = all.begin() + static_cast<std::ptrdiff_t>(counters_max_) - 1;
    std::nth_element(all.begin(), last, all.end(), heavier);
    floor_ = std::max(floor_, last->estimate);
  }
  std::erase_if(all, [this](const Item& item) { return item.estimate <= floor_; });
  rebuild(std::move(all));
}

void SpaceSaving::clear() {
  heap_.clear();
  place_.clear();
  floor_ = 0;
  weight_ = 0;
}

std::vector<SpaceSaving::Item> SpaceSaving::top(std::size_t items_max) const {
  std::vector<Item> items = heap_;
  std::sort(items.begin(), items.end(), heavier);
  items.resize(std::min(items.size(), items_max));
  return items;
}

std::uint64_t SpaceSaving::estimate(std::string_view key) const {
  const auto held = place_.find(key);
  return held == place_.end() ? floor_ : heap_[held->second].estimate;
}

// ---- the heap ----

void SpaceSaving::put(std::size_t at, Item item) {
  place_[item.key] = at;
  heap_[at] = std::move(item);
}

void SpaceSaving::sink(std::size_t at) {
  for (;;) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) return;
    if (child + 1 < heap_.size() && heap_[child + 1].estimate < heap_[child].estimate) ++child;
    if (heap_[at].estimate <= heap_[child].estimate) return;
    std::swap(heap_[at], heap_[child]);
    place_[heap_[at].key] = at;
    place_[heap_[child].key] = child;
    at = child;
  }
}

void SpaceSaving::rise(std::size_t at) {
  while (at > 0) {
    const std::size_t parent = (at - 1) / 2;
    if (heap_[parent].estimate <= heap_[at].estimate) return;
    std::swap(heap_[at], heap_[parent]);
    place_[heap_[at].key] = at;
    place_[heap_[parent].key] = parent;
    at = parent;
  }
}

void SpaceSaving::rebuild(std::vector<Item> items) {
  heap_ = std::move(items);
  // A sorted run is a heap already.
  std::sort(heap_.begin(), heap_.end(), [](const Item& a, const Item& b) { return heavier(b, a); });
  place_.clear();
  for (std::size_t i = 0; i < heap_.size(); ++i)
    place_[heap_[i].key] = i;
}

}  // namespace ingest::sketch
