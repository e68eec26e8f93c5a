#pragma once
// Session: what both roles of a WebSocket connection share after the handshake: messages in, events
// out, and the control frames that answer them. Use it as ServerSession or ClientSession, whose
// headers say how. Pure; owned by a connection. An idle one holds no heap memory.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "gateway/ws/control_output.h"
#include "gateway/ws/mask.h"
#include "gateway/ws/message_reader.h"
#include "ingest/base/bytes.h"

namespace gateway::ws {

/// Views are valid until the next call of next_event() or receive(); those of a compressed message
/// only until the next such call of any session that shares the Inflater.
struct Text {
  std::string_view text;  // valid UTF-8
};
struct Binary {
  ingest::ByteView bytes;
};
struct Pong {};  // counts as life
/// The peer's Close. Ours is queued as its echo unless it was sent before.
struct PeerClosed {
  std::uint16_t code = 0;  // kCloseNoStatus when it gave none
  std::string_view reason;
};
/// The peer broke the protocol. The Close with this code is queued unless one was before; input is
/// ignored from here.
struct Failed {
  SessionFault fault{};
  std::uint16_t code = 0;
  std::string_view reason;  // static
};
using Event = std::variant<Text, Binary, Pong, PeerClosed, Failed>;

class Session {
 public:
  using Options = ReadLimits;

  /// The bytes are unmasked in place and must live until next_event() gave nullopt.
  void receive(std::span<std::uint8_t> bytes) { reader_.receive(bytes); }
  /// The bytes that next_event() has not looked at, as they came; they are to be received again,
  /// and first.
  std::span<const std::uint8_t> take_unread() { return reader_.take_unread(); }
  /// Pings are answered inside. Messages that come after our own Close was queued are checked but
  /// not delivered.
  std::optional<Event> next_event();
  /// Of the Text or Binary that next_event() gave last, until the next call.
  bool message_was_compressed() const { return reader_.message_was_compressed(); }

  /// Control frames only; a Close comes alone, behind the others. Valid until the next call that is
  /// not const.
  ingest::ByteView output() const { return control_.output(); }
  /// Is output() our Close? Data that is due may still go before it, while none of it is out.
  bool output_is_close() const { return control_.output_is_close(); }
  /// count is at most output().size().
  void output_sent(std::size_t count) { control_.output_sent(count); }

  /// The number of the message, or of the control frame outside of one, that has begun to come and
  /// is not whole; 0: nothing.
  std::uint32_t unfinished() const { return reader_.unfinished(); }

  /// Queues a Ping of at most 125 bytes (our own liveness timer). Nothing once a Close is queued.
  void ping(std::string_view payload) { control_.ping(payload, key()); }
  /// Queues our Close; later calls do nothing. `code` is a wire code (CHECKed); the reason is cut
  /// at 123 bytes.
  void close(std::uint16_t code, std::string_view reason);

  /// May a new data frame be begun? Not once a Close is queued or has come; the one exception is
  /// what was due before it, at output_is_close().
  bool may_send() const { return !control_.close_queued(); }
  /// Our Close is written to its last byte.
  bool close_sent() const { return control_.close_sent(); }
  bool close_received() const { return phase_ == Phase::PeerClosed; }
  /// Nothing more will come or go: our Close is out, and the peer's has come or the peer broke the
  /// protocol.
  bool finished() const { return close_sent() && phase_ != Phase::Open; }

  /// Heap memory held, in bytes: of an incomplete message and of what waits to be written.
  std::size_t stored_bytes() const { return reader_.stored_bytes() + control_.stored_bytes(); }

 protected:
  /// `masks` is null for a server; else it outlives the session, and so does `inflater`, null where
  /// compression was not agreed.
  Session(Role role, Options options, MaskSource* masks, Inflater* inflater)
      : reader_(role, options, inflater), masks_(masks) {}
  ~Session() = default;
  Session(Session&&) = default;
  Session& operator=(Session&&) = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  enum class Phase : std::uint8_t { Open, PeerClosed, Failed };

  std::optional<Event> take(const ReadEvent& read);
  FrameKey key() { return masks_ == nullptr ? FrameKey{} : FrameKey{masks_->next_key()}; }

  MessageReader reader_;
  ControlOutput control_;
  MaskSource* masks_;
  Phase phase_ = Phase::Open;
};

}  // namespace gateway::ws
