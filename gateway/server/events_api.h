#pragma once
// events_api: GET /api/v1/events and /api/v1/checks: what was said besides measurements, from the
// immutable lists that the hub swaps in when they changed. Pure text; any worker's thread.
//
//   ?limit=200&start=1764000000000&end=1764003600000   then, while `next` is not null, the same
//   &after=<next>                                       request with it: older and older
//   ?since=<newest of the answer before>                only what has come meanwhile

#include <cstddef>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"
#include "gateway/server/hidden_ids.h"
#include "ingest/query/annotations.h"
#include "ingest/query/where.h"

namespace gateway::server {

/// A page ends with the item that reaches it, before `limit` where texts are long: what is asked in
/// one turn of a loop is made in one.
constexpr std::size_t kAnnotationPageBytes = std::size_t{256} * 1024;

/// What of them whoever asks may see: what satisfies `where`, with ids that count nothing else.
struct Sight {
  ingest::query::Where where;
  const HiddenIds& ids;
};

/// "info", "success", "warning", "error".
std::string_view level_name(ingest::model::Annotation::Level level);

/// Newest first:
/// {"epoch","newest","items":[{"id","kind","time","level","title","text","host",...}],"next"}, with
/// "priority", "aggregation_key" and "source_type" of an event, "status" of a check, "tags" an
/// object, and "cut":true where something was too long. `start` <= time < `end`. `newest` is the
/// greatest id given out, which begins anew with another `epoch`. 400 for what is not read.
/// `sight`: null where everything may be seen.
http::Response answer_events(const ingest::query::Annotations& annotations,
                             const http::Request& request, std::string_view epoch,
                             const Sight* sight = nullptr);

/// What each check said last, the worst first, then by name, host and tags:
/// {"items":[{"name","host","status","time","message","tags"}],"total","next"}; `limit` as above.
/// `next` is how many were given: a check that is worse or better by then may come twice, or not.
http::Response answer_checks(const ingest::query::Annotations& annotations,
                             const http::Request& request, const Sight* sight = nullptr);

}  // namespace gateway::server
