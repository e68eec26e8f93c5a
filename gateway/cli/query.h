#pragma once
// query(): `weir query`: asks a running Weir over HTTP, all pages of the answer, and prints it.

#include <iosfwd>

#include "gateway/cli/command_line.h"

namespace gateway::cli {

/// Blocks until all is there. `out` is asked whether it is a terminal; complaints go to `err`, one
/// sentence a line.
Exit query(const QueryWish& wanted, int out, std::ostream& err);

}  // namespace gateway::cli
