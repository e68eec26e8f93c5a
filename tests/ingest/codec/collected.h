#pragma once
// Collected: a sink that keeps copies, so that tests can look at samples after their bytes are
// gone.

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/codec/codec.h"
#include "ingest/codec/line_ledger.h"
#include "ingest/codec/line_splitter.h"
#include "ingest/codec/statsd.h"
#include "ingest/model/sample.h"
#include "ingest/model/series_key.h"

namespace ingest::codec {

/// A sample that owns its bytes.
struct Kept {
  model::Kind kind = model::Kind::Counter;
  model::GaugeChange change = model::GaugeChange::Set;
  std::string name;
  std::string tags;
  model::TagStyle style = model::TagStyle::Colon;
  std::string field;
  double value = 0;
  double value_low = 0;
  std::string member;
  std::uint32_t numerator = 1;
  std::uint32_t denominator = 1;
  std::int64_t time_ms = -1;  // -1: none
  model::SeriesKey key;       // what it leads to
  bool operator==(const Kept&) const = default;
};

/// An annotation that owns its bytes.
struct Noted {
  model::Annotation::Of of = model::Annotation::Of::Event;
  model::Annotation::Level level = model::Annotation::Level::Info;
  std::string title;
  std::string text;
  std::string host;
  std::string tags;
  std::int64_t time_ms = -1;  // -1: none
  model::Annotation::Priority priority = model::Annotation::Priority::Normal;
  std::string aggregation_key{};
  std::string source_type{};
  bool operator==(const Noted&) const = default;
};

/// A rejected line that owns its bytes.
struct Refused {
  std::string text;
  std::string reason;
  std::size_t column = 0;
  bool operator==(const Refused&) const = default;
};

class Collected : public model::SampleSink {
 public:
  void take(std::span<const model::Sample> batch) override {
    ++calls;
    largest = std::max(largest, batch.size());
    for (const model::Sample& sample : batch) {
      samples.push_back({.kind = sample.kind,
                         .change = sample.change,
                         .name = std::string{sample.key.name},
                         .tags = std::string{sample.key.tags},
                         .style = sample.key.style,
                         .field = std::string{sample.key.field},
                         .value = sample.value,
                         .value_low = sample.value_low,
                         .member = std::string{sample.member},
                         .numerator = sample.rate.numerator,
                         .denominator = sample.rate.denominator,
                         .time_ms = sample.time ? to_ms(*sample.time) : -1,
                         .key = model::SeriesKey::from_raw(sample.kind, sample.key)});
    }
  }
  void note(const model::Annotation& annotation) override {
    notes.push_back({annotation.of, annotation.level, std::string{annotation.title},
                     std::string{annotation.text}, std::string{annotation.host},
                     std::string{annotation.tags}, annotation.time ? to_ms(*annotation.time) : -1,
                     annotation.priority, std::string{annotation.aggregation_key},
                     std::string{annotation.source_type}});
  }
  void reject(const model::RejectedLine& line) override {
    refused.push_back({std::string{line.text}, std::string{line.reason}, line.column});
  }
  std::vector<Kept> samples;
  std::vector<Noted> notes;
  std::vector<Refused> refused;
  std::size_t calls = 0;
  std::size_t largest = 0;
};

/// What a block or a stream gave.
struct Parsed {
  std::vector<Kept> samples;
  std::vector<Noted> notes;
  std::vector<Refused> refused;
  LineLedger ledger;
};
inline bool same_ledger(const LineLedger& a, const LineLedger& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;  // plain words, no padding
}

/// One block, as a datagram is.
inline Parsed parse_block(const Codec& codec, std::string_view block) {
  Collected sink;
  Parsed parsed;
  SampleBatch batch{sink};
  codec.parse(block, parsed.ledger, batch);
  batch.flush();
  parsed.samples = std::move(sink.samples);
  parsed.notes = std::move(sink.notes);
  parsed.refused = std::move(sink.refused);
  return parsed;
}

/// A stream in pieces: one of `first` bytes, the others of `size`.
struct Pieces {
  std::size_t first = 1;
  std::size_t size = 1;
};
inline Parsed parse_stream(const Codec& codec, std::string_view stream, Pieces pieces) {
  Collected sink;
  Parsed parsed;
  LineSplitter splitter{codec.line_rule()};
  SampleBatch batch{sink};
  for (std::size_t at = 0; at < stream.size();) {
    // Own memory: the sanitizer sees who reads past its end.
    const std::string piece{stream.substr(at, at == 0 ? pieces.first : pieces.size)};
    splitter.receive(piece, parsed.ledger, [&](std::string_view block) {
      codec.parse(block, parsed.ledger, batch);
      batch.flush();
    });
    at += piece.size();
  }
  splitter.close(parsed.ledger);
  parsed.samples = std::move(sink.samples);
  parsed.notes = std::move(sink.notes);
  parsed.refused = std::move(sink.refused);
  return parsed;
}

inline Parsed parse_statsd(std::string_view block, StatsdOptions options = {}) {
  return parse_block(Statsd{options}, block);
}

}  // namespace ingest::codec
