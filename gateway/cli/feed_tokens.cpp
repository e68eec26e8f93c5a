#include "gateway/cli/feed_tokens.h"

#include <cstdint>
#include <string>

namespace gateway::cli {
namespace {

/// Empty: not counted.
std::string counted(const ingest::IpAddress& from) {
  const server::Peer peer{.ip = from, .port = 0, .kind = server::Peer::Kind::Ip};
  const bool nobody = from == ingest::IpAddress{};
  return nobody || peer.is_loopback() ? std::string{} : ingest::ip_text(ingest::host_of(from));
}

auth::RightsPtr writer_of(std::string_view token, const std::string& address,
                          const server::Site& site, const ingest::Clock& clock) {
  if (!address.empty() && site.token_failures->refuses(address, clock.mono())) return nullptr;
  const auto rights = site.access.now()->identify(token, clock.wall());
  if (rights && (*rights)->may_write()) return *rights;
  if (!rights && !address.empty()) site.token_failures->count(address, clock.mono());
  return nullptr;
}

}  // namespace

WriterCheck writer_check(const server::Site& site, const ingest::Clock& clock) {
  return [&site, &clock](std::string_view token, const ingest::IpAddress& from) -> StillWrites {
    std::uint64_t generation = site.access.generation();
    const auth::RightsPtr rights = writer_of(token, counted(from), site, clock);
    if (rights == nullptr) return {};
    auth::Rights lasting = *rights;
    lasting.until.reset();
    return [&site, &clock, lasting, generation]() mutable {
      const std::uint64_t now = site.access.generation();
      if (now == generation) return true;
      generation = now;
      return site.access.now()->still_gives(lasting, clock.wall());
    };
  };
}

}  // namespace gateway::cli
