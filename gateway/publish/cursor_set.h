#pragma once
// CursorSet: the channels that one connection reads, a cursor for each, and whose turn it is. Part
// of its Subscriptions, on its worker's thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gateway/publish/channel_reader.h"
#include "gateway/publish/cursor.h"
#include "gateway/publish/mail.h"

namespace gateway::publish {

class CursorSet {
 public:
  Cursor* find(ChannelId ch);
  /// The one there is, or a new one.
  Cursor& open(ChannelId ch);
  void close(ChannelId ch);
  void clear() { cursors_.clear(); }
  std::span<Cursor> all() { return cursors_; }
  std::span<const Cursor> all() const { return cursors_; }

  /// Appends what is due, one channel after another, until `out` holds `frames_max`.
  void due(const ChannelReplicas& replicas, std::vector<FramePtr>& out,
           std::size_t frames_max) const;
  bool has_due(const ChannelReplicas& replicas) const;
  /// The first `frames` of what due() gave have left.
  void sent(const ChannelReplicas& replicas, std::size_t frames);

 private:
  std::vector<Cursor> cursors_;
  std::uint32_t first_ = 0;  // whose turn it is, so that no channel starves another
};

/// This worker's ring of the channel, or null.
const FrameRing* ring_of(const ChannelReplicas& replicas, ChannelId ch);

}  // namespace gateway::publish
