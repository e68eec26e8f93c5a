#pragma once
// feed_tokens: whether the token in the first line of a feed's connection is a writer's, and
// whether it still is. Made by the wiring; any worker's thread.

#include <functional>
#include <string_view>

#include "gateway/server/site.h"
#include "ingest/base/clock.h"
#include "ingest/base/ip_address.h"

namespace gateway::cli {

/// Asked again from time to time: whether what let somebody in still counts. Empty: he is not let
/// in. One that ends by itself counts on for whom it let in; one that was taken away does not.
using StillWrites = std::function<bool()>;
using WriterCheck =
    std::function<StillWrites(std::string_view token, const ingest::IpAddress& from)>;

/// Both outlive it. Tokens that are nobody's count against their address, as over HTTP.
WriterCheck writer_check(const server::Site& site, const ingest::Clock& clock);

}  // namespace gateway::cli
