#include "gateway/http/request_fault.h"

#include "ingest/base/check.h"

namespace gateway::http {

Fault describe(FaultKind kind) {
  using enum FaultKind;
  switch (kind) {
    case TlsOnPlainPort:
      return {kind, 400,
              "this port speaks plain HTTP and a TLS handshake came: use http:// or configure "
              "http.tls"};
    case BadStart:
      return {kind, 400, "the first byte begins no HTTP request"};
    case BadLineEnd:
      return {kind, 400, "a line ends in a bare LF or holds a bare CR: lines end in CR LF"};
    case BadRequestLine:
      return {kind, 400, "the request line is not METHOD SP target SP HTTP/1.1"};
    case BadTarget:
      return {kind, 400, "the request target is neither a path nor http://host/path"};
    case BadPath:
      return {
          kind, 400,
          "the path holds //, a dot segment, a backslash, an escaped slash or a control character"};
    case BadPercent:
      return {kind, 400, "the request target holds a malformed percent escape"};
    case BadVersion:
      return {kind, 505, "this server speaks HTTP/1.1 and HTTP/1.0"};
    case UnknownMethod:
      return {kind, 501,
              "this method is not implemented: use GET, HEAD, POST, PUT, DELETE, OPTIONS or PATCH"};
    case TargetTooLong:
      return {kind, 414, "the request target is too long"};
    case BadHeader:
      return {kind, 400, "a header line is not name: value"};
    case FoldedHeader:
      return {kind, 400, "a header line begins with white space: folded headers are refused"};
    case HeadersTooLarge:
      return {kind, 431, "the headers are too large"};
    case TooManyHeaders:
      return {kind, 431, "there are too many headers"};
    case HostMissing:
      return {kind, 400, "the Host header is missing"};
    case HostRepeated:
      return {kind, 400, "the Host header stands twice"};
    case BadHost:
      return {kind, 400, "the host is not name:port"};
    case BadContentLength:
      return {kind, 400, "Content-Length is not one number"};
    case LengthAndChunked:
      return {kind, 400, "Content-Length and Transfer-Encoding exclude each other"};
    case BadTransferEncoding:
      return {kind, 400, "Transfer-Encoding is malformed, not last chunked, or in HTTP/1.0"};
    case UnknownTransferEncoding:
      return {kind, 501, "no transfer coding but chunked is implemented"};
    case BadChunk:
      return {kind, 400, "the chunked body is malformed"};
    case BodyTooLarge:
      return {kind, 413, "the body is too large"};
    case UnknownExpectation:
      return {kind, 417, "no expectation but 100-continue can be met"};
  }
  CHECK(false && "a fault outside its enumeration");
  return {};
}

}  // namespace gateway::http
