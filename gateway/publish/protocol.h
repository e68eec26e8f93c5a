#pragma once
// The subscription protocol weir.v1.json (DESIGN section 6): its constants, and by inclusion the
// commands in and the control messages out.

#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/publish/command.h"
#include "gateway/publish/message.h"
#include "ingest/base/clock.h"

namespace gateway::publish {

inline constexpr std::string_view kSubprotocol = "weir.v1.json";
inline constexpr int kVersion = 1;

/// After this long without a byte written a connection gets `hb`.
inline constexpr ingest::Millis kSilence{10'000};
/// The first command must come within this time after the upgrade.
inline constexpr ingest::Millis kHelloWithin{10'000};

/// WebSocket close codes of the protocol: 40xx do not reconnect, 41xx reconnect with backoff.
enum class CloseCode : std::uint16_t {
  BadProtocol = 4000,
  AuthRequired = 4001,
  InvalidToken = 4002,
  Forbidden = 4003,
  HelloTimeout = 4008,
  TooManyErrors = 4009,
  Internal = 4100,
  Overloaded = 4101,
  PongTimeout = 4103,
  Slow = 4104,
  TokenExpired = 4105,
};
/// The reason beside the code in the Close frame: "hello timeout", "too many errors", ...
std::string_view close_reason(CloseCode code);

/// The rate tiers, ascending: the tick itself, and 250 ms to 60 s, each rounded up to a multiple of
/// `tick`.
std::vector<ingest::Millis> rate_tiers(ingest::Millis tick);
/// The smallest tier that is at least `wanted`, or the largest.
ingest::Millis rate_tier(ingest::Millis wanted, ingest::Millis tick);

}  // namespace gateway::publish
