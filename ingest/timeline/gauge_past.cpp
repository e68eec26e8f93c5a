#include "ingest/timeline/gauge_past.h"

#include <cmath>
#include <limits>

namespace ingest::timeline {

void GaugePast::add_to(Totals& totals, PaneNumber first, PaneNumber last, PaneNumber oldest) const {
  constexpr PaneNumber kNone = -1;
  const PaneNumber newest = panes_.panes().last_below(last, before_ ? before_->pane : kNone);
  if (newest == kNone || newest < oldest) return;
  double before = before_ ? before_->value : std::numeric_limits<double>::quiet_NaN();
  if (!panes_.empty()) {
    const PaneNumber begin = panes_.panes().items().front().number;
    panes_.cover(begin, first, [&](const model::Partial& node) {
      before = node.gauge().last(std::isnan(before) ? 0 : before);
    });
  }
  model::GaugePartial in_window;
  panes_.cover(first, last, [&](const model::Partial& node) { in_window.merge(node.gauge()); });
  totals.add_gauge(in_window, before);
}

void GaugePast::drop_below(PaneNumber pane) {
  for (const PaneRun::Item& item : panes_.panes().items()) {
    if (item.number >= pane) break;
    before_ = {item.partial.gauge().last(before_ ? before_->value : 0), item.number};
  }
  panes_.drop_below(pane);
}

}  // namespace ingest::timeline
