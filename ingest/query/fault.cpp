#include "ingest/query/fault.h"

namespace ingest::query {

// One switch without default, so that no code is forgotten.
// NOLINTNEXTLINE(readability-function-size): a line or two for each code
std::string_view code_name(Code code) {
  switch (code) {
    case Code::AuthRequired:
      return "auth.required";
    case Code::AuthInvalidToken:
      return "auth.invalid_token";
    case Code::AuthExpired:
      return "auth.expired";
    case Code::AuthForbidden:
      return "auth.forbidden";
    case Code::AuthRevoked:
      return "auth.revoked";
    case Code::QueryBadJson:
      return "query.bad_json";
    case Code::QueryBadMetric:
      return "query.bad_metric";
    case Code::QueryBadMatcher:
      return "query.bad_matcher";
    case Code::QueryUnknownStat:
      return "query.unknown_stat";
    case Code::QueryBadWindow:
      return "query.bad_window";
    case Code::QueryTooExpensive:
      return "query.too_expensive";
    case Code::QueryBadBy:
      return "query.bad_by";
    case Code::QueryBadOrder:
      return "query.bad_order";
    case Code::LimitSubs:
      return "limit.subs";
    case Code::LimitSeries:
      return "limit.series";
    case Code::LimitRate:
      return "limit.rate";
    case Code::LimitFrame:
      return "limit.frame";
    case Code::LimitRange:
      return "limit.range";
    case Code::LimitStreams:
      return "limit.streams";
    case Code::LimitRows:
      return "limit.rows";
    case Code::ServerInternal:
      return "server.internal";
    case Code::ServerOverloaded:
      return "server.overloaded";
    case Code::ServerShuttingDown:
      return "server.shutting_down";
    case Code::ProtoUnknownType:
      return "proto.unknown_type";
    case Code::ProtoBadOrder:
      return "proto.bad_order";
    case Code::ProtoVersion:
      return "proto.version";
    case Code::ProtoBadField:
      return "proto.bad_field";
    case Code::SubDuplicateId:
      return "sub.duplicate_id";
    case Code::SubUnknownId:
      return "sub.unknown_id";
    case Code::HistoryUnavailable:
      return "history.unavailable";
  }
  return "server.internal";
}

}  // namespace ingest::query
