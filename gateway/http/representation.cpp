#include "gateway/http/representation.h"

#include <string>
#include <variant>

#include "gateway/http/date.h"

namespace gateway::http {

Slice select(const Request& request, const Representation& form, Response& response) {
  const Validators& current = form.validators;
  if (precondition_failed(request, current)) {
    response = error_response(412, "This is not what your condition asks for", request.path);
    return {};
  }
  response.add("ETag", current.etag);
  if (current.last_modified) response.add("Last-Modified", http_date(*current.last_modified));
  if (not_modified(request, current)) {
    response.status = 304;
    return {};
  }
  const RangeAnswer range = range_of(request, form.size_bytes, current);
  if (std::holds_alternative<RangeNotSatisfiable>(range)) {
    response = error_response(416, "This range lies beyond the end", request.path);
    response.add("Content-Range", "bytes */" + std::to_string(form.size_bytes));
    return {};
  }
  response.add("Accept-Ranges", "bytes");
  response.add("Content-Type", form.content_type);
  if (!form.content_encoding.empty()) response.add("Content-Encoding", form.content_encoding);
  const auto* part = std::get_if<PartialBody>(&range);
  if (part == nullptr) return {0, form.size_bytes};
  response.status = 206;
  response.add("Content-Range", part->content_range(form.size_bytes));
  return {part->first, part->last - part->first + 1};
}

}  // namespace gateway::http
