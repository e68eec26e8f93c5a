#include "gateway/http/response.h"

#include <algorithm>

#include "gateway/http/characters.h"
#include "gateway/http/date.h"

namespace gateway::http {
namespace {

constexpr bool is_informational(int status) {
  return status < 200;
}
constexpr bool may_be_retried(int status) {
  return status == 408 || status == 429 || status == 503;
}

/// A status of these has no body and no Content-Length. 304 could tell GET's length, but we do not
/// hold it there.
constexpr bool is_bodiless(int status) {
  return is_informational(status) || status == 204 || status == 304;
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string connection_value(const Response& response, const Exchange& exchange) {
  std::string value;
  const auto append = [&](std::string_view token) {
    if (!value.empty()) value += ", ";
    value += token;
  };
  for (const Header& header : response.headers) {
    if (equals_ignoring_case(header.name, "connection")) append(header.value);
  }
  if (is_informational(response.status)) return value;
  if (!stays_open(response, exchange)) {
    append("close");
  } else if (exchange.minor_version == 0) {
    append("keep-alive");  // what HTTP/1.0 does not assume
  }
  return value;
}

std::string page(int status, std::string_view message) {
  const std::string title = std::to_string(status) + " " + std::string{status_text(status)};
  return "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>" + title +
         "</title>\n<h1>" + title + "</h1>\n<p>" + escape_html(message) + ".</p></html>\n";
}

/// 404 -> "http.not_found".
std::string code_of(int status) {
  std::string code = "http.";
  for (const char c : status_text(status)) {
    if (is_alpha(c)) code += to_lower(c);
    if (c == ' ' || c == '-') code += '_';
  }
  return code;
}

}  // namespace

Response& Response::add(std::string_view name, std::string_view value) {
  headers.push_back({std::string{name}, std::string{value}});
  return *this;
}

std::string_view body_bytes(const Response& response) {
  if (const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&response.body))
    return **shared;
  if (const auto* fixed = std::get_if<std::string_view>(&response.body)) return *fixed;
  return std::get<std::string>(response.body);
}

Exchange Exchange::of(const Request& request, ingest::WallTime now) {
  return {request.method, request.minor_version, request.keep_alive, now};
}

bool sends_body(const Response& response, Method method) {
  return method != Method::Head && !is_bodiless(response.status);
}

bool stays_open(const Response& response, const Exchange& exchange) {
  return exchange.keep_alive && !response.close && !response.streams;
}

std::string serialize_head(const Response& response, const Exchange& exchange) {
  constexpr std::size_t kUsualBytes = 512;
  std::string out;
  out.reserve(kUsualBytes);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(status_text(response.status)).append("\r\n");
  append_line(out, "Date", http_date(exchange.now));
  for (const Header& header : response.headers) {
    if (!equals_ignoring_case(header.name, "connection"))
      append_line(out, header.name, header.value);
  }
  if (!is_bodiless(response.status) && !response.streams)
    append_line(out, "Content-Length", std::to_string(body_bytes(response).size()));
  if (const std::string connection = connection_value(response, exchange); !connection.empty()) {
    append_line(out, "Connection", connection);
  }
  return out.append("\r\n");
}

Response api_error(int status, const ApiError& error) {
  Response response;
  response.status = status;
  response.add("Content-Type", "application/json").add("Cache-Control", "no-store");
  response.add("X-Content-Type-Options", "nosniff");
  response.body = "{\"error\":{\"code\":" + quote_json(error.code) +
                  ",\"n\":" + std::to_string(error.n) + ",\"msg\":" + quote_json(error.msg) +
                  ",\"retry\":" + (error.retry ? "true" : "false") + "}}\n";
  return response;
}

Response error_response(int status, std::string_view message, std::string_view path) {
  if (is_api_path(path)) {
    const std::string code = code_of(status);
    return api_error(status,
                     {.code = code, .n = status, .msg = message, .retry = may_be_retried(status)});
  }
  Response response;
  response.status = status;
  response.add("Content-Type", "text/html; charset=utf-8").add("Cache-Control", "no-store");
  add_html_headers(response);
  response.body = page(status, message);
  return response;
}

bool is_api_path(std::string_view path) {
  return path == "/api" || path.starts_with("/api/");
}

void add_html_headers(Response& response, std::span<const std::string> origins) {
  std::string policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' "
      "data:; "
      "font-src 'self'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; "
      "frame-ancestors 'self'";
  for (const std::string& origin : origins)
    policy.append(" ").append(origin);
  response.add("Content-Security-Policy", policy);
  response.add("X-Content-Type-Options", "nosniff");
  response.add("Referrer-Policy", "same-origin");
}

}  // namespace gateway::http
