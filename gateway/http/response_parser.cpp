#include "gateway/http/response_parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "gateway/http/characters.h"
#include "gateway/http/message_head.h"
#include "ingest/base/check.h"

namespace gateway::http {
namespace {

constexpr std::string_view kCrLf = "\r\n";
constexpr std::string_view kName = "HTTP/";
constexpr int kSwitchingProtocols = 101;
constexpr int kNoContent = 204;
constexpr int kNotModified = 304;
/// Chunk sizes above this cannot be told from an attack; the excerpt ends there.
constexpr std::uint64_t kChunkMax = std::uint64_t{1} << 40U;

/// Does `line` begin like an answer, as far as it goes?
bool may_be_http(std::string_view line) {
  const std::size_t count = std::min(line.size(), kName.size());
  return line.substr(0, count) == kName.substr(0, count);
}

/// One line of one number (RFC 9112 section 6.3); two that agree are refused as in requests.
std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  if (text.empty() || !all_of_text(text, is_digit)) return std::nullopt;
  const auto [stop, fault] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (fault != std::errc{}) return std::nullopt;
  return length;
}

}  // namespace

std::string_view sentence_of(ResponseFault fault) {
  switch (fault) {
    case ResponseFault::NotHttp:
      return "does not speak HTTP";
    case ResponseFault::BadStatusLine:
      return "sent a status line that is none";
    case ResponseFault::BadVersion:
      return "answered in another version than HTTP/1.1";
    case ResponseFault::BadLineEnd:
      return "sent a header line that does not end in CR LF";
    case ResponseFault::BadHeader:
      return "sent a header line that is none";
    case ResponseFault::TooLarge:
      return "sent headers of more than 16 KiB";
    case ResponseFault::TooManyHeaders:
      return "sent more than 100 header lines";
    case ResponseFault::TooManyInterim:
      return "sent 1xx answers without end";
    case ResponseFault::BadFraming:
      return "sent a Content-Length or Transfer-Encoding that contradicts itself";
    case ResponseFault::CutShort:
      return "closed the connection before it had answered";
  }
  return "";
}

std::optional<std::string_view> ResponseHead::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (header.name == name) return header.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> ResponseHead::header_values(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Header& header : headers) {
    if (header.name == name) values.emplace_back(header.value);
  }
  return values;
}

ResponseFault ResponseParser::fault() const {
  CHECK(state_ == State::Failed);
  return fault_;
}

std::size_t ResponseParser::receive(ingest::ByteView bytes) {
  const Bytes text = ingest::as_text(bytes);
  std::size_t used = 0;
  while (used < text.size() && (state_ == State::Head || state_ == State::Body)) {
    const Bytes rest = text.substr(used);
    used += state_ == State::Head ? receive_line(rest) : receive_body(rest);
  }
  return used;
}

void ResponseParser::end() {
  if (state_ == State::Head) {
    fail(ResponseFault::CutShort);
  } else if (state_ == State::Body) {
    state_ = State::Done;
  }
}

// ---- the head ----

/// With its CRLF. The blank line behind the last header counts for nothing, so there is always room
/// for it.
std::size_t ResponseParser::line_bytes_max() const {
  return phase_ == Phase::StatusLine ? limits_.status_line_bytes_max
                                     : limits_.headers_bytes_max - lines_bytes_ + kCrLf.size();
}

/// Takes bytes up to the end of one line. What is no HTTP at all is told by its first bytes: such a
/// peer may never send a line end.
std::size_t ResponseParser::receive_line(Bytes bytes) {
  const std::size_t end = bytes.find('\n');
  const std::size_t count = end == Bytes::npos ? bytes.size() : end + 1;
  const std::size_t room = line_bytes_max() - line_.size();
  line_.append(bytes.substr(0, std::min(count, room)));
  if (phase_ == Phase::StatusLine && !may_be_http(line_)) {
    fail(ResponseFault::NotHttp);
  } else if (count > room) {
    fail(ResponseFault::TooLarge);
  } else if (end != Bytes::npos) {
    const std::string line = std::exchange(line_, {});
    take_line(line);
  }
  return count;
}

void ResponseParser::take_line(Bytes line) {
  if (!line.ends_with(kCrLf)) return fail(ResponseFault::BadLineEnd);
  line.remove_suffix(kCrLf.size());
  if (line.find('\r') != Bytes::npos) return fail(ResponseFault::BadLineEnd);
  if (phase_ == Phase::StatusLine) {
    take_status_line(line);
  } else {
    take_header_line(line);
  }
}

/// `HTTP/1.1 101 Switching Protocols`; the space behind the status may be missing with an empty
/// reason (RFC 9112 section 4 wants it, many leave it out).
void ResponseParser::take_status_line(Bytes line) {
  Bytes rest = line;
  const Bytes version = cut(rest, ' ');
  if (version.size() != kName.size() + 3 || version[kName.size() + 1] != '.' ||
      !is_digit(version[kName.size()]) || !is_digit(version.back())) {
    return fail(ResponseFault::BadStatusLine);
  }
  if (version[kName.size()] != '1') return fail(ResponseFault::BadVersion);
  const Bytes status = cut(rest, ' ');
  const bool is_status =
      status.size() == 3 && all_of_text(status, is_digit) && status[0] >= '1' && status[0] <= '5';
  if (!is_status || !all_of_text(rest, is_value_char)) return fail(ResponseFault::BadStatusLine);
  head_.status = (status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0');
  head_.minor_version = version.back() == '0' ? 0 : 1;
  head_.reason = rest;
  phase_ = Phase::Headers;
}

void ResponseParser::take_header_line(Bytes line) {
  if (line.empty()) return end_head();
  lines_bytes_ += line.size() + kCrLf.size();
  if (lines_bytes_ > limits_.headers_bytes_max) return fail(ResponseFault::TooLarge);
  if (head_.headers.size() >= limits_.headers_max) return fail(ResponseFault::TooManyHeaders);
  auto header = parse_header_line(line);
  if (!header) return fail(ResponseFault::BadHeader);
  head_.headers.push_back(*std::move(header));
}

void ResponseParser::end_head() {
  lines_bytes_ = 0;
  if (head_.status == kSwitchingProtocols) {
    if (head_.minor_version == 0) return fail(ResponseFault::BadVersion);
    state_ = State::Done;  // no body: what follows is the new protocol
    return;
  }
  if (head_.status >= 200) return begin_body();
  if (++interim_ > limits_.interim_max) return fail(ResponseFault::TooManyInterim);
  head_ = {};
  phase_ = Phase::StatusLine;
}

// ---- the body ----

/// RFC 9112 section 6.3, for the answer to a GET.
void ResponseParser::begin_body() {
  const auto lengths = head_.header_values("content-length");
  const auto codings = head_.header_values("transfer-encoding");
  if (lengths.size() > 1 || codings.size() > 1 || (!lengths.empty() && !codings.empty())) {
    return fail(ResponseFault::BadFraming);
  }
  state_ = State::Body;
  phase_ = Phase::UntilEnd;
  if (!codings.empty()) {
    if (!equals_ignoring_case(codings.front(), "chunked")) return fail(ResponseFault::BadFraming);
    phase_ = Phase::Chunks;
  }
  if (!lengths.empty()) {
    const auto length = parse_length(lengths.front());
    if (!length) return fail(ResponseFault::BadFraming);
    remaining_ = *length;
    phase_ = Phase::Counted;
  }
  const bool bodiless = head_.status == kNoContent || head_.status == kNotModified;
  if (bodiless || (phase_ == Phase::Counted && remaining_ == 0)) state_ = State::Done;
}

std::size_t ResponseParser::receive_body(Bytes bytes) {
  if (phase_ == Phase::Chunks) return receive_chunks(bytes);
  std::size_t count = bytes.size();
  if (phase_ == Phase::Counted) {
    count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, count));
    remaining_ -= count;
    if (remaining_ == 0) state_ = State::Done;
  }
  keep(bytes.substr(0, count));
  return count;
}

/// RFC 9112 section 7.1. Extensions and trailers are not looked at: the excerpt is for a person, no
/// message follows on this connection.
std::size_t ResponseParser::receive_chunks(Bytes bytes) {
  if (chunk_part_ == ChunkPart::Data) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
    remaining_ -= count;
    if (remaining_ == 0) chunk_part_ = ChunkPart::End;
    keep(bytes.substr(0, count));
    return count;
  }
  const char c = bytes.front();
  if (chunk_part_ == ChunkPart::Size) {
    take_chunk_size_byte(c);
  } else if (c == '\n') {
    chunk_part_ = ChunkPart::Size;
  } else if (c != '\r') {
    state_ = State::Done;
  }
  return 1;
}

/// A line of a chunk's size, byte by byte: line_ holds its digits.
void ResponseParser::take_chunk_size_byte(char c) {
  if (c != '\n') {
    if (line_.size() < limits_.status_line_bytes_max) {
      line_ += c;
    } else {
      state_ = State::Done;
    }
    return;
  }
  std::uint64_t size = 0;
  const std::string line = std::exchange(line_, {});
  const auto [stop, fault] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  if (fault != std::errc{} || size == 0 || size > kChunkMax) {
    state_ = State::Done;  // the last chunk, or one that is none
    return;
  }
  remaining_ = size;
  chunk_part_ = ChunkPart::Data;
}

void ResponseParser::keep(Bytes bytes) {
  excerpt_.append(bytes.substr(0, limits_.excerpt_bytes_max - excerpt_.size()));
  if (excerpt_.size() == limits_.excerpt_bytes_max) state_ = State::Done;
}

void ResponseParser::fail(ResponseFault fault) {
  fault_ = fault;
  state_ = State::Failed;
  std::string{}.swap(line_);
}

}  // namespace gateway::http
