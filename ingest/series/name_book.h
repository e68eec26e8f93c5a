#pragma once
// NameBook: the names of the series that a table holds, how many series have each, and which of
// them somebody watches. A new watch list is compared with the names that are here in slices. It
// must not know keys or tags. Pure; owned by one worker's table, its thread only.

#include <absl/container/flat_hash_set.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/model/handover.h"
#include "ingest/series/byte_pool.h"
#include "ingest/series/index_map.h"

namespace ingest::series {

class NameBook {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = ~Index{0};
  /// Series of one name.
  struct Counts {
    std::uint32_t own = 0;   // under the caps
    std::uint32_t more = 0;  // overflow series
  };

  /// Names are kept in `pool`, which outlives the book.
  explicit NameBook(BytePool& pool) : pool_(pool) {}

  std::size_t size() const { return by_name_.size(); }
  /// kNone when it is not here.
  Index find(std::string_view name) const;
  /// `name` is not here. kNone when no place can be found for it.
  Index add(std::string_view name, IndexMap::Need need = IndexMap::Need::May);
  void remove(Index name);
  std::string_view text(Index name) const {
    return {pool_.at(names_[name].text), names_[name].bytes};
  }
  Counts& counts(Index name) { return names_[name].counts; }
  bool watched(Index name) const { return watched_[name] != 0; }

  /// From now on new names are compared with this list; those that are here by watch_some().
  void watch(const model::WatchList& list);
  /// Globs of a list that take as long to compare as a name takes without any.
  static constexpr std::size_t kGlobsAName = 4;
  /// Compares up to `names_max` further names with the newest list, the fewer the more globs it
  /// has. Whether there are more.
  bool watch_some(std::size_t names_max);

  std::size_t held_bytes() const;

 private:
  struct Name {
    BytePool::Ref text = BytePool::kNone;  // kNone: free
    std::uint32_t bytes = 0;
    Counts counts;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>{}(name);
    }
  };
  static std::uint64_t hash_of(std::string_view name);
  bool matches(std::string_view name) const;

  BytePool& pool_;
  IndexMap by_name_;
  std::deque<Name> names_;
  std::vector<std::uint8_t> watched_;  // as names_
  std::vector<Index> free_;
  absl::flat_hash_set<std::string, TextHash, std::equal_to<>> watched_names_;
  std::vector<std::string> watched_globs_;
  std::size_t compare_next_ = 0;
};

}  // namespace ingest::series
