#pragma once
// RequestParser: bytes in any pieces -> Requests, strictly by RFC 9112, limits before everything
// else. Pure: the caller owns the socket, the timers (408) and the answers. One parser a
// connection, on that connection's thread. It keeps bytes of a head only while a line of it is
// incomplete; an idle parser holds no heap memory.
//
//   loop: consumed = parser.receive(bytes)
//         BodyAnnounced    -> the head is whole: accept_body(), or answer already now and close
//         wants_continue() -> write "HTTP/1.1 100 Continue\r\n\r\n", continue_sent()
//         Ready            -> take_request(), answer; pipelined bytes go into the next receive()
//         Failed           -> error_response(fault().status, ...), close (RFC 9112 section 9.6:
//         lingering)

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/request_fault.h"
#include "ingest/base/bytes.h"

namespace gateway::http {

struct Limits {
  std::size_t target_bytes_max = std::size_t{8} * 1024;  // above: 414
  /// All header lines with their CRLF but the blank one, and all trailer lines again; above: 431.
  /// All extensions of a body's chunks with what stands before them; above: 400.
  std::size_t headers_bytes_max = std::size_t{16} * 1024;
  std::size_t headers_max = 100;            // lines; above: 431
  std::size_t chunk_line_bytes_max = 1024;  // a chunk's size with its extensions; above: 400
  /// Above: 413, before any of it is read where Content-Length tells. accept_body() may say less.
  std::size_t body_bytes_max = std::size_t{8} * 1024 * 1024;
};

class RequestParser {
 public:
  enum class State : std::uint8_t { NeedMore, BodyAnnounced, Ready, Failed };

  explicit RequestParser(Limits limits = {}) : limits_(limits) {}

  /// Returns how many bytes were taken. It stops at the end of one request: what follows (a
  /// pipelined request, WebSocket frames) stays with the caller, and before a body. Takes nothing
  /// while BodyAnnounced or Ready; takes and drops everything once Failed.
  std::size_t receive(ingest::ByteView bytes);

  State state() const { return state_; }
  /// Some of a request has come: the caller's timer for slow heads (408) runs from here to Ready.
  bool began() const {
    return state_ == State::NeedMore && (phase_ != Phase::RequestLine || !line_.empty());
  }
  /// The head is complete and a body is being read.
  bool reading_body() const { return state_ == State::NeedMore && phase_ > Phase::Headers; }
  /// What is known so far; method, target and path of a failed request too, as far as they were
  /// understood.
  const Request& request() const { return request_; }
  /// The path as far as it has come, for the form of an answer to who failed or is late: still
  /// escaped where the request line is at fault. Valid until the next call.
  std::string_view known_path() const;
  /// Only while Failed.
  const Fault& fault() const;
  /// Only while BodyAnnounced: request() is known but for its body, none of which has been read.
  /// The body is read then, up to `bytes_max`; Failed (413) at once where more is announced. Who
  /// does not want it answers and closes instead.
  void accept_body(std::size_t bytes_max);
  /// Only while Ready. The parser is then ready for the next request.
  Request take_request();

  /// The client waits for "100 Continue" and no byte of its body has come: from accept_body() to
  /// the next byte or, where there is no body (an upgrade), before the answer.
  bool wants_continue() const { return wants_continue_; }
  void continue_sent() { wants_continue_ = false; }

 private:
  enum class Phase : std::uint8_t {
    RequestLine,
    Headers,
    Body,
    ChunkSize,
    ChunkData,
    ChunkEnd,
    Trailers
  };
  using Bytes = std::string_view;

  std::size_t receive_line(Bytes bytes);
  std::size_t receive_body(Bytes bytes);
  std::size_t receive_chunk_end(Bytes bytes);
  std::size_t line_bytes_max() const;
  bool has_room_for(Bytes line);
  bool is_impossible_start(char first);
  void take_line(Bytes line);
  void take_request_line(Bytes line);
  void take_header_line(Bytes line);
  void take_chunk_size(Bytes line);
  void take_trailer_line(Bytes line);
  void end_head();
  void fail(FaultKind kind);
  void fail_long_line(Bytes bytes);
  void fail_line_end(Bytes line);

  Limits limits_;
  State state_ = State::NeedMore;
  Phase phase_ = Phase::RequestLine;
  bool blank_seen_ = false;  // the one leading CRLF that is tolerated
  bool wants_continue_ = false;
  Fault fault_{};
  Request request_;
  std::string line_;             // a line that has not ended yet
  std::size_t lines_bytes_ = 0;  // of the header lines, the chunk extensions or the trailer lines
  std::size_t lines_ = 0;
  std::uint64_t remaining_ = 0;     // bytes of the body or of this chunk still to come
  std::size_t body_bytes_max_ = 0;  // of this request, as accepted
};

}  // namespace gateway::http
