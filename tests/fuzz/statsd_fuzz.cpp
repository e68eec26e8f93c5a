// rooms: ingest/codec
// Any bytes: no crash, the ledger adds up, samples are what their type promises, and a stream cut
// at any place gives the same samples and the same reasons. The first byte says where the cuts are.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ingest/base/check.h"
#include "ingest/codec/line_splitter.h"
#include "ingest/codec/statsd.h"
#include "tests/ingest/codec/collected.h"

namespace {

using namespace ingest::codec;  // NOLINT(google-build-using-namespace): one fuzz target, one room

void check_samples(const std::vector<Kept>& samples) {
  for (const Kept& sample : samples) {
    CHECK(!sample.name.empty() && sample.name.size() <= ingest::model::kNameBytesMax);
    CHECK(std::isfinite(sample.value) && !(sample.value == 0 && std::signbit(sample.value)));
    CHECK(sample.numerator > 0 && sample.numerator <= sample.denominator);
    CHECK(sample.denominator <= 1'000'000'000);
    CHECK(sample.name.find('\0') == std::string::npos);
    CHECK(sample.tags.find('\0') == std::string::npos);
    CHECK((sample.kind == ingest::model::Kind::Set) == !sample.member.empty());
  }
}

Parsed parse_in_pieces(std::string_view stream, std::size_t step) {
  Collected sink;
  Parsed parsed;
  LineSplitter splitter;
  const Statsd statsd;
  while (!stream.empty()) {
    const std::string piece{stream.substr(0, step)};
    stream.remove_prefix(piece.size());
    splitter.receive(piece, parsed.ledger,
                     [&](std::string_view block) { statsd.parse(block, parsed.ledger, sink); });
  }
  splitter.close(parsed.ledger);
  parsed.samples = std::move(sink.samples);
  return parsed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // Long inputs are cut in fewer, longer pieces, or a run would only copy bytes.
  const std::size_t step = std::size_t{data[0]} + 1 + size / 256;
  std::string stream{data + 1, data + size};
  const Parsed datagram = parse_statsd(stream);
  CHECK(datagram.ledger.adds_up());
  CHECK(datagram.ledger.samples == datagram.samples.size());
  check_samples(datagram.samples);

  stream += '\n';
  const Parsed whole = parse_statsd(stream);
  const Parsed pieces = parse_in_pieces(stream, step);
  CHECK(pieces.ledger.adds_up());
  CHECK(pieces.samples == whole.samples);
  CHECK(pieces.ledger.received == whole.ledger.received);
  CHECK(pieces.ledger.rejected == whole.ledger.rejected);
  return 0;
}
