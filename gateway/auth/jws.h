#pragma once
// JWS: a signed token in its compact form (RFC 7515 section 7.1), opened with our keys. Pure.
//
//   eyJhbGciOiJFUzI1NiJ9 . eyJzdWIiOiJvcHMifQ . <signature>      each part base64url

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/auth/key_set.h"
#include "ingest/base/result.h"

namespace gateway::auth {

/// A token longer than this is none.
inline constexpr std::size_t kTokenBytesMax = std::size_t{8} * 1024;

enum class JwsFault : std::uint8_t {
  Malformed,         // not three parts of base64url with a JSON header
  UnknownAlgorithm,  // none of ours ("none" among them), or an extension we must understand (crit)
  BadSignature,      // none of our keys for that algorithm and `kid` made it
};
/// For logs.
std::string_view jws_fault_text(JwsFault fault);

struct Opened {
  std::string payload;  // bytes
  Proof key{};          // who signed it
};
/// Keys and addresses that the header itself offers (jwk, jku, x5u) are
/// never looked at.
ingest::Result<Opened, JwsFault> open_jws(std::string_view token, const KeySet& keys);

}  // namespace gateway::auth
