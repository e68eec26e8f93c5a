#pragma once
// Dates of HTTP: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7). Pure: who asks says what
// time it is.

#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/clock.h"

namespace gateway::http {

/// Whole seconds; years 0 to 9999.
std::string http_date(ingest::WallTime time);
/// All three forms that a recipient must read:
///
///   Sun, 06 Nov 1994 08:49:37 GMT     preferred
///   Sunday, 06-Nov-94 08:49:37 GMT    RFC 850: a year more than 50 years after `now` is of the
///   past Sun Nov  6 08:49:37 1994          asctime()
///
/// nullopt: no date, which the conditional headers allow us to ignore. Whether the day of the week
/// is that of the date is not looked at.
std::optional<ingest::WallTime> parse_http_date(std::string_view text, ingest::WallTime now);

}  // namespace gateway::http
