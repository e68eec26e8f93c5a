#include "gateway/cli/token_access.h"

#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "gateway/auth/key_set.h"
#include "ingest/base/check.h"
#include "ingest/query/query.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using ingest::Result;

void add_tokens(const std::vector<config::AuthToken>& entries, auth::Role role,
                std::vector<auth::StaticToken>& tokens) {
  for (const config::AuthToken& entry : entries) {
    const auto hash = auth::read_token_hash(entry.hash);
    CHECK(hash.has_value());
    auth::StaticToken token{.hash = *hash, .rights = {.name = entry.name, .role = role}};
    if (!entry.where.empty()) {
      auto where = ingest::query::parse_matchers(entry.where, {});
      CHECK(where.has_value());
      token.rights.where = *std::move(where);
    }
    tokens.push_back(std::move(token));
  }
}

Result<std::string> read_file(const std::string& path) {
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  std::string text;
  if (file) {
    text.resize(auth::KeySet::kBytesMax + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (file.eof() || file.good()) return text;
  }
  return Failure{ingest::Error{errno, "auth.jwt.jwks " + path + " cannot be read: " +
                                          std::generic_category().message(errno)}};
}

Result<std::optional<auth::KeySet>> read_keys(const std::string& path) {
  if (path.empty()) return std::optional<auth::KeySet>{};
  auto keys = auth::KeySet::read(TRY(read_file(path)));
  if (keys) return std::optional{*std::move(keys)};
  return Failure{ingest::Error{0, "auth.jwt.jwks " + path + ": " + keys.error()}};
}

}  // namespace

std::vector<auth::StaticToken> static_tokens(const config::Config::Auth& configured) {
  std::vector<auth::StaticToken> tokens;
  add_tokens(configured.readers, auth::Role::Reader, tokens);
  add_tokens(configured.writers, auth::Role::Writer, tokens);
  add_tokens(configured.admins, auth::Role::Admin, tokens);
  return tokens;
}

Result<server::AuthenticatorPtr> read_access(const config::Config::Auth& configured) {
  std::optional<auth::KeySet> keys = TRY(read_keys(configured.jwt.jwks));
  auth::ClaimRules rules{
      .issuer = configured.jwt.issuer, .audience = configured.jwt.audience, .limits = {}};
  return server::AuthenticatorPtr{std::make_shared<const auth::Authenticator>(
      static_tokens(configured), std::move(keys), std::move(rules))};
}

std::uint64_t file_state(const std::string& path) {
  struct stat state {};
  if (::stat(path.c_str(), &state) != 0) return 0;
  // One number of what tells two states apart; a collision costs one reload that comes late.
  std::uint64_t mixed = 1;
  for (const auto part :
       {static_cast<std::uint64_t>(state.st_ino), static_cast<std::uint64_t>(state.st_size),
        static_cast<std::uint64_t>(state.st_mtim.tv_sec),
        static_cast<std::uint64_t>(state.st_mtim.tv_nsec)})
    mixed = mixed * 0x9E3779B97F4A7C15U + part;
  return mixed;
}

}  // namespace gateway::cli
