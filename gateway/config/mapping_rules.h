#pragma once
// MappingRules: the items of metrics.mapping, as text; what they mean is gateway/exposition/rule.h.
//
//   - match: "http.*.requests"          # or regex: "http\\.(.*)\\.requests"
//     name: http_requests_total
//     labels: {site: "$1"}

#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/config/text.h"
#include "gateway/config/tree.h"

namespace gateway::config {

/// How an item is written.
constexpr std::string_view kRuleShape =
    "{match: \"http.*.requests\", name: http_requests_total, labels: {site: \"$1\"}}, with match "
    "or regex, and any of kind, action, name, help, labels, rename, keep, remove, honor_labels, "
    "timers, quantiles, buckets, ttl, scale, continue";

/// Stores every item of `list`, or none when there is a fault.
std::vector<ValueFault> read_rules(const Tree& list, std::vector<exposition::Rule>& place);

/// "[]", or as it would be written in the file, on one line.
std::string rules_text(const std::vector<exposition::Rule>& rules);
/// One item of it: "{match: ...}".
std::string rule_text(const exposition::Rule& rule);

}  // namespace gateway::config
