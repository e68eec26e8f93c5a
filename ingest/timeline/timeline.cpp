#include "ingest/timeline/timeline.h"

#include <algorithm>

#include "ingest/base/check.h"

namespace ingest::timeline {
namespace {

constexpr std::size_t kTicksOfARound = 40;  // every series is visited once in so many ticks
constexpr std::size_t kVisitsMin = 256;
constexpr std::string_view kOverflowTag = "weir_overflow";
constexpr std::string_view kOverflowName = "weir.overflow";

}  // namespace

Timeline::Timeline(const Options& options, std::size_t workers, WallTime start)
    : options_(options),
      grid_{options.pane},
      finished_(start),
      by_key_(0, KeyHash{&series_}, KeyEqual{&series_}),
      locals_(workers),
      retention_now_(options.retention) {
  CHECK(options.pane > Millis{0});
  CHECK(options.retention >= options.allowed_lateness + options.pane);
}

Timeline::~Timeline() = default;

// ---- a series' life ----

void Timeline::born(std::size_t worker, const model::SeriesBorn& born) {
  std::vector<Local>& locals = locals_[worker];
  if (locals.size() <= born.series.index) locals.resize(born.series.index + 1);
  Local& here = locals[born.series.index];
  disown(here);
  const SeriesIndex index = find_or_add(born.key);
  here = Local{true, born.series.generation, index};
  ++series_[index].owners;
}

SeriesIndex Timeline::find_or_add(const model::SeriesKey& key) {
  if (const auto found = by_key_.find(key); found != by_key_.end()) return *found;
  const auto overflow = overflow_of(key);
  if (!overflow) return add(key);
  ++counters_.overflowed;
  if (const auto found = by_key_.find(*overflow); found != by_key_.end()) return *found;
  return add(*overflow);
}

// The key that a new series folds into, past a cap. There are at most four of them for each name.
std::optional<model::SeriesKey> Timeline::overflow_of(const model::SeriesKey& key) const {
  const auto name = names_.find(key.name());
  if (name == names_.end() && names_.size() >= options_.names_max) {
    return model::SeriesKey{key.kind(), kOverflowName, {}};
  }
  const bool name_is_full =
      name != names_.end() && (name->second.series.size() >= options_.series_per_name_max ||
                               !values_fit(name->second, key));
  if (!name_is_full && by_key_.size() < options_.series_max) return std::nullopt;
  return model::SeriesKey{key.kind(), key.name(), {{kOverflowTag, "true"}}};
}

bool Timeline::values_fit(const Name& name, const model::SeriesKey& key) const {
  const auto& status = name.kinds[static_cast<std::size_t>(key.kind())];
  if (status == nullptr) return true;
  const std::vector<model::TagView> tags = key.tags();
  return std::none_of(tags.begin(), tags.end(), [&](const model::TagView& tag) {
    const auto held = status->tags.find(tag.key);
    return held != status->tags.end() && held->second.size() >= options_.values_per_tag_max &&
           !held->second.contains(tag.value);
  });
}

SeriesIndex Timeline::add(const model::SeriesKey& key) {
  SeriesIndex index = 0;
  if (free_.empty()) {
    index = static_cast<SeriesIndex>(series_.size());
    series_.emplace_back();
    kept_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Series& series = series_[index];
  Name& name = names_[std::string{key.name()}];
  auto& status = name.kinds[static_cast<std::size_t>(key.kind())];
  if (!status) status = std::make_unique<KindStatus>();
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
  ++live_;
  count_in_catalogue(series, +1);
  if (observer_ != nullptr) observer_->added(index);
  return index;
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

void Timeline::expire(SeriesIndex index) {
  Series& series = series_[index];
  series.live = false;
  --live_;
  ++counters_.expired;
  count_in_catalogue(series, -1);
  if (observer_ != nullptr) observer_->expired(index);
}

void Timeline::revive(SeriesIndex index) {
  Series& series = series_[index];
  series.live = true;
  ++live_;
  count_in_catalogue(series, +1);
  if (observer_ != nullptr) observer_->revived(index);
}

void Timeline::forget(SeriesIndex index) {
  if (observer_ != nullptr) observer_->forgotten(index);
  by_key_.erase(index);
  Series& series = series_[index];
  const auto name = names_.find(series.key.name());
  std::vector<SeriesIndex>& siblings = name->second.series;
  const SeriesIndex moved = siblings.back();
  siblings[series.at_in_name] = moved;
  series_[moved].at_in_name = series.at_in_name;
  siblings.pop_back();
  if (siblings.empty()) names_.erase(name);
  series.in_use = false;
  series.status = nullptr;
  series.key = model::SeriesKey{};
  kept_[index] = Kept{};
  ++series.generation;
  free_.push_back(index);
}

void Timeline::count_in_catalogue(const Series& series, int by) {
  KindStatus& status = *series.status;
  const auto step = static_cast<std::uint64_t>(static_cast<std::int64_t>(by));
  status.live += step;  // wraps for -1, as meant
  ++catalogue_version_;
  for (const model::TagView& tag : series.key.tags()) {
    auto found = status.tags.find(tag.key);
    if (found == status.tags.end()) found = status.tags.try_emplace(std::string{tag.key}).first;
    auto& values = found->second;
    const auto value = values.try_emplace(std::string{tag.value}, 0).first;
    value->second += step;
    if (value->second == 0) values.erase(value);
    if (values.empty()) status.tags.erase(found);
  }
}

// ---- partials ----

bool Timeline::closed(PaneNumber pane) const {
  return grid_.end(pane) + options_.allowed_lateness <= finished_;
}

void Timeline::prefetch_series(std::size_t worker, model::LocalSeries series) const {
  constexpr std::size_t kCacheLine = 64;
  const std::vector<Local>& locals = locals_[worker];
  if (series.index >= locals.size() || !locals[series.index].known) return;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): only its address is wanted
  const char* const record = reinterpret_cast<const char*>(&series_[locals[series.index].series]);
  for (std::size_t at = 0; at < sizeof(Series); at += kCacheLine)
    __builtin_prefetch(record + at, 1);
}

void Timeline::merge(std::size_t worker, model::PartialMoved&& moved) {
  const Local* here = local(worker, moved.series);
  if (here == nullptr) {
    ++counters_.unknown;
    return;
  }
  PaneNumber pane = grid_.number(moved.pane);
  if (closed(pane)) {
    // Its samples were in time and stand in the worker's ledger: the totals stay, their time blurs.
    // A gauge lives by its time alone: an old value says nothing about a later pane.
    if (moved.partial.kind() == model::Kind::Gauge) {
      ++counters_.outdated;
      return;
    }
    ++counters_.late;
    pane = grid_.number(finished_ - options_.allowed_lateness);
  }
  const SeriesIndex index = here->series;
  if (!series_[index].live) revive(index);
  if (observer_ != nullptr) observer_->changed(index, pane, moved.partial);
  Series& series = series_[index];
  CHECK(series.key.kind() == moved.partial.kind());
  series.newest = std::max(series.newest, pane);
  series.status->newest = std::max(series.status->newest, pane);
  ++counters_.merged;
  if (!kept_[index].panes.merge(pane, std::move(moved.partial))) return;
  ++panes_;
  prune(index, grid_.number(finished_ - retention_now_));
}

void Timeline::prune(SeriesIndex index, PaneNumber oldest) {
  Kept& kept = kept_[index];
  if (kept.panes.empty() || kept.panes.items().front().number >= oldest) return;
  if (series_[index].key.kind() == model::Kind::Gauge) {
    for (const PaneRun::Item& item : kept.panes.items()) {
      if (item.number >= oldest) break;
      const double before = kept.before ? kept.before->value : 0;
      kept.before = {item.partial.gauge().last(before), item.number};
    }
  }
  kept.covers = oldest;
  const std::size_t dropped = kept.panes.drop_below(oldest);
  panes_ -= dropped;
  if (retention_now_ < options_.retention) counters_.panes_shed += dropped;
}

// ---- time ----

void Timeline::finish(WallTime tick) {
  CHECK(tick > finished_);
  finished_ = tick;
  // Past the cap the oldest detail goes first: the retention shrinks until the panes fit, and grows
  // back slowly.
  const Millis least = options_.allowed_lateness + options_.pane;
  if (panes_ > options_.panes_max) {
    retention_now_ = std::max(least, retention_now_ - retention_now_ / 4);
  } else if (panes_ < options_.panes_max - options_.panes_max / 4) {
    retention_now_ = std::min(options_.retention, retention_now_ + options_.pane);
  }
  const std::size_t share = std::max(kVisitsMin, series_.size() / kTicksOfARound + 1);
  for (std::size_t i = std::min(share, series_.size()); i > 0; --i) {
    if (next_visit_ >= series_.size()) next_visit_ = 0;
    visit(next_visit_++);
  }
}

void Timeline::visit(SeriesIndex index) {
  Series& series = series_[index];
  if (!series.in_use) return;
  if (series.live && grid_.end(series.newest) + options_.series_ttl <= finished_) expire(index);
  prune(index, grid_.number(finished_ - retention_now_));
  if (!series.live && series.owners == 0 && kept_[index].panes.empty()) forget(index);
}

const Timeline::Series* Timeline::series(SeriesIndex index) const {
  return index < series_.size() && series_[index].in_use ? &series_[index] : nullptr;
}

SeriesPanes Timeline::panes(SeriesIndex index) const {
  const Kept& kept = kept_[index];
  return SeriesPanes{kept.panes, kept.before, kept.covers};
}

PaneGrid Timeline::grid(Rollup level) const {
  constexpr Millis kTen{10'000};
  constexpr Millis kSixty{60'000};
  switch (level) {
    case Rollup::Base:
      break;
    case Rollup::Ten:
      return {kTen};
    case Rollup::Sixty:
      return {kSixty};
  }
  return grid_;
}

}  // namespace ingest::timeline
