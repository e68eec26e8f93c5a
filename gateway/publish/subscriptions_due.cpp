// What a connection's subscriptions have due, and whether they may have it.

#include <algorithm>
#include <utility>

#include "gateway/publish/subscriptions.h"

namespace gateway::publish {

void Subscriptions::due(Desk& desk, Now now, std::vector<FramePtr>& out, std::size_t frames_max) {
  if (!close_) {
    hold_unseen(desk, now);
    tell_gaps(desk, now);
  }
  for (std::size_t i = 0; i < control_.size() && out.size() < frames_max; ++i) {
    out.push_back(control_[i]);
  }
  if (close_ || hold_output(desk, now)) return;
  if (inquiries_ != nullptr) inquiries_->due(out, frames_max);
  cursors_.due(desk.replicas, out, frames_max);
}

bool Subscriptions::sent(Desk& desk, Now now, std::size_t frames) {
  const std::size_t said = std::min(frames, control_.size());
  if (said == control_.size()) {
    control_ = {};
  } else {
    control_.erase(control_.begin(), control_.begin() + static_cast<std::ptrdiff_t>(said));
  }
  frames -= said;
  std::size_t pages = 0;
  if (inquiries_ != nullptr && frames > 0) pages = inquiries_->sent(frames, desk.to_hub);
  if (frames > pages) {
    cursors_.sent(desk.replicas, frames - pages);
    credit_.frame_sent(now.mono);
  }
  if (pages > 0) hold_for_history();
  return pages > 0;
}

std::uint64_t Subscriptions::behind(const Desk& desk) const {
  std::uint64_t most = 0;
  for (const Cursor& cursor : cursors_.all()) {
    const FrameRing* ring = ring_of(desk.replicas, cursor.ch());
    if (ring == nullptr || cursor.state() != Cursor::State::Reading) continue;
    const Sequence next = cursor.place().next;
    if (ring->next() > next) most = std::max<std::uint64_t>(most, ring->next() - next);
  }
  return most;
}

/// Who waits for a newer state, or is paused until one comes, goes on being held: there may be more
/// to tell up to that one.
void Subscriptions::hold_for_history() {
  if (inquiries_ == nullptr) return;
  for (Cursor& cursor : cursors_.all()) {
    if (cursor.state() == Cursor::State::Reading) inquiries_->finish(cursor.ch());
    cursor.hold(inquiries_->holds(cursor.ch()));
  }
}

/// Too much left in this second: words go on, all else waits. A cursor that falls off meanwhile
/// gets the newest state, as with any reader that is too slow.
bool Subscriptions::hold_output(Desk& desk, Now now) {
  const bool held = output_.is_spent(desk.rules.output_per_second, now.mono);
  if (held && !output_held_) {
    ++desk.output_held;
    desk.laggards.held(who_);
  }
  output_held_ = held;
  return held;
}

/// Looked at when a frame is due: without any there is nothing to stop.
void Subscriptions::hold_unseen(Desk& desk, Now now) {
  if (!credit_.is_spent(now.mono) || !cursors_.has_due(desk.replicas)) return;
  credit_.stop();
  ++desk.unseen;
  for (const Entry& entry : subs_) {
    if (entry.ch == 0 || entry.paused == Mod::Pause::Yes) continue;
    say_of_each(make_frame(paused_text(entry.id, kWhyUnseen)), desk);
  }
  for (Cursor& cursor : cursors_.all())
    cursor.pause();
}

void Subscriptions::tell_gaps(Desk& desk, Now now) {
  for (Cursor& cursor : cursors_.all()) {
    const FrameRing* ring = ring_of(desk.replicas, cursor.ch());
    if (cursor.is_held()) {
      renew_state(cursor, ring, desk);
      continue;
    }
    const auto gap = cursor.fall_off(ring);
    if (!gap) continue;
    ++desk.gaps;
    desk.laggards.skipped(who_);
    say_of_each(make_frame(gap_text(*gap)), desk);
    if (cursor.is_too_slow(now.mono)) {
      demote(cursor.ch(), desk);
    } else {
      desk.to_hub.emplace_back(WantSnapshot{who_, cursor.ch()});
    }
  }
}

/// While history is told its channel has gone on by more than it keeps: a newer state, and history
/// up to that.
void Subscriptions::renew_state(Cursor& cursor, const FrameRing* ring, Desk& desk) const {
  if (!cursor.is_outrun(ring)) return;
  cursor.await();
  desk.to_hub.emplace_back(WantSnapshot{who_, cursor.ch()});
}

/// The snapshot comes with the slower channel.
void Subscriptions::demote(ChannelId ch, Desk& desk) {
  desk.laggards.demoted(who_);
  for (const Entry& entry : subs_)
    if (entry.ch == ch) desk.to_hub.emplace_back(Demote{who_, entry.id});
}

}  // namespace gateway::publish
