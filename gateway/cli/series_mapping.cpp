#include "gateway/cli/series_mapping.h"

#include <utility>

namespace gateway::cli {

std::unique_ptr<ScrapePress> make_press(const config::Config& config, ScrapePress::Parts parts) {
  if (config.metrics.series == config::MetricsSeries::Off) return nullptr;
  auto press = std::make_unique<ScrapePress>(config.limits.exposed_series, std::move(parts));
  press->use(series_mapping(config));
  return press;
}

exposition::MappingPtr series_mapping(const config::Config& config) {
  const config::Config::Metrics& metrics = config.metrics;
  exposition::Mapping::Defaults defaults{
      .timers = exposition::Rule::Timers::Summary,
      .quantiles = metrics.quantiles,
      .buckets = metrics.buckets,
      .timer_scale = metrics.timer_unit == config::MetricsTimerUnit::Ms ? 0.001 : 1,
      .ttl = metrics.ttl > ingest::Millis{0} ? metrics.ttl : config.series_ttl};
  if (metrics.timers == config::MetricsTimers::Histogram)
    defaults.timers = exposition::Rule::Timers::Histogram;
  return std::make_shared<const exposition::Mapping>(std::move(defaults), metrics.mapping);
}

}  // namespace gateway::cli
