#include "gateway/http/request_fault.h"

#include "ingest/base/check.h"

namespace gateway::http {
namespace {

int status_of(FaultKind kind) {
  using enum FaultKind;
  switch (kind) {
    case TlsOnPlainPort:
    case BadStart:
    case ProxyHeaderMissing:
    case BadProxyHeader:
    case BadLineEnd:
    case BadRequestLine:
    case BadTarget:
    case BadPath:
    case BadPercent:
    case BadHeader:
    case FoldedHeader:
    case HostMissing:
    case HostRepeated:
    case BadHost:
    case BadContentLength:
    case LengthAndChunked:
    case BadTransferEncoding:
    case BadChunk:
      return 400;
    case BodyTooLarge:
      return 413;
    case TargetTooLong:
      return 414;
    case UnknownExpectation:
      return 417;
    case HeadersTooLarge:
    case TooManyHeaders:
      return 431;
    case UnknownMethod:
    case UnknownTransferEncoding:
      return 501;
    case BadVersion:
      return 505;
  }
  CHECK(false && "a fault outside its enumeration");
  return 400;
}

std::string_view sentence_of(FaultKind kind) {
  using enum FaultKind;
  switch (kind) {
    case TlsOnPlainPort:
      return "a TLS handshake came to a port of plain HTTP: use http:// or configure http.tls";
    case BadStart:
      return "the first byte begins no HTTP request";
    case ProxyHeaderMissing:
      return "a PROXY protocol header must come first from this address";
    case BadProxyHeader:
      return "the PROXY protocol header is malformed";
    case BadLineEnd:
      return "a line ends in a bare LF or holds a bare CR: lines end in CR LF";
    case BadRequestLine:
      return "the request line is not METHOD SP target SP HTTP/1.1";
    case BadTarget:
      return "the request target is neither a path nor http://host/path";
    case BadPath:
      return "the path holds //, a dot segment, a backslash, an escaped slash or a control";
    case BadPercent:
      return "the request target holds a malformed percent escape";
    case BadVersion:
      return "this server speaks HTTP/1.1 and HTTP/1.0";
    case UnknownMethod:
      return "this method is unknown: use GET, HEAD, POST, PUT, DELETE, OPTIONS or PATCH";
    case TargetTooLong:
      return "the request target is too long";
    case BadHeader:
      return "a header line is not name: value";
    case FoldedHeader:
      return "a header line begins with white space: folded headers are refused";
    case HeadersTooLarge:
      return "the headers are too large";
    case TooManyHeaders:
      return "there are too many headers";
    case HostMissing:
      return "the Host header is missing";
    case HostRepeated:
      return "the Host header stands twice";
    case BadHost:
      return "the host is not name:port";
    case BadContentLength:
      return "Content-Length is not one number";
    case LengthAndChunked:
      return "Content-Length and Transfer-Encoding exclude each other";
    case BadTransferEncoding:
      return "Transfer-Encoding is malformed, not last chunked, or in HTTP/1.0";
    case UnknownTransferEncoding:
      return "no transfer coding but chunked is implemented";
    case BadChunk:
      return "the chunked body is malformed";
    case BodyTooLarge:
      return "the body is too large";
    case UnknownExpectation:
      return "no expectation but 100-continue can be met";
  }
  CHECK(false && "a fault outside its enumeration");
  return {};
}

}  // namespace

Fault describe(FaultKind kind) {
  return {kind, status_of(kind), sentence_of(kind)};
}

}  // namespace gateway::http
