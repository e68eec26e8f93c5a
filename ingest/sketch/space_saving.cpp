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
  if (const auto held = slot_of_.find(key); held != slot_of_.end()) {
    items_[held->second].estimate += weight;
    sink(place_[held->second]);
    return;
  }
  if (items_.size() == counters_max_) {
    give_up_lightest(key, weight);
    return;
  }
  const auto slot = static_cast<Slot>(items_.size());
  items_.push_back({std::string{key}, floor_ + weight, floor_});
  slot_of_.emplace(key, slot);
  heap_.push_back(slot);
  place_.push_back(slot);
  rise(slot);
}

// The lightest gives its counter up. What it weighed is what the new one may have weighed before.
void SpaceSaving::give_up_lightest(std::string_view key, std::uint64_t weight) {
  Item& lightest = items_[heap_.front()];
  floor_ = lightest.estimate;
  auto node = slot_of_.extract(lightest.key);  // its memory serves the new key
  node.key().assign(key);
  slot_of_.insert(std::move(node));
  lightest.key.assign(key);
  lightest.estimate = floor_ + weight;
  lightest.error = floor_;
  sink(0);
}

// Both sides are turned into counts above what absent items may weigh; these are summed, and pruned
// to m - 1 by what the m-th of them weighs.
void SpaceSaving::merge(const SpaceSaving& other) {
  CHECK(counters_max_ == other.counters_max_);
  std::vector<Item> all;
  all.reserve(items_.size() + other.items_.size());
  for (const Item& item : items_) {
    const auto held = other.slot_of_.find(item.key);
    const Item there = held == other.slot_of_.end() ? Item{{}, other.floor_, other.floor_}
                                                    : other.items_[held->second];
    all.push_back({item.key, item.estimate + there.estimate, item.error + there.error});
  }
  for (const Item& item : other.items_) {
    if (!slot_of_.contains(item.key))
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
  rebuild({});
  floor_ = 0;
  weight_ = 0;
}

std::vector<SpaceSaving::Item> SpaceSaving::top(std::size_t items_max) const {
  std::vector<Item> items = items_;
  std::sort(items.begin(), items.end(), heavier);
  items.resize(std::min(items.size(), items_max));
  return items;
}

std::uint64_t SpaceSaving::estimate(std::string_view key) const {
  const auto held = slot_of_.find(key);
  return held == slot_of_.end() ? floor_ : items_[held->second].estimate;
}

// ---- the heap ----

void SpaceSaving::put(std::size_t at, Slot slot) {
  heap_[at] = slot;
  place_[slot] = at;
}

void SpaceSaving::sink(std::size_t at) {
  const Slot sinking = heap_[at];
  const auto weight_at = [&](std::size_t place) { return items_[heap_[place]].estimate; };
  for (;;) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && weight_at(child + 1) < weight_at(child)) ++child;
    if (items_[sinking].estimate <= weight_at(child)) break;
    put(std::exchange(at, child), heap_[child]);
  }
  put(at, sinking);
}

void SpaceSaving::rise(std::size_t at) {
  const Slot rising = heap_[at];
  while (at > 0) {
    const std::size_t parent = (at - 1) / 2;
    if (items_[heap_[parent]].estimate <= items_[rising].estimate) break;
    put(std::exchange(at, parent), heap_[parent]);
  }
  put(at, rising);
}

void SpaceSaving::rebuild(std::vector<Item> items) {
  items_ = std::move(items);
  // A sorted run is a heap already.
  std::sort(items_.begin(), items_.end(),
            [](const Item& a, const Item& b) { return heavier(b, a); });
  slot_of_.clear();
  heap_.resize(items_.size());
  place_.resize(items_.size());
  for (std::size_t i = 0; i < items_.size(); ++i) {
    put(i, static_cast<Slot>(i));
    slot_of_.emplace(items_[i].key, static_cast<Slot>(i));
  }
}

}  // namespace ingest::sketch
