#include "ingest/series/open_panes.h"

#include <algorithm>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::series {

OpenPanes::OpenPanes(const Options& options)
    : options_(options),
      panes_max_(
          static_cast<std::size_t>((options.allowed_lateness + options.future) / options.pane) + 3 +
          kPanesSpare) {
  CHECK(options.pane > Millis{0} && options.tick > Millis{0});
  CHECK(options.allowed_lateness >= Millis{0} && options.future >= Millis{0});
}

WallTime OpenPanes::start_of(WallTime time) const {
  const std::int64_t pane_ms = options_.pane.count();
  const std::int64_t since_ms = to_ms(time) % pane_ms;
  return time - Millis{since_ms < 0 ? since_ms + pane_ms : since_ms};
}

Pane& OpenPanes::pane_at(WallTime start) {
  const auto place = std::lower_bound(
      open_.begin(), open_.end(), start,
      [](const Open& each, WallTime wanted) { return each.pane->start() < wanted; });
  if (place != open_.end() && place->pane->start() == start) {
    set_latest(*place->pane);
    return *latest_;
  }
  if (open_.size() >= panes_max_) {
    ++misplaced_;
    return *open_.back().pane;
  }
  std::unique_ptr<Pane> pane;
  if (kept_.empty()) {
    pane = std::make_unique<Pane>(start, memory_);
  } else {
    pane = std::move(kept_.back());
    kept_.pop_back();
    pane->begin(start);
  }
  set_latest(*pane);
  open_.insert(place, Open{.pane = std::move(pane)});
  return *latest_;
}

void OpenPanes::set_latest(Pane& pane) {
  latest_ = &pane;
  latest_end_ = pane.start() + options_.pane;
}

// ---- what leaves ----

void OpenPanes::begin_tick(WallTime tick) {
  tick_ = tick;
  const std::int64_t hand_over_ticks =
      std::max<std::int64_t>(1, std::min(options_.pane, options_.allowed_lateness) / options_.tick);
  for (Open& each : open_) {
    each.pane->begin_tick();
    each.due = 0;
    const WallTime end = each.pane->start() + options_.pane;
    if (end > tick) continue;
    if (each.share == 0) {
      const auto ticks = static_cast<std::size_t>(hand_over_ticks);
      each.share = std::max<std::size_t>(1, (each.pane->waiting() + ticks - 1) / ticks);
    }
    // The last tick of hand_over_time takes the rest, and so does every one after it.
    const bool spread = tick + options_.tick < end + options_.tick * hand_over_ticks;
    each.due = std::min(each.pane->waiting(), spread ? each.share : kAll);
  }
}

bool OpenPanes::take_some(std::size_t series_max, std::vector<model::PartialMoved>& out) {
  for (Open& each : open_) {
    series_max -= each.pane->take_changed(series_max, out);
    const std::size_t took = each.pane->take(std::min(series_max, each.due), out);
    each.due -= took;
    each.flush -= std::min(each.flush, took);
    series_max -= took;
    if (series_max == 0) return true;
  }
  retire_closed();
  return false;
}

void OpenPanes::take_due(WallTime tick, std::vector<model::PartialMoved>& out) {
  begin_tick(tick);
  take_some(kAll, out);
}

// Series leave a pane in the order in which they came to it, so those that were here go first.
void OpenPanes::begin_flush() {
  for (Open& each : open_)
    each.flush = each.pane->waiting();
}

bool OpenPanes::flush_some(std::size_t series_max, std::vector<model::PartialMoved>& out) {
  for (Open& each : open_) {
    const std::size_t took = each.pane->take(std::min(series_max, each.flush), out);
    each.flush -= took;
    series_max -= took;
    if (series_max == 0) return true;
  }
  return false;
}

bool OpenPanes::take_all(std::vector<model::PartialMoved>& out, std::size_t series_max) {
  while (!open_.empty()) {
    Pane& oldest = *open_.front().pane;
    series_max -= oldest.take(series_max, out);
    if (!oldest.empty()) return true;
    retire(std::move(open_.front().pane));
    open_.erase(open_.begin());
  }
  return false;
}

void OpenPanes::retire_closed() {
  while (!open_.empty() && open_.front().pane->empty() &&
         closed(open_.front().pane->start(), tick_)) {
    retire(std::move(open_.front().pane));
    open_.erase(open_.begin());
  }
}

void OpenPanes::retire(std::unique_ptr<Pane> pane) {
  latest_ = nullptr;
  memory_.entries.settle();
  memory_.places.settle();
  if (kept_.size() < kPanesKept) kept_.push_back(std::move(pane));
}

bool OpenPanes::holds(model::LocalSeries series) const {
  return std::any_of(open_.begin(), open_.end(),
                     [&](const Open& each) { return each.pane->holds(series); });
}

void OpenPanes::begin_watch() {
  for (const Open& each : open_)
    each.pane->begin_watch();
}

}  // namespace ingest::series
