#include "gateway/http/routes.h"

namespace gateway::http {

std::string Methods::allow() const {
  std::string text;
  for (const Method method :
       {Method::Get, Method::Head, Method::Post, Method::Put, Method::Delete, Method::Patch}) {
    if (has(method)) text.append(method_name(method)).append(", ");
  }
  return text.append(method_name(Method::Options));
}

bool matches_path(std::string_view pattern, std::string_view path, std::string_view& rest) {
  rest = {};
  if (!pattern.ends_with("/*")) return pattern == path;
  const std::string_view prefix = pattern.substr(0, pattern.size() - 1);
  if (!path.starts_with(prefix)) return false;
  rest = path.substr(prefix.size());
  return true;
}

}  // namespace gateway::http
