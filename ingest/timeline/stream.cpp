#include "ingest/timeline/stream.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ingest/base/check.h"

namespace ingest::timeline {
namespace {

using query::RowSlot;

}  // namespace

Stream::Stream(const Options& options, query::Query query, query::Selector selector, WallTime tick)
    : options_(options),
      query_(std::move(query)),
      selector_(std::move(selector)),
      evaluator_(query_),
      grid_{options.pane},
      window_panes_(query_.window / options.pane),
      slide_panes_(query_.slide / options.pane),
      rows_(options.rows_max, static_cast<std::uint64_t>(query_.window / options.pane)) {
  CHECK(slide_panes_ > 0 && window_panes_ % slide_panes_ == 0);
  newest_end_ = window_end(tick);
  first_kept_ = oldest_needed(tick);
}

// ---- members ----

Stream::Joined Stream::join(SeriesIndex index, const Timeline::Series& series,
                            const SeriesPanes& panes) {
  Joined joined{static_cast<MemberId>(members_.size()), 1};
  if (free_members_.empty()) {
    members_.emplace_back();
  } else {
    joined.member = free_members_.back();
    free_members_.pop_back();
  }
  const RowSlot slot = rows_.find_or_add(selector_.row_key(series.key), series.key.kind());
  Row& row = rows_.row(slot);
  Member& member = members_[joined.member];
  member = Member{true, false, index, slot, nullptr};
  ++row.members;
  if (row.overflow) ++overflowed_;
  if (row.kind == model::Kind::Gauge) {
    member.gauge = past_of(panes);
    row.gauges.push_back(joined.member);
    joined.steps += panes.size(Rollup::Base);
  } else {
    panes.each(Rollup::Base, first_kept_, SeriesPanes::kNever,
               [&](PaneNumber number, const model::Partial& partial) {
                 row.panes->merge(number, partial);
                 ++joined.steps;
               });
  }
  if (series.live) revive(joined.member);
  return joined;
}

std::unique_ptr<Stream::GaugePast> Stream::past_of(const SeriesPanes& panes) const {
  const auto before = panes.before(Rollup::Base);
  auto past = std::make_unique<GaugePast>(
      GaugePast{PaneTree{static_cast<std::uint64_t>(window_panes_)}, before ? before->value : 0,
                before.has_value(), before ? before->pane : 0});
  panes.each(Rollup::Base, 0, SeriesPanes::kNever,
             [&](PaneNumber number, const model::Partial& partial) {
               past->panes.merge_in_order(number, partial);
               if (number < first_kept_) past->drop_below(number + 1);
             });
  return past;
}

void Stream::GaugePast::drop_below(PaneNumber pane) {
  for (const PaneRun::Item& item : panes.panes().items()) {
    if (item.number >= pane) break;
    before = item.partial.gauge().last(has_before ? before : 0);
    has_before = true;
    before_pane = item.number;
  }
  panes.drop_below(pane);
}

void Stream::revive(MemberId id) {
  members_[id].live = true;
  const RowSlot slot = members_[id].row;
  if (rows_.row(slot).live++ == 0) rows_.life_changed(slot);
}

void Stream::expire(MemberId id) {
  members_[id].live = false;
  const RowSlot slot = members_[id].row;
  if (--rows_.row(slot).live == 0) rows_.life_changed(slot);
}

void Stream::forget(MemberId id) {
  Member& member = members_[id];
  if (member.live) expire(id);
  Row& row = rows_.row(member.row);
  --row.members;
  if (row.overflow) --overflowed_;
  if (member.gauge) std::erase(row.gauges, id);
  member = Member{};
  free_members_.push_back(id);
}

void Stream::change(MemberId id, PaneNumber pane, const model::Partial& change) {
  DCHECK(pane >= first_kept_);
  if (pane < first_kept_) return;
  Member& member = members_[id];
  if (member.gauge) {
    member.gauge->panes.merge_in_order(pane, change);
  } else {
    rows_.row(member.row).panes->merge(pane, change);
  }
  rows_.mark_dirty(member.row, pane);
}

// ---- windows ----

PaneNumber Stream::window_end(WallTime tick) const {
  const Millis since_epoch = tick.time_since_epoch();
  const std::int64_t slides = (since_epoch + query_.slide - Millis{1}) / query_.slide;
  return slides * slide_panes_;
}

bool Stream::closes(PaneNumber end, WallTime tick) const {
  return grid_.start(end) + options_.allowed_lateness <= tick;
}

void Stream::finish(WallTime tick, query::UpdateSink& sink) {
  const PaneNumber end = window_end(tick);
  const bool moved = !begun_ || end != newest_end_;
  if (moved) open_newest(end, tick);
  rows_.announce(news_);
  tell_newest(moved, sink);
  tell_earlier(tick, sink);
  rows_.clear_dirty();
  drop_old(tick);
}

void Stream::open_newest(PaneNumber end, WallTime tick) {
  CHECK(!begun_ || end > newest_end_);
  if (begun_) {
    earlier_.push_back({newest_end_, true});
    const PaneNumber first_open = window_end(tick - options_.allowed_lateness + Millis{1});
    for (PaneNumber skipped = std::max(newest_end_ + slide_panes_, first_open); skipped < end;
         skipped += slide_panes_) {
      earlier_.push_back({skipped, false});
    }
  }
  newest_end_ = end;
}

void Stream::tell_newest(bool moved, query::UpdateSink& sink) {
  choose_rows(moved, newest_end_);
  if (!moved) {
    for (const query::RowAdded& added : news_.added)
      chosen_.push_back(added.slot);
    std::ranges::sort(chosen_);
    chosen_.erase(std::unique(chosen_.begin(), chosen_.end()), chosen_.end());
    if (chosen_.empty() && news_.removed.empty()) return;
  }
  query::Update update;
  update.revision = query::Revision::Newest;
  update.removed = news_.removed;
  update.added = news_.added;
  tell(update, newest_end_, sink);
  begun_ = true;
}

void Stream::tell_earlier(WallTime tick, query::UpdateSink& sink) {
  for (Earlier& window : earlier_) {
    const bool closing = closes(window.end, tick);
    if (!closing && !window.told) continue;  // its Final says all of it
    choose_rows(!window.told, window.end);
    if (!closing && chosen_.empty()) continue;
    query::Update update;
    update.revision = closing ? query::Revision::Final : query::Revision::Restated;
    if (!closing) update.rev = ++window.rev;
    tell(update, window.end, sink);
  }
  std::erase_if(earlier_, [&](const Earlier& window) { return closes(window.end, tick); });
}

// All rows that readers know, or those with a change in the window that ends at `end`.
void Stream::choose_rows(bool all, PaneNumber end) {
  chosen_.clear();
  if (all) {
    for (RowSlot slot = 0; slot < rows_.slots(); ++slot) {
      if (rows_.row(slot).announced) chosen_.push_back(slot);
    }
    return;
  }
  for (const RowSlot slot : rows_.dirty()) {
    const Row& row = rows_.row(slot);
    const bool inside = row.dirty_first < end && row.dirty_last >= end - window_panes_;
    // A gauge carries what came before the window into it.
    const bool carried = row.kind == model::Kind::Gauge && row.dirty_first < end;
    if (row.announced && (inside || carried)) chosen_.push_back(slot);
  }
}

void Stream::tell(query::Update update, PaneNumber end, query::UpdateSink& sink) {
  evaluated_.clear();
  for (const RowSlot slot : chosen_)
    evaluate_row(rows_.row(slot), end);
  update.stream = options_.id;
  update.window = {grid_.start(end - window_panes_), grid_.start(end)};
  update.rows = chosen_;
  update.values = evaluated_.values;
  update.lists = evaluated_.lists;
  update.marks = evaluated_.marks;
  sink.update(update);
}

// ---- values ----

void Stream::evaluate_row(const Row& row, PaneNumber end) {
  Totals totals{row.kind};
  if (row.kind == model::Kind::Gauge) {
    for (const MemberId id : row.gauges)
      add_gauge(*members_[id].gauge, end, totals);
  } else {
    row.panes->cover(end - window_panes_, end,
                     [&](const model::Partial& node) { totals.add(node); });
  }
  evaluator_.append({&totals, 1}, evaluated_);
}

void Stream::add_gauge(const GaugePast& gauge, PaneNumber end, Totals& totals) const {
  constexpr PaneNumber kNone = -1;
  const PaneNumber newest =
      gauge.panes.panes().last_below(end, gauge.has_before ? gauge.before_pane : kNone);
  if (newest == kNone) return;
  if (grid_.end(newest) + options_.series_ttl <= grid_.start(end)) return;  // expired by then
  double before = gauge.has_before ? gauge.before : std::numeric_limits<double>::quiet_NaN();
  const PaneNumber start = end - window_panes_;
  gauge.panes.cover(first_kept_, start, [&](const model::Partial& node) {
    before = node.gauge().last(std::isnan(before) ? 0 : before);
  });
  model::GaugePartial in_window;
  gauge.panes.cover(start, end, [&](const model::Partial& node) { in_window.merge(node.gauge()); });
  totals.add_gauge(in_window, before);
}

// ---- forgetting ----

// No window that is open or comes, and no pane that is open, begins before it.
PaneNumber Stream::oldest_needed(WallTime tick) const {
  const PaneNumber window = (earlier_.empty() ? newest_end_ : earlier_.front().end) - window_panes_;
  return std::min(window, grid_.number(tick - options_.allowed_lateness));
}

void Stream::drop_old(WallTime tick) {
  const PaneNumber oldest = oldest_needed(tick);
  if (oldest <= first_kept_) return;
  first_kept_ = oldest;
  rows_.drop_below(oldest);
  for (Member& member : members_) {
    if (member.gauge) member.gauge->drop_below(oldest);
  }
}

}  // namespace ingest::timeline
