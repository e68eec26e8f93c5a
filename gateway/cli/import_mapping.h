#pragma once
// import_mapping: `weir import-mapping FILE`: a mapping file of statsd_exporter, said as `metrics`
// of weir.yaml.

#include <iosfwd>
#include <string>

#include "gateway/cli/command_line.h"

namespace gateway::cli {

/// CannotGoOn where some of it is lost: what is not stands in `out` all the same.
Exit import_mapping(const std::string& file, std::ostream& out, std::ostream& err);

}  // namespace gateway::cli
