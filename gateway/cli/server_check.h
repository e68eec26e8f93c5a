#pragma once
// check_server(): `weir check --server`: whether a running Weir is ready to serve, for health
// checks of containers and scripts, which then need no other program.

#include <iosfwd>
#include <string>

#include "gateway/tools/target.h"
#include "ingest/base/result.h"

namespace gateway::cli {

enum class Exit : int;

struct CheckServer {
  tools::Target target;  // of HTTP, plain or over a Unix socket
};

/// The error is a sentence that says what is allowed.
ingest::Result<CheckServer, std::string> parse_server(const std::string& url);

/// Prints what the server says of itself. Good when it serves; CannotGoOn when it does not, or when
/// nobody answers.
Exit check_server(const CheckServer& wanted, std::ostream& out, std::ostream& err);

}  // namespace gateway::cli
