#pragma once
// TagValues: how many different values each tag has within the series of one kind and name, as long
// as series with them live. Exact, but for values whose 64-bit hashes meet. Some 40 bytes for each
// value. Pure. Owned by one SeriesTable; asked when a series is new, told when one is born or goes.

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>

#include "ingest/model/series_key.h"

namespace ingest::series {

class TagValues {
 public:
  /// `values_max` is for each tag of each kind and name; 0 is no limit, and costs nothing.
  explicit TagValues(std::size_t values_max) : values_max_(values_max) {}

  /// Whether there is a limit.
  bool counts() const { return values_max_ != 0; }
  /// Whether no tag of this new series would have more values than it may.
  bool fits(const model::SeriesKey& key) const;
  void add(const model::SeriesKey& key);
  /// Of a key that was added.
  void remove(const model::SeriesKey& key);

  /// Tags, and values of all of them, that are held now.
  std::size_t tags() const { return values_of_.size(); }
  std::size_t values() const { return series_of_.size(); }

 private:
  std::size_t values_max_;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> values_of_;  // by hash of kind, name, tag
  absl::flat_hash_map<std::uint64_t, std::uint32_t> series_of_;  // by that and the value
};

}  // namespace ingest::series
