#pragma once
// Cursor: where one connection stands in one channel: {ch, next s}, and a snapshot or replay that
// goes first. It never copies a frame. Pure; part of a connection's Subscriptions, on its worker's
// thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "gateway/publish/burst.h"
#include "gateway/publish/frame_ring.h"
#include "gateway/publish/mail.h"
#include "gateway/publish/message.h"
#include "ingest/base/clock.h"

namespace gateway::publish {

class Cursor {
 public:
  /// So many gaps within kGapsWithin: this rate is too much for the reader.
  static constexpr std::size_t kGapsMax = 3;
  static constexpr ingest::Millis kGapsWithin{30'000};

  enum class State : std::uint8_t {
    Awaiting,  // for its first state, or for a snapshot after a gap: nothing is due
    Reading,
    Paused,  // by the client's wish; the snapshot comes when it ends
  };
  /// A place between two frames. Steps forward by itself, so that what is due can be looked at
  /// before it is sent.
  struct Place {
    Sequence next = 0;        // in the ring
    std::uint32_t part = 0;   // of the frame at `next`, or of the one at `ahead`
    std::uint32_t ahead = 0;  // of the frames that go first
  };

  explicit Cursor(ChannelId ch) : ch_(ch) {}
  ChannelId ch() const { return ch_; }
  State state() const { return state_; }

  /// `join.frames` go out where the sequence `join.next` begins; a reader that is already under way
  /// gets the frames before it first. What an earlier join() brought and nobody sent is dropped,
  /// unless it has the same place.
  void join(Join join);
  void pause();
  /// Nothing is due until join().
  void await();
  /// Nothing is due while it is held: something else goes first.
  void hold(bool held) { held_ = held; }
  bool is_held() const { return held_; }

  Place place() const { return place_; }
  /// The frame due at `place`, or null. `ring` may be null: then only what join() brought is due.
  FramePtr share(const Place& place, const FrameRing* ring) const;
  /// The place after the frame that share() gave.
  Place after(Place place, const FrameRing* ring) const;
  /// Everything before `place` was sent: what only this cursor held is let go.
  void move_to(Place place);

  /// When `ring` no longer holds what is due next: the gap to tell, and the cursor awaits a
  /// snapshot. A snapshot that already waits to be sent closes the hole without a word.
  std::optional<Gap> fall_off(const FrameRing* ring);
  /// While held: `ring` no longer holds what follows the state that waits.
  bool is_outrun(const FrameRing* ring) const {
    return state_ == State::Reading && ring != nullptr && place_.next < ring->first();
  }
  /// It fell off at `now`, and was told. True when that was one time too many.
  bool is_too_slow(ingest::MonoTime now);

 private:
  bool ahead_due(const Place& place) const;
  const FramePtr* head(const Place& place, const FrameRing* ring) const;

  ChannelId ch_ = 0;
  State state_ = State::Awaiting;
  bool held_ = false;
  Place place_;
  Sequence ahead_at_ = 0;                  // the frames of ahead_ go out when place_.next is this
  std::vector<FramePtr> ahead_;            // a snapshot, or replayed frames; empty most of the time
  std::unique_ptr<Burst<kGapsMax>> gaps_;  // made at the first gap
};

}  // namespace gateway::publish
