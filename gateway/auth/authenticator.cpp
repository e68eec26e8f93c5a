#include "gateway/auth/authenticator.h"

#include <utility>

#include "gateway/auth/jws.h"

namespace gateway::auth {

ingest::query::Bounds bounds_of(const RightsPtr& rights) {
  if (rights == nullptr || rights->where.empty()) return nullptr;
  return {rights, &rights->where};
}

Authenticator::Authenticator(const std::vector<StaticToken>& tokens, std::optional<KeySet> keys,
                             ClaimRules rules)
    : rules_(std::move(rules)),
      guards_reading_(keys.has_value()),
      guards_writing_(keys.has_value()) {
  if (keys) keys_ = *std::move(keys);
  tokens_.reserve(tokens.size());
  for (const StaticToken& token : tokens) {
    Rights rights = token.rights;
    rights.proof = token.hash;
    tokens_.push_back({token.hash, std::make_shared<const Rights>(std::move(rights))});
    guards_reading_ |= token.rights.role == Role::Reader;
    guards_writing_ |= token.rights.role == Role::Writer;
  }
}

/// Every token is looked at, whoever it is.
RightsPtr Authenticator::find(const TokenHash& hash) const {
  RightsPtr found;
  for (const Known& known : tokens_) {
    if (same_hash(known.hash, hash)) found = known.rights;
  }
  return found;
}

ingest::Result<RightsPtr, Refusal> Authenticator::identify(std::string_view token,
                                                           ingest::WallTime now) const {
  if (token.empty() || token.size() > kTokenBytesMax)
    return ingest::Failure{Refusal{Refusal::Kind::Invalid, "no token of a possible length"}};
  if (RightsPtr known = find(hash_token(token))) return known;
  if (keys_.empty()) return ingest::Failure{Refusal{Refusal::Kind::Invalid, "nobody's token"}};
  const auto opened = open_jws(token, keys_);
  if (!opened) {
    return ingest::Failure{
        Refusal{Refusal::Kind::Invalid, std::string{jws_fault_text(opened.error())}}};
  }
  Rights rights = TRY(read_claims(opened->payload, rules_, now));
  rights.proof = opened->key;
  return RightsPtr{std::make_shared<const Rights>(std::move(rights))};
}

bool Authenticator::still_gives(const Rights& rights, ingest::WallTime now) const {
  if (rights.until && now >= *rights.until) return false;
  const RightsPtr known = find(rights.proof);
  return known != nullptr ? *known == rights : keys_.has(rights.proof);
}

}  // namespace gateway::auth
