// rooms: gateway/http
// Any bytes, split anywhere, give the same addresses or the same fault and leave the same bytes to
// the connection; what is kept is bounded.
#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway/http/proxy_header.h"
#include "ingest/base/check.h"

namespace {

using gateway::http::ProxyHeader;

std::string tell(const ProxyHeader& header) {
  switch (header.state()) {
    case ProxyHeader::State::NeedMore:
      return "more";
    case ProxyHeader::State::Failed:
      CHECK(header.fault().status == 400);
      return std::string{header.fault().sentence};
    case ProxyHeader::State::Done:
      break;
  }
  if (!header.addresses()) return "none";
  return header.addresses()->source.text() + " > " + header.addresses()->destination.text();
}

/// What came of the bytes when they arrive in pieces of these sizes, used in turn.
std::string run(ingest::ByteView bytes, std::size_t first, std::size_t then) {
  ProxyHeader header;
  std::size_t taken = 0;
  std::size_t piece = first;
  while (!bytes.empty() && header.state() == ProxyHeader::State::NeedMore) {
    const ingest::ByteView part = bytes.first(std::min(piece, bytes.size()));
    const std::size_t count = header.receive(part);
    CHECK(count == part.size() || header.state() == ProxyHeader::State::Done);
    taken += count;
    bytes = bytes.subspan(count);
    piece = then;
  }
  const bool done = header.state() == ProxyHeader::State::Done;
  CHECK(!done || taken <= ProxyHeader::kBinaryBytesMax);
  return tell(header) + (done ? " " + std::to_string(taken) : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ingest::ByteView bytes{data + 1, size - 1};
  const std::string whole = run(bytes, size, size);
  CHECK(run(bytes, 1, 1) == whole);
  CHECK(data[0] == 0 || run(bytes, data[0], size) == whole);
  CHECK(run(bytes, data[0] % 7 + 1, data[0] % 5 + 1) == whole);
  return 0;
}
