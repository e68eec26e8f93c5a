#pragma once
// GaugePast: one gauge's own panes, and what it was before the oldest of them. Gauges merge over
// time within each series first, so each has its own. A value; owned by its stream, on the hub's
// thread.

#include <optional>

#include "ingest/timeline/evaluate.h"
#include "ingest/timeline/pane_tree.h"
#include "ingest/timeline/series_panes.h"

namespace ingest::timeline {

class GaugePast {
 public:
  GaugePast(std::uint64_t window_panes, std::optional<SeriesPanes::Before> before)
      : panes_(window_panes), before_(before) {}

  void merge(PaneNumber pane, const model::Partial& change) { panes_.merge_in_order(pane, change); }
  /// Adds it to `totals` as it is in the panes [first, last), unless its newest pane there is older
  /// than `oldest`: by then it had expired.
  void add_to(Totals& totals, PaneNumber first, PaneNumber last, PaneNumber oldest) const;
  /// Panes below become what it was before.
  void drop_below(PaneNumber pane);
  std::size_t held_bytes() const { return sizeof(*this) + panes_.held_bytes(); }

 private:
  PaneTree panes_;
  std::optional<SeriesPanes::Before> before_;
};

}  // namespace ingest::timeline
