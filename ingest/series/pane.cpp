#include "ingest/series/pane.h"

#include <algorithm>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::series {

void Pane::begin(WallTime start) {
  CHECK(empty());
  start_ = start;
}

Pane::Entry& Pane::entry_of(model::LocalSeries series, model::Kind kind) {
  if (series.index >= place_.size())
    place_.resize(std::max<std::size_t>(series.index + 1, place_.size() * 2));
  std::uint32_t& place = place_[series.index];
  if (place == 0 || entries_[place - 1].series != series) {
    entries_.push_back({series, true, false, model::Partial{kind}});
    place = static_cast<std::uint32_t>(entries_.size());
  }
  return entries_[place - 1];
}

void Pane::fold(model::LocalSeries series, Watched watched, const model::Sample& sample,
                WallTime arrival) {
  Entry& entry = entry_of(series, sample.kind);
  entry.partial.fold(sample, arrival);
  entry.fresh = false;
  if (watched == Watched::Yes && !entry.listed) {
    entry.listed = true;
    changed_.push_back(place_[series.index] - 1);
  }
}

bool Pane::holds(model::LocalSeries series) const {
  if (series.index >= place_.size() || place_[series.index] == 0) return false;
  const Entry& entry = entries_[place_[series.index] - 1];
  return entry.series == series && !entry.fresh;
}

void Pane::move_out(Entry& entry, std::vector<model::PartialMoved>& out) const {
  const model::Kind kind = entry.partial.kind();
  out.push_back({entry.series, start_, std::exchange(entry.partial, model::Partial{kind})});
  entry.fresh = true;
}

void Pane::take_changed(std::vector<model::PartialMoved>& out) {
  for (const std::uint32_t place : changed_) {
    Entry& entry = entries_[place];
    entry.listed = false;
    if (!entry.fresh) move_out(entry, out);
  }
  changed_.clear();
}

void Pane::take(std::size_t series_max, std::vector<model::PartialMoved>& out) {
  const std::size_t end = taken_ + std::min(series_max, waiting());
  for (; taken_ < end; ++taken_) {
    Entry& entry = entries_[taken_];
    if (!entry.fresh) move_out(entry, out);
    std::uint32_t& place = place_[entry.series.index];
    if (place == taken_ + 1) place = 0;
  }
  if (!empty()) return;
  entries_.clear();
  changed_.clear();
  taken_ = 0;
}

}  // namespace ingest::series
