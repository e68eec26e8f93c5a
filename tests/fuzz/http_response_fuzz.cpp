// rooms: gateway/http
// Any bytes, split anywhere, give the same answer or the same fault, within the limits.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway/http/response_parser.h"
#include "ingest/base/check.h"

namespace {

using gateway::http::Header;
using gateway::http::ResponseLimits;
using gateway::http::ResponseParser;

constexpr ResponseLimits kSmall{.status_line_bytes_max = 48,
                                .headers_bytes_max = 256,
                                .headers_max = 8,
                                .interim_max = 2,
                                .excerpt_bytes_max = 40};

void check_promises(const ResponseParser& parser) {
  CHECK(parser.head().headers.size() <= kSmall.headers_max);
  CHECK(parser.excerpt().size() <= kSmall.excerpt_bytes_max);
  if (parser.state() == ResponseParser::State::Failed) {
    CHECK(!sentence_of(parser.fault()).empty());
    return;
  }
  if (parser.state() == ResponseParser::State::Head) return;
  CHECK(parser.head().status >= 101 && parser.head().status <= 599);
}

/// What came of the bytes when they arrive in pieces of these sizes.
std::string run(ingest::ByteView bytes, std::size_t first, std::size_t then) {
  ResponseParser parser{kSmall};
  std::size_t piece = first;
  while (!bytes.empty()) {
    const ingest::ByteView part = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(part.size());
    CHECK(parser.receive(part) <= part.size());
    piece = then;
  }
  check_promises(parser);
  std::string story = std::to_string(static_cast<int>(parser.state()));
  if (parser.state() == ResponseParser::State::Failed)
    return story.append(sentence_of(parser.fault()));
  story.append(std::to_string(parser.head().status)).append(parser.head().reason);
  for (const Header& header : parser.head().headers)
    story.append("\n").append(header.name).append(":").append(header.value);
  return story.append("\n\n").append(parser.excerpt());
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
