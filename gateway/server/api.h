#pragma once
// Api: the bodies of GET /api/v1/metrics, /tags and /status, made from the immutable catalogue that
// the hub swaps in once a second. Pure text; any worker's thread.

#include <cstdint>
#include <string>

#include "gateway/http/request.h"
#include "gateway/http/response.h"
#include "gateway/server/settings.h"
#include "ingest/base/clock.h"
#include "ingest/query/catalogue.h"

namespace gateway::server {

/// ?match=<glob>&limit=&after=<next of the answer before>: publish::metrics_text(). 400 for a bad
/// limit or glob.
http::Response answer_metrics(const ingest::query::Catalogue& catalogue,
                              const http::Request& request);

/// ?metric=<name or glob>: publish::tags_text(). 400 without `metric`.
http::Response answer_tags(const ingest::query::Catalogue& catalogue, const http::Request& request);

struct StatusNumbers {
  std::uint64_t connections = 0;
  std::uint64_t series = 0;
  std::string ingest{};  // JSON, as it is; empty: there is no such member
};
/// {"version","epoch","now","started","listeners":[{"what","address"}],"connections","series",
/// "ingest"}
http::Response answer_status(const Settings& settings, ingest::WallTime now,
                             const StatusNumbers& numbers);

}  // namespace gateway::server
