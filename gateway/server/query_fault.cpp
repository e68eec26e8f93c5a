#include "gateway/server/query_fault.h"

namespace gateway::server {

// One switch without default, so that no code is forgotten.
// NOLINTNEXTLINE(readability-function-size): a line for each code
int status_of(ingest::query::Code code) {
  using enum ingest::query::Code;
  switch (code) {
    case AuthRequired:
    case AuthInvalidToken:
    case AuthExpired:
      return 401;
    case AuthForbidden:
    case AuthRevoked:
      return 403;
    case QueryBadJson:
    case QueryBadMetric:
    case QueryBadMatcher:
    case QueryUnknownStat:
    case QueryBadWindow:
    case QueryTooExpensive:
    case QueryBadBy:
    case QueryBadOrder:
    case LimitSubs:
    case LimitSeries:
    case LimitRange:
    case LimitStreams:
    case LimitRows:
    case ProtoUnknownType:
    case ProtoBadOrder:
    case ProtoVersion:
    case ProtoBadField:
    case SubDuplicateId:
    case SubUnknownId:
      return 400;
    case LimitRate:
      return 429;
    case LimitFrame:
      return 413;
    case ServerInternal:
      return 500;
    case ServerOverloaded:
    case ServerShuttingDown:
    case HistoryUnavailable:
      return 503;
  }
  return 500;
}

http::Response refused(const ingest::query::Fault& fault) {
  const int status = status_of(fault.code);
  http::Response response = http::api_error(status, {.code = ingest::query::code_name(fault.code),
                                                     .n = static_cast<int>(fault.code),
                                                     .msg = fault.msg,
                                                     .retry = fault.retry});
  if (fault.retry && status >= 429) response.add("Retry-After", "1");
  return response;
}

}  // namespace gateway::server
