#include "ingest/timeline/recent_minute.h"

#include <algorithm>

#include "ingest/base/check.h"
#include "ingest/model/packed_partial.h"

namespace ingest::timeline {

double RecentMinute::distinct(SeriesIndex set) {
  model::Partial all{model::Kind::Set};
  each_packed(set, [&](std::span<const std::byte> packed) {
    const bool merged = model::merge_packed(packed, all);
    CHECK(merged);  // our own bytes
  });
  return all.set().distinct();
}

void RecentMinute::append_quantiles(SeriesIndex timer, std::span<const double> quantiles,
                                    std::vector<double>& out) {
  histograms_.clear();
  each_packed(timer, [&](std::span<const std::byte> packed) {
    const bool added = model::add_histogram(packed, histograms_);
    CHECK(added);  // our own bytes
  });
  histograms_.append_quantiles(quantiles, out);
}

/// Calls add(record) for each.
template <class Add>
void RecentMinute::each_packed(SeriesIndex series, const Add& add) {
  merged_count_ = 0;
  const auto visit = [&](PaneNumber, std::span<const std::byte> packed) {
    add(packed);
    ++merged_count_;
  };
  const SeriesPanes panes = timeline_.panes(series);
  const WallTime begin = timeline_.known_until() - query::kExpositionWindow;
  PaneNumber first = timeline_.grid().number(begin);
  if (panes.covers(Rollup::Ten) != SeriesPanes::kNever) {
    const PaneGrid tens = timeline_.grid(Rollup::Ten);
    const PaneNumber first_ten = tens.number(begin);
    const PaneNumber made = panes.made_until(Rollup::Ten);
    first = timeline_.grid().number(tens.start(std::max(first_ten, made)));
    if (made > first_ten) panes.each_packed(Rollup::Ten, first_ten, made, visit);
  }
  panes.each_packed(Rollup::Base, first, SeriesPanes::kNever, visit);
}

}  // namespace ingest::timeline
