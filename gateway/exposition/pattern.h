#pragma once
// Pattern: a rule's pattern as RE2 reads it, and the templates that take what it captured. A glob's
// `*` is any run inside one dot segment, `**` any run, `?` one character that is no dot, as in
// queries; `*` and `**` capture. A regular expression is anchored at both ends. Pure; any thread.
//
//   "http.*.requests" -> "http\.([^.]*)\.requests"      "$1_${2}", "$0" is all of it, "$$" a $

#include <string>
#include <string_view>
#include <vector>

#include "gateway/exposition/rule.h"

namespace gateway::exposition {

std::string regex_of(const Rule& rule);

/// What the template says of these; "" where it is none. A capture that is not there is empty.
std::string expand(std::string_view text, const std::vector<std::string_view>& captures);

/// Why the rule cannot be followed, "name: $2 is not captured by ..."; empty where it can.
std::string fault_of(const Rule& rule);

}  // namespace gateway::exposition
