#include "gateway/publish/cursor.h"

#include <algorithm>
#include <utility>

namespace gateway::publish {
namespace {

const FramePtr& part_of(const FramePtr& head, std::uint32_t part) {
  const FramePtr* at = &head;
  for (; part > 0; --part)
    at = &(*at)->next;
  return *at;
}

}  // namespace

void Cursor::join(Join join) {
  if (state_ == State::Paused) return;
  if (state_ == State::Awaiting) {
    place_ = {join.next, 0, 0};
  } else if (!ahead_.empty() && ahead_at_ == join.next) {  // a second id in the same place
    ahead_.insert(ahead_.end(), join.frames.begin(), join.frames.end());
    return;
  } else if (ahead_due(place_)) {
    place_.part = 0;
  }
  ahead_at_ = std::max(join.next, place_.next);
  place_.ahead = 0;
  ahead_ = std::move(join.frames);
  state_ = State::Reading;
}

void Cursor::pause() {
  await();
  state_ = State::Paused;
}

void Cursor::await() {
  state_ = State::Awaiting;
  ahead_ = {};
  place_ = {place_.next, 0, 0};
}

bool Cursor::ahead_due(const Place& place) const {
  return place.ahead < ahead_.size() && place.next == ahead_at_;
}

const FramePtr* Cursor::head(const Place& place, const FrameRing* ring) const {
  if (state_ != State::Reading || held_) return nullptr;
  if (ahead_due(place)) return &ahead_[place.ahead];
  return ring == nullptr ? nullptr : ring->get(place.next);
}

FramePtr Cursor::share(const Place& place, const FrameRing* ring) const {
  const FramePtr* frame = head(place, ring);
  return frame == nullptr ? nullptr : part_of(*frame, place.part);
}

Cursor::Place Cursor::after(Place place, const FrameRing* ring) const {
  const FramePtr* frame = head(place, ring);
  if (frame == nullptr) return place;
  if (part_of(*frame, place.part)->next != nullptr) {
    ++place.part;
    return place;
  }
  place.part = 0;
  if (ahead_due(place)) {
    ++place.ahead;
  } else {
    ++place.next;
  }
  return place;
}

void Cursor::move_to(Place place) {
  place_ = place;
  if (place_.ahead > 0 && place_.ahead == ahead_.size()) {
    ahead_ = {};
    place_.ahead = 0;
  }
}

std::optional<Gap> Cursor::fall_off(const FrameRing* ring) {
  if (state_ != State::Reading || ring == nullptr) return std::nullopt;
  if (ahead_due(place_) || place_.next >= ring->first()) return std::nullopt;
  if (!ahead_.empty()) {
    place_ = {ahead_at_, 0, 0};
    return std::nullopt;
  }
  const Gap gap{ch_, place_.next, ring->next() - 1};
  await();
  return gap;
}

bool Cursor::is_too_slow(ingest::MonoTime now) {
  if (gaps_ == nullptr) gaps_ = std::make_unique<Burst<kGapsMax>>();
  return gaps_->add(now, kGapsWithin);
}

}  // namespace gateway::publish
