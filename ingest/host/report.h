#pragma once
// Report: what the readers of one host feed say, on its way to the sink, and the room that they
// read texts into. Owned by the feed, its thread only.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/model/sample.h"

namespace ingest::host {

class Report {
 public:
  /// Some 500 interfaces or disks; of a longer text the beginning is read.
  static constexpr std::size_t kTextBytesMax = std::size_t{64} * 1024;
  /// A counter that stands still is said once in so many readings: often enough to live, and an
  /// idle device fills no pane.
  static constexpr unsigned kStillEvery = 60;

  explicit Report(model::SampleSink& sink) : batch_(sink), text_(kTextBytesMax) {}

  /// A reading begins.
  void begin(MonoTime now) {
    now_ = now;
    ++readings_;
  }
  MonoTime now() const { return now_; }
  bool says_still() const { return readings_ % kStillEvery == 0; }

  /// Views live until flush(). Tags as DogStatsD writes them: "mode:user,cpu:0".
  void gauge(std::string_view name, std::string_view tags, double value) {
    push(model::Kind::Gauge, name, tags, value);
  }
  /// What a counter grew by since the last reading.
  void count(std::string_view name, std::string_view tags, double growth) {
    push(model::Kind::Counter, name, tags, growth);
  }
  void flush() { batch_.flush(); }

  /// For one text; the next one takes its place.
  std::span<char> room() { return text_; }
  /// A source stopped giving, or never gave.
  void count_missing() { ++missing_; }

  std::uint64_t samples() const { return samples_; }
  std::uint64_t missing() const { return missing_; }

 private:
  void push(model::Kind kind, std::string_view name, std::string_view tags, double value) {
    model::Sample sample;
    sample.kind = kind;
    sample.key = {name, tags, model::TagStyle::Colon};
    sample.value = value;
    batch_.push(sample);
    ++samples_;
  }

  codec::SampleBatch batch_;
  std::vector<char> text_;
  MonoTime now_{};
  unsigned readings_ = 0;
  std::uint64_t samples_ = 0;
  std::uint64_t missing_ = 0;
};

}  // namespace ingest::host
