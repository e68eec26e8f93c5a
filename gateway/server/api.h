#pragma once
// Api: the body of GET /api/v1/status. Pure text; any worker's thread.

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/http/response.h"
#include "gateway/server/settings.h"
#include "ingest/base/clock.h"

namespace gateway::server {

struct StatusNumbers {
  std::uint64_t connections = 0;
  std::uint64_t series = 0;
  std::string ingest{};  // JSON, as it is; empty: there is no such member
};
/// {"version","epoch","now","started","listeners":[{"what","address"}],"connections","series",
/// "ingest"}. Without numbers, for who sees a part of what is measured, only what counts nothing:
/// up to `listeners`.
http::Response answer_status(const Settings& settings, ingest::WallTime now,
                             const std::optional<StatusNumbers>& numbers);

}  // namespace gateway::server
