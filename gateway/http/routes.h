#pragma once
// Routes: path and method -> handler, with 404 and 405 told apart. A small constant table, searched
// in order.

#include <cstddef>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/http/request.h"

namespace gateway::http {

/// A set of methods. GET brings HEAD, and every known path answers OPTIONS.
class Methods {
 public:
  constexpr Methods(std::initializer_list<Method> methods) {
    for (const Method method : methods)
      bits_ |= bit(method);
    if (has(Method::Get)) bits_ |= bit(Method::Head);
  }
  constexpr bool has(Method method) const { return (bits_ & bit(method)) != 0; }
  constexpr Methods operator|(Methods other) const {
    Methods both = *this;
    both.bits_ |= other.bits_;
    return both;
  }
  /// The value of Allow: "GET, HEAD, OPTIONS".
  std::string allow() const;

 private:
  static constexpr unsigned bit(Method method) { return 1U << static_cast<unsigned>(method); }
  unsigned bits_ = 0;
};

/// `path` is matched whole, or as a prefix where it ends in "/*" ("/pages/*" matches "/pages/" and
/// what is below it).
template <class Handler>
struct Route {
  std::string_view path;
  Methods methods;
  Handler handler;
  std::size_t body_bytes_max = 0;  // 0: it takes no body, and one that comes is not read
};
/// A route's body is bounded by the configuration alone.
constexpr std::size_t kAnyBody = std::numeric_limits<std::size_t>::max();

template <class Handler>
struct Found {
  Handler handler;
  std::string_view
      rest;  // what a prefix route left over: "a.html" of "/pages/a.html"; a view of the given path
  std::size_t body_bytes_max = 0;
};
struct NotFound {};        // 404
struct MethodNotAllowed {  // 405
  std::string allow;
};
struct AnswerOptions {  // 204 with Allow: OPTIONS of a known path, or of "*"
  std::string allow;
};
template <class Handler>
using RouteAnswer = std::variant<Found<Handler>, NotFound, MethodNotAllowed, AnswerOptions>;

/// Does `pattern` match? Then `rest` is what the star stood for.
bool matches_path(std::string_view pattern, std::string_view path, std::string_view& rest);

/// The first route that has both path and method. Several routes may share a path with different
/// methods.
template <class Handler>
RouteAnswer<Handler> find_route(std::span<const Route<Handler>> routes, Method method,
                                std::string_view path) {
  Methods allowed{};
  bool known = path == "*";
  for (const Route<Handler>& route : routes) {
    std::string_view rest;
    if (path != "*" && !matches_path(route.path, path, rest)) continue;
    if (path != "*" && route.methods.has(method)) {
      return Found<Handler>{route.handler, rest, route.body_bytes_max};
    }
    known = true;
    allowed = allowed | route.methods;
  }
  if (!known) return NotFound{};
  if (method == Method::Options) return AnswerOptions{allowed.allow()};
  return MethodNotAllowed{allowed.allow()};
}

}  // namespace gateway::http
