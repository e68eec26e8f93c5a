#pragma once
// Where the archive stands: archive.path as a person means it. Reads the environment; called once,
// before the threads start.

#include <string>

#include "gateway/config/config.h"

namespace gateway::cli {

/// Empty: nothing is kept on disk. `~` is $HOME; where the path is the default one and systemd gave
/// the service a folder ($STATE_DIRECTORY, the first of several), it is that. A default that needs
/// a home where there is none is empty, too.
std::string archive_path(const config::Config& config);

/// Of boards.path; empty: none are kept.
std::string boards_path(const config::Config& config);

}  // namespace gateway::cli
