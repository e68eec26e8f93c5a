#include "ingest/timeline/recent_minute.h"

#include <algorithm>

#include "ingest/base/check.h"
#include "ingest/model/packed_partial.h"

namespace ingest::timeline {

const model::Partial& RecentMinute::of(SeriesIndex series, model::Kind kind) {
  merged_count_ = 0;
  const SeriesPanes panes = timeline_.panes(series);
  const WallTime begin = timeline_.known_until() - query::kExpositionWindow;
  PaneNumber first = timeline_.grid().number(begin);
  if (panes.covers(Rollup::Ten) != SeriesPanes::kNever) {
    const PaneGrid tens = timeline_.grid(Rollup::Ten);
    const PaneNumber first_ten = tens.number(begin);
    const PaneNumber made = panes.made_until(Rollup::Ten);
    first = timeline_.grid().number(tens.start(std::max(first_ten, made)));
    if (made > first_ten) add(panes, Rollup::Ten, first_ten, made);
  }
  add(panes, Rollup::Base, first, SeriesPanes::kNever);
  if (merge_.empty()) return merged_ = model::Partial{kind};
  std::span<const std::byte> packed = merge_.finish();
  auto partial = model::unpack(packed);
  CHECK(partial);  // our own bytes
  return merged_ = *std::move(partial);
}

void RecentMinute::add(const SeriesPanes& panes, Rollup level, PaneNumber first, PaneNumber last) {
  panes.each_packed(level, first, last, [&](PaneNumber, std::span<const std::byte> packed) {
    const bool is_first = merge_.empty();
    if (is_first) first_.assign(packed.begin(), packed.end());
    merge_.add(is_first ? first_ : packed);
    ++merged_count_;
  });
}

}  // namespace ingest::timeline
