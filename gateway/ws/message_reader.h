#pragma once
// MessageReader: frames of one peer in any pieces -> whole messages and control frames. The reading
// half of both roles (RFC 6455 section 5, RFC 7692 section 6). Pure; owned by a session. A message
// that lies whole in one receive() is delivered as a view of those bytes; only an incomplete one is
// stored, as it came over the wire and within ReadLimits. A compressed one is inflated when it is
// whole, by an Inflater that all sessions of a worker share.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "gateway/ws/deflate.h"
#include "gateway/ws/frame.h"
#include "gateway/ws/session_fault.h"
#include "gateway/ws/utf8.h"
#include "ingest/base/bytes.h"
#include "ingest/base/result.h"

namespace gateway::ws {

enum class Role : std::uint8_t { Server, Client };
enum class Accept : std::uint8_t { TextOnly, TextAndBinary };

struct ReadLimits {
  /// Of a message, in one frame or in fragments; above: 1009. Of a compressed one it is what they
  /// inflate to, and deflated_bytes_max() of it bounds the frames, because what does not shrink
  /// grows a little.
  std::size_t message_bytes_max = std::size_t{64} * 1024;
  std::uint32_t fragments_max = 1'000;    // of one message; above: 1009
  Accept accept = Accept::TextAndBinary;  // TextOnly: 1003 on the header of a binary message
};

/// Views are valid until the next call of next() or receive(); those of a compressed message only
/// until the next such call of any reader that shares the Inflater.
struct TextMessage {
  std::string_view text;  // valid UTF-8
};
struct BinaryMessage {
  ingest::ByteView bytes;
};
struct PingFrame {
  ingest::ByteView payload;
};
struct PongFrame {
  ingest::ByteView payload;
};
struct CloseFrame {
  std::uint16_t code = 0;  // kCloseNoStatus when the frame was empty
  std::string_view reason;
};
using ReadEvent =
    std::variant<TextMessage, BinaryMessage, PingFrame, PongFrame, CloseFrame, SessionFault>;

class MessageReader {
 public:
  /// `role` is ours: a server reads masked frames, a client unmasked ones. `inflater` outlives the
  /// reader; null: RSV1 is a fault.
  MessageReader(Role role, ReadLimits limits, Inflater* inflater = nullptr)
      : limits_(limits), inflater_(inflater), role_(role) {}

  /// The bytes are unmasked in place and must live until next() gave nullopt. Only when the last
  /// ones are used up.
  void receive(std::span<std::uint8_t> bytes);
  /// The bytes that next() has not looked at, as they came: the reader forgets them.
  std::span<const std::uint8_t> take_unread() { return std::exchange(input_, {}); }
  /// After a CloseFrame or a fault nothing more comes: further bytes are ignored.
  std::optional<ReadEvent> next();
  /// Of the message that next() gave last, until the next call.
  bool message_was_compressed() const { return inflated_; }
  /// What has begun and is not whole, a message or a control frame outside of one: each has another
  /// number. 0: nothing.
  std::uint32_t unfinished() const;
  /// Heap memory held for an incomplete message or control frame, in bytes.
  std::size_t stored_bytes() const;

 private:
  struct BetweenFrames {};
  struct InFrame {
    FrameHeader header;
    std::uint64_t offset = 0;  // bytes of the payload already read
  };
  struct Ended {};
  /// What only a message or control frame in several pieces needs; no idle session has one.
  struct Stored {
    std::string message;  // what has come of the open message
    std::string control;  // of the open control frame
    Utf8Validator utf8;   // of the open message
    std::uint32_t fragments = 0;
    Opcode opcode = Opcode::Text;
    bool open = false;  // a message has begun and not ended
    bool compressed = false;
  };
  enum class HeaderRead : std::uint8_t { Incomplete, Whole };

  void forget_delivered();
  ingest::Result<HeaderRead, SessionFault> read_header();
  std::optional<SessionFault> check(const FrameHeader& header) const;
  std::optional<SessionFault> check_size(const FrameHeader& header) const;
  std::optional<ReadEvent> read_payload(InFrame& frame);
  std::optional<ReadEvent> read_control(Opcode opcode, std::span<std::uint8_t> part, bool whole);
  std::optional<ReadEvent> read_data(const FrameHeader& header, std::span<std::uint8_t> part,
                                     bool whole);
  ReadEvent finish_stored();
  ReadEvent finish_compressed(Opcode opcode, ingest::ByteView payload);
  ReadEvent finish_control(Opcode opcode, ingest::ByteView payload);
  ReadEvent read_close(ingest::ByteView payload);
  ReadEvent fail(SessionFault fault);
  Stored& stored();
  bool message_open() const { return stored_ && stored_->open; }

  ReadLimits limits_;
  Inflater* inflater_;
  std::span<std::uint8_t> input_;
  std::variant<BetweenFrames, InFrame, Ended> state_;
  std::unique_ptr<Stored> stored_;
  std::uint32_t begun_ = 0;  // messages, and control frames outside of one
  Role role_;
  bool inflated_ = false;  // the message handed out lies in the inflater
  std::uint8_t header_size_ = 0;
  std::array<std::uint8_t, kFrameHeaderBytesMax> header_{};  // the bytes of an incomplete header
};

}  // namespace gateway::ws
