#pragma once
// Response: what goes back, and the bytes of its head. Pure: the date comes in as an argument, the
// caller writes the head and then body_bytes(), in one call where it can.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/http/request.h"
#include "ingest/base/clock.h"

namespace gateway::http {

struct Response {
  int status = 200;
  std::vector<Header> headers;  // without Date, Content-Length; Connection only to add "Upgrade"
  /// A view is of static lifetime (embedded files); a pointer, never null, to what several get.
  std::variant<std::string, std::string_view, std::shared_ptr<const std::string>> body;
  bool close = false;  // the connection ends after this answer
  bool streams =
      false;  // the body comes piece by piece behind the head, and ends with the connection

  Response& add(std::string_view name, std::string_view value);
};

std::string_view body_bytes(const Response& response);

/// What the head depends on besides the response. The defaults suit a request that could not be
/// parsed.
struct Exchange {
  Method method = Method::Get;
  int minor_version = 1;
  bool keep_alive = false;
  ingest::WallTime now{};

  static Exchange of(const Request& request, ingest::WallTime now);
};

/// Does the body follow the head? Not for HEAD, 1xx, 204 and 304 (RFC 9112 section 6.3).
bool sends_body(const Response& response, Method method);
/// Does the connection live on after this answer?
bool stays_open(const Response& response, const Exchange& exchange);
/// Status line to blank line: with Date; Content-Length where the status may have one (for HEAD
/// that of GET); and Connection ("close", "keep-alive" for HTTP/1.0, joined to the response's own).
std::string serialize_head(const Response& response, const Exchange& exchange);

/// "Not Found"; "Unknown" for a status that is in no RFC.
std::string_view status_text(int status);

/// A fault as DESIGN section 5 writes it: {"error":{"code","n","msg","retry"}}.
struct ApiError {
  std::string_view code;  // "query.bad_matcher"
  int n = 0;              // its stable number
  std::string_view msg;
  bool retry = false;
};
Response api_error(int status, const ApiError& error);

/// Under /api/ a fault of plain HTTP is JSON with code "http.<words>" and n = status; elsewhere a
/// short HTML page. 408, 429 and 503 say retry. `path` is the request's, as far as it is known;
/// `message` one sentence.
Response error_response(int status, std::string_view message, std::string_view path);
bool is_api_path(std::string_view path);

/// Content-Security-Policy (`origins` may frame us besides our own), X-Content-Type-Options,
/// Referrer-Policy: for HTML.
void add_html_headers(Response& response, std::span<const std::string> origins = {});

/// Text inside HTML: & < > " ' escaped.
std::string escape_html(std::string_view text);
/// Text as a JSON string, quotes included; bytes that are no UTF-8 become U+FFFD.
std::string quote_json(std::string_view text);

}  // namespace gateway::http
