#pragma once
// Authenticator: whose token is this, now? Static tokens first, then JSON Web Tokens. Immutable
// once made, read by all workers; a reload makes another.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/auth/claims.h"
#include "gateway/auth/key_set.h"
#include "gateway/auth/rights.h"
#include "gateway/auth/token_hash.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/query/bounds.h"

namespace gateway::auth {

/// Shared by the connections of one static token.
using RightsPtr = std::shared_ptr<const Rights>;

/// What the holder sees; null for null rights, too.
ingest::query::Bounds bounds_of(const RightsPtr& rights);

struct StaticToken {
  TokenHash hash{};
  Rights rights;
};

class Authenticator {
 public:
  /// Nobody is configured: anybody may read and write.
  Authenticator() = default;
  /// Without keys no signed token is taken. With them, be they none, both sides are guarded: who
  /// takes the last key away must not open the house.
  Authenticator(const std::vector<StaticToken>& tokens, std::optional<KeySet> keys,
                ClaimRules rules);

  /// Whether a reader (a writer) must show a token: one of that role is configured, or an issuer
  /// is. An admin alone binds nobody else.
  bool guards_reading() const { return guards_reading_; }
  bool guards_writing() const { return guards_writing_; }

  ingest::Result<RightsPtr, Refusal> identify(std::string_view token, ingest::WallTime now) const;
  /// Whether whoever has these rights, perhaps from another authenticator, would get them again: a
  /// static token stands as it stood, a signed one's key is there, and they are not over.
  bool still_gives(const Rights& rights, ingest::WallTime now) const;

 private:
  struct Known {
    TokenHash hash{};
    RightsPtr rights;
  };
  RightsPtr find(const TokenHash& hash) const;

  std::vector<Known> tokens_;
  KeySet keys_;
  ClaimRules rules_;
  bool guards_reading_ = false;
  bool guards_writing_ = false;
};

}  // namespace gateway::auth
