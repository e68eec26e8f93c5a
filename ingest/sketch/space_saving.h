#pragma once
// SpaceSaving: the heaviest of many items, in the memory of a few (Metwally, Agrawal, El Abbadi:
// Efficient Computation of Frequent and Top-k Elements in Data Streams, 2005), with weights, and
// merged as Agarwal et al. (Mergeable Summaries, 2012) showed. Pure; a value; one thread.
//
// With W the weight of all that was added and m the counters, for any order, split and merge:
//   estimate - error <= true weight <= estimate    of every item that is present
//   true weight <= floor() <= W / m                of every item that is not
// so every item with more than W / m is present.

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ingest::sketch {

class SpaceSaving {
 public:
  struct Item {
    std::string key;
    std::uint64_t estimate = 0;  // at least the true weight
    std::uint64_t error = 0;     // by which it may be too high
    bool operator==(const Item&) const = default;
  };

  /// `counters_max` is m, at least 1. How long keys may be is the caller's to bound.
  explicit SpaceSaving(std::size_t counters_max);

  /// Weights of all calls and merges together stay below 2^64. Allocates only until it is full, and
  /// where a key is longer than those before it.
  void add(std::string_view key, std::uint64_t weight = 1);
  /// Of another with the same m, CHECKed. The same whichever of two merges the other.
  void merge(const SpaceSaving& other);
  void clear();

  /// The heaviest `items_max`, heaviest first, equal ones by key.
  std::vector<Item> top(std::size_t items_max) const;
  /// At least the true weight, of any key.
  std::uint64_t estimate(std::string_view key) const;
  /// What an item that is not present may weigh at most.
  std::uint64_t floor() const { return floor_; }
  /// W.
  std::uint64_t weight() const { return weight_; }
  std::size_t size() const { return items_.size(); }
  std::size_t counters_max() const { return counters_max_; }

 private:
  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };

  using Slot = std::uint32_t;  // of items_: an item stays in its slot

  void give_up_lightest(std::string_view key, std::uint64_t weight);
  void put(std::size_t at, Slot slot);
  void sink(std::size_t at);
  void rise(std::size_t at);
  void rebuild(std::vector<Item> items);

  std::size_t counters_max_;
  std::vector<Item> items_;
  std::vector<Slot> heap_;          // the lightest first, so that it is found at once
  std::vector<std::size_t> place_;  // of a slot in heap_
  absl::flat_hash_map<std::string, Slot, KeyHash, std::equal_to<>> slot_of_;
  std::uint64_t floor_ = 0;
  std::uint64_t weight_ = 0;
};

}  // namespace ingest::sketch
