#pragma once
// token_access: who may come in, from the configuration and the file of the issuer's keys. Reads
// that file: not on a thread that must not wait for a disk.

#include <cstdint>
#include <string>

#include "gateway/auth/authenticator.h"
#include "gateway/config/config.h"
#include "gateway/server/access.h"
#include "ingest/base/result.h"

namespace gateway::cli {

/// auth.readers, auth.writers and auth.admins; the configuration has checked their texts.
std::vector<auth::StaticToken> static_tokens(const config::Config::Auth& configured);

/// With the keys of auth.jwt.jwks, where it is set. An error names the file.
ingest::Result<server::AuthenticatorPtr> read_access(const config::Config::Auth& configured);

/// What changes when somebody writes the file or puts another in its place; 0 where there is none.
std::uint64_t file_state(const std::string& path);

}  // namespace gateway::cli
