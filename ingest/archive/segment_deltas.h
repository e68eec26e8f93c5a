#pragma once
// SegmentDeltas: what segments of one period have of each series, in the order it came. For who
// files them, and for who restores them. What it views are the segments' bytes. A value, on the
// archive's thread. It must not know files.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "ingest/archive/entry.h"
#include "ingest/archive/levels.h"
#include "ingest/model/partial.h"

namespace ingest::archive {

class SegmentDeltas {
 public:
  using Panes = std::map<PaneNumber, model::Partial>;

  /// A run gives no higher numbers; one in a segment is no number that we wrote.
  static constexpr std::uint32_t kNumberMax = std::uint32_t{1} << 24U;

  /// What comes next is of another segment: its numbers mean other series.
  void begin_segment() { number_to_series_.clear(); }
  /// The entries of one record.
  void take(std::span<const std::byte> entries);
  /// At most so many of them; whether these were the last.
  bool take_some(EntryReader& entries, std::size_t max);

  std::size_t series() const { return series_.size(); }
  const model::SeriesKey& key(std::size_t series) const { return series_[series].key; }
  /// How many deltas it has.
  std::size_t size(std::size_t series) const { return series_[series].deltas; }
  /// Its panes, each the merge of its deltas.
  Panes merged(std::size_t series);
  /// Deltas that could not be read, or of no known series.
  std::uint64_t damaged() const { return damaged_; }

 private:
  static constexpr std::uint32_t kEnd = ~std::uint32_t{0};
  struct Delta {
    PaneNumber pane = 0;
    std::span<const std::byte> packed;
    std::uint32_t next = kEnd;
  };
  struct Series {
    model::SeriesKey key;
    std::uint32_t first = kEnd;
    std::uint32_t last = kEnd;
    std::uint32_t deltas = 0;
  };
  void take_born(const Entry& entry);
  void take_delta(const Entry& entry);

  std::vector<Delta> deltas_;
  std::vector<Series> series_;
  std::map<std::string, std::uint32_t, std::less<>> by_place_;
  std::vector<std::uint32_t> number_to_series_;
  std::uint64_t damaged_ = 0;
};

}  // namespace ingest::archive
