#pragma once
// FrameRing: the last frames of a channel by their sequence, capped in age, bytes and number. The
// hub's channel resumes readers from one; each worker's replica feeds its connections from another.
// Pure: time is an argument. One owner, one thread; the frames are shared.

#include <cstddef>
#include <cstdint>
#include <deque>

#include "gateway/publish/frame.h"
#include "gateway/publish/mail.h"
#include "ingest/base/clock.h"

namespace gateway::publish {

/// A frame leaves when the ring holds more than `bytes_kept` and the frame is older than `keep`,
/// and whenever the ring holds more than `bytes_max` or `frames_max`. The newest always stays.
struct RingCaps {
  ingest::Millis keep{30'000};
  std::size_t bytes_kept = std::size_t{256} * 1024;  // raised to two snapshots by hold_snapshots()
  std::size_t bytes_max = std::size_t{32} * 1024 * 1024;
  std::size_t frames_max = 4'096;
};
static_assert(RingCaps{}.frames_max >= 30'000 / 250, "30 s at the fastest tier");

class FrameRing {
 public:
  using Caps = RingCaps;
  explicit FrameRing(Caps caps) : caps_(caps) {}

  /// `now` is since any fixed instant and never goes back. A hole before `s` empties the ring
  /// first.
  void append(Sequence s, FramePtr frame, ingest::Millis now);
  /// The frame of `s`, or null when it left already or has not come.
  const FramePtr* get(Sequence s) const;
  /// The oldest sequence held; next() when empty.
  Sequence first() const { return next_ - entries_.size(); }
  /// The sequence that append() expects.
  Sequence next() const { return next_; }
  /// An empty ring expects `s`.
  void expect(Sequence s);
  std::size_t bytes() const { return bytes_; }
  /// Lets the ring keep two snapshots of this size, up to bytes_max.
  void hold_snapshots(std::size_t snapshot_bytes);
  /// Another bytes_max from the next append() on.
  void hold_at_most(std::size_t bytes_max) { caps_.bytes_max = bytes_max; }
  std::size_t bytes_max() const { return caps_.bytes_max; }
  /// Frames that left before `keep` because of bytes_max or frames_max.
  std::uint64_t left_early() const { return left_early_; }

 private:
  struct Entry {
    FramePtr frame;
    ingest::Millis at{0};
  };
  void trim(ingest::Millis now);
  void drop_oldest();

  Caps caps_;
  std::deque<Entry> entries_;
  Sequence next_ = 1;
  std::size_t bytes_ = 0;
  std::uint64_t left_early_ = 0;
};

}  // namespace gateway::publish
