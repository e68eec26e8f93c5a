#pragma once
// Api: the body of GET /api/v1/status. Pure text; any worker's thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/http/response.h"
#include "gateway/publish/stream_facts.h"
#include "gateway/server/settings.h"
#include "gateway/server/slow_board.h"
#include "ingest/base/clock.h"

namespace gateway::server {

/// A reader sees how others fare, an admin also who they are and what they ask.
enum class Audience : std::uint8_t { Reader, Admin };

struct StatusNumbers {
  std::uint64_t connections = 0;
  std::uint64_t series = 0;
  std::string ingest{};                          // JSON, as it is; empty: there is no such member
  std::string archive{};                         // the same
  std::string exposition{};                      // the same
  std::vector<SlowReader> slow{};                // the worst first
  const publish::StreamList* streams = nullptr;  // the dearest first; null: none are known
  bool demo = false;                             // made-up data is being made
  Audience audience = Audience::Reader;
};
/// {"version","epoch","now","started","listeners":[{"what","address"}],"connections","series",
/// "slow":[{"over","subs","behind","skipped","demoted","held","address","name"}],
/// "streams":[{"metric","rows","readers","cells_per_second","bytes","query"}],
/// "demo","archive","exposition","ingest"}; address, name and query for admins. Without numbers,
/// for who sees a part of what is measured, only what counts nothing: up to `listeners`.
http::Response answer_status(const Settings& settings, ingest::WallTime now,
                             const std::optional<StatusNumbers>& numbers);

}  // namespace gateway::server
