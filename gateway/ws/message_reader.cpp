#include "gateway/ws/message_reader.h"

#include <algorithm>

#include "gateway/ws/close_code.h"
#include "gateway/ws/mask.h"
#include "ingest/base/check.h"

namespace gateway::ws {
namespace {

/// Empties a string and gives its memory back, which assigning an empty one does not.
void release(std::string& text) {
  std::string{}.swap(text);
}

}  // namespace

void MessageReader::receive(std::span<std::uint8_t> bytes) {
  if (std::holds_alternative<Ended>(state_)) return;
  CHECK(input_.empty());  // the bytes before were read to the end
  input_ = bytes;
}

/// Reads on to the next event. Each turn of the loop uses up a header or a part of a payload, so it
/// ends with the input.
std::optional<ReadEvent> MessageReader::next() {
  if (message_delivered_) {
    release(message_);  // an idle session holds no memory
    message_delivered_ = false;
  }
  if (std::holds_alternative<BetweenFrames>(state_)) release(control_);
  while (!std::holds_alternative<Ended>(state_)) {
    if (std::holds_alternative<BetweenFrames>(state_) && !read_header()) {
      if (fault_) return fail(*fault_);
      return std::nullopt;
    }
    auto& frame = std::get<InFrame>(state_);
    if (input_.empty() && frame.offset < frame.header.payload_bytes) return std::nullopt;
    if (auto event = read_payload(frame)) return event;
  }
  input_ = {};
  return std::nullopt;
}

/// False when the header is incomplete (its bytes are kept) or wrong (fault_ says how).
bool MessageReader::read_header() {
  // Straight from the input where it lies whole there; else through header_, which takes what it
  // can.
  const bool joined = header_size_ > 0;
  std::size_t taken = 0;
  ingest::ByteView bytes = input_;
  if (joined) {
    taken = std::min(input_.size(), header_.size() - header_size_);
    std::copy_n(input_.begin(), taken, header_.begin() + header_size_);
    bytes = ingest::ByteView{header_}.first(header_size_ + taken);
  }
  const auto parsed = parse_frame_header(bytes);
  if (!parsed) {
    fault_ = session_fault(parsed.error());
    return false;
  }
  if (!parsed->has_value()) {
    if (!joined) std::copy(bytes.begin(), bytes.end(), header_.begin());
    header_size_ = static_cast<std::uint8_t>(bytes.size());
    input_ = {};
    return false;
  }
  input_ = input_.subspan((*parsed)->header_bytes - (joined ? header_size_ : 0U));
  header_size_ = 0;
  const FrameHeader& header = (*parsed)->header;
  fault_ = check(header);
  if (fault_) return false;
  state_ = InFrame{header};
  return true;
}

/// What only the session can know of a header: sequence before size, so that the answer never
/// depends on the limit.
std::optional<SessionFault> MessageReader::check(const FrameHeader& header) const {
  if (role_ == Role::Server && !header.mask) return SessionFault::UnmaskedFrame;
  if (role_ == Role::Client && header.mask) return SessionFault::MaskedFrame;
  if (header.rsv1) return SessionFault::CompressedFrame;
  if (is_control(header.opcode)) return std::nullopt;
  const bool continues = header.opcode == Opcode::Continuation;
  if (continues && !message_open_) return SessionFault::ContinuationWithoutStart;
  if (!continues && message_open_) return SessionFault::MessageInsideMessage;
  if (header.opcode == Opcode::Binary && limits_.accept == Accept::TextOnly)
    return SessionFault::BinaryMessage;
  if (header.payload_bytes > limits_.message_bytes_max - message_.size())
    return SessionFault::MessageTooBig;
  if (message_open_ && fragments_ >= limits_.fragments_max) return SessionFault::TooManyFragments;
  return std::nullopt;
}

/// Unmasks what has come of the frame and hands it to its reader; the frame ends when all has come.
std::optional<ReadEvent> MessageReader::read_payload(InFrame& frame) {
  const FrameHeader header = frame.header;
  const std::uint64_t left = header.payload_bytes - frame.offset;
  const auto part =
      input_.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, input_.size())));
  input_ = input_.subspan(part.size());
  if (header.mask) apply_mask(part, *header.mask, frame.offset);
  frame.offset += part.size();
  const bool whole = frame.offset == header.payload_bytes;
  if (whole) state_ = BetweenFrames{};
  return is_control(header.opcode) ? read_control(header, part, whole)
                                   : read_data(header, part, whole);
}

std::optional<ReadEvent> MessageReader::read_control(const FrameHeader& header,
                                                     std::span<std::uint8_t> part, bool whole) {
  if (whole && control_.empty()) return finish_control(header.opcode, part);
  control_.append(ingest::as_text(part));
  if (!whole) return std::nullopt;
  return finish_control(header.opcode, ingest::as_bytes(control_));
}

std::optional<ReadEvent> MessageReader::read_data(const FrameHeader& header,
                                                  std::span<std::uint8_t> part, bool whole) {
  if (header.opcode != Opcode::Continuation) message_opcode_ = header.opcode;
  if (message_opcode_ == Opcode::Text && !utf8_.accept(part))
    return fail(SessionFault::InvalidUtf8);
  const bool last = whole && header.fin == Fin::Yes;
  if (last && message_.empty()) return finish_message(part);  // whole in the input: no copy
  message_.append(ingest::as_text(part));
  if (last) return finish_message(ingest::as_bytes(message_));
  if (whole) {
    message_open_ = true;
    ++fragments_;
  }
  return std::nullopt;
}

std::optional<ReadEvent> MessageReader::finish_message(ingest::ByteView payload) {
  if (message_opcode_ == Opcode::Text && !utf8_.complete()) return fail(SessionFault::InvalidUtf8);
  utf8_.reset();
  message_open_ = false;
  fragments_ = 0;
  message_delivered_ = true;
  if (message_opcode_ == Opcode::Text) return TextMessage{ingest::as_text(payload)};
  return BinaryMessage{payload};
}

std::optional<ReadEvent> MessageReader::finish_control(Opcode opcode, ingest::ByteView payload) {
  if (opcode == Opcode::Ping) return PingFrame{payload};
  if (opcode == Opcode::Pong) return PongFrame{payload};
  return read_close(payload);
}

/// RFC 6455 section 5.5.1: empty, or a code and a reason.
ReadEvent MessageReader::read_close(ingest::ByteView payload) {
  if (payload.size() == 1) return fail(SessionFault::ShortClose);
  CloseFrame close{kCloseNoStatus, {}};
  if (!payload.empty()) {
    close.code = static_cast<std::uint16_t>(payload[0] << 8 | payload[1]);
    close.reason = ingest::as_text(payload.subspan(2));
    if (!is_wire_close_code(close.code)) return fail(SessionFault::BadCloseCode);
    if (!is_valid_utf8(close.reason)) return fail(SessionFault::InvalidUtf8);
  }
  state_ = Ended{};
  input_ = {};
  return close;
}

ReadEvent MessageReader::fail(SessionFault fault) {
  state_ = Ended{};
  input_ = {};
  release(message_);
  return fault;
}

}  // namespace gateway::ws
