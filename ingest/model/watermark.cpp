#include "ingest/model/watermark.h"

#include <algorithm>

namespace ingest::model {

void EventFront::merge(const EventFront& other) {
  if (other.slowest) slowest = slowest ? std::min(*slowest, *other.slowest) : *other.slowest;
  if (other.newest) newest = newest ? std::max(*newest, *other.newest) : *other.newest;
}

void Watermark::seen(std::uint32_t source, WallTime newest, MonoTime now) {
  if (source >= sources_.size()) sources_.resize(source + 1);
  Source& here = sources_[source];
  here.newest = here.known ? std::max(here.newest, newest) : newest;
  here.known = true;
  here.heard = now;
  newest_ = newest_ ? std::max(*newest_, newest) : newest;
}

EventFront Watermark::front(MonoTime now) const {
  EventFront front{.slowest = {}, .newest = newest_};
  for (const Source& source : sources_) {
    const bool speaks = source.known && now - source.heard < options_.source_idle;
    const bool behind = time_ && source.newest < *time_;
    if (speaks && !behind) front.merge({.slowest = source.newest, .newest = {}});
  }
  return front;
}

void Watermark::advance(const EventFront& front) {
  if (!front.newest) return;
  advance(std::max(front.slowest.value_or(*front.newest), *front.newest - options_.future));
}

}  // namespace ingest::model
