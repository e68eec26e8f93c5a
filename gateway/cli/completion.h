#pragma once
// Completion: the script by which a shell completes what is typed behind `weir`, from the words
// that the command line itself knows. Text only; pure.

#include <optional>
#include <string>
#include <string_view>

#include "gateway/cli/syntax.h"

namespace gateway::cli {

/// For "bash", "zsh" or "fish"; nothing for another one.
std::optional<std::string> completion_script(std::string_view shell, const CommandWords& program);

}  // namespace gateway::cli
