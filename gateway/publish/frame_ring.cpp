#include "gateway/publish/frame_ring.h"

#include <algorithm>
#include <utility>

#include "ingest/base/check.h"

namespace gateway::publish {

void FrameRing::append(Sequence s, FramePtr frame, ingest::Millis now) {
  CHECK(frame != nullptr);
  CHECK(s >= next_ || entries_.empty());
  if (s != next_) {
    entries_.clear();
    bytes_ = 0;
  }
  bytes_ += chain_bytes(*frame);
  entries_.push_back({std::move(frame), now});
  next_ = s + 1;
  trim(now);
}

const FramePtr* FrameRing::get(Sequence s) const {
  if (s < first() || s >= next_) return nullptr;
  return &entries_[static_cast<std::size_t>(s - first())].frame;
}

void FrameRing::expect(Sequence s) {
  CHECK(entries_.empty());
  next_ = s;
}

void FrameRing::hold_snapshots(std::size_t snapshot_bytes) {
  caps_.bytes_kept = std::min(std::max(caps_.bytes_kept, 2 * snapshot_bytes), caps_.bytes_max);
}

void FrameRing::trim(ingest::Millis now) {
  while (entries_.size() > 1) {
    const bool young = now - entries_.front().at < caps_.keep;
    const bool full = bytes_ > caps_.bytes_max || entries_.size() > caps_.frames_max;
    if (!full && (young || bytes_ <= caps_.bytes_kept)) return;
    if (young) ++left_early_;
    drop_oldest();
  }
}

void FrameRing::drop_oldest() {
  bytes_ -= chain_bytes(*entries_.front().frame);
  entries_.pop_front();
}

}  // namespace gateway::publish
