#include "ingest/history/range_task.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::history {
namespace {

using query::Code;
using query::Fault;
using timeline::PaneGrid;
using timeline::PaneNumber;
using timeline::Rollup;
using timeline::SeriesPanes;

constexpr std::array kLevels{Rollup::Base, Rollup::Ten, Rollup::Sixty};
constexpr std::array kCoarsestFirst{Rollup::Sixty, Rollup::Ten, Rollup::Base};

std::size_t index_of(Rollup level) {
  return static_cast<std::size_t>(level);
}

constexpr std::size_t kStepsARow = 4;  // to find the row of a series costs as much as some panes

Fault too_many_series(const RangeTask::Options& options) {
  return {Code::LimitSeries,
          "metric, where: match more than " + std::to_string(options.series_max) + " series",
          false};
}

/// What every name that the glob matches begins with.
std::string_view prefix_of(std::string_view metric) {
  return metric.substr(0, metric.find_first_of("*?"));
}

WallTime start_on_disk(const archive::Reader& reader, Rollup level) {
  const PaneNumber covers = reader.covers(level);
  return covers == SeriesPanes::kNever ? WallTime::max()
                                       : reader.levels().grid(level).start(covers);
}

/// From when on nothing of this level has left the disk. A disk that is younger than it keeps
/// things has lost nothing, unless a coarser level reaches back further: then room was short.
WallTime whole_on_disk(const archive::Reader& reader, Rollup level, WallTime now) {
  const archive::Levels& levels = reader.levels();
  const WallTime start = start_on_disk(reader, level);
  if (start == WallTime::max()) return WallTime::min();
  if (start <= now - levels.kept(level) + levels.part(level)) return start;
  for (const Rollup coarser : kLevels) {
    if (coarser <= level || !levels.exists(coarser)) continue;
    const WallTime there = start_on_disk(reader, coarser);
    if (there != WallTime::max() && there + levels.part(coarser) <= start) return start;
  }
  return WallTime::min();
}

}  // namespace

Result<std::unique_ptr<RangeTask>, Fault> RangeTask::open(query::Past::Id id, query::RangeAsk ask,
                                                          const Options& options) {
  timeline::RangeQuery range = TRY(timeline::RangeQuery::open(std::move(ask), options.range));
  return std::unique_ptr<RangeTask>{new RangeTask(id, std::move(range), options)};
}

void RangeTask::refuse(Fault fault) {
  answer_ = std::make_shared<const query::RangeAnswer>(Failure{std::move(fault)});
  stage_ = Stage::Answered;
}

// ---- on the hub ----

std::size_t RangeTask::work_in_memory(const timeline::Timeline& timeline, std::size_t steps) {
  if (stage_ == Stage::Listing) return list(timeline, steps);
  CHECK(stage_ == Stage::Copying);
  return copy(timeline, steps);
}

void RangeTask::begin_listing(const timeline::Timeline& timeline) {
  begun_ = true;
  kept_.levels.fill({Millis{0}, WallTime::min()});
  end_ = static_cast<timeline::SeriesIndex>(timeline.indexes());
  if (range_.query().is_glob()) return;
  if (timeline.knows_two_kinds(range_.query().metric)) range_.key_by_kind();
  const auto name = timeline.names().find(range_.query().metric);
  if (name != timeline.names().end()) candidates_ = name->second.series;
  end_ = static_cast<timeline::SeriesIndex>(candidates_.size());
}

std::size_t RangeTask::list(const timeline::Timeline& timeline, std::size_t steps) {
  if (!begun_) begin_listing(timeline);
  std::size_t done = 1;
  while (next_ < end_ && done < steps) {
    const timeline::SeriesIndex index = candidates_.empty() ? next_ : candidates_[next_];
    ++next_;
    done += range_.steps_to_look();
    if (!add_from_memory(timeline, index)) return done;
  }
  if (next_ == end_) end_listing(timeline);
  return done;
}

/// And how far back memory has its panes, at each level. False when it was one too many.
bool RangeTask::add_from_memory(const timeline::Timeline& timeline, timeline::SeriesIndex index) {
  const timeline::Timeline::Series* series = timeline.series(index);
  if (series == nullptr || !range_.wants(series->key)) return true;
  if (series_.size() >= options_.series_max) {
    refuse(too_many_series(options_));
    return false;
  }
  series_.push_back({series->key, timeline.id(index), std::nullopt});
  for (const Rollup level : kLevels) {
    const PaneNumber covers = timeline.panes(index).covers(level);
    if (covers == SeriesPanes::kNever) continue;
    auto& kept = kept_.levels[index_of(level)];
    held_[index_of(level)] = true;
    kept.since = std::max(kept.since, timeline.grid(level).start(covers));
  }
  return true;
}

/// Where time stands, and which levels memory has.
void RangeTask::end_listing(const timeline::Timeline& timeline) {
  candidates_ = {};
  const Millis slide = range_.query().slide;
  const Millis now = timeline.finished().time_since_epoch();
  newest_ = WallTime{(now + slide - Millis{1}) / slide * slide};
  held_[index_of(Rollup::Base)] = true;
  for (const Rollup level : kLevels) {
    auto& kept = kept_.levels[index_of(level)];
    if (!held_[index_of(level)]) {
      kept = {};
      continue;
    }
    // What memory never had to drop is all there ever was, as far as memory knows.
    const WallTime since = kept.since <= options_.since ? WallTime::min() : kept.since;
    kept = {timeline.grid(level).pane, since};
  }
  stage_ = Stage::Planning;
}

bool RangeTask::batch_is_full() const {
  return copied_ - batch_ >= options_.batch_series || excerpt_.bytes() >= options_.batch_bytes;
}

std::size_t RangeTask::copy(const timeline::Timeline& timeline, std::size_t steps) {
  const auto takes = [this](Millis pane) { return range_.takes(pane); };
  const auto& wanted = range_.wanted();
  std::size_t done = 1;
  for (; copied_ < wanted.size() && !batch_is_full() && done < steps; ++copied_, ++done) {
    const Series& series = series_[wanted[copied_].ref];
    const timeline::Gap needed = range_.needed(wanted[copied_].kind);
    const auto id = series.in_memory;
    const bool alive = id && timeline.series(id->index) != nullptr && timeline.id(id->index) == *id;
    if (!alive) {
      excerpt_.add_absent(needed);
      continue;
    }
    done += excerpt_.add({timeline, id->index, options_.since}, needed, takes);
  }
  if (copied_ < wanted.size() && !batch_is_full()) return done;
  copied_bytes_ += excerpt_.bytes();
  stage_ = Stage::Merging;
  return done;
}

// ---- on the archive's thread ----

std::size_t RangeTask::work_on_disk(const archive::Reader* reader, std::size_t steps) {
  if (stage_ == Stage::Merging) return merge(reader, steps);
  CHECK(stage_ == Stage::Planning);
  if (reader != nullptr && placed_ < series_.size() && !disk_listed_) return name_places(steps);
  if (reader != nullptr && !disk_listed_) return list_disk(*reader, steps);
  if (rowed_ < series_.size()) return add_rows(steps);
  plan();
  return steps;
}

/// So that those on disk are known again.
std::size_t RangeTask::name_places(std::size_t steps) {
  std::size_t done = 0;
  for (; placed_ < series_.size() && done < steps; ++placed_, ++done)
    by_place_.emplace(archive::Reader::place_of(series_[placed_].key), placed_);
  return done;
}

std::size_t RangeTask::add_rows(std::size_t steps) {
  std::size_t done = 0;
  for (; rowed_ < series_.size() && done < steps; ++rowed_, done += kStepsARow)
    range_.add_series(rowed_, series_[rowed_].key);
  return done;
}

std::size_t RangeTask::list_disk(const archive::Reader& reader, std::size_t steps) {
  std::size_t done = 0;
  disk_listed_ = true;
  reader.series(prefix_of(range_.query().metric), disk_place_,
                [&](archive::ArchiveId id, const model::SeriesKey& key) {
                  if (done >= steps) {
                    disk_listed_ = false;
                    return false;
                  }
                  done += range_.steps_to_look();
                  disk_place_ = archive::Reader::place_of(key);
                  return !range_.wants(key) || add_from_disk(id, key);
                });
  if (disk_listed_) {
    by_place_ = {};
    note_disk(reader);
  }
  return done;
}

/// False when it was one too many.
bool RangeTask::add_from_disk(archive::ArchiveId id, const model::SeriesKey& key) {
  if (const auto known = by_place_.find(disk_place_); known != by_place_.end()) {
    series_[known->second].on_disk = id;
    return true;
  }
  if (series_.size() >= options_.series_max) {
    refuse(too_many_series(options_));
    return false;
  }
  series_.push_back({key, std::nullopt, id});
  return true;
}

/// What is neither in memory nor on disk is gone.
void RangeTask::note_disk(const archive::Reader& reader) {
  for (const Rollup level : kLevels) {
    if (!reader.levels().exists(level)) continue;
    auto& kept = kept_.levels[index_of(level)];
    const WallTime in_memory = kept.length == Millis{0} ? WallTime::max() : kept.since;
    const WallTime on_disk = whole_on_disk(reader, level, newest_);
    kept = {reader.levels().pane(level), std::min(in_memory, on_disk)};
    // Memory that began after the disk did knows nothing of what was before.
    if (in_memory == WallTime::min()) kept.since = on_disk;
  }
}

void RangeTask::plan() {
  auto planned = range_.plan(kept_, newest_);
  if (!planned) return refuse(std::move(planned).error());
  if (range_.is_empty()) return finish();
  stage_ = Stage::Copying;
}

std::size_t RangeTask::merge(const archive::Reader* reader, std::size_t steps) {
  std::size_t done = 1;
  while (done < steps && !range_.is_too_large()) {
    if (range_.has_row()) {
      done += range_.evaluate(steps - done);
    } else if (merged_ < copied_) {
      done += merge_series(reader);
      ++merged_;
    } else {
      end_batch(steps - done);
      return done;
    }
  }
  if (range_.is_too_large()) begin_smaller_page();
  return done;
}

/// Disk and memory, in the order of time: a gauge's panes must come so.
std::size_t RangeTask::merge_series(const archive::Reader* reader) {
  const Excerpt::Series& in_memory = excerpt_.series()[merged_ - batch_];
  const Series& series = series_[range_.wanted()[merged_].ref];
  std::vector<timeline::Stretch> on_disk;
  std::vector<timeline::Gap> gaps = in_memory.left;
  if (reader != nullptr && series.on_disk) {
    for (const Rollup level : kCoarsestFirst) {
      if (!reader->levels().exists(level) || !range_.takes(reader->levels().pane(level))) continue;
      const PaneNumber first = reader->covers(level);
      if (first == SeriesPanes::kNever) continue;
      timeline::take({level, first, reader->written_until(level)}, reader->levels().grid(level),
                     gaps, on_disk);
    }
  }
  const auto start = [&](const timeline::Stretch& stretch) {
    return PaneGrid{kept_.levels[index_of(stretch.level)].length}.start(stretch.first);
  };
  std::ranges::sort(on_disk, {}, start);
  range_.begin_series();
  std::size_t panes = 0;
  auto next = on_disk.begin();
  const auto add = [&](Rollup level) {
    return [&, grid = PaneGrid{kept_.levels[index_of(level)].length}](
               PaneNumber pane, const model::Partial& partial) {
      range_.add(grid.start(pane), grid.end(pane), partial);
      ++panes;
    };
  };
  const auto read_disk_until = [&](WallTime until) {
    for (; next != on_disk.end() && start(*next) < until; ++next)
      reader->panes(*series.on_disk, next->level, next->first, next->last, add(next->level));
  };
  for (const Excerpt::Part& part : in_memory.parts) {
    read_disk_until(start(part.stretch));
    if (&part == in_memory.parts.data() && in_memory.before) range_.correct(*in_memory.before);
    excerpt_.each(part, add(part.stretch.level));
  }
  read_disk_until(WallTime::max());
  return panes + 1 + range_.end_series();
}

/// All that was copied is merged: the next series, or the answer.
void RangeTask::end_batch(std::size_t steps) {
  if (copied_ < range_.wanted().size()) return begin_batch();
  if (!range_.settle(steps)) finish();
}

void RangeTask::begin_batch() {
  excerpt_.clear();
  batch_ = copied_;
  stage_ = Stage::Copying;
}

/// All of its series are needed again.
void RangeTask::begin_smaller_page() {
  if (auto smaller = range_.shrink(); !smaller) return refuse(std::move(smaller).error());
  copied_ = merged_ = 0;
  begin_batch();
}

void RangeTask::finish() {
  answer_ = std::make_shared<const query::RangeAnswer>(range_.finish());
  stage_ = Stage::Answered;
}

}  // namespace ingest::history
