#pragma once
// Claims: what a token says (RFC 7519 section 4), checked, and the rights that our own claim gives.
// Pure; the caller has checked the signature.
//
//   {"sub":"ops","exp":1764003600,"weir":{"role":"reader","where":[["env","=","prod"]]}}

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/auth/rights.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/query/query.h"

namespace gateway::auth {

/// Why somebody is not let in.
struct Refusal {
  enum class Kind : std::uint8_t {
    Invalid,    // not a token of ours: auth.invalid_token
    Expired,    // it was one: auth.expired
    Forbidden,  // it is one, and gives no right here: auth.forbidden
    Unread,     // nobody looked at it: too many from there were none: limit.rate
  };
  Kind kind = Kind::Invalid;
  std::string why;  // a sentence for the log; holds nothing of the token's but a claim's name
};

struct ClaimRules {
  std::string issuer;    // auth.jwt.issuer; empty: any
  std::string audience;  // auth.jwt.audience; empty: tokens that name an audience are not for us
  ingest::query::QueryLimits limits;  // of `where`
  ingest::Millis leeway{30'000};      // by which two clocks may differ, for exp and nbf
};

/// A name longer than this is cut: it stands in logs alone.
inline constexpr std::size_t kNameBytesMax = 64;

/// `exp` and `nbf` are seconds, whole or not; both may be absent. `Rights::until` is `exp` and the
/// leeway. Without `weir`, with an unknown role, or with matchers for a writer or an admin:
/// Forbidden.
ingest::Result<Rights, Refusal> read_claims(std::string_view payload, const ClaimRules& rules,
                                            ingest::WallTime now);

}  // namespace gateway::auth
