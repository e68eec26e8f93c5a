#pragma once
// SsePhase: a connection after the head of an event stream (/v1/stream, WHATWG HTML section 9.2):
// nothing comes in any more, and what is due to the reader goes out as events. The other face of
// what WsPhase is: the same Subscriptions, the same frames. Part of a connection, on its worker's
// thread; it knows no socket.
//
//   data: {"t":"u","ch":17,...}\n       the payload is the frame's own bytes
//   id: 01JDX8Q3;17.48213\n\n           only where a channel's frame ends

#include <cstddef>
#include <cstdint>

#include "gateway/publish/bookmark.h"
#include "gateway/publish/command.h"
#include "gateway/publish/subscriptions.h"
#include "gateway/server/commons.h"
#include "gateway/server/outbox.h"

namespace gateway::server {

class SsePhase {
 public:
  /// Buffers of one event: what stands before the payload, the payload, and what stands behind it.
  static constexpr std::size_t kParts = 3;

  SsePhase(publish::Subscriber who, publish::SubBodies&& subs, Caller caller, Commons& commons);

  void told(publish::Tell tell, Commons& commons);
  void joined(publish::Join join, Commons& commons);
  void answered(const publish::Answered& answered, Commons& commons);

  /// SIGTERM: `bye`, when to come back, and the end.
  void drain(publish::FramePtr bye, Commons& commons);

  /// Puts the frames due into Commons::frames, and kParts buffers for each into Commons::buffers.
  void gather(Commons& commons, std::size_t buffers_max);
  /// Whether more is due at once because of that.
  bool frames_sent(std::size_t frames, Commons& commons);
  void wrote(std::size_t bytes, Commons& commons);
  /// When frames that are held back may go.
  ingest::MonoTime look_at(const Commons& commons) const {
    return commons.next_look(subscriptions_);
  }

  /// Nothing will be due any more: the connection ends when all is out.
  bool is_over() const { return over_; }
  /// It will be over once what is due before is out.
  bool wants_to_end() const { return draining_ || subscriptions_.close_code().has_value(); }
  Ended why() const;

  enum class Flow : std::uint8_t { Free, Blocked };
  /// Silence: says `hb` where it is due at `now`, and when to look again.
  ingest::MonoTime check(ingest::MonoTime now, Flow flow, Commons& commons);

  const publish::Subscriptions& subscriptions() const { return subscriptions_; }
  /// Before destruction: leaves every channel.
  void leave(Commons& commons) { subscriptions_.leave(commons.desk); }

 private:
  publish::Subscriptions subscriptions_;
  publish::Bookmark bookmark_;  // behind the last frame that left
  ingest::MonoTime wrote_;
  ingest::Millis retry_{0};  // once draining: when a browser comes back, each at another time
  bool draining_ = false;
  bool over_ = false;
};

}  // namespace gateway::server
