// How a Timeline goes on where one before it stood.

#include <algorithm>

#include "ingest/base/check.h"
#include "ingest/model/packed_partial.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

void Timeline::restore_from(WallTime then) {
  resumes_ = finished_;
  finished_ = started_ = std::min(then, finished_);
}

void Timeline::resume() {
  finished_ = resumes_;
}

void Timeline::restore(std::size_t worker, model::LocalSeries series,
                       std::span<const PackedPane> panes) {
  const Local* const here = local(worker, series);
  if (here == nullptr) {
    counters_.unknown += panes.size();
    return;
  }
  if (!panes.empty()) restored_until_ = std::max(restored_until_, grid_.end(panes.back().number));
  const auto open = std::ranges::lower_bound(panes, store_.open(), {}, &PackedPane::number);
  const auto closed = panes.first(static_cast<std::size_t>(open - panes.begin()));
  store_.restore(here->series, closed);
  if (!closed.empty()) {
    Series& known = series_[here->series];
    known.newest = std::max(known.newest, closed.back().number);
    known.status->newest = std::max(known.status->newest, known.newest);
  }
  for (const PackedPane& pane : panes.subspan(closed.size())) {
    std::span<const std::byte> packed = pane.packed;
    auto partial = model::unpack(packed);
    CHECK(partial);
    merge(worker,
          {.series = series, .pane = grid_.start(pane.number), .partial = *std::move(partial)});
  }
}

}  // namespace ingest::timeline
