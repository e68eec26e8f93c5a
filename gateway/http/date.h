#pragma once
// Dates of HTTP: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).

#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/clock.h"

namespace gateway::http {

/// Whole seconds; years 0 to 9999.
std::string http_date(ingest::WallTime time);
/// The preferred form only; the two obsolete ones count as unreadable, which the conditional
/// headers allow us to ignore.
std::optional<ingest::WallTime> parse_http_date(std::string_view text);

}  // namespace gateway::http
