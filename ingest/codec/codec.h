#pragma once
// Codec: bytes of one text format -> samples. Pure. Keeps nothing of what it read, at most memory
// to read with (JSON), so an object serves any number of feeds, but one thread.

#include <string_view>

#include "ingest/codec/line_ends.h"
#include "ingest/codec/line_ledger.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/model/sample.h"

namespace ingest::codec {

class Codec {
 public:
  Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;
  virtual ~Codec() = default;

  /// "statsd": the second half of a feed's name.
  virtual std::string_view format() const = 0;
  /// Where its lines end: for whoever cuts a stream or a datagram.
  virtual LineRule line_rule() const { return LineRule::Newline; }
  /// Reads whole lines; the last may lack its end (a datagram). Each line is received and goes to
  /// exactly one other place of the ledger. Samples still in `batch` afterwards look into `block`.
  virtual void parse(std::string_view block, LineLedger& ledger, SampleBatch& batch) const = 0;
};

}  // namespace ingest::codec
