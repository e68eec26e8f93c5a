#pragma once
// tail(): `weir tail`: subscribes as a browser does, and shows a live table on a terminal or writes
// JSON lines into anything else.

#include <iosfwd>
#include <string>

#include "gateway/cli/command_line.h"

namespace gateway::cli {

/// Blocks SIGTERM, SIGINT and SIGHUP for the calling thread; each of them ends it with Exit::Good.
/// `out` is a descriptor, since it must not block; complaints go to `err`, one sentence a line.
Exit tail(const Tail& wanted, int out, std::ostream& err);

}  // namespace gateway::cli
