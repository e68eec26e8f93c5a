#pragma once
// Conditional and range requests (RFC 9110 sections 13 and 14) over a representation whose bytes we
// hold.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/http/request.h"
#include "ingest/base/clock.h"

namespace gateway::http {

struct Validators {
  std::string_view etag;  // quoted, W/ allowed; distinct for each encoding; never empty
  std::optional<ingest::WallTime> last_modified;
  ingest::WallTime now{};  // what years of two digits are read by
};

/// Answer 412? If-Match, compared strongly, or else If-Unmodified-Since does not hold.
bool precondition_failed(const Request& request, const Validators& current);

/// Answer 304 (GET and HEAD only)? If-None-Match decides alone where it is present, compared
/// weakly.
bool not_modified(const Request& request, const Validators& current);

struct WholeBody {};
struct PartialBody {
  std::size_t first = 0;
  std::size_t last = 0;                               // inclusive, first <= last < size
  std::string content_range(std::size_t size) const;  // "bytes 0-0/17"
};
struct RangeNotSatisfiable {};  // 416 with "Content-Range: bytes */N"
using RangeAnswer = std::variant<WholeBody, PartialBody, RangeNotSatisfiable>;

/// What part of `size` bytes a GET asks for. Several ranges, other units, malformed ones and an
/// If-Range that does not match (strongly) give the whole, as RFC 9110 section 14.2 allows.
RangeAnswer range_of(const Request& request, std::size_t size, const Validators& current);

}  // namespace gateway::http
