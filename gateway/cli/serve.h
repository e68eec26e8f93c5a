#pragma once
// serve(): `weir serve`: builds the wiring, says where it listens, and runs until a signal ends it.

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "gateway/cli/command_line.h"
#include "gateway/config/config.h"
#include "gateway/config/load.h"
#include "gateway/tools/demo_source.h"

namespace gateway::cli {

/// Besides the configuration.
struct Serving {
  std::string pages_dir;                  // empty: none
  std::optional<tools::DemoSource> demo;  // something to look at
  /// As Wiring::Parts has it.
  std::function<config::Loaded()> reread{};
};

/// Blocks SIGTERM, SIGINT and SIGHUP for the calling thread and those it starts. SIGHUP reads the
/// certificates and who may come in again; where neither is configured it drains, as a terminal
/// that goes wants it, and as the other two do, unless a service manager started it. Returns when
/// all is handed over, at the latest some seconds after the signal. A second signal, or a drain
/// that does not end, ends the process at once with Exit::CannotGoOn.
Exit serve(const config::Config& config, const Serving& serving, std::ostream& out,
           std::ostream& err);

}  // namespace gateway::cli
