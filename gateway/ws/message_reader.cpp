#include "gateway/ws/message_reader.h"

#include <algorithm>
#include <limits>

#include "gateway/ws/close_code.h"
#include "gateway/ws/mask.h"
#include "ingest/base/check.h"

namespace gateway::ws {
namespace {

constexpr std::uint32_t kLastNumber = std::numeric_limits<std::uint32_t>::max();

ReadEvent message_event(Opcode opcode, ingest::ByteView payload) {
  if (opcode == Opcode::Text) return TextMessage{ingest::as_text(payload)};
  return BinaryMessage{payload};
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
  forget_delivered();
  while (!std::holds_alternative<Ended>(state_)) {
    if (std::holds_alternative<BetweenFrames>(state_)) {
      const auto read = read_header();
      if (!read) return fail(read.error());
      if (*read == HeaderRead::Incomplete) return std::nullopt;
    }
    auto& frame = std::get<InFrame>(state_);
    if (input_.empty() && frame.offset < frame.header.payload_bytes) return std::nullopt;
    if (auto event = read_payload(frame)) return event;
  }
  input_ = {};
  return std::nullopt;
}

/// The views of the last event end here: an idle session holds no memory.
void MessageReader::forget_delivered() {
  if (inflated_) inflater_->rest();
  inflated_ = false;
  if (!stored_ || !std::holds_alternative<BetweenFrames>(state_)) return;
  if (stored_->open) {
    stored_->control.clear();
  } else {
    stored_.reset();
  }
}

ingest::Result<MessageReader::HeaderRead, SessionFault> MessageReader::read_header() {
  // Straight from the input where it lies whole there; else through header_, which takes what it
  // can.
  const bool joined = header_size_ > 0;
  if (!joined && !input_.empty() && !message_open()) begun_ += begun_ == kLastNumber ? 2 : 1;
  ingest::ByteView bytes = input_;
  if (joined) {
    const std::size_t taken = std::min(input_.size(), header_.size() - header_size_);
    std::copy_n(input_.begin(), taken, header_.begin() + header_size_);
    bytes = ingest::ByteView{header_}.first(header_size_ + taken);
  }
  const auto parsed = parse_frame_header(bytes);
  if (!parsed) return ingest::Failure{session_fault(parsed.error())};
  if (!parsed->has_value()) {
    if (!joined) std::copy(bytes.begin(), bytes.end(), header_.begin());
    header_size_ = static_cast<std::uint8_t>(bytes.size());
    input_ = {};
    return HeaderRead::Incomplete;
  }
  input_ = input_.subspan((*parsed)->header_bytes - (joined ? header_size_ : 0U));
  header_size_ = 0;
  const FrameHeader& header = (*parsed)->header;
  if (const auto fault = check(header)) return ingest::Failure{*fault};
  state_ = InFrame{header};
  return HeaderRead::Whole;
}

/// What only the session can know of a header: sequence before size, so that the answer never
/// depends on the limit.
std::optional<SessionFault> MessageReader::check(const FrameHeader& header) const {
  if (role_ == Role::Server && !header.mask) return SessionFault::UnmaskedFrame;
  if (role_ == Role::Client && header.mask) return SessionFault::MaskedFrame;
  if (header.rsv1 && inflater_ == nullptr) return SessionFault::CompressedFrame;
  if (is_control(header.opcode)) return std::nullopt;
  const bool continues = header.opcode == Opcode::Continuation;
  if (continues && !message_open()) return SessionFault::ContinuationWithoutStart;
  if (!continues && message_open()) return SessionFault::MessageInsideMessage;
  if (header.opcode == Opcode::Binary && limits_.accept == Accept::TextOnly)
    return SessionFault::BinaryMessage;
  return check_size(header);
}

std::optional<SessionFault> MessageReader::check_size(const FrameHeader& header) const {
  const bool continues = header.opcode == Opcode::Continuation;
  const bool compressed = continues ? stored_->compressed : header.rsv1;
  const std::size_t bytes_max =
      compressed ? deflated_bytes_max(limits_.message_bytes_max) : limits_.message_bytes_max;
  const std::size_t come = continues ? stored_->message.size() : 0;
  if (header.payload_bytes > bytes_max - come) return SessionFault::MessageTooBig;
  if (continues && stored_->fragments >= limits_.fragments_max)
    return SessionFault::TooManyFragments;
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
  return is_control(header.opcode) ? read_control(header.opcode, part, whole)
                                   : read_data(header, part, whole);
}

std::optional<ReadEvent> MessageReader::read_control(Opcode opcode, std::span<std::uint8_t> part,
                                                     bool whole) {
  if (whole && (!stored_ || stored_->control.empty())) return finish_control(opcode, part);
  std::string& control = stored().control;
  control.append(ingest::as_text(part));
  if (!whole) return std::nullopt;
  return finish_control(opcode, ingest::as_bytes(control));
}

std::optional<ReadEvent> MessageReader::read_data(const FrameHeader& header,
                                                  std::span<std::uint8_t> part, bool whole) {
  const bool last = whole && header.fin == Fin::Yes;
  if (last && !message_open()) {  // whole in the input: no copy
    if (header.rsv1) return finish_compressed(header.opcode, part);
    if (header.opcode == Opcode::Text && !is_valid_utf8(ingest::as_text(part)))
      return fail(SessionFault::InvalidUtf8);
    return message_event(header.opcode, part);
  }
  Stored& message = stored();
  if (!message.open) {
    message.open = true;
    message.opcode = header.opcode;
    message.compressed = header.rsv1;
  }
  if (message.opcode == Opcode::Text && !message.compressed && !message.utf8.accept(part))
    return fail(SessionFault::InvalidUtf8);
  message.message.append(ingest::as_text(part));
  if (last) return finish_stored();
  if (whole) ++message.fragments;
  return std::nullopt;
}

ReadEvent MessageReader::finish_stored() {
  stored_->open = false;
  const ingest::ByteView payload = ingest::as_bytes(stored_->message);
  if (stored_->compressed) return finish_compressed(stored_->opcode, payload);
  if (stored_->opcode == Opcode::Text && !stored_->utf8.complete())
    return fail(SessionFault::InvalidUtf8);
  return message_event(stored_->opcode, payload);
}

ReadEvent MessageReader::finish_compressed(Opcode opcode, ingest::ByteView payload) {
  inflated_ = true;
  const auto message = inflater_->inflate(payload, limits_.message_bytes_max);
  if (!message) return fail(message.error());
  if (opcode == Opcode::Text && !is_valid_utf8(ingest::as_text(*message)))
    return fail(SessionFault::InvalidUtf8);
  return message_event(opcode, *message);
}

ReadEvent MessageReader::finish_control(Opcode opcode, ingest::ByteView payload) {
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
  stored_.reset();
  return fault;
}

MessageReader::Stored& MessageReader::stored() {
  if (!stored_) stored_ = std::make_unique<Stored>();
  return *stored_;
}

std::uint32_t MessageReader::unfinished() const {
  const bool in_frame = header_size_ > 0 || std::holds_alternative<InFrame>(state_);
  return in_frame || message_open() ? begun_ : 0;
}

std::size_t MessageReader::stored_bytes() const {
  if (!stored_) return 0;
  return sizeof(Stored) + stored_->message.capacity() + stored_->control.capacity();
}

}  // namespace gateway::ws
