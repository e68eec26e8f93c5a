#include "ingest/timeline/open_pane.h"

#include "ingest/base/check.h"

namespace ingest::timeline {

bool OpenPane::merge(SeriesIndex series, model::Partial&& partial) {
  std::uint32_t& here = place(series);
  if (here != 0) {
    entry(here - std::size_t{1}).partial.merge(partial);
    return false;
  }
  if (end_ % kEntries == 0) entries_.push_back(memory_.entries_.take());
  Entry& added = entry(end_);
  here = static_cast<std::uint32_t>(++end_);
  added.series = series;
  std::swap(added.partial, partial);
  return true;
}

std::uint32_t& OpenPane::place(SeriesIndex series) {
  const std::size_t chunk = series / kPlaces;
  if (chunk >= places_.size()) places_.resize(chunk + 1);
  if (places_[chunk] == nullptr) places_[chunk] = memory_.places_.take();
  return (*places_[chunk])[series % kPlaces];
}

OpenPane::Entry& OpenPane::take_front() {
  CHECK(size() > 0);
  if (taken_ > 0 && taken_ % kEntries == 0) {
    memory_.entries_.give(std::move(entries_[taken_ / kEntries - 1]));
  }
  Entry& front = entry(taken_++);
  place(front.series) = 0;
  return front;
}

// All places are 0 again: what was not taken is forgotten.
void OpenPane::clear() {
  while (size() > 0)
    take_front();
  for (auto& each : entries_) {
    if (each != nullptr) memory_.entries_.give(std::move(each));
  }
  for (auto& each : places_) {
    if (each != nullptr) memory_.places_.give(std::move(each));
  }
  entries_.clear();
  places_.clear();
  taken_ = end_ = 0;
}

}  // namespace ingest::timeline
