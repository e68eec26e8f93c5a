#pragma once
// EventWish: an event as somebody posts it, read from the body of POST /api/v1/events. Pure text.
//
//   {"title":"deploy checkout 2.14","text":"","time":1764000000000,"level":"info","host":"",
//    "tags":{"service":"checkout"}}

#include <cstddef>
#include <string_view>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/model/annotation.h"
#include "ingest/query/fault.h"

namespace gateway::server {

/// Of a body: every part as long as it may be, each byte escaped.
constexpr std::size_t kEventBodyMax = std::size_t{64} * 1024;

/// All but the title may be absent; `now` is its time then. What is longer than is kept is cut, as
/// that of a datagram. ProtoBadField names the member.
ingest::Result<ingest::model::KeptAnnotation, ingest::query::Fault> read_event(
    std::string_view body, ingest::WallTime now);

}  // namespace gateway::server
