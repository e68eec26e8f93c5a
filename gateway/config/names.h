#pragma once
// Names: what the keys are called, in the file and in the environment, and what somebody who wrote
// another name may have meant.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::config {

constexpr std::string_view kFeeds = "feeds";  // the key that is not in keys()

/// "feeds" and every key of the table.
std::vector<std::string_view> all_paths();

/// What may stand directly below `prefix` ("" or "time."): keys and sections.
std::vector<std::string_view> names_below(std::string_view prefix);

/// "time.pane" -> "WEIR_TIME_PANE".
std::string variable_name(std::string_view path);

/// The known name nearest to `name`, when it is near enough to have been meant; else empty.
std::string_view nearest(std::string_view name, std::span<const std::string_view> known);

// "unknown key, did you mean time.pane?", or what is allowed.
std::string unknown_in_section(std::string_view name, std::string_view prefix);
std::string unknown_path(std::string_view path);
std::string unknown_variable(std::string_view name);

}  // namespace gateway::config
