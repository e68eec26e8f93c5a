#pragma once
// The lines of a request's head, each checked alone, and what they say together. Used by
// RequestParser.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/request_fault.h"
#include "ingest/base/result.h"

namespace gateway::http {

/// Fills method and target as far as they are understood, and cut at its maximum, from a request
/// line that may be malformed or not whole: for the answer that says so.
void note_request_line(std::string_view line, std::size_t target_bytes_max, Request& request);

/// Fills method, target, path, query, host (of an absolute target) and version; of a line that is
/// refused what note_request_line() does, at least.
std::optional<FaultKind> parse_request_line(std::string_view line, std::size_t target_bytes_max,
                                            Request& request);

/// "Name: value", without its CRLF.
ingest::Result<Header, FaultKind> parse_header_line(std::string_view line);

/// How long the body is (RFC 9112 section 6.3).
struct Framing {
  bool chunked = false;
  std::uint64_t content_bytes = 0;  // when not chunked; saturates at 2^64-1
};

/// All headers are there: fills host, has_body, keep_alive and expects_continue.
ingest::Result<Framing, FaultKind> finish_head(Request& request);

}  // namespace gateway::http
