#pragma once
// query_fault: what a refused question gets over HTTP. Pure; any thread.

#include "gateway/http/response.h"
#include "ingest/query/fault.h"

namespace gateway::server {

/// The status of each code, DESIGN section 5: 400 for a query or a limit that it breaks, 401, 403,
/// 413, 429, 503.
int status_of(ingest::query::Code code);

/// {"error":{"code","n","msg","retry"}}; Retry-After where the same may succeed later.
http::Response refused(const ingest::query::Fault& fault);

}  // namespace gateway::server
