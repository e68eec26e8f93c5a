#include "gateway/cli/memory_cost.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "ingest/hub/annotation_log.h"
#include "ingest/model/annotation.h"
#include "ingest/worker/outbox.h"

namespace gateway::cli {
namespace {

using ingest::Millis;
using ingest::worker::Outbox;

constexpr Millis kTen{10'000};
constexpr Millis kSixty{60'000};

/// Packed bytes of one pane or roll-up, in long logs (held_for_each() of the test): of a timer's
/// durations, log-normal with sigma 1, and of a counter's increments.
struct RecordBytes {
  std::uint64_t panes = 0;
  std::uint64_t ten_seconds = 0;
  std::uint64_t minutes = 0;
};
constexpr RecordBytes kTimer{.panes = 89, .ten_seconds = 188, .minutes = 375};
constexpr RecordBytes kCounter{.panes = 7, .ten_seconds = 7, .minutes = 8};

/// Half of a log's first block and half of its last hold nothing, and blocks grow with their log.
constexpr std::uint64_t kBlockBytes = 2'048;

constexpr std::uint64_t kChecksMax = ingest::hub::AnnotationLog::kChecksMax;

std::uint64_t count_of(Millis keep, Millis length) {
  return static_cast<std::uint64_t>(keep / length);
}

SeriesCost cost(const config::Config& config, const RecordBytes& record) {
  const Millis pane = config.time.pane;
  const config::Config::Retention& keep = config.retention;
  Millis panes = keep.panes;
  // A pane that is as long as a roll-up is kept in its place.
  if (pane >= kTen) panes = std::max(panes, keep.ten_seconds);
  if (pane >= kSixty) panes = std::max(panes, keep.minutes);
  SeriesCost cost{.panes = count_of(panes, pane) * record.panes};
  if (pane < kTen) cost.ten_seconds = count_of(keep.ten_seconds, kTen) * record.ten_seconds;
  if (pane < kSixty) cost.minutes = count_of(keep.minutes, kSixty) * record.minutes;
  for (const std::uint64_t level : {cost.panes, cost.ten_seconds, cost.minutes})
    cost.blocks += std::min(level, kBlockBytes);
  return cost;
}

/// Three digits at most: "93B", "55.2KiB", "1.1GiB".
std::string short_size(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  constexpr double kStep = 1'024;
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= kStep && unit + 1 < kUnits.size(); ++unit)
    value /= kStep;
  std::array<char, 32> text{};
  const bool whole = unit == 0 || value >= 100;
  std::snprintf(text.data(), text.size(), whole ? "%.0f%s" : "%.1f%s", value, kUnits[unit]);
  return text.data();
}

std::string line(const std::string& what, std::uint64_t bytes) {
  constexpr std::size_t kColumn = 60;
  std::string text = "  " + what;
  text.resize(std::max(text.size() + 2, kColumn), ' ');
  return text + short_size(bytes) + "\n";
}

std::string detail(const std::string& kind, const SeriesCost& each, std::uint64_t series) {
  return line(kind + ", each: panes " + short_size(each.panes) + ", 10s " +
                  short_size(each.ten_seconds) + ", 60s " + short_size(each.minutes),
              each.total()) +
         line(std::to_string(series) + " of these", each.total() * series);
}

}  // namespace

SeriesCost timer_cost(const config::Config& config) {
  return cost(config, kTimer);
}

SeriesCost counter_cost(const config::Config& config) {
  return cost(config, kCounter);
}

std::uint64_t annotations_cost(const config::Config& config) {
  return (config.limits.annotations + kChecksMax) * ingest::model::held_bytes_max() +
         kChecksMax * ingest::hub::AnnotationLog::key_bytes_max();
}

std::string memory_cost_text(const config::Config& config) {
  const std::uint64_t series = config.limits.series;
  const std::uint64_t bare = series * config::kSeriesBytesLeast;
  const SeriesCost timer = timer_cost(config);
  std::string text = "memory, at most, when limits.series are busy in every pane:\n";
  text += line(std::to_string(series) + " series without history", bare);
  text += detail("counter", counter_cost(config), series);
  text += detail("timer of " + std::to_string(kBusySamples) + " samples", timer, series);
  text += line("limits.memory, where detail is kept for a shorter time", config.limits.memory);
  const std::uint64_t room = config.limits.memory - std::min(bare, config.limits.memory);
  if (timer.total() > 0) {
    text += "  which is all detail of " + std::to_string(std::min(series, room / timer.total())) +
            " such timers\n";
  }
  text += line(std::to_string(config.limits.annotations) + " events and " +
                   std::to_string(kChecksMax) + " checks of the longest, within it",
               annotations_cost(config));
  text += line("tables, frames and snapshots for readers, within it",
               config.limits.memory / config::kReadersShare);
  text += line("hand-overs to the hub (each worker), within it", Outbox::bytes_max());
  text += line("bodies of requests (limits.bodies, each worker), besides", config.limits.bodies);
  return text;
}

}  // namespace gateway::cli
