#pragma once
// The version, as CMakeLists.txt says it.

#include <string_view>

namespace gateway::cli {

/// "0.1.0".
std::string_view version();

}  // namespace gateway::cli
