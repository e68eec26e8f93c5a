#include "gateway/publish/cursor_set.h"

#include <algorithm>
#include <utility>

namespace gateway::publish {

const FrameRing* ring_of(const ChannelReplicas& replicas, ChannelId ch) {
  const ChannelReplica* replica = replicas.find(ch);
  return replica == nullptr ? nullptr : &replica->ring();
}

Cursor* CursorSet::find(ChannelId ch) {
  for (Cursor& cursor : cursors_) {
    if (cursor.ch() == ch) return &cursor;
  }
  return nullptr;
}

Cursor& CursorSet::open(ChannelId ch) {
  Cursor* known = find(ch);
  return known == nullptr ? cursors_.emplace_back(ch) : *known;
}

void CursorSet::close(ChannelId ch) {
  std::erase_if(cursors_, [ch](const Cursor& cursor) { return cursor.ch() == ch; });
}

void CursorSet::due(const ChannelReplicas& replicas, std::vector<FramePtr>& out,
                    std::size_t frames_max) const {
  for (std::size_t i = 0; i < cursors_.size() && out.size() < frames_max; ++i) {
    const Cursor& cursor = cursors_[(first_ + i) % cursors_.size()];
    const FrameRing* ring = ring_of(replicas, cursor.ch());
    Cursor::Place place = cursor.place();
    while (out.size() < frames_max) {
      FramePtr frame = cursor.share(place, ring);
      if (frame == nullptr) break;
      out.push_back(std::move(frame));
      place = cursor.after(place, ring);
    }
  }
}

bool CursorSet::has_due(const ChannelReplicas& replicas) const {
  return std::any_of(cursors_.begin(), cursors_.end(), [&](const Cursor& cursor) {
    return cursor.share(cursor.place(), ring_of(replicas, cursor.ch())) != nullptr;
  });
}

void CursorSet::sent(const ChannelReplicas& replicas, std::size_t frames) {
  if (frames == 0 || cursors_.empty()) return;
  for (std::size_t i = 0; i < cursors_.size() && frames > 0; ++i) {
    Cursor& cursor = cursors_[(first_ + i) % cursors_.size()];
    const FrameRing* ring = ring_of(replicas, cursor.ch());
    Cursor::Place place = cursor.place();
    while (frames > 0 && cursor.share(place, ring) != nullptr) {
      place = cursor.after(place, ring);
      --frames;
    }
    cursor.move_to(place);
  }
  first_ = static_cast<std::uint32_t>((first_ + 1) % cursors_.size());
}

}  // namespace gateway::publish
