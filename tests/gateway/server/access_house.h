#pragma once
// A house whose readers, writers and admins need tokens, and requests that show them.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/auth/token_hash.h"
#include "tests/gateway/server/house.h"

namespace tests {

inline void add_token(gateway::server::Settings& settings, const char* token,
                      gateway::auth::Role role, std::vector<ingest::query::Matcher> where = {}) {
  settings.tokens.push_back({.hash = gateway::auth::hash_token(token),
                             .rights = {.name = token, .role = role, .where = std::move(where)}});
}

/// "reader", "prod" (a reader of env=prod), "writer" and "admin" are tokens.
inline gateway::server::Settings guarded() {
  using gateway::auth::Role;
  gateway::server::Settings settings;
  add_token(settings, "reader", Role::Reader);
  add_token(settings, "prod", Role::Reader, {{"env", ingest::query::Op::Equal, {"prod"}}});
  add_token(settings, "writer", Role::Writer);
  add_token(settings, "admin", Role::Admin);
  return settings;
}

/// The matchers of a query without any that "prod" asked.
inline std::vector<ingest::query::Matcher> bound_to_prod() {
  ingest::query::Query query;
  ingest::query::restrict(query, {{"env", ingest::query::Op::Equal, {"prod"}}});
  return query.where;
}

inline std::string request(std::string_view line, const std::string& headers = {},
                           const std::string& body = {}) {
  std::string text = std::string{line} + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}
inline std::string bearer(std::string_view token) {
  return "Authorization: Bearer " + std::string{token} + "\r\n";
}

}  // namespace tests
