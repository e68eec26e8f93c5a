#include "gateway/publish/protocol.h"

#include <array>

namespace gateway::publish {
namespace {

constexpr std::array<int, 8> kTiersMs{250, 500, 1'000, 2'000, 5'000, 10'000, 30'000, 60'000};

}  // namespace

std::string_view close_reason(CloseCode code) {
  switch (code) {
    case CloseCode::BadProtocol:
      return "bad protocol";
    case CloseCode::AuthRequired:
      return "auth required";
    case CloseCode::InvalidToken:
      return "invalid token";
    case CloseCode::Forbidden:
      return "forbidden";
    case CloseCode::HelloTimeout:
      return "hello timeout";
    case CloseCode::TooManyErrors:
      return "too many errors";
    case CloseCode::Internal:
      return "internal error";
    case CloseCode::Overloaded:
      return "overloaded";
    case CloseCode::PongTimeout:
      return "pong timeout";
    case CloseCode::Slow:
      return "slow";
    case CloseCode::TokenExpired:
      return "token expired";
  }
  return "";
}

std::vector<ingest::Millis> rate_tiers(ingest::Millis tick) {
  std::vector<ingest::Millis> tiers{tick};
  for (const int tier_ms : kTiersMs) {
    const ingest::Millis tier = (ingest::Millis{tier_ms} + tick - ingest::Millis{1}) / tick * tick;
    if (tier > tiers.back()) tiers.push_back(tier);
  }
  return tiers;
}

ingest::Millis rate_tier(ingest::Millis wanted, ingest::Millis tick) {
  ingest::Millis tier = tick;
  for (const int tier_ms : kTiersMs) {
    if (tier >= wanted) break;
    tier = (ingest::Millis{tier_ms} + tick - ingest::Millis{1}) / tick * tick;
  }
  return tier;
}

}  // namespace gateway::publish
