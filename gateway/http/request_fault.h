#pragma once
// Why a request was refused before any handler saw it: one kind, one HTTP status, one sentence for
// a person.

#include <cstdint>
#include <string_view>

namespace gateway::http {

enum class FaultKind : std::uint8_t {
  TlsOnPlainPort,
  BadStart,
  ProxyHeaderMissing,
  BadProxyHeader,
  BadLineEnd,
  BadRequestLine,
  BadTarget,
  BadPath,
  BadPercent,
  BadVersion,
  UnknownMethod,
  TargetTooLong,
  BadHeader,
  FoldedHeader,
  HeadersTooLarge,
  TooManyHeaders,
  HostMissing,
  HostRepeated,
  BadHost,
  BadContentLength,
  LengthAndChunked,
  BadTransferEncoding,
  UnknownTransferEncoding,
  BadChunk,
  BodyTooLarge,
  UnknownExpectation,
};

struct Fault {
  FaultKind kind = FaultKind::BadStart;
  int status = 400;
  std::string_view sentence;  // static; without a final stop
};

/// The one place where a kind gets its status.
Fault describe(FaultKind kind);

}  // namespace gateway::http
