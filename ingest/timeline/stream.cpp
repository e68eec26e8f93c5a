#include "ingest/timeline/stream.h"

#include <algorithm>
#include <tuple>

#include "ingest/base/check.h"
#include "ingest/query/columns.h"

namespace ingest::timeline {
namespace {

using query::RowSlot;

RowTable::Options row_options(const query::Query& query, std::size_t rows_max) {
  const auto kind = std::ranges::find(query.by, query::kKindColumn);
  return {rows_max,
          query::joined_metrics(query).empty() ? RowTable::Kinds::Apart : RowTable::Kinds::Together,
          static_cast<std::size_t>(kind - query.by.begin())};
}

}  // namespace

Stream::Stream(const Options& options, query::Query query, query::Selector selector, WallTime tick)
    : options_(options),
      query_(std::move(query)),
      selector_(std::move(selector)),
      parts_(query::joined_metrics(query_)),
      grid_{options.pane},
      evaluator_(query_, {grid_, options.series_ttl}),
      rows_(row_options(query_, options.rows_max)) {
  if (query_.limit > 0 && query_.order) {
    const auto fields = query::fields(query_);
    const auto column = std::ranges::find(fields, query_.order->field, &query::Field::name);
    CHECK(column != fields.end());
    order_column_ = static_cast<std::size_t>(column - fields.begin());
    top_.emplace(query_.limit, query_.order->direction);
  }
  if (evaluator_.can_keep()) kept_.emplace(query::fields(query_).size());
  newest_end_ = window_end(tick);
  first_kept_ = oldest_needed(tick) - evaluator_.reach_panes();
}

// ---- members ----

// Which metric of those that are joined; their number when it is none of them.
std::size_t Stream::part_of(const model::SeriesKey& key) const {
  return static_cast<std::size_t>(std::ranges::find(parts_, key.name()) - parts_.begin());
}

MemberId Stream::new_member() {
  if (free_members_.empty()) {
    members_.emplace_back();
    return static_cast<MemberId>(members_.size() - 1);
  }
  const MemberId id = free_members_.back();
  free_members_.pop_back();
  return id;
}

Stream::Joined Stream::join(SeriesIndex index, const Timeline::Series& series,
                            const SeriesPanes& panes, Has has) {
  const MemberId id = new_member();
  const model::Kind kind = series.key.kind();
  const RowSlot slot = rows_.find_or_add({selector_.row_key(series.key), kind});
  Member& member = members_[id];
  member =
      Member{true, false, index, slot, kind, parts_.empty() ? 0 : part_of(series.key), nullptr};
  Row& row = rows_.row(slot);
  if (kept_) kept_->forget(slot);
  ++row.members;
  if (row.overflow) ++overflowed_;
  const std::size_t steps = 1 + take_panes(member, panes, has);
  if (series.live) revive(id);
  return {id, steps};
}

// By part, then kind, as they are evaluated.
Strand& Stream::strand_of(const Member& member) {
  std::vector<Strand>& strands = rows_.row(member.row).strands;
  const auto place = std::ranges::find_if(strands, [&](const Strand& strand) {
    return std::tie(strand.part, strand.kind) >= std::tie(member.part, member.kind);
  });
  if (place != strands.end() && place->part == member.part && place->kind == member.kind) {
    return *place;
  }
  return *strands.insert(place, evaluator_.make_strand(member.kind, member.part));
}

std::size_t Stream::take_panes(Member& member, const SeriesPanes& panes, Has has) {
  using Begin = JoinedPanes::Begin;
  Strand& strand = strand_of(member);
  const JoinedPanes joined{panes, options_.rollups, first_kept_};
  if (member.kind != model::Kind::Gauge) {
    if (has == Has::Counted) return 0;
    return joined.each(Begin::AtFirst, [&](PaneNumber pane, const model::Partial& partial) {
      strand.slides->merge(evaluator_.slide_of(pane), partial);
    });
  }
  member.gauge = std::make_unique<GaugePast>(static_cast<std::uint64_t>(evaluator_.window_panes()),
                                             joined.before());
  strand.gauges.push_back(member.gauge.get());
  return joined.each(Begin::All, [&](PaneNumber pane, const model::Partial& partial) {
    member.gauge->merge(pane, partial);
    if (pane < first_kept_) member.gauge->drop_below(pane + 1);
  });
}

bool Stream::settle(std::size_t steps) {
  std::size_t done = 0;
  while (settled_ < rows_.slots() && done < steps)
    done += 1 + evaluator_.remember(rows_.row(settled_++), newest_end_, oldest_end());
  return settled_ < rows_.slots();
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
  if (member.gauge) std::erase(strand_of(member).gauges, member.gauge.get());
  member = Member{};
  free_members_.push_back(id);
}

void Stream::change(MemberId id, PaneNumber pane, const model::Partial& change) {
  DCHECK(pane >= first_kept_);
  if (pane < first_kept_) return;
  Member& member = members_[id];
  if (member.gauge) {
    member.gauge->merge(pane, change);
  } else {
    strand_of(member).slides->merge(evaluator_.slide_of(pane), change);
  }
  rows_.mark_dirty(member.row, pane);
  if (kept_) kept_->forget(member.row);
}

// ---- windows ----

PaneNumber Stream::window_end(WallTime tick) const {
  const Millis since_epoch = tick.time_since_epoch();
  const std::int64_t slides = (since_epoch + query_.slide - Millis{1}) / query_.slide;
  return slides * evaluator_.slide_panes();
}

bool Stream::closes(PaneNumber end, WallTime tick) const {
  return grid_.start(end) + options_.allowed_lateness <= tick;
}

void Stream::finish(WallTime tick, query::UpdateSink& sink) {
  const PaneNumber end = window_end(tick);
  const bool moved = !begun_ || end != newest_end_;
  if (moved) open_newest(end, tick);
  remember(moved);
  if (top_) choose_top(moved);
  rows_.announce(news_);
  tell_newest(moved, sink);
  tell_earlier(tick, sink);
  rows_.clear_dirty();
  drop_old(tick);
  rows_.measure();
}

void Stream::open_newest(PaneNumber end, WallTime tick) {
  CHECK(!begun_ || end > newest_end_);
  if (begun_) {
    earlier_.push_back({newest_end_, true});
    const PaneNumber first_open = window_end(tick - options_.allowed_lateness + Millis{1});
    for (PaneNumber skipped = std::max(newest_end_ + evaluator_.slide_panes(), first_open);
         skipped < end; skipped += evaluator_.slide_panes()) {
      earlier_.push_back({skipped, false});
    }
  }
  newest_end_ = end;
}

// Every row takes the level of the newest window, hidden or not: it is part of its past.
void Stream::remember(bool moved) {
  if (evaluator_.reach_panes() == 0) return;
  for (const RowSlot slot : rows_.dirty())
    evaluator_.remember_anew(rows_.row(slot));
  const auto take = [&](RowSlot slot) {
    evaluator_.remember(rows_.row(slot), newest_end_, oldest_end());
  };
  if (!moved) {  // new rows, and new kinds in old ones
    std::ranges::for_each(rows_.dirty(), take);
    std::ranges::for_each(rows_.in_question(), take);
    return;
  }
  for (RowSlot slot = 0; slot < rows_.slots(); ++slot)
    take(slot);
}

void Stream::choose_top(bool moved) {
  const auto value_of = [&](RowSlot slot) {
    return evaluator_.column(rows_.row(slot), newest_end_, order_column_);
  };
  const auto consider = [&](RowSlot slot) {
    const Row& row = rows_.row(slot);
    if (row.overflow) return;  // no group of its own: it stands beside the limit
    if (row.live > 0) {
      top_->set(slot, value_of(slot));
    } else {
      top_->erase(slot);
    }
  };
  if (moved) {
    for (RowSlot slot = 0; slot < rows_.slots(); ++slot)
      consider(slot);
  } else {
    for (const RowSlot slot : rows_.dirty())
      consider(slot);
    for (const RowSlot slot : rows_.in_question())
      consider(slot);
  }
  const auto changed = top_->choose(
      moved ? TopRows::Window::Moved : TopRows::Window::Same, [&](RowSlot slot) -> const auto& {
        return rows_.row(slot).key;
      });
  const auto settle_place = [&](RowSlot slot) {
    rows_.hide(slot, !rows_.row(slot).overflow && !top_->inside(slot));
  };
  std::ranges::for_each(std::vector<RowSlot>{rows_.in_question()}, settle_place);
  std::ranges::for_each(changed, settle_place);
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
    if (row.announced && evaluator_.touches(row, end)) chosen_.push_back(slot);
  }
}

void Stream::tell(query::Update update, PaneNumber end, query::UpdateSink& sink) {
  evaluated_.clear();
  if (kept_ && update.revision == query::Revision::Newest) {
    evaluate_newest();
  } else {
    for (const RowSlot slot : chosen_)
      evaluator_.append(rows_.row(slot), end, evaluated_);
  }
  update.stream = options_.id;
  update.window = {grid_.start(end - evaluator_.window_panes()), grid_.start(end)};
  update.rows = chosen_;
  update.values = evaluated_.values;
  update.lists = evaluated_.lists;
  update.marks = evaluated_.marks;
  sink.update(update);
}

// Rows that say the same as when they were last told are not evaluated again.
void Stream::evaluate_newest() {
  for (const RowSlot slot : chosen_) {
    const PaneNumber told = kept_->end(slot);
    const bool known = told != KeptRows::kNone && told - evaluator_.window_panes() >= first_kept_;
    if (known && evaluator_.says_the_same(rows_.row(slot), told, newest_end_)) {
      kept_->append(slot, newest_end_, evaluated_);
      continue;
    }
    evaluator_.append(rows_.row(slot), newest_end_, evaluated_);
    kept_->keep(slot, newest_end_, evaluated_);
  }
}

// ---- forgetting ----

// No window that is open or comes, and no pane that is open, begins before it.
PaneNumber Stream::oldest_needed(WallTime tick) const {
  return std::min(oldest_end() - evaluator_.window_panes(),
                  grid_.number(tick - options_.allowed_lateness));
}

void Stream::drop_old(WallTime tick) {
  const PaneNumber oldest = oldest_needed(tick);
  if (oldest <= first_kept_) return;
  first_kept_ = oldest;
  rows_.drop_below(evaluator_.slide_of(oldest));
  for (Member& member : members_) {
    if (member.gauge) member.gauge->drop_below(oldest);
  }
}

}  // namespace ingest::timeline
