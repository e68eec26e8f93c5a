#pragma once
// Credit: whether a client that says `seen` goes on saying it (DESIGN section 6, consumption
// credit): TCP takes bytes for a page that does not run any more. Who never said it is held to
// nothing. Pure; part of a connection's Subscriptions.
//
// A client says `seen` at most every kEvery, and only when a message comes: so what it owes is an
// answer to a frame that left at least kEvery after its last word.

#include <cstdint>

#include "ingest/base/clock.h"

namespace gateway::publish {

class Credit {
 public:
  /// How often a client may say it at most.
  static constexpr ingest::Millis kEvery{2'000};
  /// Without a word for so long, while frames flow, it gets no more of them.
  static constexpr ingest::Millis kUnseenMax{10'000};

  void seen(ingest::MonoTime now) {
    state_ = State::Good;
    seen_at_ = now;
    owed_since_ = kNever;
  }
  /// A frame of a channel left.
  void frame_sent(ingest::MonoTime now) {
    if (state_ != State::Good || owed_since_ != kNever || now < seen_at_ + kEvery) return;
    owed_since_ = now;
  }
  /// The next frame may not leave.
  bool is_spent(ingest::MonoTime now) const {
    return state_ == State::Good && owed_since_ != kNever &&
           now >= owed_since_ + (kUnseenMax - kEvery);
  }
  /// Frames are stopped, until seen().
  void stop() { state_ = State::Stopped; }
  bool is_stopped() const { return state_ == State::Stopped; }

 private:
  enum class State : std::uint8_t { NeverSaid, Good, Stopped };
  static constexpr ingest::MonoTime kNever = ingest::MonoTime::max();
  ingest::MonoTime seen_at_{};
  ingest::MonoTime owed_since_ = kNever;
  State state_ = State::NeverSaid;
};

}  // namespace gateway::publish
