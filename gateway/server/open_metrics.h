#pragma once
// open_metrics: Weir's own metrics in OpenMetrics 1.0, which prometheus-cpp's serializer does not
// write. Counters and gauges only: a Sheet has no others. Pure; any thread.

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace gateway::server {

/// Appends; without the line that ends a page.
void append_open_metrics(const std::vector<prometheus::MetricFamily>& families, std::string& out);

/// What the family is called there: without the _total of a counter.
std::string open_metrics_name(const prometheus::MetricFamily& family);

}  // namespace gateway::server
