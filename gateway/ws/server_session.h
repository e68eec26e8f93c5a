#pragma once
// ServerSession: one WebSocket connection after its 101, seen from the server. Bytes in, events
// out, and the control frames that answer them. Pure; owned by a connection, on that connection's
// worker. An idle one holds no heap memory.
//
// What it must not know: data frames. They are shared between connections and written by the
// connection itself, which keeps this contract:
//   - control output goes out only between whole data frames: finish the frame being written, then
//   output(), then data;
//   - a new data frame is begun only while may_send();
//   - after each receive(): next_event() until nullopt, then write output() and call output_sent();
//   - when finished() and output() is empty, the server closes TCP first (RFC 6455 section 7.1.1).
//   Deadlines (no answer
//     to our Close: 5 s; draining after Failed: 1 s) are the connection's.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "gateway/ws/control_output.h"
#include "gateway/ws/message_reader.h"
#include "ingest/base/bytes.h"

namespace gateway::ws {

/// Views are valid until the next call of next_event() or receive().
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

class ServerSession {
 public:
  using Options = ReadLimits;

  explicit ServerSession(Options options = {}) : reader_(Role::Server, options) {}

  /// The bytes are unmasked in place and must live until next_event() gave nullopt.
  void receive(std::span<std::uint8_t> bytes) { reader_.receive(bytes); }
  /// The bytes that next_event() has not looked at, as they came; they are to be received again,
  /// and first.
  std::span<const std::uint8_t> take_unread() { return reader_.take_unread(); }
  /// Pings are answered inside. Messages that come after our own Close was queued are checked but
  /// not delivered.
  std::optional<Event> next_event();

  /// Control frames only. Valid until the next call that is not const.
  ingest::ByteView output() const { return control_.output(); }
  /// count is at most output().size().
  void output_sent(std::size_t count) { control_.output_sent(count); }

  /// Queues a Ping of at most 125 bytes (the server's own liveness timer). Nothing once a Close is
  /// queued.
  void ping(std::string_view payload) { control_.ping(payload); }
  /// Queues our Close; later calls do nothing. `code` is a wire code (CHECKed); the reason is cut
  /// at 123 bytes.
  void close(std::uint16_t code, std::string_view reason);

  /// May a new data frame be begun? Not once a Close is queued or has come.
  bool may_send() const { return !control_.close_queued(); }
  /// Our Close is written to its last byte.
  bool close_sent() const { return control_.close_sent(); }
  bool close_received() const { return phase_ == Phase::PeerClosed; }
  /// Nothing more will come or go: our Close is out, and the peer's has come or the peer broke the
  /// protocol.
  bool finished() const { return close_sent() && phase_ != Phase::Open; }

  /// Heap memory held for an incomplete message, in bytes.
  std::size_t stored_bytes() const { return reader_.stored_bytes(); }

 private:
  enum class Phase : std::uint8_t { Open, PeerClosed, Failed };

  std::optional<Event> take(const ReadEvent& read);

  MessageReader reader_;
  ControlOutput control_;
  Phase phase_ = Phase::Open;
};

}  // namespace gateway::ws
