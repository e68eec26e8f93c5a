#include "ingest/timeline/timeline.h"

#include <algorithm>

#include "ingest/base/check.h"
#include "ingest/timeline/timeline_levels.h"

namespace ingest::timeline {
namespace {

constexpr std::size_t kVisitsMin = 64;  // a series takes up to 20 us when its roll-ups are due
constexpr SeriesIndex kVisitsAhead = 2;
constexpr std::size_t kVisitPartsMin = 2;   // of a round, whatever time has leapt
constexpr std::size_t kTagValueBytes = 96;  // a value's node in the catalogue
// A name's node, what it has of its usual one kind, and what malloc adds to these three.
constexpr std::size_t kNameBytes = sizeof(Timeline::Names::value_type) +
                                   sizeof(Timeline::KindStatus) + 4 * sizeof(void*) +
                                   sizeof(SeriesIndex) + 6 * sizeof(void*);

}  // namespace

Timeline::Timeline(const Options& options, std::size_t workers, WallTime start)
    : options_(options),
      grid_{options.pane},
      finished_(start),
      started_(start),
      resumes_(start),
      store_(lengths_of(options), grid_.number(start - options.allowed_lateness)),
      retention_(retention_of(options)),
      by_key_(0, KeyHash{&series_}, KeyEqual{&series_}),
      locals_(workers) {
  CHECK(options.pane > Millis{0});
  CHECK(options.retention >= options.allowed_lateness + options.pane);
}

Timeline::~Timeline() = default;

// ---- a series' life ----

std::optional<model::Cap> Timeline::born(std::size_t worker, const model::SeriesBorn& born) {
  std::vector<Local>& locals = locals_[worker];
  if (locals.size() <= born.series.index) locals.resize(born.series.index + 1);
  Local& here = locals[born.series.index];
  const bool again = here.known && here.generation == born.series.generation;
  disown(here);
  const Place place = find_or_add(born.key);
  if (place.cap && !again) ++counters_.overflowed;
  here = Local{true, born.series.generation, place.series};
  ++series_[place.series].owners;
  return place.cap;
}

Timeline::Place Timeline::find_or_add(const model::SeriesKey& key) {
  const auto known = by_key_.find(key);
  if (known != by_key_.end() && series_[*known].live) return {*known, std::nullopt};
  const auto name = names_.lower_bound(key.name());
  const std::optional<Overflow> overflow = overflow_of(key, name);
  const std::optional<model::Cap> cap = overflow ? std::optional{overflow->cap} : std::nullopt;
  const auto found = overflow ? by_key_.find(overflow->into) : known;
  if (found == by_key_.end()) return {add(overflow ? overflow->into : key, name), cap};
  const SeriesIndex index = *found;
  if (!series_[index].live) wake(index);
  return {index, cap};
}

// Born again: it is as good as new.
void Timeline::wake(SeriesIndex index) {
  series_[index].newest = std::max(series_[index].newest, grid_.number(finished_));
  revive(index);
}

std::uint64_t Timeline::Name::live() const {
  std::uint64_t live = 0;
  for (const auto& status : kinds)
    live += status != nullptr ? status->live : 0;
  return live;
}

// A tree of a million names is slow to search: `near` is where this one stands, or would.
SeriesIndex Timeline::add(const model::SeriesKey& key, Names::const_iterator near) {
  SeriesIndex index = 0;
  if (free_.empty()) {
    index = static_cast<SeriesIndex>(series_.size());
    series_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Series& series = series_[index];
  const std::size_t names_before = names_.size();
  Name& name = names_.try_emplace(near, std::string{key.name()})->second;
  if (names_.size() > names_before) name_bytes_ += key.name().size();
  auto& status = name.kinds[static_cast<std::size_t>(key.kind())];
  if (!status) status = std::make_unique<KindStatus>(KindStatus{.of = &name, .tags = {}});
  const std::uint32_t generation = series.generation;
  series = Series{};
  series.key = key;
  series.generation = generation;
  series.in_use = true;
  series.live = true;
  series.newest = grid_.number(finished_);
  series.at_in_name = static_cast<std::uint32_t>(name.series.size());
  series.status = status.get();
  status->newest = std::max(status->newest, series.newest);  // until its first partial comes
  name.series.push_back(index);
  by_key_.insert(index);
  key_bytes_ += key.bytes().size();
  store_.add(index, key.kind());
  shape_timer(index);
  ++live_;
  count_in_catalogue(series, +1);
  if (observer_ != nullptr) observer_->added(index);
  return index;
}

void Timeline::shape_timer(SeriesIndex index) {
  const model::SeriesKey& key = series_[index].key;
  if (shaper_ && key.kind() == model::Kind::Timer) store_.shape(index, shaper_(key.name()));
}

void Timeline::shape_timers(query::TimerShaper shaper) {
  shaper_ = std::move(shaper);
  for (SeriesIndex index = 0; index < series_.size(); ++index)
    if (series_[index].in_use) shape_timer(index);
}

Timeline::Local* Timeline::local(std::size_t worker, model::LocalSeries local) {
  std::vector<Local>& locals = locals_[worker];
  if (local.index >= locals.size()) return nullptr;
  Local& here = locals[local.index];
  return here.known && here.generation == local.generation ? &here : nullptr;
}

void Timeline::disown(Local& local) {
  if (!local.known) return;
  local.known = false;
  --series_[local.series].owners;
}

void Timeline::expired(std::size_t worker, model::LocalSeries gone) {
  Local* here = local(worker, gone);
  if (here == nullptr) return;
  const SeriesIndex index = here->series;
  disown(*here);
  if (series_[index].owners == 0 && series_[index].live) expire(index);
}

void Timeline::leave(std::size_t worker) {
  for (Local& each : locals_[worker])
    disown(each);
  locals_[worker].clear();
}

void Timeline::expire(SeriesIndex index) {
  Series& series = series_[index];
  series.live = false;
  --live_;
  ++counters_.expired;
  count_in_catalogue(series, -1);
  if (!std::exchange(series.queued, true)) dead_.push_back(id(index));
  if (observer_ != nullptr) observer_->expired(index);
}

void Timeline::revive(SeriesIndex index) {
  Series& series = series_[index];
  series.live = true;
  ++live_;
  count_in_catalogue(series, +1);
  if (observer_ == nullptr) return;
  if (std::exchange(series.past, false)) {
    observer_->added(index);
  } else {
    observer_->revived(index);
  }
}

// What is not live any more goes step by step.
void Timeline::retire(SeriesIndex index) {
  Series& series = series_[index];
  if (series.owners > 0) return;
  if (!series.past && panes(index).size(Rollup::Base) == 0) {
    series.past = true;
    if (observer_ != nullptr) observer_->forgotten(index);
  }
  if (store_.empty(index)) forget(index);
}

// The longest dead make room for others, before their last roll-up goes.
void Timeline::forget_past_ones() {
  const auto too_many = [&] {
    return by_key_.size() > live_ + options_.series_max || dead_.size() > 2 * options_.series_max;
  };
  while (!dead_.empty() && (too_many() || !is_dead(dead_.front()))) {
    const SeriesId oldest = dead_.front();
    dead_.pop_front();
    if (is_dead(oldest)) {
      forget(oldest.index);
    } else if (series_[oldest.index].generation == oldest.generation) {
      series_[oldest.index].queued = false;
    }
  }
}

bool Timeline::is_dead(SeriesId id) const {
  const Series& series = series_[id.index];
  return series.generation == id.generation && series.in_use && !series.live;
}

void Timeline::forget(SeriesIndex index) {
  if (observer_ != nullptr && !series_[index].past) observer_->forgotten(index);
  by_key_.erase(index);
  Series& series = series_[index];
  key_bytes_ -= series.key.bytes().size();
  store_.forget(index);
  std::vector<SeriesIndex>& siblings = series.status->of->series;
  const SeriesIndex moved = siblings.back();
  siblings[series.at_in_name] = moved;
  series_[moved].at_in_name = series.at_in_name;
  siblings.pop_back();
  if (siblings.empty()) {
    names_.erase(names_.find(series.key.name()));
    name_bytes_ -= series.key.name().size();
  }
  series.in_use = false;
  series.past = false;
  series.queued = false;
  series.status = nullptr;
  series.key = model::SeriesKey{};
  ++series.generation;
  free_.push_back(index);
}

void Timeline::count_in_catalogue(const Series& series, int by) {
  KindStatus& status = *series.status;
  const auto step = static_cast<std::uint64_t>(static_cast<std::int64_t>(by));
  count_under_caps(*status.of, series.key, by);
  status.live += step;  // wraps for -1, as meant
  ++catalogue_version_;
  for (const model::TagView& tag : series.key.tags()) {
    auto found = status.tags.find(tag.key);
    if (found == status.tags.end()) found = status.tags.try_emplace(std::string{tag.key}).first;
    auto& values = found->second;
    const auto [value, is_new] = values.try_emplace(std::string{tag.value}, 0);
    tag_values_ += is_new ? 1 : 0;
    value->second += step;
    if (value->second == 0) {
      values.erase(value);
      --tag_values_;
    }
    if (values.empty()) status.tags.erase(found);
  }
}

// ---- partials ----

bool Timeline::closed(PaneNumber pane) const {
  return grid_.end(pane) + options_.allowed_lateness <= finished_;
}

// Four steps, so that each finds what the one before asked for: where the series is named, the
// series and its place in the pane, its partial there, what that and the one that comes hold.
void Timeline::prefetch(std::size_t worker, std::span<const model::PartialMoved> moved,
                        std::size_t at) const {
  constexpr std::size_t kAhead = 4;
  const std::vector<Local>& locals = locals_[worker];
  const auto local_of = [&](std::size_t ahead) -> const Local* {
    if (at + ahead >= moved.size()) return nullptr;
    const std::uint32_t index = moved[at + ahead].series.index;
    return index < locals.size() ? &locals[index] : nullptr;
  };
  const auto pane_of = [&](std::size_t ahead) { return grid_.number(moved[at + ahead].pane); };
  if (const Local* const local = local_of(4 * kAhead)) __builtin_prefetch(local);
  if (const Local* const local = local_of(3 * kAhead)) {
    __builtin_prefetch(&series_[local->series], 1);
    store_.prefetch_place(local->series, pane_of(3 * kAhead));
  }
  if (const Local* const local = local_of(2 * kAhead))
    store_.prefetch_entry(local->series, pane_of(2 * kAhead));
  if (const Local* const local = local_of(kAhead)) {
    store_.prefetch_partial(local->series, pane_of(kAhead));
    moved[at + kAhead].partial.prefetch_all();
  }
}

void Timeline::merge_all(std::size_t worker, std::span<model::PartialMoved> moved) {
  for (std::size_t i = 0; i < moved.size(); ++i) {
    prefetch(worker, moved, i);
    merge(worker, std::move(moved[i]));
  }
}

void Timeline::merge(std::size_t worker, model::PartialMoved&& moved) {
  const Local* here = local(worker, moved.series);
  if (here == nullptr) {
    ++counters_.unknown;
    return;
  }
  const SeriesIndex index = here->series;
  PaneNumber pane = grid_.number(moved.pane);
  if (closed(pane)) [[unlikely]] {
    ++counters_.late;
    pane = make_late(index, pane, moved.partial);
  }
  if (!series_[index].live) [[unlikely]]
    revive(index);
  if (observer_ != nullptr) observer_->changed(index, pane, moved.partial);
  Series& series = series_[index];
  DCHECK(series.key.kind() == moved.partial.kind());
  series.newest = std::max(series.newest, pane);
  series.status->newest = std::max(series.status->newest, pane);
  ++counters_.merged;
  store_.merge(index, pane, std::move(moved.partial));
}

// Its samples were in time and stand in the worker's ledger: the totals stay, their time blurs. Of
// a gauge the closed panes may know a newer value, another worker's.
PaneNumber Timeline::make_late(SeriesIndex index, PaneNumber pane, model::Partial& partial) const {
  const PaneNumber open = grid_.number(finished_ - options_.allowed_lateness);
  if (partial.kind() == model::Kind::Gauge && series_[index].newest >= pane) {
    panes(index).each(Rollup::Base, pane, open, [&](PaneNumber, const model::Partial& known) {
      partial.gauge().yield_to(known.gauge());
    });
  }
  return open;
}

// ---- time ----

void Timeline::finish(WallTime tick) {
  CHECK(tick > finished_);
  const Millis passed = tick - std::exchange(finished_, tick);
  store_.close(grid_.number(finished_ - options_.allowed_lateness), passed);
  visit_some(passed);
  forget_past_ones();
}

void Timeline::visit_some(Millis passed) {
  const auto size = static_cast<std::int64_t>(series_.size());
  const auto share = static_cast<std::size_t>(std::min<std::int64_t>(
      size * passed / kRound, size / static_cast<std::int64_t>(kVisitPartsMin)));
  for (std::size_t i = std::min(std::max(kVisitsMin, share + 1), series_.size()); i > 0; --i) {
    if (next_visit_ == 0) begin_round();
    if (next_visit_ + 2 * kVisitsAhead < series_.size())
      store_.prefetch_marks(next_visit_ + 2 * kVisitsAhead);
    if (next_visit_ + kVisitsAhead < series_.size())
      store_.prefetch_visit(next_visit_ + kVisitsAhead);
    visit(next_visit_);
    next_visit_ = next_visit_ + 1 < series_.size() ? next_visit_ + 1 : 0;
  }
}

void Timeline::begin_round() {
  retention_.adapt(held_bytes() + others_bytes_, finished_ - started_);
  store_.begin_round();
  for (std::size_t level = 0; level < kRollups; ++level) {
    const Millis length = store_.length(static_cast<Rollup>(level));
    if (length == Millis{0}) continue;
    oldest_[level] = PaneGrid{length}.number(finished_ - retention_.keep(level));
  }
}

void Timeline::visit(SeriesIndex index) {
  Series& series = series_[index];
  if (!series.in_use) return;
  if (series.live && grid_.end(series.newest) + options_.series_ttl <= finished_) expire(index);
  const std::size_t dropped = store_.visit(index, oldest_);
  if (retention_.shrunk(0)) counters_.panes_shed += dropped;
  if (!series.live) retire(index);
}

std::size_t Timeline::held_bytes() const {
  std::size_t locals = 0;
  for (const std::vector<Local>& each : locals_)
    locals += each.capacity() * sizeof(Local);
  return store_.held_bytes() + series_.held_bytes() + key_bytes_ + locals +
         by_key_.capacity() * (sizeof(SeriesIndex) + 1) + tag_values_ * kTagValueBytes +
         names_.size() * kNameBytes + name_bytes_;
}

const Timeline::Series* Timeline::series(SeriesIndex index) const {
  return index < series_.size() && series_[index].in_use ? &series_[index] : nullptr;
}

SeriesPanes Timeline::panes(SeriesIndex index) const {
  return SeriesPanes{store_, index};
}

PaneGrid Timeline::grid(Rollup level) const {
  return level == Rollup::Base ? grid_ : PaneGrid{kRollupLengths[static_cast<std::size_t>(level)]};
}

}  // namespace ingest::timeline
