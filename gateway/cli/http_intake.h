#pragma once
// HttpIntake: where the lines of write requests meet the feeds: one feed for each format, on one
// worker. Built by the wiring; that worker's thread only.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "gateway/server/intake.h"
#include "ingest/codec/codec.h"
#include "ingest/feed/http_feed.h"
#include "ingest/worker/worker.h"

namespace gateway::cli {

class HttpIntake final : public server::Intake {
 public:
  /// Adds its feeds to the worker, which outlives it.
  /// `rate` is what a client may write, samples a second; 0: no limit.
  HttpIntake(ingest::worker::Worker& worker, std::uint64_t rate);
  std::chrono::nanoseconds wait_of(const server::Peer& client) override;
  std::unique_ptr<server::LineReading> begin(const server::Lines& lines) override;
  server::Noted note(ingest::model::KeptAnnotation event, const server::Peer& client) override;
  ingest::WallTime now() const override { return worker_.arrival(); }

 private:
  ingest::worker::Worker& worker_;
  ingest::worker::RuleIndex rule_;  // of all formats together, and of events
  static constexpr std::size_t kFormats = 4;
  static constexpr std::size_t kTimes = 7;
  const ingest::codec::Codec& codec_of(const server::Lines& lines) const;

  std::array<std::unique_ptr<const ingest::codec::Codec>, kFormats> codecs_;  // by LineFormat
  std::array<std::unique_ptr<const ingest::codec::Codec>, kTimes> influx_;    // by LineTimes
  std::array<ingest::feed::HttpFeed*, kFormats> feeds_{};  // by LineFormat; the worker's
};

}  // namespace gateway::cli
