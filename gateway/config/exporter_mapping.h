#pragma once
// ExporterMapping: a mapping file of statsd_exporter as `metrics` of ours
// (https://github.com/prometheus/statsd_exporter#metric-mapping-and-configuration). What has no
// like here is said, with its line; the rest is carried all the same.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/config/tree.h"

namespace gateway::config {

struct ExporterMapping {
  Config::Metrics metrics;             // Config{}'s where the file says nothing
  std::optional<Millis> series_ttl{};  // where a ttl is longer than ours
  std::vector<TreeFault> lost;         // what could not be carried
  std::vector<TreeFault> faults;       // why it is no such file; then nothing else counts
};
ExporterMapping read_exporter_mapping(std::string_view text);

/// The part of weir.yaml that says it.
std::string metrics_text(const ExporterMapping& mapping);

}  // namespace gateway::config
