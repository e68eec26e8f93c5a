#pragma once
// ResponseParser: the client's side of HTTP/1.1: bytes in any pieces -> the head of the one answer,
// strictly by RFC 9112, and of its body as much as tells a person why a request was refused. Pure:
// the caller owns the socket and the timers. One parser for one request (a GET), on the
// connection's thread.
//
//   loop: consumed = parser.receive(bytes)
//         Done with status 101 -> what was not consumed belongs to the new protocol
//         Body                 -> the head is there; go on as long as you care for the excerpt
//         Failed               -> fault(); the connection is of no further use

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/request.h"
#include "ingest/base/bytes.h"

namespace gateway::http {

struct ResponseLimits {
  std::size_t status_line_bytes_max = 1024;  // with its CRLF
  /// All header lines of one head with their CRLF, but the blank one.
  std::size_t headers_bytes_max = std::size_t{16} * 1024;
  std::size_t headers_max = 100;         // lines
  std::size_t interim_max = 8;           // 1xx answers before the one that counts
  std::size_t excerpt_bytes_max = 1024;  // of the body; the rest is not looked at
};

enum class ResponseFault : std::uint8_t {
  NotHttp,
  BadStatusLine,
  BadVersion,
  BadLineEnd,
  BadHeader,
  TooLarge,
  TooManyHeaders,
  TooManyInterim,
  BadFraming,
  CutShort,
};
/// What the server did wrong, as the end of "the server ...": static, without a final stop.
std::string_view sentence_of(ResponseFault fault);

/// The answer as far as it is known. Names are in lower case, values trimmed.
struct ResponseHead {
  int status = 0;  // 100 to 599
  int minor_version = 1;
  std::string reason;  // may be empty
  std::vector<Header> headers;

  /// The first line of that name (give it in lower case).
  std::optional<std::string_view> header(std::string_view name) const;
  /// Each line of that name, in order.
  std::vector<std::string_view> header_values(std::string_view name) const;
};

class ResponseParser {
 public:
  enum class State : std::uint8_t { Head, Body, Done, Failed };

  explicit ResponseParser(ResponseLimits limits = {}) : limits_(limits) {}

  /// Returns how many bytes were taken: all of them while Head or Body, none once Done or Failed.
  std::size_t receive(ingest::ByteView bytes);
  /// The peer closed. A body that was under way is over; a head is CutShort.
  void end();

  State state() const { return state_; }
  /// Whole unless Head or Failed.
  const ResponseHead& head() const { return head_; }
  /// The first bytes of the body, chunks joined; what came so far.
  const std::string& excerpt() const { return excerpt_; }
  /// Only while Failed.
  ResponseFault fault() const;

 private:
  enum class Phase : std::uint8_t { StatusLine, Headers, Counted, Chunks, UntilEnd };
  enum class ChunkPart : std::uint8_t { Size, Data, End };
  using Bytes = std::string_view;

  std::size_t receive_line(Bytes bytes);
  std::size_t line_bytes_max() const;
  void take_line(Bytes line);
  void take_status_line(Bytes line);
  void take_header_line(Bytes line);
  void end_head();
  void begin_body();
  std::size_t receive_body(Bytes bytes);
  std::size_t receive_chunks(Bytes bytes);
  void take_chunk_size_byte(char c);
  void keep(Bytes bytes);
  void fail(ResponseFault fault);

  ResponseLimits limits_;
  State state_ = State::Head;
  Phase phase_ = Phase::StatusLine;
  ChunkPart chunk_part_ = ChunkPart::Size;
  ResponseFault fault_{};
  ResponseHead head_;
  std::string excerpt_;
  std::string line_;             // a line that has not ended yet
  std::size_t lines_bytes_ = 0;  // of the header lines so far
  std::size_t interim_ = 0;
  std::uint64_t remaining_ = 0;  // bytes of the body or of this chunk still to come
};

}  // namespace gateway::http
