#pragma once
// Fault: why a subscription, a query or a command was refused: a stable code for programs, a
// sentence for people.

#include <cstdint>
#include <string>
#include <string_view>

namespace ingest::query {

/// The numbers are on the wire and in people's code: append-only.
enum class Code : std::uint16_t {
  AuthRequired = 1001,
  AuthInvalidToken = 1002,
  AuthExpired = 1003,
  AuthForbidden = 1004,
  AuthRevoked = 1005,
  QueryBadJson = 2001,
  QueryBadMetric = 2002,
  QueryBadMatcher = 2003,
  QueryUnknownStat = 2004,
  QueryBadWindow = 2005,
  QueryTooExpensive = 2006,
  QueryBadBy = 2007,
  QueryBadOrder = 2008,
  LimitSubs = 3001,
  LimitSeries = 3002,
  LimitRate = 3003,
  LimitFrame = 3004,
  LimitRange = 3005,
  LimitStreams = 3006,
  LimitRows = 3007,
  ServerInternal = 5001,
  ServerOverloaded = 5002,
  ServerShuttingDown = 5004,
  ProtoUnknownType = 6001,
  ProtoBadOrder = 6002,
  ProtoVersion = 6003,
  ProtoBadField = 6004,
  SubDuplicateId = 7001,
  SubUnknownId = 7002,
  HistoryUnavailable = 7003,
};

/// "query.bad_matcher" and so on.
std::string_view code_name(Code code);

struct Fault {
  Code code = Code::ServerInternal;
  std::string msg;  // with the place of the fault, as in "where[1]: regex longer than 256 bytes"
  bool retry = false;
};

}  // namespace ingest::query
