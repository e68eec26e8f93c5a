#include "ingest/worker/outbox.h"

#include <algorithm>
#include <utility>

namespace ingest::worker {
namespace {

std::size_t own_bytes(const model::Handover& slice) {
  return sizeof slice + slice.born.capacity() * sizeof(model::SeriesBorn) +
         slice.moved.capacity() * sizeof(model::PartialMoved) +
         slice.expired.capacity() * sizeof(model::LocalSeries);
}

}  // namespace

void Outbox::begin(const Now& now) {
  arrival_ = now.arrival;
  annotated_ = 0;
  if (under_way_) {
    next_ = now.tick;
    next_waits_ = true;
    return;
  }
  begin_tick(now.tick);
}

void Outbox::begin_tick(WallTime tick) {
  under_way_ = true;
  panes_done_ = false;
  tick_ = tick;
  parts_.panes->begin_tick(tick);
  parts_.table->begin_share();
}

Outbox::Step Outbox::step(WallTime now) {
  const bool more_to_watch = step_watch();
  const bool more_folded = step_folded(now);
  const Step step = step_hand_over(now);
  return step == Step::Done && (more_to_watch || more_folded) ? Step::More : step;
}

Outbox::Step Outbox::step_hand_over(WallTime now) {
  if (!push()) return Step::Full;
  if (under_way_) return step_tick(now);
  return flushing_ ? step_flush() : Step::Done;
}

Outbox::Step Outbox::step_tick(WallTime now) {
  fresh();
  model::Handover& slice = *waiting_;
  parts_.table->take_born(slice.born);
  if (!panes_done_) panes_done_ = !parts_.panes->take_some(series_a_slice_, slice.moved);
  bool more = true;
  if (panes_done_ && slice.moved.size() <= series_a_slice_ / 2) {  // else in a slice of its own
    const auto busy = [this](model::LocalSeries series) { return parts_.panes->holds(series); };
    more = parts_.table->expire_some(now, busy, series_a_slice_ * kVisitsASeries, slice.expired);
  }
  if (!more) end_tick();
  slice.tick = whole_;
  slice.flushed = flushed_;
  slice.held_bytes = held_bytes();
  if (!push()) return Step::Full;
  return under_way_ || flushing_ ? Step::More : Step::Done;
}

void Outbox::end_tick() {
  const bool flush_due =
      parts_.flush > Millis{0} && !flushing_ &&
      flushed_.time_since_epoch() / parts_.flush != arrival_.time_since_epoch() / parts_.flush;
  under_way_ = false;
  whole_ = tick_;
  if (flush_due) {
    flushing_ = true;
    flush_ = arrival_;
    parts_.panes->begin_flush();
  }
  if (std::exchange(next_waits_, false)) begin_tick(next_);
}

Outbox::Step Outbox::step_flush() {
  fresh();
  model::Handover& slice = *waiting_;
  parts_.table->take_born(slice.born);
  flushing_ = parts_.panes->flush_some(series_a_slice_, slice.moved);
  if (!flushing_) flushed_ = flush_;
  slice.tick = whole_;
  slice.held_bytes = held_bytes();
  slice.flushed = flushed_;
  if (!push()) return Step::Full;
  return flushing_ ? Step::More : Step::Done;
}

void Outbox::took(std::chrono::nanoseconds time) {
  constexpr int kFar = 4;
  if (time > kSliceMax / 2) {
    series_a_slice_ = std::max(kSeriesASliceLeast, series_a_slice_ / 2);
  } else if (time < kSliceMax / kFar) {
    series_a_slice_ = std::min(kSeriesASlice, series_a_slice_ * 2);
  }
}

bool Outbox::annotate(model::KeptAnnotation&& annotation) {
  if (annotated_ == kAnnotationsMax || annotations_.size() == kAnnotationsMax) return false;
  see_taken();
  if (in_ring_all_.annotations >= kAnnotationsSentMax) return false;
  ++annotated_;
  annotation_bytes_ += model::held_bytes(annotation);
  annotations_.push_back(std::make_shared<const model::KeptAnnotation>(std::move(annotation)));
  return true;
}

void Outbox::send_born() {
  if (!push()) return;
  fresh();
  parts_.table->take_born(waiting_->born);
  waiting_->tick = whole_;
  waiting_->flushed = flushed_;
  push();
}

bool Outbox::drain(const Now& now) {
  under_way_ = false;
  next_waits_ = false;
  flushing_ = false;
  for (bool more = true; more;) {
    if (!push()) return false;
    fresh();
    parts_.table->take_born(waiting_->born);
    more = parts_.panes->take_all(waiting_->moved, kSeriesASlice);
    if (!more) {
      whole_ = now.tick;
      flushed_ = now.arrival + Millis{1};  // and nothing comes any more
    }
    waiting_->tick = whole_;
    waiting_->flushed = flushed_;
  }
  return push();
}

// ---- the watch list ----

// New names follow the new list from now on; those that are here do when they have been compared,
// and then what their series have gathered becomes a change.
void Outbox::watch(const model::WatchList& list) {
  parts_.table->begin_watch(list);
  watching_ = Watching::Names;
}

bool Outbox::step_watch() {
  if (watching_ == Watching::Names &&
      !parts_.table->watch_some(series::SeriesTable::kNamesASlice)) {
    watching_ = Watching::Entries;
    parts_.panes->begin_watch();
  }
  if (watching_ == Watching::Entries) {
    const auto watched = [this](model::LocalSeries series) {
      return parts_.table->watched(series);
    };
    if (!parts_.panes->watch_some(series_a_slice_ * kEntriesASeries, watched))
      watching_ = Watching::No;
  }
  return watching_ != Watching::No;
}

// ---- hand-overs ----

void Outbox::keep(std::unique_ptr<model::Handover> emptied) {
  if (emptied == nullptr) return;
  folded_.insert(folded_.end(), emptied->folded.begin(), emptied->folded.end());
  emptied->folded.clear();
  if (kept_.size() < kHandoversKept) kept_.push_back(std::move(emptied));
}

bool Outbox::step_folded(WallTime now) {
  for (std::size_t i = 0; i < kFoldedASlice && !folded_.empty(); ++i) {
    parts_.table->folded(folded_.front(), now);
    folded_.pop_front();
  }
  return !folded_.empty();
}

void Outbox::fresh() {
  if (kept_.empty()) {
    waiting_ = std::make_unique<model::Handover>();
  } else {
    waiting_ = std::move(kept_.back());
    kept_.pop_back();
    waiting_->born.clear();
    waiting_->moved.clear();
    waiting_->expired.clear();
  }
  waiting_->worker = parts_.worker;
  waiting_->held_bytes = 0;
  slice_bytes_ = annotation_bytes_;
  waiting_->annotations.clear();
  waiting_->annotations.swap(annotations_);
}

void Outbox::see_taken() {
  const std::size_t taken = parts_.link->to_hub.taken();
  for (; pushed_ - in_ring_.size() < taken; in_ring_.pop_front()) {
    in_ring_all_.bytes -= in_ring_.front().bytes;
    in_ring_all_.annotations -= in_ring_.front().annotations;
  }
}

// As of this slice. What is on its way counts until the next one says otherwise.
std::size_t Outbox::held_bytes() {
  see_taken();
  std::size_t bytes = parts_.table->held_bytes() + annotation_bytes_ + in_ring_all_.bytes;
  for (const auto& emptied : kept_)
    bytes += own_bytes(*emptied);
  return bytes;
}

std::size_t Outbox::bytes_max() {
  constexpr std::size_t kSlice =
      sizeof(model::Handover) + 2 * (kBornMax * sizeof(model::SeriesBorn)) +
      kSeriesASlice * (sizeof(model::PartialMoved) + kVisitsASeries * sizeof(model::LocalSeries));
  return (model::HubLink::kHandoversMax + kHandoversKept) * kSlice +
         (kAnnotationsSentMax + 2 * kAnnotationsMax) * model::held_bytes_max();
}

// Whether nothing waits any more. A full ring is told to the hub, too: it is what empties it.
bool Outbox::push() {
  if (waiting_ == nullptr) return true;
  const std::size_t moved = waiting_->moved.size();
  const Sent sent{own_bytes(*waiting_) + slice_bytes_, waiting_->annotations.size()};
  const bool pushed = parts_.link->to_hub.try_push(waiting_);
  if (pushed) {
    waiting_.reset();
    ++pushed_;
    in_ring_.push_back(sent);
    in_ring_all_.bytes += sent.bytes;
    in_ring_all_.annotations += sent.annotations;
    annotation_bytes_ -= std::exchange(slice_bytes_, 0);
    ++counts_.handovers;
    counts_.partials_moved += moved;
  }
  if (parts_.wake_hub) parts_.wake_hub();
  return pushed;
}

}  // namespace ingest::worker
