#include "ingest/timeline/row_evaluator.h"

#include <algorithm>

#include "ingest/base/check.h"
#include "ingest/timeline/gauge_past.h"

namespace ingest::timeline {

RowEvaluator::RowEvaluator(const query::Query& query, const Options& options)
    : evaluator_(query),
      options_(options),
      window_(query.window),
      window_panes_(query.window / options.grid.pane),
      slide_panes_(query.slide / options.grid.pane),
      can_keep_(!evaluator_.looks_back() &&
                std::ranges::none_of(query.stats, [](const query::Stat& stat) {
                  return stat.name == query::Stat::Name::Buckets;
                })) {
  CHECK(slide_panes_ > 0 && window_panes_ % slide_panes_ == 0);
}

PaneNumber RowEvaluator::reach_panes() const {
  return evaluator_.looks_back() ? slide_panes_ * PaneNumber{RecentPast::kWindows} : 0;
}

Strand RowEvaluator::make_strand(model::Kind kind, std::size_t part) const {
  Strand strand{kind, part, {}, nullptr, nullptr};
  if (kind != model::Kind::Gauge) {
    strand.slides = std::make_unique<PaneTree>(window_panes_ / slide_panes_);
  }
  if (evaluator_.looks_back()) strand.past = std::make_unique<RecentPast>();
  return strand;
}

// ---- levels ----

std::size_t RowEvaluator::remember(Row& row, PaneNumber end, PaneNumber oldest_end) {
  std::size_t taken = 0;
  const WindowNumber last = end / slide_panes_;
  for (Strand& strand : row.strands) {
    if (!strand.past) continue;
    const WindowNumber oldest = oldest_end / slide_panes_;
    strand.past->hold_from(oldest, last);
    const WindowNumber first = std::max(strand.past->newest() + 1,
                                        oldest - static_cast<WindowNumber>(RecentPast::kWindows));
    for (WindowNumber window = first; window <= last; ++window) {
      strand.past->put(window, level_of(totals_of(strand, window * slide_panes_), window_));
      ++taken;
    }
  }
  return taken;
}

void RowEvaluator::remember_anew(Row& row) {
  for (Strand& strand : row.strands) {
    if (!strand.past) continue;
    const WindowNumber first = std::max(row.dirty_first / slide_panes_ + 1, strand.past->oldest());
    WindowNumber last = strand.past->newest();
    if (strand.kind != model::Kind::Gauge) {  // gauges carry what was before a window into it
      last = std::min(last, (row.dirty_last + window_panes_) / slide_panes_);
    }
    for (WindowNumber window = first; window <= last; ++window)
      strand.past->put(window, level_of(totals_of(strand, window * slide_panes_), window_));
  }
}

// ---- columns ----

bool RowEvaluator::touches(const Row& row, PaneNumber end) const {
  if (row.dirty_first >= end) return false;
  if (row.dirty_last >= end - window_panes_ - reach_panes()) return true;
  return std::ranges::any_of(
      row.strands, [](const Strand& strand) { return strand.kind == model::Kind::Gauge; });
}

bool RowEvaluator::says_the_same(const Row& row, PaneNumber earlier_end, PaneNumber end) const {
  return std::ranges::all_of(row.strands, [&](const Strand& strand) {
    if (strand.slides == nullptr) return false;  // gauges grow old
    return !strand.slides->any(slide_of(earlier_end - window_panes_),
                               slide_of(end - window_panes_)) &&
           !strand.slides->any(slide_of(earlier_end), slide_of(end));
  });
}

void RowEvaluator::append(const Row& row, PaneNumber end, Evaluated& to) {
  evaluator_.append(totals_of(row, end), to);
}

double RowEvaluator::column(const Row& row, PaneNumber end, std::size_t index) {
  return evaluator_.column(totals_of(row, end), index, scratch_);
}

std::span<const Totals> RowEvaluator::totals_of(const Row& row, PaneNumber end) {
  totals_.clear();
  for (const Strand& strand : row.strands) {
    totals_.push_back(totals_of(strand, end));
    if (strand.past) totals_.back().look_back(*strand.past, end / slide_panes_);
  }
  return totals_;
}

Totals RowEvaluator::totals_of(const Strand& strand, PaneNumber end) const {
  Totals totals{strand.kind, strand.part};
  if (strand.kind != model::Kind::Gauge) {
    strand.slides->cover(slide_of(end - window_panes_), slide_of(end),
                         [&](const model::Partial& node) { totals.add(node); });
    return totals;
  }
  // A gauge whose newest pane has been over for series_ttl at the window's end had expired by then.
  const PaneNumber oldest =
      end - (options_.series_ttl + options_.grid.pane - Millis{1}) / options_.grid.pane;
  for (const GaugePast* gauge : strand.gauges)
    gauge->add_to(totals, end - window_panes_, end, oldest);
  return totals;
}

}  // namespace ingest::timeline
