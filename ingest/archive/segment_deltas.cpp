#include "ingest/archive/segment_deltas.h"

#include <limits>
#include <utility>

#include "ingest/archive/reader.h"
#include "ingest/model/packed_partial.h"

namespace ingest::archive {

void SegmentDeltas::take(std::span<const std::byte> entries) {
  EntryReader reader{entries};
  while (!take_some(reader, std::numeric_limits<std::size_t>::max())) {
  }
}

bool SegmentDeltas::take_some(EntryReader& entries, std::size_t max) {
  for (std::size_t i = 0; i < max; ++i) {
    const auto entry = entries.next();
    if (!entry) return true;
    entry->what == Entry::What::Born ? take_born(*entry) : take_delta(*entry);
  }
  return false;
}

void SegmentDeltas::take_born(const Entry& entry) {
  auto key = read_key(entry.kind, entry.key);
  if (!key || entry.number > kNumberMax) return;
  const auto [found, is_new] =
      by_place_.try_emplace(Reader::place_of(*key), static_cast<std::uint32_t>(series_.size()));
  if (is_new) series_.push_back({.key = *std::move(key)});
  if (number_to_series_.size() <= entry.number)
    number_to_series_.resize(entry.number + std::size_t{1}, kEnd);
  number_to_series_[entry.number] = found->second;
}

void SegmentDeltas::take_delta(const Entry& entry) {
  const bool known =
      entry.number < number_to_series_.size() && number_to_series_[entry.number] != kEnd;
  if (!known) {
    ++damaged_;  // its birth was in a record that is lost
    return;
  }
  Series& series = series_[number_to_series_[entry.number]];
  const auto place = static_cast<std::uint32_t>(deltas_.size());
  deltas_.push_back({entry.pane, entry.packed, kEnd});
  (series.last == kEnd ? series.first : deltas_[series.last].next) = place;
  series.last = place;
  ++series.deltas;
}

SegmentDeltas::Panes SegmentDeltas::merged(std::size_t series) {
  Panes panes;
  for (std::uint32_t at = series_[series].first; at != kEnd; at = deltas_[at].next) {
    auto packed = deltas_[at].packed;
    auto partial = model::unpack(packed);
    if (!partial || partial->kind() != series_[series].key.kind()) {
      ++damaged_;
      continue;
    }
    const auto [pane, is_new] = panes.try_emplace(deltas_[at].pane, *std::move(partial));
    // NOLINTNEXTLINE(bugprone-use-after-move): try_emplace() moves only where nothing stood
    if (!is_new) pane->second.merge(*partial);
  }
  return panes;
}

}  // namespace ingest::archive
