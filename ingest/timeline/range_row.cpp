#include "ingest/timeline/range_row.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/model/packed_partial.h"

namespace ingest::timeline {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

constexpr std::int64_t kGaugeWindowsAStep = 4;

using Cell = Cells::value_type;

std::optional<model::Partial> unpacked(std::span<const std::byte> pane, model::Kind kind) {
  auto partial = model::unpack(pane);
  if (!partial || partial->kind() != kind) return std::nullopt;
  return *std::move(partial);
}

void merge_into(Cell& cell, const model::Partial& pane, std::size_t& held_bytes) {
  const std::size_t before = cell ? cell->held_bytes() : 0;
  if (cell) {
    cell->merge(pane);
  } else {
    cell = pane;
  }
  held_bytes += cell->held_bytes() - before;
}

/// Whether it is whole.
bool merge_into(Cell& cell, std::span<const std::byte> pane, std::size_t& held_bytes) {
  const std::size_t before = cell->held_bytes();
  const bool merged = model::merge_packed(pane, *cell);
  held_bytes += cell->held_bytes() - before;
  return merged;
}

}  // namespace

RangeFrame::RangeFrame(const RangeWindows& windows, Look look) : evaluated(windows) {
  constexpr auto kBack = static_cast<std::int64_t>(RecentPast::kWindows);
  every = windows.step / windows.apart;
  const std::int64_t first = windows.first * every;
  skip = look == Look::Back ? std::min(kBack, first) : 0;
  evaluated.step = windows.apart;
  evaluated.first = first - skip;
  evaluated.count = skip + (windows.count - 1) * every + 1;
}

RangeRow::RangeRow(const Evaluator& evaluator, const RangeFrame& frame,
                   const std::vector<Gap>& lost, const Options& options)
    : evaluator_(evaluator),
      frame_(frame),
      lost_(lost),
      options_(options),
      cells_(frame.evaluated) {}

// ---- panes ----

RangeRow::Track& RangeRow::track(model::Kind kind, std::size_t part) {
  const auto place = std::ranges::find_if(tracks_, [&](const Track& each) {
    return each.kind > kind || (each.kind == kind && each.part >= part);
  });
  if (place != tracks_.end() && place->kind == kind && place->part == part) return *place;
  Track& made = *tracks_.insert(place, Track{kind, part, {}, {}, {}});
  if (kind == model::Kind::Gauge) {
    const auto windows = static_cast<std::size_t>(frame_.evaluated.count);
    made.gauges.assign(windows, Totals{kind, part});
    held_bytes_ += windows * sizeof(Totals);
  } else {
    made.cells.resize(cells_.size());
    made.living.resize(static_cast<std::size_t>(frame_.evaluated.count) + 1);
    held_bytes_ +=
        cells_.size() * sizeof(Cells::value_type) + made.living.size() * sizeof(std::int32_t);
  }
  return made;
}

std::size_t RangeRow::held_bytes() const {
  std::size_t bytes = held_bytes_ + gauge_.held_bytes;
  for (const auto& slider : sliders_)
    bytes += slider ? slider->grown_bytes() : 0;
  return bytes;
}

void RangeRow::begin_series(model::Kind kind, std::size_t part, std::optional<Before> before) {
  now_ = &track(kind, part);
  life_ = {};
  born_ = WallTime::max();
  if (kind != model::Kind::Gauge) return;
  gauge_.value = before ? before->value : kUnknown;
  gauge_.until = before ? before->until : WallTime::min();
  gauge_.lost_until = WallTime::min();
  gauge_.next_lost = 0;
  gauge_.before.clear();
  gauge_.is_lost.clear();
  gauge_.newest.clear();
  gauge_.cells.assign(cells_.size(), std::nullopt);
  gauge_.held_bytes = cells_.size() * sizeof(Cells::value_type);
}

bool RangeRow::add(WallTime start, WallTime end, std::span<const std::byte> pane) {
  if (now_->kind == model::Kind::Gauge) return add_to_gauge(start, end, pane);
  const auto at = cells_.at(start);
  if (at && !add_to_cell(now_->cells[*at], pane)) return false;
  live(start, end);
  return true;
}

bool RangeRow::add_to_cell(Cell& cell, std::span<const std::byte> pane) {
  if (cell) return merge_into(cell, pane, held_bytes_);
  const auto first = unpacked(pane, now_->kind);
  if (first) merge_into(cell, *first, held_bytes_);
  return first.has_value();
}

bool RangeRow::add_to_gauge(WallTime start, WallTime end, std::span<const std::byte> pane) {
  const auto partial = unpacked(pane, model::Kind::Gauge);
  if (!partial) return false;
  follow_gauge(start);
  pass_lost(end);
  if (const auto at = cells_.at(start)) merge_into(gauge_.cells[*at], *partial, gauge_.held_bytes);
  gauge_.value = partial->gauge().last(std::isnan(gauge_.value) ? 0 : gauge_.value);
  if (partial->gauge().has_absolute() && gauge_.lost_until <= start)
    gauge_.lost_until = WallTime::min();
  gauge_.until = std::max(gauge_.until, end);
  return true;
}

// ---- who lives when ----

void RangeRow::live(WallTime start, WallTime end) {
  if (start >= life_.until) {
    end_life();
    life_.from = start;
    born_ = std::min(born_, start);
  }
  life_.until = end + options_.series_ttl;
}

void RangeRow::end_life() {
  if (life_.from < life_.until) mark_living(life_.from, life_.until);
  life_ = {};
}

/// In the windows that end in (from, until).
void RangeRow::mark_living(WallTime from, WallTime until) {
  const RangeWindows& windows = frame_.evaluated;
  const PaneGrid ends{windows.step};
  const auto place = [&](std::int64_t end) {
    return static_cast<std::size_t>(
        std::clamp<std::int64_t>(end - windows.first, 0, windows.count));
  };
  ++now_->living[place(ends.number(from) + 1)];
  --now_->living[place(ends.number(until - Millis{1}) + 1)];
}

bool RangeRow::needs_sign_of_life() const {
  return now_->kind != model::Kind::Gauge && born_ >= frame_.evaluated.end(0);
}

void RangeRow::lived(WallTime until) {
  mark_living(until - Millis{1}, until + options_.series_ttl);
  born_ = std::min(born_, until - Millis{1});
}

// ---- gauges ----

void RangeRow::correct(const Before& before) {
  follow_gauge(before.until - Millis{1});
  gauge_.value = before.value;
  gauge_.until = before.until;
  gauge_.lost_until = WallTime::min();
  gauge_.next_lost = lost_.size();
}

// Behind a hole a gauge may be anything, until it is set again; and who lived when the hole began
// may have been told of until it ended.
void RangeRow::pass_lost(WallTime until) {
  for (; gauge_.next_lost < lost_.size() && lost_[gauge_.next_lost].from < until;
       ++gauge_.next_lost) {
    const Gap& hole = lost_[gauge_.next_lost];
    gauge_.lost_until = hole.until;
    if (gauge_.until + options_.series_ttl > hole.from)
      gauge_.until = std::max(gauge_.until, hole.until);
  }
}

/// Something of that time was.
bool RangeRow::is_lost(const Gap& time) const {
  return std::ranges::any_of(
      lost_, [&](const Gap& hole) { return hole.from < time.until && time.from < hole.until; });
}

// What every window that begins, or ends, up to `start` has to know is known now.
void RangeRow::follow_gauge(WallTime start) {
  const RangeWindows& windows = frame_.evaluated;
  const auto all = static_cast<std::size_t>(windows.count);
  while (gauge_.before.size() < all &&
         windows.start(static_cast<std::int64_t>(gauge_.before.size())) <= start) {
    pass_lost(windows.start(static_cast<std::int64_t>(gauge_.before.size())));
    gauge_.before.push_back(gauge_.value);
    gauge_.is_lost.push_back(gauge_.lost_until > WallTime::min());
  }
  while (gauge_.newest.size() < all &&
         windows.end(static_cast<std::int64_t>(gauge_.newest.size())) <= start) {
    gauge_.newest.push_back(gauge_.until);
  }
}

std::size_t RangeRow::end_series() {
  std::size_t steps = 1;
  if (now_->kind == model::Kind::Gauge) {
    end_gauge();
    steps += static_cast<std::size_t>(frame_.evaluated.count / kGaugeWindowsAStep);
  } else {
    end_life();
  }
  now_ = nullptr;
  return steps;
}

// A gauge counts in a window while its newest pane is younger than the series' time to live.
void RangeRow::end_gauge() {
  static const model::Partial kEmpty{model::Kind::Gauge};
  const RangeWindows& windows = frame_.evaluated;
  follow_gauge(windows.until());
  CellSlider slider{cells_, gauge_.cells};
  for (std::int64_t i = 0; i < windows.count; ++i) {
    const CellSlider::Pieces pieces = slider.window(i);
    const auto at = static_cast<std::size_t>(i);
    const WallTime newest = gauge_.newest[at];
    if (newest == WallTime::min() || newest + options_.series_ttl <= windows.end(i)) continue;
    const auto add = [&](const model::Partial& in_window) {
      Totals& totals = now_->gauges[at];
      if (gauge_.is_lost[at]) return totals.add_lost_gauge(in_window.gauge());
      totals.add_gauge(in_window.gauge(), gauge_.before[at]);
    };
    if (pieces.older == nullptr || pieces.newer == nullptr) {
      const model::Partial* only = pieces.older != nullptr ? pieces.older : pieces.newer;
      add(only != nullptr ? *only : kEmpty);
      continue;
    }
    model::Partial both = *pieces.older;
    both.merge(*pieces.newer);
    add(both);
  }
}

// ---- columns ----

Totals RangeRow::totals_of(std::size_t track, std::int64_t window) {
  const Track& own = tracks_[track];
  std::optional<CellSlider>& slider = sliders_[track];
  if (!slider) return own.gauges[static_cast<std::size_t>(window)];
  Totals totals{own.kind, own.part};
  const CellSlider::Pieces pieces = slider->window(window);
  if (pieces.older != nullptr) totals.add(*pieces.older);
  if (pieces.newer != nullptr) totals.add(*pieces.newer);
  return totals;
}

void RangeRow::evaluate_window(std::int64_t window, Evaluated& to) {
  const RangeWindows& windows = frame_.evaluated;
  totals_.clear();
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    Track& own = tracks_[i];
    Totals totals = totals_of(i, window);
    if (own.kind != model::Kind::Gauge) own.lives += own.living[static_cast<std::size_t>(window)];
    if (evaluator_.looks_back()) {
      if (!is_lost({windows.start(window), windows.end(window)}))
        own.past.put(windows.first + window, level_of(totals, windows.window));
      totals.look_back(own.past, windows.first + window);
    }
    const bool lives = own.kind == model::Kind::Gauge ? totals.gauges().is_known() : own.lives > 0;
    if (lives) totals_.push_back(std::move(totals));
  }
  if (!frame_.is_asked(window)) return;
  evaluator_.append(totals_, to);
  has_lived_ = has_lived_ || !totals_.empty();
}

// A window is a merge or two for each track, and a look for each column.
std::size_t RangeRow::evaluate(std::size_t steps, Evaluated& to) {
  if (sliders_.empty()) {
    sliders_.resize(tracks_.size());
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
      if (tracks_[i].kind != model::Kind::Gauge) sliders_[i].emplace(cells_, tracks_[i].cells);
    }
  }
  const std::size_t each = 1 + 2 * tracks_.size() + evaluator_.columns();
  std::size_t done = 0;
  for (; !is_evaluated() && done < steps; done += each)
    evaluate_window(next_window_++, to);
  return done;
}

}  // namespace ingest::timeline
