#include "ingest/feed/datagram.h"

#include <string_view>

namespace ingest::feed {
namespace {

/// The line that the cut went through is lost, the whole ones before it are not.
std::string_view whole_lines(std::string_view cut, const codec::Codec& codec, FeedLedger& ledger) {
  ++ledger.lines.received;
  ++ledger.lines.cut.truncated;
  return cut.substr(0, codec::LineEnds{codec.line_rule()}.last(cut));
}

}  // namespace

void take_message(const ReceiveRoom::Message& message, const codec::Codec& codec,
                  FeedLedger& ledger, codec::SampleBatch& batch) {
  ledger.bytes += message.bytes.size();
  std::string_view rest = message.bytes;
  if (message.segment_bytes != 0) {
    for (; rest.size() > message.segment_bytes; rest.remove_prefix(message.segment_bytes)) {
      ++ledger.datagrams.received;
      ++ledger.datagrams.merged;
      codec.parse(rest.substr(0, message.segment_bytes), ledger.lines, batch);
    }
    ++ledger.datagrams.merged;
  }
  ++ledger.datagrams.received;
  if (message.truncated) rest = whole_lines(rest, codec, ledger);
  codec.parse(rest, ledger.lines, batch);
}

}  // namespace ingest::feed
