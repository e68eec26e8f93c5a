#include "ingest/history/range_task.h"

#include <string>
#include <string_view>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/timeline/known_kinds.h"

namespace ingest::history {
namespace {

using query::Code;
using query::Fault;
using timeline::KeptLevels;

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
  end_ = static_cast<timeline::SeriesIndex>(timeline.indexes());
  if (range_.query().is_glob()) return;
  if (timeline::known_kinds(timeline, range_.query()).count() > 1) range_.key_by_kind();
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

/// False when it was one too many.
bool RangeTask::add_from_memory(const timeline::Timeline& timeline, timeline::SeriesIndex index) {
  const timeline::Timeline::Series* series = timeline.series(index);
  if (series == nullptr || !range_.wants(series->key)) return true;
  if (series_.size() >= options_.series_max) {
    refuse(too_many_series(options_));
    return false;
  }
  series_.push_back({series->key, timeline.id(index), std::nullopt});
  return true;
}

/// Where time stands, and what memory has.
void RangeTask::end_listing(const timeline::Timeline& timeline) {
  candidates_ = {};
  const Millis slide = range_.query().slide;
  const Millis now = timeline.known_until().time_since_epoch();
  newest_ = WallTime{(now + slide - Millis{1}) / slide * slide};
  in_memory_ = kept_in_memory(timeline, options_.memory);
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
    const model::Kind kind = wanted[copied_].kind;
    const Excerpt::Needed needed{range_.needed(kind), range_.life_needed(kind)};
    const auto id = series.in_memory;
    const bool alive = id && timeline.series(id->index) != nullptr && timeline.id(id->index) == *id;
    if (!alive) {
      excerpt_.add_absent(needed);
      continue;
    }
    done += excerpt_.add({timeline, id->index, options_.memory.since}, needed, takes);
  }
  if (copied_ < wanted.size() && !batch_is_full()) return done;
  copied_bytes_ += excerpt_.bytes();
  in_memory_ = kept_in_memory(timeline, options_.memory);
  stage_ = Stage::Merging;
  return done;
}

// ---- on the archive's thread ----

std::size_t RangeTask::work_on_disk(const archive::Reader* reader, std::size_t steps) {
  const std::size_t done = work(reader, steps);
  if (reader != nullptr && reader->has_failed()) {
    refuse({Code::HistoryUnavailable, "start, end: the disk cannot be read now; ask again", true});
  }
  return done;
}

std::size_t RangeTask::work(const archive::Reader* reader, std::size_t steps) {
  if (stage_ == Stage::Merging) return merge(reader, steps);
  CHECK(stage_ == Stage::Planning);
  if (reader != nullptr && placed_ < series_.size() && !disk_listed_) return name_places(steps);
  if (reader != nullptr && !disk_listed_) return list_disk(*reader, steps);
  if (rowed_ < series_.size()) return add_rows(steps);
  plan(reader);
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
  if (disk_listed_) by_place_ = {};
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

void RangeTask::plan(const archive::Reader* reader) {
  kept_ = kept_anywhere(in_memory_, reader);
  with_disk_ = reader != nullptr;
  auto planned = range_.plan(kept_, newest_);
  if (!planned) return refuse(std::move(planned).error());
  if (range_.is_empty()) return finish();
  copied_ = merged_ = 0;
  begin_batch();
}

/// The disk neither came nor went since.
bool RangeTask::is_as_planned(const archive::Reader* reader) const {
  return (reader != nullptr) == with_disk_;
}

/// At both ends of a batch: between them memory and disk have forgotten nothing that the page
/// counts on, and the disk has had what memory had not. Else the page begins anew, with what is
/// left, or has come.
bool RangeTask::is_kept(const archive::Reader* reader) {
  const KeptLevels now = kept_anywhere(in_memory_, reader);
  const bool looks_into_new_holes = range_.looks_back() && !now.has_holes_of(kept_);
  if (is_as_planned(reader) && range_.is_kept(now, newest_) && !looks_into_new_holes) return true;
  if (++plans_ <= kPlansMax) {
    merging_.reset();
    stage_ = Stage::Planning;
  } else {
    refuse({Code::HistoryUnavailable,
            "start: what was asked for is forgotten faster than it is read; ask again", true});
  }
  return false;
}

std::size_t RangeTask::merge(const archive::Reader* reader, std::size_t steps) {
  const bool begins = !merging_ && merged_ == batch_;
  if ((begins || !is_as_planned(reader)) && !is_kept(reader)) return steps;
  std::size_t done = 1;
  while (done < steps && !range_.is_too_large()) {
    if (range_.has_row()) {
      done += range_.evaluate(steps - done);
    } else if (merged_ < copied_) {
      done += merge_series(reader, steps - done);
    } else {
      if (is_kept(reader)) end_batch(steps - done);
      return done;
    }
  }
  if (range_.is_too_large()) begin_smaller_page();
  return done;
}

std::size_t RangeTask::merge_series(const archive::Reader* reader, std::size_t steps) {
  if (!merging_) {
    const Series& series = series_[range_.wanted()[merged_].ref];
    merging_.emplace(SeriesMerge::Of{excerpt_.series()[merged_ - batch_], series.on_disk, kept_},
                     reader, range_);
  }
  const std::size_t done = merging_->some(excerpt_, reader, range_, steps);
  if (!merging_->is_done()) return done;
  merging_.reset();
  ++merged_;
  return done + 1 + range_.end_series();
}

/// All that was copied is merged: the next series, or the answer.
void RangeTask::end_batch(std::size_t steps) {
  if (copied_ < range_.wanted().size()) return begin_batch();
  if (!range_.settle(steps)) finish();
}

void RangeTask::begin_batch() {
  merging_.reset();
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
