#include "gateway/cli/ingest_options.h"

#include <thread>

#include "gateway/cli/archive_path.h"

namespace gateway::cli {

using ingest::Millis;

namespace {

ingest::TimeBy time_by(const config::Config& config) {
  return config.time.clock == config::TimeClock::Event ? ingest::TimeBy::Event
                                                       : ingest::TimeBy::Wall;
}

/// Panes that are not on disk yet stay in memory.
Millis retention_least(const config::Config& config) {
  if (archive_path(config).empty()) return Millis{0};
  return ingest::archive::Levels{config.time.pane}.filed_within(config.time.allowed_lateness);
}

}  // namespace

std::size_t worker_count(const config::Config& config) {
  if (config.workers > 0) return config.workers;
  const unsigned cores = std::thread::hardware_concurrency();  // 0 when unknown
  return cores > 2 ? cores - 1 : 1;
}

ingest::worker::Worker::Options ingest_options(const config::Config& config, std::uint32_t index) {
  const bool drop = config.time.late == config::Late::Drop;
  return {.index = index,
          .pane = config.time.pane,
          .tick = config.time.tick,
          .allowed_lateness = config.time.allowed_lateness,
          .future = config.time.future,
          .flush = archive_path(config).empty() ? Millis{0} : config.archive.checkpoint,
          .late = drop ? ingest::worker::LatePolicy::Drop : ingest::worker::LatePolicy::Now,
          .time_by = time_by(config),
          .source_idle = config.time.source_idle,
          .table = {.series_max = config.limits.series,
                    .names_max = config.limits.names,
                    .series_per_name_max = config.limits.series_per_name,
                    .values_per_tag_max = config.limits.values_per_tag,
                    .series_ttl = config.series_ttl},
          .sources = {.new_series_per_source = config.limits.new_series_per_source}};
}

ingest::hub::Hub::Options hub_options(const config::Config& config) {
  return {.tick = config.time.tick,
          .pane = config.time.pane,
          .allowed_lateness = config.time.allowed_lateness,
          .time_by = time_by(config),
          .future = config.time.future,
          .retention = config.retention.panes,
          .retention_ten = config.retention.ten_seconds,
          .retention_sixty = config.retention.minutes,
          .retention_least = retention_least(config),
          .series_ttl = config.series_ttl,
          .series_max = config.limits.series,
          .series_per_name_max = config.limits.series_per_name,
          .names_max = config.limits.names,
          .values_per_tag_max = config.limits.values_per_tag,
          .memory_max = config.limits.memory,
          .streams_max = config.limits.streams,
          .rows_max = config.limits.rows,
          .history_points = config.limits.history_points,
          .query_cost_max = config.limits.query_cost,
          .surveys_max = config.limits.surveys,
          .annotations = {.count_max = config.limits.annotations,
                          .retention = config.retention.annotations}};
}

ingest::archive::Archive::Options archive_options(const config::Config& config) {
  return {.path = archive_path(config),
          .pane = config.time.pane,
          .max_bytes = config.archive.max_bytes,
          .restored = config.retention.panes,
          .restored_bytes = config.limits.memory / 2,
          .time_by = time_by(config)};
}

}  // namespace gateway::cli
