#pragma once
// QueryWish: the query that a request over HTTP asks, however it says it:
//
//   ?q={"metric":"http.*","by":["route"]}     percent-encoded, as a browser does it
//   POST, the same JSON as the body
//   ?metric=http.*&window=10s&stats=count,p99&by=route&where=[["env","=","prod"]]&order=p99:desc
//
// Pure; any thread.

#include <optional>
#include <string_view>

#include "gateway/auth/authenticator.h"
#include "gateway/http/request.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/query/fault.h"
#include "ingest/query/query.h"

namespace gateway::server {

/// As query::parse_query(); ProtoBadField where the request says it twice or not at all. It sees
/// what `rights` let it see; null: everything.
ingest::Result<ingest::query::Query, ingest::query::Fault> read_query(
    const http::Request& request, const ingest::query::QueryLimits& limits,
    const auth::RightsPtr& rights);

/// ?name=1764000000000, ms since 1970; nothing where it is absent. ProtoBadField.
ingest::Result<std::optional<ingest::WallTime>, ingest::query::Fault> read_time(
    const http::Request& request, std::string_view name);

}  // namespace gateway::server
