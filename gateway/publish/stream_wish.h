#pragma once
// StreamWish: what a request for an event stream (/v1/stream) asks: `sub` bodies in its parameters,
// and where each of them goes on in `Last-Event-ID`. Pure; any thread.
//
//   ?q={"metric":"http.*"}&rate=1s&history=5m         one, with id 1
//   ?subs=[{"id":1,"q":{...}},{"id":2,"q":{...},"rate":"5s"}]

#include <optional>
#include <string>

#include "gateway/publish/command.h"
#include "ingest/base/result.h"
#include "ingest/query/fault.h"

namespace gateway::publish {

/// The parameters as they came, decoded.
struct StreamWords {
  std::optional<std::string> q;
  std::optional<std::string> rate;
  std::optional<std::string> history;
  std::optional<std::string> subs;
  std::string last_event_id;
};

/// At least one of them can be tried. Refused as a whole: neither or both of `q` and `subs`, what
/// is no JSON, more than limits.subs, and where every one is refused, with the first's fault. A
/// Last-Event-ID that is none of ours is nothing.
ingest::Result<SubBodies, ingest::query::Fault> read_stream_wish(const StreamWords& words,
                                                                 const CommandLimits& limits);

}  // namespace gateway::publish
