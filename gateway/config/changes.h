#pragma once
// Changes: which keys two configurations differ in, and which of them a running Weir takes over
// when it reads its file again (SIGHUP). Pure functions.

#include <string_view>
#include <vector>

#include "gateway/config/config.h"

namespace gateway::config {

/// In the order of deploy/weir.yaml.
std::vector<std::string_view> changed_keys(const Config& from, const Config& to);

/// A change is taken over at once; of any other key it waits for a restart.
bool is_live(std::string_view key);

}  // namespace gateway::config
