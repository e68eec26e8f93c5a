#include "gateway/cli/replay_files.h"

#include <utility>

#include "ingest/codec/format.h"
#include "ingest/record/open_source.h"
#include "ingest/record/recording_reader.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using ingest::Result;
using ingest::codec::Format;
using ingest::feed::FeedHome;
using ingest::feed::ReplayFeed;
using ingest::io::Logger;

Format format_of(config::Format format) {
  switch (format) {
    case config::Format::Statsd:
      break;
    case config::Format::Influx:
      return Format::Influx;
    case config::Format::Graphite:
      return Format::Graphite;
    case config::Format::Json:
      return Format::Json;
  }
  return Format::Statsd;
}

/// A recording knows its format; the configured one is for lines.
Result<std::unique_ptr<ingest::record::Source>> open_source(const config::ReplayFeed& feed) {
  const bool recording = TRY(ingest::record::RecordingReader::is_recording(feed.path));
  std::optional<Format> format;
  if (!recording) format = format_of(feed.format);
  return ingest::record::open_source({.path = feed.path, .format = format});
}

void log_end(const Logger& log, const std::string& name, const ReplayFeed::Done& done) {
  const bool whole = done.ending.how == ingest::record::Ending::How::Whole;
  if (whole) {
    log.info("replay_ended", {{"feed", name},
                              {"records", done.totals.records},
                              {"bytes", done.totals.bytes},
                              {"rounds", done.rounds},
                              {"recorder_dropped", done.totals.drops}});
  } else {
    log.warn("replay_ended", {{"feed", name},
                              {"records", done.totals.records},
                              {"bytes", done.totals.bytes},
                              {"why", done.ending.sentence}});
  }
}

}  // namespace

Result<void> ReplayFiles::open(const config::ReplayFeed& feed, FeedNames& names,
                               const Logger& log) {
  auto source = open_source(feed);
  if (!source) return Failure{ingest::Error{source.error().code, "replay: " + source.error().what}};
  const std::string kind =
      "replay/" + std::string{ingest::codec::format_name((*source)->header().format)};
  files_.push_back({.feed = feed,
                    .name = names.take(kind, feed.path),
                    .source = *std::move(source),
                    .log = &log});
  return {};
}

std::unique_ptr<ReplayFeed> ReplayFiles::make(File& file, const FeedHome& home) {
  auto codec = ingest::codec::make_codec(file.source->header().format);
  const auto speed = static_cast<double>(file.feed.speed);
  const auto done = [log = file.log, name = file.name](const ReplayFeed::Done& end) {
    log_end(*log, name, end);
  };
  return std::make_unique<ReplayFeed>(ReplayFeed::Parts{
      .home = home,
      .name = file.name,
      .path = file.feed.path,
      .source = std::move(file.source),
      .codec = std::move(codec),
      .speed = file.feed.speed > 0 ? ingest::record::Speed{speed} : ingest::record::Speed{},
      .rounds = file.feed.loop,
      .done = done});
}

Result<void> ReplayFiles::plug(Seat& seat) {
  for (File& file : files_) {
    file.log->info("replay_started", {{"feed", file.name}, {"path", file.feed.path}});
    const auto made = [&](const FeedHome& home) -> Result<std::unique_ptr<ReplayFeed>> {
      return make(file, home);
    };
    TRY(seat.ingest->add_feed(made));
  }
  return {};
}

}  // namespace gateway::cli
