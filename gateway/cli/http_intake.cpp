#include "gateway/cli/http_intake.h"

#include <utility>

#include "ingest/base/check.h"
#include "ingest/codec/graphite.h"
#include "ingest/codec/influx_line.h"
#include "ingest/codec/json_lines.h"
#include "ingest/codec/statsd.h"

namespace gateway::cli {
namespace {

using ingest::codec::Codec;
using ingest::codec::TimeUnit;
using ingest::feed::HttpFeed;

std::unique_ptr<const Codec> make_codec(server::LineFormat format) {
  switch (format) {
    case server::LineFormat::Statsd:
      break;
    case server::LineFormat::Influx:
      return std::make_unique<ingest::codec::InfluxLine>();
    case server::LineFormat::Graphite:
      return std::make_unique<ingest::codec::Graphite>();
    case server::LineFormat::Json:
      return std::make_unique<ingest::codec::JsonLines>();
  }
  return std::make_unique<ingest::codec::Statsd>();
}

// In the order of LineTimes.
constexpr std::array kUnits{TimeUnit::Auto,         TimeUnit::Nanoseconds, TimeUnit::Microseconds,
                            TimeUnit::Milliseconds, TimeUnit::Seconds,     TimeUnit::Minutes,
                            TimeUnit::Hours};
static_assert(kUnits[static_cast<std::size_t>(server::LineTimes::Hours)] == TimeUnit::Hours);
static_assert(server::Intake::kSliceBytes == HttpFeed::kSliceBytes);

class FeedReading final : public server::LineReading {
 public:
  explicit FeedReading(std::unique_ptr<HttpFeed::Reading> reading) : reading_(std::move(reading)) {}
  std::size_t take_some() override { return reading_->take_some(); }
  server::Taken taken() const override {
    const HttpFeed::Taken& taken = reading_->taken();
    server::Taken told{.accepted = taken.accepted, .rejected = taken.rejected, .faults = {}};
    for (const auto& [line, reason] : taken.faults)
      told.faults.push_back({.line = line, .reason = ingest::codec::reject_name(reason)});
    return told;
  }

 private:
  std::unique_ptr<HttpFeed::Reading> reading_;
};

}  // namespace

HttpIntake::HttpIntake(ingest::worker::Worker& worker, std::uint64_t rate)
    : worker_(worker),
      rule_(worker.add_rule(
          {.rate = rate, .past_rate = ingest::series::PastRate::Owed, .allow = {}})) {
  for (std::size_t i = 0; i < kFormats; ++i) {
    codecs_[i] = make_codec(static_cast<server::LineFormat>(i));
    const std::string_view format = codecs_[i]->format();
    const auto make = [&](const ingest::feed::FeedHome& home) {
      return ingest::Result<std::unique_ptr<HttpFeed>>{
          std::make_unique<HttpFeed>(format, *home.sink)};
    };
    auto added = worker.add_feed(make, rule_);
    CHECK(added.has_value());
    feeds_[i] = *added;
  }
  static_assert(kUnits.size() == kTimes);
  for (std::size_t i = 0; i < kTimes; ++i)
    influx_[i] = std::make_unique<ingest::codec::InfluxLine>(
        ingest::codec::InfluxLineOptions{.precision = kUnits[i]});
}

const Codec& HttpIntake::codec_of(const server::Lines& lines) const {
  if (lines.format == server::LineFormat::Influx)
    return *influx_[static_cast<std::size_t>(lines.times)];
  return *codecs_[static_cast<std::size_t>(lines.format)];
}

std::chrono::nanoseconds HttpIntake::wait_of(const server::Peer& client) {
  return feeds_.front()->wait_of(client.ip);  // the rule is that of every one
}

std::unique_ptr<server::LineReading> HttpIntake::begin(const server::Lines& lines) {
  HttpFeed& feed = *feeds_[static_cast<std::size_t>(lines.format)];
  return std::make_unique<FeedReading>(
      feed.begin({.text = lines.text, .sender = lines.from.ip}, codec_of(lines)));
}

server::Noted HttpIntake::note(ingest::model::KeptAnnotation event, const server::Peer& client) {
  using Noted = ingest::worker::Worker::Noted;
  switch (worker_.take_event(std::move(event), client.ip, rule_)) {
    case Noted::Kept:
      break;
    case Noted::Limited:
      return server::Noted::Limited;
    case Noted::Future:
      return server::Noted::Future;
    case Noted::Crowded:
      return server::Noted::Crowded;
  }
  return server::Noted::Kept;
}

}  // namespace gateway::cli
