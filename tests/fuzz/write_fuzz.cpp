// rooms: gateway/http ingest/feed
// Any body of a write request, coded or not, in any pieces: the feed's ledger and samples are those
// of its lines read at once, and of the lines that it calls bad each is bad. The first byte says
// how the body is cut, the second what it is.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/content_coding.h"
#include "gateway/http/request_parser.h"
#include "ingest/base/check.h"
#include "ingest/codec/graphite.h"
#include "ingest/codec/influx_line.h"
#include "ingest/codec/json_lines.h"
#include "ingest/feed/http_feed.h"
#include "tests/ingest/codec/collected.h"
#include "tests/support/zip.h"

namespace {

using gateway::http::ContentCoding;
using gateway::http::Inflater;
using gateway::http::RequestParser;
using ingest::codec::Codec;
using ingest::codec::Collected;
using ingest::feed::HttpFeed;

constexpr std::size_t kBytesMax = std::size_t{1} << 20;

const Codec& codec_of(unsigned which) {
  static const ingest::codec::Statsd kStatsd;
  static const ingest::codec::InfluxLine kInflux;
  static const ingest::codec::Graphite kGraphite;
  static const ingest::codec::JsonLines kJson;
  const std::array<const Codec*, 4> all{&kStatsd, &kInflux, &kGraphite, &kJson};
  return *all[which % all.size()];
}

void check_lines(const Codec& codec, std::string_view body) {
  // Own memory: the sanitizer sees who reads past its end.
  const std::vector<char> bytes{body.begin(), body.end()};
  const std::string_view text{bytes.data(), bytes.size()};
  const ingest::codec::Parsed whole = ingest::codec::parse_block(codec, text);
  Collected sink;
  HttpFeed feed{codec.format(), sink};
  const auto reading = feed.begin({.text = text}, codec);
  while (reading->take_some())
    continue;
  const HttpFeed::Taken& taken = reading->taken();
  feed.publish();
  CHECK(ingest::codec::same_ledger(feed.ledger().lines, whole.ledger));
  CHECK(feed.ledger().lines.adds_up());
  CHECK(sink.samples == whole.samples && sink.notes == whole.notes);
  CHECK(taken.accepted == whole.ledger.accepted);
  CHECK(taken.rejected == whole.ledger.rejected_total());
  CHECK(taken.faults.size() == std::min<std::size_t>(taken.rejected, HttpFeed::kFaultsMax));
  std::uint64_t before = 0;
  for (const HttpFeed::LineFault& fault : taken.faults) {
    CHECK(fault.line > before && whole.ledger.rejected_for(fault.reason) > 0);
    before = fault.line;
  }
}

/// The body as a request in chunks of `step` bytes, received in pieces of `step`.
std::string through_http(std::string_view body, std::size_t step) {
  std::string request = "POST /write HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::string_view rest = body; !rest.empty();) {
    const std::string_view chunk = rest.substr(0, step);
    rest.remove_prefix(chunk.size());
    for (int shift = 20; shift >= 0; shift -= 4)
      request += kDigits[(chunk.size() >> static_cast<unsigned>(shift)) & 15U];
    request.append("\r\n").append(chunk).append("\r\n");
  }
  request += "0\r\n\r\n";
  RequestParser parser;
  for (ingest::ByteView rest = ingest::as_bytes(request); !rest.empty();) {
    rest = rest.subspan(parser.receive(rest.first(std::min(step, rest.size()))));
    if (parser.state() == RequestParser::State::BodyAnnounced) parser.accept_body(kBytesMax);
    CHECK(parser.state() != RequestParser::State::Failed);
  }
  CHECK(parser.state() == RequestParser::State::Ready);
  return parser.take_request().body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > kBytesMax) return 0;
  // Long inputs are cut in fewer, longer pieces, or a run would only copy bytes.
  const std::size_t step = std::size_t{data[0]} + 1 + size / 256;
  const Codec& codec = codec_of(data[1]);
  const bool packed = (data[1] & 4U) != 0;
  const std::string_view body = ingest::as_text({data + 2, size - 2});

  static Inflater inflater;  // as a worker has one
  // Whatever the bytes are, they are inflated to the limit at most, or refused.
  for (const ContentCoding coding : {ContentCoding::Gzip, ContentCoding::Deflate}) {
    const auto plain = inflater.plain(coding, body, kBytesMax);
    CHECK(!plain || plain->size() <= kBytesMax);
    if (plain) check_lines(codec, *plain);
  }
  const std::string coded = packed ? tests::support::gzip(body) : std::string{body};
  const std::string received = through_http(coded, step);
  CHECK(received == coded);
  const auto plain =
      inflater.plain(packed ? ContentCoding::Gzip : ContentCoding::Identity, received, kBytesMax);
  CHECK(plain && *plain == body);
  check_lines(codec, *plain);
  return 0;
}
