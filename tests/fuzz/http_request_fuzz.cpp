// rooms: gateway/http
// Any bytes, split anywhere, give the same requests or the same fault; and whatever is accepted
// keeps its promises.
#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway/http/negotiate.h"
#include "gateway/http/representation.h"
#include "gateway/http/request_parser.h"
#include "ingest/base/check.h"

namespace {

using gateway::http::Limits;
using gateway::http::Request;
using gateway::http::RequestParser;

constexpr Limits kSmall{.target_bytes_max = 64,
                        .headers_bytes_max = 256,
                        .headers_max = 8,
                        .chunk_line_bytes_max = 24,
                        .body_bytes_max = 64};

void check_promises(const Request& request) {
  CHECK(request.path.starts_with('/') || request.path == "*");
  CHECK(request.path.find("//") == std::string::npos &&
        request.path.find('\\') == std::string::npos);
  CHECK(request.path.find('\0') == std::string::npos &&
        (request.path + "/").find("/../") == std::string::npos);
  CHECK(request.target.size() <= kSmall.target_bytes_max &&
        request.body.size() <= kSmall.body_bytes_max);
  CHECK(request.headers.size() <= kSmall.headers_max);
  CHECK(request.minor_version == 0 || !request.host.empty());
  (void)request.query_parameter("q");
  (void)gateway::http::choose_encoding(request, gateway::http::Offer::GzipToo);
  (void)gateway::http::accepts(request, "text/html");
  gateway::http::Response response;
  const gateway::http::Slice slice = gateway::http::select(
      request,
      {.validators = {"\"v\"", ingest::wall_from_ms(0), ingest::wall_from_ms(0)},
       .content_type = "text/plain",
       .content_encoding = "",
       .size_bytes = 10},
      response);
  CHECK(slice.first + slice.count <= 10 && (slice.count == 0 || response.status / 100 == 2));
}

void tell(const Request& request, std::string& story) {
  story.append(gateway::http::method_name(request.method))
      .append(" ")
      .append(request.path)
      .append("?");
  story.append(request.query)
      .append(" ")
      .append(request.host)
      .append(request.keep_alive ? " keep" : " close");
  for (const auto& header : request.headers) {
    story.append("\n").append(header.name).append(":").append(header.value);
  }
  story.append("\n\n").append(request.body).append("\n--\n");
}

/// What came of the bytes when they arrive in pieces of these sizes, used in turn.
std::string run(ingest::ByteView bytes, std::size_t first, std::size_t then) {
  RequestParser parser{kSmall};
  std::string story;
  std::size_t piece = first;
  while (!bytes.empty() && parser.state() != RequestParser::State::Failed) {
    ingest::ByteView part = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(part.size());
    while (!part.empty()) {
      part = part.subspan(parser.receive(part));
      if (parser.state() == RequestParser::State::BodyAnnounced) {
        story.append("body of ").append(parser.request().path).append("\n");
        parser.accept_body(parser.request().method == gateway::http::Method::Put ? 16 : 64);
        continue;
      }
      if (parser.state() != RequestParser::State::Ready) break;
      const Request request = parser.take_request();
      check_promises(request);
      tell(request, story);
    }
    piece = then;
  }
  if (parser.state() == RequestParser::State::Failed) story.append(parser.fault().sentence);
  return story;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ingest::ByteView bytes{data + 1, size - 1};
  const std::string whole = run(bytes, size, size);
  CHECK(run(bytes, 1, 1) == whole);
  CHECK(run(bytes, data[0], size) == whole || data[0] == 0);
  CHECK(run(bytes, data[0] % 7 + 1, data[0] % 5 + 1) == whole);
  return 0;
}
