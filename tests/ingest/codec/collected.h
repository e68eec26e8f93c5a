#pragma once
// Collected: a sink that keeps copies, so that tests can look at samples after their bytes are
// gone.

#include <string>
#include <string_view>
#include <vector>

#include "ingest/codec/line_ledger.h"
#include "ingest/codec/line_splitter.h"
#include "ingest/codec/statsd.h"
#include "ingest/model/sample.h"

namespace ingest::codec {

/// A sample that owns its bytes.
struct Kept {
  model::Kind kind = model::Kind::Counter;
  model::GaugeChange change = model::GaugeChange::Set;
  std::string name;
  std::string tags;
  model::TagStyle style = model::TagStyle::Colon;
  double value = 0;
  std::string member;
  std::uint32_t numerator = 1;
  std::uint32_t denominator = 1;
  std::int64_t time_ms = -1;  // -1: none
  bool operator==(const Kept&) const = default;
};

class Collected final : public model::SampleSink {
 public:
  void take(std::span<const model::Sample> batch) override {
    ++calls;
    largest = std::max(largest, batch.size());
    for (const model::Sample& sample : batch) {
      samples.push_back({sample.kind, sample.change, std::string{sample.key.name},
                         std::string{sample.key.tags}, sample.key.style, sample.value,
                         std::string{sample.member}, sample.rate.numerator, sample.rate.denominator,
                         sample.time ? to_ms(*sample.time) : -1});
    }
  }
  std::vector<Kept> samples;
  std::size_t calls = 0;
  std::size_t largest = 0;
};

/// What one block gave.
struct Parsed {
  std::vector<Kept> samples;
  LineLedger ledger;
};
inline Parsed parse_statsd(std::string_view block, StatsdOptions options = {}) {
  Collected sink;
  Parsed parsed;
  Statsd{options}.parse(block, parsed.ledger, sink);
  parsed.samples = std::move(sink.samples);
  return parsed;
}

}  // namespace ingest::codec
