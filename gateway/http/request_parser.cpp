#include "gateway/http/request_parser.h"

#include <algorithm>
#include <utility>

#include "gateway/http/characters.h"
#include "gateway/http/message_head.h"
#include "gateway/http/target.h"
#include "ingest/base/check.h"

namespace gateway::http {
namespace {

constexpr std::string_view kCrLf = "\r\n";
/// "OPTIONS" and two spaces and "HTTP/1.1" and CRLF, with room: only a long target makes a longer
/// request line.
constexpr std::size_t kRequestLineRoom = 32;
constexpr std::size_t kChunkDigitsMax = 16;   // of 64 bits; more could only be zeros
constexpr char kTlsHandshakeRecord = '\x16';  // RFC 8446 section 5.1

}  // namespace

const Fault& RequestParser::fault() const {
  CHECK(state_ == State::Failed);
  return fault_;
}

std::string_view RequestParser::known_path() const {
  if (!request_.path.empty()) return request_.path;
  if (!request_.target.empty()) return raw_path(request_.target);
  Bytes rest = line_;
  (void)cut(rest, ' ');
  return raw_path(cut(rest, ' '));
}

Request RequestParser::take_request() {
  CHECK(state_ == State::Ready);
  Request taken = std::move(request_);
  *this = RequestParser{limits_};
  return taken;
}

std::size_t RequestParser::receive(ingest::ByteView bytes) {
  const Bytes text = ingest::as_text(bytes);
  std::size_t used = 0;
  while (state_ == State::NeedMore && used < text.size()) {
    const Bytes rest = text.substr(used);
    switch (phase_) {
      case Phase::RequestLine:
      case Phase::Headers:
      case Phase::ChunkSize:
      case Phase::Trailers:
        used += receive_line(rest);
        break;
      case Phase::Body:
      case Phase::ChunkData:
        used += receive_body(rest);
        break;
      case Phase::ChunkEnd:
        used += receive_chunk_end(rest);
        break;
    }
  }
  return state_ == State::Failed ? text.size() : used;
}

/// How long the line that is being read may be, its CRLF included. The blank line behind the last
/// header counts for nothing, so there is always room for it.
std::size_t RequestParser::line_bytes_max() const {
  switch (phase_) {
    case Phase::RequestLine:
      return limits_.target_bytes_max + kRequestLineRoom;
    case Phase::ChunkSize:
      return limits_.chunk_line_bytes_max;
    case Phase::Headers:
    case Phase::Trailers:
    case Phase::Body:
    case Phase::ChunkData:
    case Phase::ChunkEnd:
      break;
  }
  return limits_.headers_bytes_max - lines_bytes_ + kCrLf.size();
}

/// `bytes` would make the line too long. What is noted of it is the same however it was split.
void RequestParser::fail_long_line(Bytes bytes) {
  if (phase_ == Phase::RequestLine) {
    line_.append(bytes.substr(0, line_bytes_max() - line_.size()));
    note_request_line(line_, limits_.target_bytes_max, request_);
    return fail(FaultKind::TargetTooLong);
  }
  fail(phase_ == Phase::ChunkSize ? FaultKind::BadChunk : FaultKind::HeadersTooLarge);
}

void RequestParser::fail_line_end(Bytes line) {
  if (phase_ == Phase::RequestLine) note_request_line(line, limits_.target_bytes_max, request_);
  fail(FaultKind::BadLineEnd);
}

/// Tells what is no HTTP at all by its first byte: such a peer may never send a line end.
bool RequestParser::is_impossible_start(char first) {
  if (phase_ != Phase::RequestLine || !line_.empty() || is_token_char(first) || first == '\r')
    return false;
  fail(first == kTlsHandshakeRecord ? FaultKind::TlsOnPlainPort : FaultKind::BadStart);
  return true;
}

/// Takes bytes up to the end of one line. A line that lies whole in `bytes` is not copied.
std::size_t RequestParser::receive_line(Bytes bytes) {
  if (is_impossible_start(bytes.front())) return bytes.size();
  wants_continue_ = false;  // a chunked body has begun
  const std::size_t end = bytes.find('\n');
  const std::size_t count = end == Bytes::npos ? bytes.size() : end + 1;
  if (line_.size() + count > line_bytes_max()) {
    fail_long_line(bytes.substr(0, count));
    return count;
  }
  if (end == Bytes::npos) {
    line_.append(bytes);
    return count;
  }
  Bytes line = bytes.substr(0, count);
  std::string joined;
  if (!line_.empty()) {
    joined = std::move(line_);
    line_ = {};
    line = joined.append(line);
  }
  const bool ends_well = line.ends_with(kCrLf);
  line.remove_suffix(ends_well ? kCrLf.size() : 1);
  if (!ends_well || line.find('\r') != Bytes::npos) {
    fail_line_end(line);
  } else {
    take_line(line);
  }
  return count;
}

void RequestParser::take_line(Bytes line) {
  switch (phase_) {
    case Phase::RequestLine:
      return take_request_line(line);
    case Phase::Headers:
      return take_header_line(line);
    case Phase::ChunkSize:
      return take_chunk_size(line);
    case Phase::Trailers:
      return take_trailer_line(line);
    case Phase::Body:
    case Phase::ChunkData:
    case Phase::ChunkEnd:
      break;
  }
  CHECK(false && "this phase has no lines");
}

void RequestParser::take_request_line(Bytes line) {
  if (line.empty()) {
    // RFC 9112 section 2.2: an empty line before the request line is forgiven; one, not a stream of
    // them.
    if (blank_seen_) return fail(FaultKind::BadRequestLine);
    blank_seen_ = true;
    return;
  }
  if (const auto fault = parse_request_line(line, limits_.target_bytes_max, request_))
    return fail(*fault);
  phase_ = Phase::Headers;
}

/// Counts a header or trailer line.
bool RequestParser::has_room_for(Bytes line) {
  lines_bytes_ += line.size() + kCrLf.size();
  if (lines_bytes_ > limits_.headers_bytes_max) {
    fail(FaultKind::HeadersTooLarge);
  } else if (++lines_ > limits_.headers_max) {
    fail(FaultKind::TooManyHeaders);
  }
  return state_ != State::Failed;
}

void RequestParser::take_header_line(Bytes line) {
  if (line.empty()) return end_head();
  if (!has_room_for(line)) return;
  auto header = parse_header_line(line);
  if (!header) return fail(header.error());
  request_.headers.push_back(*std::move(header));
}

/// The blank line behind the headers: decides how the body is framed. Where one is announced, the
/// caller decides whether it is wanted.
void RequestParser::end_head() {
  lines_bytes_ = 0;
  lines_ = 0;
  const auto framing = finish_head(request_);
  if (!framing) return fail(framing.error());
  if (framing->content_bytes > limits_.body_bytes_max) return fail(FaultKind::BodyTooLarge);
  remaining_ = framing->content_bytes;
  phase_ = framing->chunked ? Phase::ChunkSize : Phase::Body;
  state_ = request_.has_body ? State::BodyAnnounced : State::Ready;
  wants_continue_ = request_.expects_continue && !request_.has_body;
}

void RequestParser::accept_body(std::size_t bytes_max) {
  CHECK(state_ == State::BodyAnnounced);
  body_bytes_max_ = std::min(bytes_max, limits_.body_bytes_max);
  if (remaining_ > body_bytes_max_) return fail(FaultKind::BodyTooLarge);
  state_ = State::NeedMore;
  wants_continue_ = request_.expects_continue;
}

/// Memory follows the bytes that came, never the length that was announced.
std::size_t RequestParser::receive_body(Bytes bytes) {
  wants_continue_ = false;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
  std::string& body = request_.body;
  // As append() grows, but to no more than the end, most bodies come in two pieces. Into a new
  // string, because one that holds bytes grows to twice its room at least.
  if (body.size() + count > body.capacity()) {
    const std::uint64_t whole = body.size() + remaining_;
    std::string grown;
    grown.reserve(std::min<std::uint64_t>(whole, 2 * (body.size() + count)));
    grown.append(body);
    body.swap(grown);
  }
  body.append(bytes.substr(0, count));
  remaining_ -= count;
  if (remaining_ > 0) return count;
  if (phase_ == Phase::Body) {
    state_ = State::Ready;
  } else {
    phase_ = Phase::ChunkEnd;
  }
  return count;
}

/// `1a;name=value`: RFC 9112 section 7.1. Extensions are ignored, as it demands, and bounded over
/// the whole body, with the white space before them: chunks of one byte would else carry a thousand
/// times as much.
void RequestParser::take_chunk_size(Bytes line) {
  Bytes extension = line;
  Bytes digits = cut(extension, ';');
  // White space is forgiven only before an extension (BWS).
  if (digits.size() < line.size()) digits = digits.substr(0, digits.find_last_not_of(" \t") + 1);
  if (digits.empty() || digits.size() > kChunkDigitsMax) return fail(FaultKind::BadChunk);
  if (!all_of_text(extension, is_value_char)) return fail(FaultKind::BadChunk);
  lines_bytes_ += line.size() - digits.size();
  if (lines_bytes_ > limits_.headers_bytes_max) return fail(FaultKind::BadChunk);
  std::uint64_t size = 0;
  for (const char c : digits) {
    const int digit = hex_value(c);
    if (digit < 0) return fail(FaultKind::BadChunk);
    size = size * 16 + static_cast<std::uint64_t>(digit);
  }
  if (size > body_bytes_max_ - request_.body.size()) return fail(FaultKind::BodyTooLarge);
  remaining_ = size;
  phase_ = size == 0 ? Phase::Trailers : Phase::ChunkData;
  if (size == 0) lines_bytes_ = 0;
}

/// The CRLF behind a chunk's data, byte by byte: nothing else may stand there.
std::size_t RequestParser::receive_chunk_end(Bytes bytes) {
  std::size_t count = 0;
  while (count < bytes.size() && line_.size() < kCrLf.size()) {
    if (bytes[count] != kCrLf[line_.size()]) {
      fail(FaultKind::BadChunk);
      return count;
    }
    line_ += bytes[count++];
  }
  if (line_.size() == kCrLf.size()) {
    line_ = {};
    phase_ = Phase::ChunkSize;
  }
  return count;
}

/// Trailers are checked, bounded and dropped: none of ours has a meaning, and merging them invites
/// smuggling.
void RequestParser::take_trailer_line(Bytes line) {
  if (line.empty()) {
    state_ = State::Ready;
    return;
  }
  if (!has_room_for(line)) return;
  if (const auto header = parse_header_line(line); !header) fail(header.error());
}

void RequestParser::fail(FaultKind kind) {
  fault_ = describe(kind);
  state_ = State::Failed;
  wants_continue_ = false;
  request_.keep_alive = false;
  // Swapped, not assigned: both give their memory back.
  std::string{}.swap(request_.body);
  std::string{}.swap(line_);
}

}  // namespace gateway::http
