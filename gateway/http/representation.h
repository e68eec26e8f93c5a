#pragma once
// Representation: one stored form of a resource whose bytes we hold, and what a request gets of it:
// all of it, a part, or only the news that it has not changed (RFC 9110 sections 13 and 14). Pure.

#include <cstddef>
#include <string_view>

#include "gateway/http/conditional.h"
#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace gateway::http {

struct Representation {
  Validators validators;
  std::string_view content_type;
  std::string_view content_encoding;  // "gzip"; "" for the plain form
  std::size_t size_bytes = 0;
};

/// The bytes of the representation that are the body.
struct Slice {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// Answers a GET or HEAD in the order of RFC 9110 section 13.2.2: 412, 304, 416, 206, else 200. The
/// headers that `response` has (Cache-Control, Vary, policies) stay, but in a 412 or 416, which is
/// a fault's whole answer. The caller puts the slice into the body where the status is 200 or 206.
Slice select(const Request& request, const Representation& form, Response& response);

}  // namespace gateway::http
