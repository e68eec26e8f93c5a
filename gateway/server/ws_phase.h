#pragma once
// WsPhase: a connection after its 101: frames in, commands to the protocol, and what is due to the
// reader out. Joins ws::ServerSession and publish::Subscriptions; knows no socket. Part of a
// connection, on its worker's thread.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "gateway/publish/subscriptions.h"
#include "gateway/server/commons.h"
#include "gateway/ws/extension.h"
#include "gateway/ws/server_session.h"

namespace gateway::server {

class WsPhase {
 public:
  /// Texts taken before what they caused is written: fewer than the protocol lets wait.
  static constexpr std::size_t kTextsInARow = 32;
  static_assert(2 * kTextsInARow <= Commons::kBuffersMax);  // one write takes their answers

  WsPhase(publish::Subscriber who, Commons& commons,
          const std::optional<ws::DeflateAgreement>& deflate, Caller caller);

  /// The bytes must live until continue_reading() gave Done or take_unread() was called.
  void receive(std::span<std::uint8_t> bytes);
  enum class Read : std::uint8_t { Done, WriteFirst, Rest };
  /// Takes up to kTextsInARow messages; WriteFirst: flush, then call again. Rest: what is left is
  /// to be read at rests_until().
  Read continue_reading(Commons& commons);
  /// What continue_reading() has not looked at: the caller keeps it and receives it again.
  std::span<const std::uint8_t> take_unread() { return session_.take_unread(); }
  /// The peer has said all that it may by now: nothing more of it is read.
  bool must_rest(Commons& commons) {
    return !closing_ && subscriptions_.must_rest(commons.desk, commons.loop.mono());
  }
  ingest::MonoTime rests_until() const { return subscriptions_.rests_until(); }
  /// Words for this client alone wait to be written.
  bool answers_wait() const { return subscriptions_.waiting() > 0; }

  void told(publish::Tell tell, Commons& commons);
  void joined(publish::Join join, Commons& commons);
  void answered(const publish::Answered& answered, Commons& commons);

  /// SIGTERM: `bye`, then Close 1001.
  void drain(publish::FramePtr bye, Commons& commons);
  /// Queues our Close behind what is being written and leaves all channels.
  void close(std::uint16_t code, std::string_view reason, Ended why, Commons& commons);

  /// Control frames that are due: nothing when empty.
  std::string_view control() const { return ingest::as_text(session_.output()); }
  void control_sent(std::size_t bytes);
  /// Appends shared frames due; queues the Close that waited for the last of them.
  void due(Commons& commons, std::size_t frames_max);
  /// Whether more is due at once because of that.
  bool frames_sent(std::size_t frames, Commons& commons);
  /// A shared frame in the form that this client gets; as valid as the frame.
  std::string_view bytes_of(const publish::Frame& frame, Commons& commons) const;
  /// The conversation ends by the peer's doing: what it asked before is answered before our Close.
  bool closes_behind_answers() const;
  /// Bytes of messages.
  void wrote(std::size_t bytes, Commons& commons);
  /// When something is to be looked at that is not yet due: frames that are held back, rights.
  ingest::MonoTime look_at(const Commons& commons) const {
    return commons.next_look(subscriptions_);
  }

  /// Nothing more will come or go.
  bool is_over() const { return session_.finished() && session_.output().empty(); }
  Ended why() const { return why_; }
  bool is_closing() const { return closing_; }
  /// Our Close will follow what is due before it.
  bool wants_to_close() const {
    return !closing_ && (draining_ || subscriptions_.close_code().has_value());
  }
  /// When the message that has begun must be whole.
  std::optional<ingest::MonoTime> message_by(const Deadlines& deadlines) const;
  /// When the peer's Close must have come. Only while is_closing().
  ingest::MonoTime close_by() const { return close_by_; }
  void close_by(ingest::MonoTime when) { close_by_ = when; }

  enum class Flow : std::uint8_t {
    Free,
    Blocked,  // output waits
    Paused,   // and so nothing is read: silence says nothing about the peer
  };
  /// Hello, silence, ping and pong: does what is due at `now`, says when to look again.
  ingest::MonoTime check(ingest::MonoTime now, Flow flow, Commons& commons);

  const publish::Subscriptions& subscriptions() const { return subscriptions_; }
  /// Before destruction: leaves every channel.
  void leave(Commons& commons) { subscriptions_.leave(commons.desk); }

 private:
  void obey(const ws::Event& event, Commons& commons);
  void take(const ws::Text& text, Commons& commons);
  void respond(ws::Opcode opcode, std::string_view bytes, Commons& commons);
  void begin_close(std::uint16_t code, Ended why, Commons& commons);
  void close_as_wanted(Commons& commons);
  void note_unfinished(ingest::MonoTime now);
  ingest::MonoTime check_life(ingest::MonoTime now, Flow flow, Commons& commons);

  ws::ServerSession session_;
  publish::Subscriptions subscriptions_;
  ingest::MonoTime since_;
  ingest::MonoTime heard_;
  ingest::MonoTime wrote_;
  ingest::MonoTime close_by_{};
  std::optional<ingest::MonoTime> pinged_;
  ingest::MonoTime begun_;        // of what the session has unfinished
  std::uint32_t unfinished_ = 0;  // its number
  Ended why_ = Ended::PeerClosed;
  bool closing_ = false;            // our Close is queued, or the peer's has come
  bool draining_ = false;           // Close 1001 once `bye` is out
  std::size_t answered_bytes_ = 0;  // of the responder, in this continue_reading()
  bool control_begun_ = false;      // a control frame is partly written
  std::uint8_t window_bits_ = 0;    // of what we deflate; 0: deflate was not agreed
};

}  // namespace gateway::server
