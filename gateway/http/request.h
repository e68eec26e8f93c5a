#pragma once
// Request: one HTTP/1.1 request, already parsed, bounded and checked; nothing in it is still
// escaped but the query. A value: made by RequestParser, owned by whoever took it. Knows no
// sockets.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::http {

/// The methods we speak. Every other one is refused by the parser with 501, so no handler meets it.
enum class Method : std::uint8_t { Get, Head, Post, Put, Delete, Options, Patch };

/// "GET" and so on.
std::string_view method_name(Method method);
/// Case matters (RFC 9110 section 9.1). nullopt: not ours.
std::optional<Method> method_of(std::string_view name);

/// In requests the name is in lower case and the value trimmed. In responses both stand as they go
/// out.
struct Header {
  std::string name;
  std::string value;
};

struct Request {
  Method method = Method::Get;
  int minor_version = 1;  // HTTP/1.minor: 0 or 1
  std::string target;     // as received, at most Limits::target_bytes_max
  std::string path;   // decoded; begins with '/', without "//", ".", "..", NUL, backslash; or "*"
  std::string query;  // what follows '?', still escaped, its escapes well formed
  std::string
      host;  // lower case, with port: the authority of an absolute target, else Host; "" in 1.0
  std::vector<Header> headers;  // in order of arrival
  std::string body;             // whole; chunks already joined
  bool has_body = false;        // Content-Length above 0, or Transfer-Encoding (even with no chunk)
  bool keep_alive = true;       // what the client wants: version and Connection together
  bool expects_continue = false;  // "Expect: 100-continue"

  /// The first line of that name (give it in lower case). Lives as long as the request.
  std::optional<std::string_view> header(std::string_view name) const;
  /// Each line of that name, in order.
  std::vector<std::string_view> header_values(std::string_view name) const;
  /// The comma-separated elements of all lines of that name as one list, trimmed, empty ones left
  /// out (RFC 9110 section 5.6.1). Not for headers with quoted commas.
  std::vector<std::string_view> header_list(std::string_view name) const;
  /// The first `key=value` of the query, both decoded as a form ('+' is a space). A key without '='
  /// gives "".
  std::optional<std::string> query_parameter(std::string_view key) const;
};

}  // namespace gateway::http
