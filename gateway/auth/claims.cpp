#include "gateway/auth/claims.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace gateway::auth {
namespace {

using ingest::Failure;
using ingest::Result;
using ingest::WallTime;
using Json = nlohmann::json;

Failure<Refusal> refuse(Refusal::Kind kind, std::string why) {
  return Failure{Refusal{kind, std::move(why)}};
}
Failure<Refusal> invalid(std::string why) {
  return refuse(Refusal::Kind::Invalid, std::move(why));
}
Failure<Refusal> forbid(std::string why) {
  return refuse(Refusal::Kind::Forbidden, std::move(why));
}

/// NumericDate (RFC 7519 section 2). Nothing where it is absent.
Result<std::optional<WallTime>, Refusal> time_of(const Json& claims, const char* name) {
  constexpr double kSecondsMax = 253'402'300'799.0;  // the end of the year 9999, which means never
  const auto found = claims.find(name);
  if (found == claims.end()) return std::optional<WallTime>{};
  const double seconds = found->is_number() ? found->get<double>() : std::nan("");
  if (!(seconds >= 0 && seconds <= kSecondsMax))
    return invalid(std::string{name} + " is no number of seconds since 1970");
  constexpr double kMillis = 1000;
  return std::optional{ingest::wall_from_ms(static_cast<std::int64_t>(seconds * kMillis))};
}

bool is_text(const Json& json, std::string_view text) {
  const auto* value = json.get_ptr<const std::string*>();
  return value != nullptr && *value == text;
}

/// RFC 7519 section 4.1.3: who is not named by an `aud` that is there must refuse.
bool is_for_us(const Json& claims, std::string_view audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return audience.empty();
  if (audience.empty()) return false;
  if (!found->is_array()) return is_text(*found, audience);
  return std::any_of(found->begin(), found->end(),
                     [audience](const Json& one) { return is_text(one, audience); });
}

Result<void, Refusal> check_parties(const Json& claims, const ClaimRules& rules) {
  if (!rules.issuer.empty()) {
    const auto issuer = claims.find("iss");
    if (issuer == claims.end() || !is_text(*issuer, rules.issuer))
      return invalid("iss is not auth.jwt.issuer");
  }
  if (!is_for_us(claims, rules.audience)) return invalid("aud does not name auth.jwt.audience");
  return {};
}

/// Whoever came too early or too late; how long it holds.
Result<std::optional<WallTime>, Refusal> check_times(const Json& claims, const ClaimRules& rules,
                                                     WallTime now) {
  const auto begins = TRY(time_of(claims, "nbf"));
  if (begins && now + rules.leeway < *begins) return invalid("nbf is still to come");
  auto ends = TRY(time_of(claims, "exp"));
  if (!ends) return ends;
  *ends += rules.leeway;
  if (now >= *ends) return refuse(Refusal::Kind::Expired, "exp is over");
  return ends;
}

std::string name_of(const Json& claims) {
  const auto found = claims.find("sub");
  const auto* name = found == claims.end() ? nullptr : found->get_ptr<const std::string*>();
  if (name == nullptr || name->empty()) return "jwt";
  std::size_t end = std::min(name->size(), kNameBytesMax);
  // Not inside a character: the bytes that go on with one are 10xxxxxx.
  constexpr unsigned kKindMask = 0xC0;
  constexpr unsigned kGoesOn = 0x80;
  while (end < name->size() && end > 0 &&
         (static_cast<unsigned char>((*name)[end]) & kKindMask) == kGoesOn)
    --end;
  return name->substr(0, end);
}

Result<void, Refusal> read_grant(const Json& claims, const ClaimRules& rules, Rights& rights) {
  const auto grant = claims.find("weir");
  if (grant == claims.end() || !grant->is_object())
    return forbid("there is no claim weir: {\"role\":\"reader\"}");
  for (const auto& [key, value] : grant->items()) {
    if (key != "role" && key != "where") return forbid("weir has a member that is not known");
  }
  const auto role = grant->find("role");
  const auto* role_text = role == grant->end() ? nullptr : role->get_ptr<const std::string*>();
  const auto known = role_text == nullptr ? std::optional{Role::Reader} : read_role(*role_text);
  if (!known || (role != grant->end() && role_text == nullptr))
    return forbid("weir.role is not reader, writer or admin");
  rights.role = *known;
  const auto where = grant->find("where");
  if (where == grant->end()) return {};
  auto matchers = ingest::query::parse_matchers(where->dump(), rules.limits);
  if (!matchers) return forbid("weir." + matchers.error().msg);
  rights.where = *std::move(matchers);
  // An issuer that meant to bound somebody and named nothing must not open everything.
  if (rights.where.empty()) return forbid("weir.where is empty; leave it out to see everything");
  // Nothing would hold a writer to it: better no right than one that looks smaller than it is.
  if (rights.role != Role::Reader) return forbid("weir.where is for readers alone");
  return {};
}

}  // namespace

Result<Rights, Refusal> read_claims(std::string_view payload, const ClaimRules& rules,
                                    WallTime now) {
  const Json claims = Json::parse(payload, nullptr, false);
  if (!claims.is_object()) return invalid("its claims are no JSON object");
  TRY(check_parties(claims, rules));
  Rights rights;
  rights.until = TRY(check_times(claims, rules, now));
  rights.name = name_of(claims);
  TRY(read_grant(claims, rules, rights));
  return rights;
}

}  // namespace gateway::auth
