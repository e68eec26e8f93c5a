#pragma once
// Thresholds: the items of `thresholds`, as text.
//
//   - {metric: http.latency, stat: p99, warn: 200, crit: 500, above: true}

#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/config/text.h"
#include "gateway/config/tree.h"

namespace gateway::config {

/// How an item is written.
constexpr std::string_view kThresholdShape =
    "{metric: http.latency, stat: p99, warn: 200, crit: 500, above: true}, warn or crit at least";

/// Stores every item of `list`, or none when there is a fault.
std::vector<ValueFault> read_thresholds(const Tree& list, std::vector<Threshold>& place);

/// "[]", or as it would be written in the file.
std::string thresholds_text(const std::vector<Threshold>& thresholds);

}  // namespace gateway::config
