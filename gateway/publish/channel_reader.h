#pragma once
// What one worker keeps of the channels that its connections read: a ring of references for each,
// and who reads it. Owned by the worker's Desk, on the worker's thread; the frames are shared with
// the hub and the other workers.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "gateway/publish/frame_ring.h"
#include "gateway/publish/mail.h"
#include "ingest/base/clock.h"

namespace gateway::publish {

/// One channel on one worker.
class ChannelReplica {
 public:
  explicit ChannelReplica(FrameRing::Caps caps) : ring_(caps) {}

  FrameRing& ring() { return ring_; }
  const FrameRing& ring() const { return ring_; }

  /// The connections of this worker that read it, in no order; each once.
  std::span<const Subscriber> readers() const { return readers_; }
  void add_reader(Subscriber who);
  void remove_reader(Subscriber who);

 private:
  FrameRing ring_;
  std::vector<Subscriber> readers_;
};

class ChannelReplicas {
 public:
  explicit ChannelReplicas(FrameRing::Caps caps = {}) : caps_(caps) {}

  /// The hub's next frame. Returns who may now have something due; valid until the next call.
  std::span<const Subscriber> publish(Publish publish, ingest::Millis now);
  /// The channel's ring is dropped, unless somebody here reads it again already.
  void gone(ChannelId ch);
  /// Null when this worker has no ring for it.
  const ChannelReplica* find(ChannelId ch) const;
  /// Makes the ring when there is none; then it expects `next`.
  ChannelReplica& open(ChannelId ch, Sequence next);
  void remove_reader(ChannelId ch, Subscriber who);
  std::size_t size() const { return replicas_.size(); }

 private:
  FrameRing::Caps caps_;
  std::unordered_map<ChannelId, std::unique_ptr<ChannelReplica>> replicas_;
};

}  // namespace gateway::publish
