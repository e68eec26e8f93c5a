#pragma once
// MessageReader: frames of one peer in any pieces -> whole messages and control frames. The reading
// half of both roles (RFC 6455 section 5). Pure; owned by a session. A message that lies whole in
// one receive() is delivered as a view of those bytes; only an incomplete one is stored, at most
// message_bytes_max of it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "gateway/ws/frame.h"
#include "gateway/ws/session_fault.h"
#include "gateway/ws/utf8.h"
#include "ingest/base/bytes.h"

namespace gateway::ws {

enum class Role : std::uint8_t { Server, Client };
enum class Accept : std::uint8_t { TextOnly, TextAndBinary };

struct ReadLimits {
  /// Of one frame and of all fragments of a message; above: 1009.
  std::size_t message_bytes_max = std::size_t{64} * 1024;
  std::uint32_t fragments_max = 1'000;    // of one message; above: 1009
  Accept accept = Accept::TextAndBinary;  // TextOnly: 1003 on the header of a binary message
};

/// Views are valid until the next call of next() or receive().
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
  /// `role` is ours: a server reads masked frames, a client unmasked ones.
  MessageReader(Role role, ReadLimits limits) : limits_(limits), role_(role) {}

  /// The bytes are unmasked in place and must live until next() gave nullopt. Only when the last
  /// ones are used up.
  void receive(std::span<std::uint8_t> bytes);
  /// The bytes that next() has not looked at, as they came: the reader forgets them.
  std::span<const std::uint8_t> take_unread() { return std::exchange(input_, {}); }
  /// After a CloseFrame or a fault nothing more comes: further bytes are ignored.
  std::optional<ReadEvent> next();
  /// Heap memory held for an incomplete message, in bytes.
  std::size_t stored_bytes() const { return message_.capacity() + control_.capacity(); }

 private:
  struct BetweenFrames {};
  struct InFrame {
    FrameHeader header;
    std::uint64_t offset = 0;  // bytes of the payload already read
  };
  struct Ended {};

  bool read_header();
  std::optional<SessionFault> check(const FrameHeader& header) const;
  std::optional<ReadEvent> read_payload(InFrame& frame);
  std::optional<ReadEvent> read_control(const FrameHeader& header, std::span<std::uint8_t> part,
                                        bool whole);
  std::optional<ReadEvent> read_data(const FrameHeader& header, std::span<std::uint8_t> part,
                                     bool whole);
  std::optional<ReadEvent> finish_message(ingest::ByteView payload);
  std::optional<ReadEvent> finish_control(Opcode opcode, ingest::ByteView payload);
  ReadEvent read_close(ingest::ByteView payload);
  ReadEvent fail(SessionFault fault);

  ReadLimits limits_;
  std::span<std::uint8_t> input_;
  std::variant<BetweenFrames, InFrame, Ended> state_;
  std::string message_;  // fragments and parts of the open message that are no longer in the input
  std::string control_;  // the same of a control frame
  std::optional<SessionFault> fault_;  // found, and told by the next next()
  std::uint32_t fragments_ = 0;        // of the open message
  Utf8Validator utf8_;
  Opcode message_opcode_ = Opcode::Text;  // of the open message
  Role role_;
  bool message_open_ = false;       // a data frame without FIN came, its end did not
  bool message_delivered_ = false;  // message_ was handed out and is cleared by the next call
  std::uint8_t header_size_ = 0;
  std::array<std::uint8_t, kFrameHeaderBytesMax> header_{};  // the bytes of an incomplete header
};

}  // namespace gateway::ws
