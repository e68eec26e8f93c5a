#include "gateway/cli/feed_codec.h"

#include "ingest/codec/graphite.h"
#include "ingest/codec/influx_line.h"
#include "ingest/codec/json_lines.h"
#include "ingest/codec/statsd.h"

namespace gateway::cli {
namespace {

std::unique_ptr<const ingest::codec::Codec> statsd_of(const config::SocketFeed& feed) {
  const bool delta = feed.signed_gauge == config::SignedGauge::Delta;
  return std::make_unique<ingest::codec::Statsd>(
      ingest::codec::StatsdOptions{.signed_gauge = delta ? ingest::codec::SignedGauge::Delta
                                                         : ingest::codec::SignedGauge::Absolute});
}

}  // namespace

std::unique_ptr<const ingest::codec::Codec> codec_of(const config::SocketFeed& feed) {
  switch (feed.format) {
    case config::Format::Statsd:
      break;
    case config::Format::Influx:
      return std::make_unique<ingest::codec::InfluxLine>();
    case config::Format::Graphite:
      return std::make_unique<ingest::codec::Graphite>();
    case config::Format::Json:
      return std::make_unique<ingest::codec::JsonLines>();
  }
  return statsd_of(feed);
}

}  // namespace gateway::cli
